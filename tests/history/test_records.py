"""Who changed a record: before and after, field by field, in words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import attrs
import pytest

from fleetcore import Core
from fleetcore.history.model import ChangeKind, RecordChange, RecordHistory
from fleetcore.history.records import record_history
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Forbidden, NotFound
from fleetcore.kernel.ids import new_id
from fleetcore.testing.builders import join_fleet, new_fill, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.worker.loop import Worker

from .conftest import House


def changes(house: House, record_id: UUID, **asked: Any) -> tuple[RecordChange, ...]:
    """Return the history of one record."""
    return house.core.read(house.actor, record_history, RecordHistory(id=record_id, **asked)).items


@pytest.fixture
def expense(empty: House) -> Any:
    """An expense of nine euros for parking."""
    return empty.does("expenses.record", **said(empty))


def said(house: House, **others: Any) -> dict[str, Any]:
    """Return what an expense says."""
    usual = {
        "vehicle_id": str(house.vehicle_id),
        "spent_on": "2026-05-02",
        "category": "parking",
        "amount": {"amount": "9.00", "currency": "EUR"},
    }
    return usual | others


def test_a_change_is_told_field_by_field(empty: House, expense: Any) -> None:
    """Amounts, distances and texts stand before and after, with who did it and when."""
    edit = said(empty, amount={"amount": "9.50", "currency": "EUR"}, odometer_km=12_345, place="Ring 1")
    empty.does("expenses.edit", id=str(expense.id), version=1, **edit)

    changed, created = changes(empty, expense.id)
    fields = {field.field: (field.before, field.after) for field in changed.fields}

    assert ("9.00 EUR", "9.50 EUR") == fields["amount"]
    assert (("", "12,345.0 km"), ("", "Ring 1")) == (fields["odometer"], fields["place"])
    assert not {"version", "updated at", "updated by"} & set(fields)
    assert ("Ada", "expenses.edit", "expense", ChangeKind.CHANGED) == (
        changed.actor_name,
        changed.operation,
        changed.record,
        changed.kind,
    )
    assert "Ada changed the expense: amount from 9.00 EUR to 9.50 EUR; " in changed.sentence
    assert (ChangeKind.CREATED, "Ada created the expense.") == (created.kind, created.sentence)


def test_a_deleted_record_has_a_history(empty: House, expense: Any) -> None:
    """What was deleted, and restored, still tells what it said."""
    empty.does("expenses.delete", id=str(expense.id), version=1)
    assert ChangeKind.DELETED == changes(empty, expense.id)[0].kind
    empty.does("expenses.restore", id=str(expense.id))

    kinds = [change.kind for change in changes(empty, expense.id)]
    assert [ChangeKind.RESTORED, ChangeKind.DELETED, ChangeKind.CREATED] == kinds
    assert "parking" in {field.after for field in changes(empty, expense.id)[-1].fields}


def test_personal_values_are_not_told(empty: House) -> None:
    """A change of nothing but a telephone number says that the log does not hold it."""
    provider = empty.does("maintenance.add_provider", name="Corner Garage", phone="0123")
    empty.does("maintenance.edit_provider", id=str(provider.id), version=1, name="Corner Garage", phone="0456")

    changed, created = changes(empty, provider.id)
    assert "0123" not in str(created) + str(changed)
    assert ((), True) == (changed.fields, "personal" in changed.sentence)


def test_users_are_named_and_former_members_are_not(empty: House) -> None:
    """Drivers stand with their names, as long as they belong to the fleet."""
    bob = join_fleet(empty.core, empty.actor, "Bob", "driver")
    vehicle = empty.does("vehicles.get", id=str(empty.vehicle_id))
    fill = new_fill(empty.core, empty.actor, vehicle, driver_id=bob.user_id)
    assert "Bob" in {field.after for field in changes(empty, fill.id)[0].fields}
    empty.does("people.remove_member", user_id=str(bob.user_id))

    assert "former member" in {field.after for field in changes(empty, fill.id)[0].fields}


def test_histories_are_paged(empty: House, expense: Any) -> None:
    """The cursor of one page leads to the next."""
    for version in (1, 2, 3):
        empty.does("expenses.edit", id=str(expense.id), version=version, **said(empty, notes=f"note {version}"))
    question = RecordHistory(id=expense.id, limit=3)
    first = empty.core.read(empty.actor, record_history, question)
    rest = empty.core.read(empty.actor, record_history, attrs.evolve(question, cursor=first.next))

    assert (3, [ChangeKind.CREATED], None) == (len(first.items), [c.kind for c in rest.items], rest.next)


def test_nobody_reads_another_fleets_history(empty: House, expense: Any) -> None:
    """A record of another fleet, or of nobody, does not exist; without the permission there is no asking."""
    for stranger in (attrs.evolve(empty, actor=empty.core.create_fleet("Other")), empty):
        with pytest.raises(NotFound):
            changes(stranger, expense.id if stranger is not empty else new_id())
    with pytest.raises(Forbidden):
        changes(attrs.evolve(empty, actor=attrs.evolve(empty.actor, permissions={})), expense.id)


def test_a_driver_sees_what_they_did(empty: House, expense: Any) -> None:
    """Whose role does not reach the fleet sees their own changes only."""
    driver = attrs.evolve(empty, actor=join_fleet(empty.core, empty.actor, "Bob", "driver"))
    with pytest.raises(NotFound):
        changes(driver, expense.id)


def test_what_no_person_did_the_worker_did(core: Core, owner: Actor, clock: FixedClock) -> None:
    """A change by the worker names it so, and not as somebody who has left."""
    house = House(core, owner, new_vehicle(core, owner).id)
    house.does("expenses.add_recurring", vehicle_id=str(house.vehicle_id), category="parking",
               amount={"amount": "50.00", "currency": "EUR"}, period="month", starts_on="2026-06-10")  # fmt: skip
    clock.advance(days=20)
    Worker(core).drain()
    (expense,) = house.does("expenses.list").items

    (created,) = changes(house, expense.id)
    assert ("the worker", "The worker created the expense.") == (created.actor_name, created.sentence)
