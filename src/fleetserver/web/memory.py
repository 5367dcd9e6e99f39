"""Keeps the garbage collector from looking at what lives as long as the process."""

from __future__ import annotations

import gc

__all__ = ["keep_what_is_loaded"]

YOUNG, MIDDLE, OLD = 10_000, 20, 50


def keep_what_is_loaded() -> None:
    """Collect once, then leave out of every later collection what is there now: modules, tables, operations, routes.

    A whole collection stops everything for as long as it takes to walk them; with them, and a thousand connections,
    that was half a second. The thresholds make collections rarer as well.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
