"""Workers that are killed in the middle of a tick: each change is told once and heard once."""

from __future__ import annotations

import os

from .killed_workers import drill

COUNT = int(os.environ.get("FLEET_DRILL_REMINDERS", "500"))


def test_killed_workers_lose_and_double_nothing(database_url: str) -> None:
    """Three processes share a tick, two are killed with SIGKILL at drawn moments, and every change is there once."""
    found = drill(database_url, COUNT, seed=COUNT)

    assert {
        "told": COUNT,
        "delivered": COUNT,
        "heard": COUNT,
        "heard_distinct": COUNT,
        "dead": 0,
        "waiting": 0,
    } == found
