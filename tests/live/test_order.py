"""The order of the events is that of their commits, whatever the order in which they were written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

import fleetcore
from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ids import new_id
from fleetcore.live import service
from fleetcore.storage.fleet_setting import enter_fleet
from fleetcore.storage.outbox import write_outbox
from fleetcore.testing.clock import FixedClock
from fleetcore.testing.databases import PostgresServer
from fleetcore.vehicles.events import VehicleEdited

STEPS = st.lists(
    st.tuples(st.sampled_from(["write", "commit", "commit", "undo", "read", "clean"]), st.integers(0, 5)),
    min_size=5,
    max_size=40,
)


@pytest.fixture(scope="module")
def postgres_core(postgres_server: PostgresServer) -> Iterator[Core]:
    """A Core on PostgreSQL that the tests of this module share."""
    with fleetcore.open(postgres_server.database(), installed_plugins=False, clock=FixedClock()) as core:
        yield core


@contextmanager
def writers(core: Core, fleet: Actor, count: int) -> Iterator[list[Connection]]:
    """Lend connections that write in the fleet."""
    connections = [core.database.engine.connect() for _ in range(count)]
    try:
        yield connections
    finally:
        for connection in connections:
            connection.rollback()
            connection.close()


def write(core: Core, fleet: Actor, connection: Connection) -> str:
    """Write an event in a transaction that stays open; returns its id."""
    enter_fleet(connection, fleet.fleet_id)
    uow = core.unit(connection, fleet)
    uow.emit(VehicleEdited(vehicle_id=new_id()))
    write_outbox(connection, uow.events)
    return str(uow.events[0].id)


class Reader:
    """Reads on from where it was."""

    def __init__(self, core: Core) -> None:
        self.core = core
        service.settle(core)
        self.at = service.newest(core)
        self.read: list[str] = []

    def go_on(self) -> None:
        """Read what is new."""
        service.settle(self.core)
        for event in service.events_after(self.core, self.at, 10_000):
            assert event.sequence > self.at
            self.at = event.sequence
            self.read.append(str(event.id))


@pytest.mark.postgres
def test_what_is_committed_late_is_told_late(postgres_core: Core) -> None:
    """An event that was written first and committed last is told last, and not left out."""
    fleet = postgres_core.create_fleet("Home")
    reader = Reader(postgres_core)
    with writers(postgres_core, fleet, 2) as (slow, fast):
        late, early = write(postgres_core, fleet, slow), write(postgres_core, fleet, fast)
        fast.commit()
        reader.go_on()
        assert [early] == reader.read
        slow.commit()
        reader.go_on()
    assert [early, late] == reader.read


@pytest.mark.postgres
@settings(max_examples=30)
@given(steps=STEPS)
def test_nothing_is_left_out_and_nothing_comes_twice(postgres_core: Core, steps: list[tuple[str, int]]) -> None:
    """Whatever transactions write, commit and roll back in whatever order, and whenever somebody reads."""
    fleet = postgres_core.create_fleet("Home")
    readers = [Reader(postgres_core), Reader(postgres_core)]
    committed: list[str] = []
    with writers(postgres_core, fleet, 6) as connections:
        pending: list[list[str]] = [[] for _ in connections]
        for what, which in steps:
            if what == "write":
                pending[which].append(write(postgres_core, fleet, connections[which]))
            elif what == "commit":
                connections[which].commit()
                committed += pending[which]
                pending[which] = []
            elif what == "undo":
                connections[which].rollback()
                pending[which] = []
            elif what == "read":
                readers[which % 2].go_on()
            else:
                _forget_oldest(postgres_core)
    for reader in readers:
        reader.go_on()
        assert sorted(committed) == sorted(reader.read)
    assert readers[0].read == readers[1].read


def _forget_oldest(core: Core) -> None:
    """Burn transaction numbers, so that what was put in order long ago counts as settled."""
    for _ in range(130):
        with core.database.system() as connection:
            connection.exec_driver_sql("SELECT pg_current_xact_id()")


def test_nobody_goes_on_from_what_is_old_or_elsewhere(core: Core, owner: Actor, clock: FixedClock) -> None:
    """An event of another fleet is as unknown as one that never was, and one of two weeks ago is as good as gone."""
    stranger = core.create_fleet("Elsewhere")
    service.settle(core)
    first = service.events_between(core, owner.fleet_id, 0, service.newest(core))[0]

    assert service.place_of(core, owner.fleet_id, first.id) is not None
    assert service.place_of(core, stranger.fleet_id, first.id) is None
    assert service.place_of(core, owner.fleet_id, new_id()) is None
    clock.advance(days=14)
    assert service.place_of(core, owner.fleet_id, first.id) is None
