"""Workers that are killed in the middle of a tick: each change is stored, heard and told once."""

from __future__ import annotations

import os
from pathlib import Path

from .killed_workers import SENT_AT_ONCE, drill

COUNT = int(os.environ.get("FLEET_DRILL_REMINDERS", "500"))
KILLED = 2
ONCE_EACH = (
    *("told", "relayed", "heard", "heard_distinct"),
    *("inbox", "inbox_changes", "log_inbox", "log_sink", "log_changes"),
)


def test_killed_workers_lose_and_double_nothing(database_url: str, tmp_path: Path) -> None:
    """Three processes share a tick, two are killed with SIGKILL at drawn moments, and every change is there once.

    In the delivery log each change has one row for the inbox and one for the channel, both delivered. The outside
    heard of each; what a killed worker had sent without saying so was sent again under the same message id.
    """
    found = drill(database_url, tmp_path / "sent", COUNT, seed=COUNT)
    print(f"{COUNT:,} changes in {found.seconds:.1f} s")  # noqa: T201 - pytest shows it when it is asked to

    assert dict.fromkeys(ONCE_EACH, COUNT) | {"log_rows": 2 * COUNT, "dead": 0, "waiting": 0} == found.counts
    assert COUNT == len(found.sent)
    assert found.sent.total() - COUNT <= KILLED * SENT_AT_ONCE
