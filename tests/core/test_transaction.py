"""One operation is one transaction: fact, journal, audit row, outbox row and key, or none of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import attrs
import pytest
from sqlalchemy import func, select

import fleetcore
from fleetcore import Core
from fleetcore.audit.model import ListAudit
from fleetcore.audit.service import list_audit
from fleetcore.fuel.service import edit_fill, record_fill
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Conflict, Forbidden, Rejected
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.wire import to_json
from fleetcore.operations import Operation, Query
from fleetcore.storage.types import metadata
from fleetcore.testing.builders import NOON, a_fill, a_vehicle, an_edit_of, euros, km, new_fill, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import AddVehicle, Vehicle
from fleetcore.vehicles.service import add_vehicle, edit_vehicle

from .plugin import NotesPlugin, WriteNote, write_note


def row_counts(core: Core) -> dict[str, int]:
    """Count the rows of every table, those of no fleet too, which an operation cannot even read."""
    with core.database.system(snapshot=True) as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def never(uow: UnitOfWork, command: Any) -> None:
    """Fail the test: this must not run."""
    raise AssertionError("the service ran")


def outbox_of(core: Core) -> list[Any]:
    """Return the outbox rows in order."""
    table = metadata.tables["outbox"]
    with core.database.system() as connection:
        return list(connection.execute(select(table).order_by(table.c.position)))


def test_a_failing_service_leaves_nothing(core: Core, owner: Actor) -> None:
    """What a service wrote before it failed is not kept, nor its audit row, event or idempotency key."""

    def add_and_fail(uow: UnitOfWork, command: AddVehicle) -> Vehicle:
        add_vehicle(uow, command)
        raise Rejected.because("", "on second thoughts, no")

    before = row_counts(core)
    failing = Operation("vehicles.add_and_fail", None, add_and_fail)
    with pytest.raises(Rejected):
        core.run(owner, failing, a_vehicle(), idempotency_key="k")

    assert before == row_counts(core)


def test_a_failing_reaction_leaves_nothing(database_url: str) -> None:
    """When a reaction of another area refuses, nothing of the operation is kept."""
    with fleetcore.open(database_url, plugins=[NotesPlugin()], installed_plugins=False) as core:
        owner = core.create_fleet("Home")
        before = row_counts(core)
        with pytest.raises(Rejected, match="no trucks"):
            core.run(owner, add_vehicle, a_vehicle(name="Truck"), idempotency_key="k")

        assert before == row_counts(core)


def test_a_refused_fill_leaves_nothing(core: Core, owner: Actor) -> None:
    """A fill that is refused late, at its journal entry or odometer, leaves neither fact nor reading nor entry."""
    vehicle = new_vehicle(core, owner)
    first = new_fill(core, owner, vehicle, odometer=km(10_000))
    before = row_counts(core)
    with pytest.raises(Conflict):
        core.run(owner, record_fill, a_fill(vehicle.id, id=first.id, odometer=km(10_500)))

    assert before == row_counts(core)


def test_an_accepted_fill_writes_everything(core: Core, owner: Actor) -> None:
    """One fill is one fact, one reading, one entry of two lines, one audit row, one event."""
    vehicle = new_vehicle(core, owner)
    before = row_counts(core)
    new_fill(core, owner, vehicle, odometer=km(10_000))
    after = row_counts(core)

    added = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert {
        "fuel_fills": 1,
        "vehicles_readings": 1,
        "ledger_journal_entries": 1,
        "ledger_journal_lines": 2,
        "audit_log": 1,
        "outbox": 1,
    } == added


def test_permission_comes_first(core: Core, owner: Actor) -> None:
    """Without the permission nothing runs, whatever else is wrong with the request."""
    nobody = attrs.evolve(owner, permissions={})
    with pytest.raises(Forbidden, match=r"vehicles\.write"):
        core.run(nobody, Operation("vehicles.add", "vehicles.write", never), a_vehicle(name="\x00"), idempotency_key="")
    with pytest.raises(Forbidden, match=r"vehicles\.read"):
        core.read(nobody, Query("vehicles.list", "vehicles.read", never), "\x00")


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (a_vehicle(name="a\x00b"), "name"),
        (a_vehicle(tags=("fine", "\x00")), "tags.1"),
        (a_vehicle(custom_fields={"\x00": "a"}), "custom_fields.'\\x00'"),
        (a_vehicle(notes="\ud800"), "notes"),
        (a_vehicle(year=2**63), "year"),
        (a_fill(UUID(int=1), at=NOON.replace(tzinfo=None)), "at"),
    ],
)
def test_values_that_no_database_takes(sqlite_core: Core, sqlite_owner: Actor, command: Any, field: str) -> None:
    """NUL and broken text, huge numbers and times without offset are refused before any service runs."""
    with pytest.raises(Rejected) as caught:
        sqlite_core.run(sqlite_owner, Operation("test.never", None, never), command)

    assert [field] == [problem.field for problem in caught.value.problems]


def test_versions_lock_optimistically(core: Core, owner: Actor) -> None:
    """Of two edits that read the same version the second is a Conflict, and changes nothing."""
    vehicle = new_vehicle(core, owner)
    fill = new_fill(core, owner, vehicle)
    core.run(owner, edit_vehicle, an_edit_of(vehicle, carriers=vehicle.carriers, name="First"))
    core.run(owner, edit_fill, an_edit_of(fill, total=euros(61)))
    before = row_counts(core)
    for run, stale in ((edit_vehicle, an_edit_of(vehicle, name="Second")), (edit_fill, an_edit_of(fill))):
        with pytest.raises(Conflict, match="changed by someone else"):
            core.run(owner, run, stale)

    assert before == row_counts(core)


def test_audit_shows_before_and_after(core: Core, owner: Actor) -> None:
    """The audit log holds the record before and after each change, who made it and by which operation."""
    vehicle = new_vehicle(core, owner, name="Old")
    core.run(owner, edit_vehicle, an_edit_of(vehicle, name="New"), correlation_id="c-1")
    edited, added = core.read(owner, list_audit, ListAudit(entity_id=vehicle.id)).items

    assert (None, "Old") == (added.before, added.after["name"])
    assert ("Old", "New", "vehicles.edit", owner.user_id, "c-1") == (
        *(edited.before["name"], edited.after["name"], edited.operation, edited.actor_id),
        edited.correlation_id,
    )


def test_audit_leaves_personal_fields_out(database_url: str) -> None:
    """Fields marked personal are in no image, whether of a user or of a plugin's fact."""
    with fleetcore.open(database_url, plugins=[NotesPlugin()], installed_plugins=False) as core:
        owner = core.create_fleet("Home", owner_name="Ada Lovelace", owner_email="ada@example.org")
        core.run(owner, write_note, WriteNote(text="Oil leaks", author="Grace Hopper"))
        log = to_json(core.read(owner, list_audit, ListAudit()))

    assert b"Oil leaks" in log
    assert not [word for word in (b"Ada", b"ada@example.org", b"Grace") if word in log]


