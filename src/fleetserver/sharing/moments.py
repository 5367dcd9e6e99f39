"""From and until when: days of the user, or instants."""

from __future__ import annotations

import re
from datetime import datetime

from fleetserver.presentation.typed import Typed

__all__ = ["beginning", "ending"]

HAS_TIME = re.compile(r"\d[T ]\d|^\s*now\s*$", re.IGNORECASE)


def beginning(typed: Typed, option: str, text: str | None) -> datetime | None:
    """Return the instant that *text* names, or at which its day begins."""
    if text is None or HAS_TIME.search(text):
        return typed.instant(option, text)
    return typed.midnight(typed.day(option, text))


def ending(typed: Typed, option: str, text: str | None) -> datetime | None:
    """Return the instant that *text* names, or at which its day ends: the day itself is included."""
    if text is None or HAS_TIME.search(text):
        return typed.instant(option, text)
    return typed.midnight_after(typed.day(option, text))
