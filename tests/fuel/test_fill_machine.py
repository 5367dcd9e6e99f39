"""Readings, economy and ledger follow the fills, whatever is done with them."""

from __future__ import annotations

from fleetcore import Core

from .fill_machine import drill

EXAMPLES = {"sqlite": 12, "postgresql": 6}


def test_everything_follows_the_fills(shared_core: Core) -> None:
    """After any sequence of records, edits, deletions, restores everything equals a fresh computation."""
    drill(shared_core, EXAMPLES[shared_core.database.dialect], steps=15)