def test_outbox_keeps_the_order_of_events(core: Core, owner: Actor) -> None:
    """Events stand in the outbox in the order in which they were emitted, with what identifies them."""
    vehicle = new_vehicle(core, owner)
    core.run(owner, edit_vehicle, an_edit_of(vehicle, name="New"), correlation_id="c-2")
    rows = outbox_of(core)

    assert ["vehicles.vehicle_added", "vehicles.vehicle_edited"] == [row.name for row in rows[-2:]]
    assert (str(vehicle.id), owner.fleet_id, owner.user_id, "c-2", 1) == (
        *(rows[-1].key, rows[-1].fleet_id, rows[-1].actor_id, rows[-1].correlation_id),
        rows[-1].version,
    )


def test_now_stands_still_within_a_unit(core: Core, owner: Actor, clock: FixedClock) -> None:
    """Every row of one operation carries the same instant, though time goes on."""

    def wait(uow: UnitOfWork, command: None) -> tuple[Any, Any]:
        first = uow.now
        clock.advance(seconds=1)
        return first, uow.now

    first, second = core.run(owner, Operation("test.wait", None, wait), None)
    assert first == second


@pytest.mark.parametrize("scope", [Scope.GRANTED, Scope.OWN])
def test_members_see_what_they_did_themselves(core: Core, owner: Actor, scope: Scope) -> None:
    """An audit permission below the whole fleet shows one's own changes only."""
    new_vehicle(core, owner)
    bob = Actor(user_id=owner.fleet_id, fleet_id=owner.fleet_id, permissions={"audit.read": scope})

    assert () == core.read(bob, list_audit, ListAudit()).items


def test_refusals_list_every_problem(sqlite_core: Core, sqlite_owner: Actor) -> None:
    """A command that breaks several rules is told all of them."""
    command = a_vehicle(name="", vin="short", year=1700, passenger_capacity=-1)
    with pytest.raises(Rejected) as caught:
        sqlite_core.run(sqlite_owner, add_vehicle, command)

    assert {"name", "vin", "year", "passenger_capacity"} == {problem.field for problem in caught.value.problems}
