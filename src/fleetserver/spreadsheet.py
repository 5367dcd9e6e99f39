"""Texts that a spreadsheet would run, made harmless; one rule for every CSV file that people open."""

from __future__ import annotations

import re

__all__ = ["harmless"]

RISKY = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def harmless(text: str) -> str:
    """Return *text* with an apostrophe before what a spreadsheet would take for a formula; a number stays one."""
    return f"'{text}" if text.startswith(RISKY) and not NUMBER.fullmatch(text) else text
