"""A desk at a workbench, on each engine in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from fleetcore.testing.clock import FixedClock

from .bench import Bench, Desk, open_bench

Open = Callable[[Bench], Desk]


@pytest.fixture
def desk_with(database_url: str, clock: FixedClock) -> Iterator[Open]:
    """Opens desks in one database, each with a bench that does as it is told; the first one founds the fleet."""
    opened: list[Desk] = []

    def open_another(bench: Bench) -> Desk:
        desk = open_bench(database_url, clock, bench, opened[0].actor if opened else None)
        opened.append(desk)
        return desk

    yield open_another
    for desk in opened:
        desk.core.close()


@pytest.fixture
def desk(desk_with: Open) -> Desk:
    """A desk with a bench that does nothing special."""
    return desk_with(Bench())
