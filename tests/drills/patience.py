"""How long the drills wait: by the promise where they run alone, longer where they share a machine with other tests."""

from __future__ import annotations

import os

__all__ = ["IS_ALONE", "within"]

IS_ALONE = "FLEET_DRILL_ROUNDS" in os.environ  # as `nox -s drills` says
SHARED = 8


def within(seconds: float) -> float:
    """Return how long may pass where *seconds* are promised."""
    return seconds if IS_ALONE else seconds * SHARED
