"""Expenses are recorded, changed, deleted and brought back, and the ledger follows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from fleetcore import Core
from fleetcore.expenses.model import GetExpense, ListExpenses, RestoreExpense
from fleetcore.expenses.service import get_expense, list_expenses, restore_expense
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.money import Money
from fleetcore.kernel.wire import from_json, to_json
from fleetcore.ledger.model import CheckLedger, ListEntries
from fleetcore.ledger.queries import check_ledger, list_entries
from fleetcore.vehicles.model import AddVehicle, PurgeVehicles, RemoveVehicle, RestoreVehicle
from fleetcore.vehicles.service import add_vehicle, purge_vehicles, remove_vehicle, restore_vehicle

from .conftest import TODAY, Desk, euros, km


def problems(said: dict[str, Any], desk: Desk) -> set[str]:
    """Return the fields that recording what is *said* finds wrong."""
    with pytest.raises(Rejected) as caught:
        desk.record(**said)
    return {problem.field for problem in caught.value.problems}


def test_a_recorded_expense_reads_back_as_it_was_accepted(desk: Desk) -> None:
    """Every field that was said comes back, with who and when."""
    recorded = desk.record(
        "12.34", title="Airport", odometer=km(1200), place="Terminal 2", notes="long stay", tags=("trip",),
    )  # fmt: skip

    assert recorded == desk.core.read(desk.actor, get_expense, GetExpense(id=recorded.id))
    assert (TODAY, "parking", euros("12.34"), 1) == (
        recorded.spent_on, recorded.category, recorded.amount, recorded.version,
    )  # fmt: skip
    assert recorded == from_json(to_json(recorded), type(recorded))


def test_an_instant_alone_gives_the_day_of_the_fleets_calendar(core: Core) -> None:
    """What is paid at 23:30 UTC on New Year's Eve falls on 1 January in Berlin."""
    berlin = core.create_fleet("Berlin", timezone="Europe/Berlin")
    vehicle = core.run(berlin, add_vehicle, AddVehicle(name="Fox"))
    recorded = Desk(core, berlin, vehicle.id).record(at=datetime(2025, 12, 31, 23, 30, tzinfo=UTC))

    assert date(2026, 1, 1) == recorded.spent_on
    assert datetime(2025, 12, 31, 23, 30, tzinfo=UTC) == recorded.at


def test_a_cost_is_booked_to_the_account_of_its_category(desk: Desk) -> None:
    """A toll of 7.50 is a debit of the toll account, paid from the bank, on the day it was spent."""
    desk.record("7.50", category="toll", spent_on=date(2026, 2, 3))

    assert {"expenses.toll": 750, "assets.bank": -750} == desk.balances()
    entry = desk.core.read(desk.actor, list_entries, ListEntries()).items[0]
    assert (date(2026, 2, 3), "toll") == (entry.entry_date, entry.description)
    assert {desk.vehicle_id} == {line.vehicle_id for line in entry.lines}


def test_every_built_in_category_has_its_account(desk: Desk) -> None:
    """Costs and incomes of every built-in category can be booked."""
    words = (
        *("parking", "toll", "wash", "fine", "tax", "loan", "lease", "accessory", "insurance"),
        *("registration", "service", "repair", "maintenance", "tyres", "inspection", "other"),
    )
    for word in words:
        desk.record(1, category=word)

    assert {f"expenses.{word}": 100 for word in words} | {"assets.bank": -100 * len(words)} == desk.balances()


def test_money_that_came_back_is_an_income(desk: Desk) -> None:
    """A refund has a negative amount and is booked to an income account, not against the cost."""
    desk.record(-20, category="insurance")
    desk.record(-5, category="other")

    assert {"income.refund": -2000, "income.other": -500, "assets.bank": 2500} == desk.balances()


def test_nothing_paid_books_nothing(desk: Desk) -> None:
    """An expense of 0 is kept but has no journal entry."""
    desk.record(0, title="covered by warranty")

    assert {} == desk.balances()
    assert 1 == len(desk.list())


def test_an_edit_replaces_the_entry(desk: Desk) -> None:
    """Amount, category and currency of the newest version are what the ledger shows."""
    recorded = desk.record(10)
    edited = desk.edit(recorded, amount=Money.of(8, "CHF"), category="fine")

    assert {"expenses.fine": 800, "assets.bank": -800} == desk.balances()
    assert (2, "fine") == (edited.version, edited.category)
    assert recorded.created_at == edited.created_at


def test_an_edit_to_nothing_and_back_keeps_the_ledger_right(desk: Desk) -> None:
    """An amount that becomes 0 takes its entry away, and one that becomes a refund moves to income."""
    edited = desk.edit(desk.record(10), amount=euros(0))
    assert {} == desk.balances()

    desk.edit(edited, amount=euros(-3))
    assert {"income.refund": -300, "assets.bank": 300} == desk.balances()


def test_a_deleted_expense_is_out_of_sight_and_out_of_the_books(desk: Desk) -> None:
    """Deleting hides the expense and reverses its entry; listing deleted ones finds it."""
    deleted = desk.delete(desk.record(10))

    assert {} == desk.balances()
    assert () == desk.list()
    assert (deleted,) == desk.list(deleted=True)
    with pytest.raises(NotFound):
        desk.core.read(desk.actor, get_expense, GetExpense(id=deleted.id))
    with pytest.raises(NotFound):
        desk.edit(deleted, amount=euros(1))


def test_a_deleted_expense_can_be_brought_back(desk: Desk) -> None:
    """Restoring shows the expense again and books it again, once."""
    restored = desk.restore(desk.delete(desk.record(10)))

    assert (restored,) == desk.list()
    assert {"expenses.parking": 1000, "assets.bank": -1000} == desk.balances()
    with pytest.raises(NotFound, match="deleted expense"):
        desk.core.run(desk.actor, restore_expense, RestoreExpense(id=restored.id))


def test_a_stale_version_is_refused(desk: Desk) -> None:
    """Whoever read an older version can neither edit nor delete."""
    recorded = desk.record(10)
    desk.edit(recorded, amount=euros(11))

    with pytest.raises(Conflict, match="meanwhile"):
        desk.edit(recorded, amount=euros(12))
    with pytest.raises(Conflict, match="meanwhile"):
        desk.delete(recorded)


def test_an_id_may_come_from_the_client_once(desk: Desk) -> None:
    """The id that a client made is kept, and taken for a second expense."""
    mine = new_id()

    assert mine == desk.record(id=mine).id
    with pytest.raises(Conflict, match="exists already"):
        desk.record(id=mine)
    assert 1 == len(desk.list())


def test_an_expense_of_the_fleet_needs_no_vehicle(desk: Desk) -> None:
    """A cost without a vehicle is recorded and booked without one."""
    recorded = desk.record(30, vehicle_id=None, category="insurance")

    assert (recorded,) == desk.list()
    assert () == desk.list(vehicle_id=desk.vehicle_id)
    assert {"expenses.insurance": 3000, "assets.bank": -3000} == desk.balances()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"spent_on": None}, "spent_on"),
        ({"spent_on": TODAY + timedelta(days=2)}, "spent_on"),
        ({"spent_on": date(1899, 12, 31)}, "spent_on"),
        ({"spent_on": datetime(2026, 5, 1, tzinfo=UTC)}, "spent_on"),
        ({"at": datetime(2026, 5, 1)}, "at"),  # noqa: DTZ001 - that is the mistake
        ({"at": datetime(2026, 6, 3, tzinfo=UTC)}, "at"),
        ({"at": datetime(1899, 6, 3, tzinfo=UTC)}, "at"),
        ({"at": datetime(2026, 5, 1, 12, tzinfo=UTC), "spent_on": date(2026, 5, 2)}, "at"),
        ({"category": "dog"}, "category"),
        ({"category": ""}, "category"),
        ({"title": "x" * 201}, "title"),
        ({"place": "a\x00b"}, "place"),
        ({"notes": "\ud800"}, "notes"),
        ({"tags": ("",)}, "tags.0"),
        ({"tags": ("t",) * 51}, "tags"),
        ({"attachment_ids": (UUID(int=1),) * 101}, "attachment_ids"),
        ({"odometer": km(-1)}, "odometer_km"),
        ({"odometer": km(20_000_000)}, "odometer_km"),
        ({"odometer": km(1), "vehicle_id": None}, "odometer_km"),
    ],
)
def test_bad_input_is_named(sqlite_desk: Desk, said: dict[str, Any], field: str) -> None:
    """What cannot be is refused with the name of its field, and nothing is kept."""
    assert {field} == problems(said, sqlite_desk)
    assert () == sqlite_desk.list()
    assert {} == sqlite_desk.balances()


def test_every_problem_is_named_at_once(sqlite_desk: Desk) -> None:
    """One answer lists all that is wrong."""
    said = {"spent_on": None, "category": "dog", "title": "x" * 201}

    assert {"spent_on", "category", "title"} == problems(said, sqlite_desk)


def test_an_unknown_category_is_answered_with_the_known_ones(sqlite_desk: Desk) -> None:
    """The message lists the categories and says how to add one."""
    with pytest.raises(Rejected, match=r"parking, toll.*expenses\.add_category"):
        sqlite_desk.record(category="dog")


def test_a_category_may_be_written_as_people_write_it(sqlite_desk: Desk) -> None:
    """Case and blanks do not matter, when recording and when listing."""
    sqlite_desk.record(category=" Parking ")

    assert ["parking"] == [expense.category for expense in sqlite_desk.list(category="PARKING")]


def test_lists_run_from_the_newest_day_and_are_narrowed(desk: Desk) -> None:
    """Since and until are both included; category and vehicle narrow further."""
    other = desk.core.run(desk.actor, add_vehicle, AddVehicle(name="Bus"))
    days = [date(2026, 1, day) for day in (3, 1, 5, 2, 4)]
    for day in days:
        desk.record(spent_on=day, category="wash" if day.day % 2 else "toll")
    desk.record(spent_on=date(2026, 1, 3), vehicle_id=other.id)

    assert [5, 4, 3, 2, 1] == [e.spent_on.day for e in desk.list(vehicle_id=desk.vehicle_id)]
    assert [4, 3, 3, 2] == [e.spent_on.day for e in desk.list(since=date(2026, 1, 2), until=date(2026, 1, 4))]
    assert [5, 3, 1] == [e.spent_on.day for e in desk.list(category="wash")]


def test_lists_page_without_loss_through_days_with_many(desk: Desk) -> None:
    """Pages of two go through five expenses of one day and two of others, each once."""
    recorded = {desk.record(spent_on=date(2026, 1, day)).id for day in (1, 2, 2, 2, 2, 2, 3)}
    seen: list[UUID] = []
    cursor = None
    while True:
        page = desk.core.read(desk.actor, list_expenses, ListExpenses(limit=2, cursor=cursor))
        seen += [expense.id for expense in page.items]
        if (cursor := page.next) is None:
            break

    assert 7 == len(seen)
    assert recorded == set(seen)


def test_a_removed_vehicle_hides_its_expenses(desk: Desk) -> None:
    """The expenses of a removed vehicle are out of sight until it is restored; the fleet's own stay."""
    recorded, own = desk.record(), desk.record(vehicle_id=None)
    desk.core.run(desk.actor, remove_vehicle, RemoveVehicle(id=desk.vehicle_id))

    assert (own,) == desk.list()
    with pytest.raises(NotFound):
        desk.core.read(desk.actor, get_expense, GetExpense(id=recorded.id))

    desk.core.run(desk.actor, restore_vehicle, RestoreVehicle(id=desk.vehicle_id))
    assert {recorded.id, own.id} == {expense.id for expense in desk.list()}


def test_a_purged_vehicle_takes_its_expenses_along(desk: Desk) -> None:
    """Purging erases expenses, deleted and recurring ones too, and leaves the ledger and other vehicles alone."""
    other = desk.core.run(desk.actor, add_vehicle, AddVehicle(name="Bus"))
    desk.monthly()
    desk.catch_up()
    kept = desk.edit(desk.list()[0], vehicle_id=other.id)
    desk.delete(desk.record(odometer=km(10)))
    desk.core.run(desk.actor, remove_vehicle, RemoveVehicle(id=desk.vehicle_id))
    before = desk.balances()
    desk.core.run(desk.actor, purge_vehicles, PurgeVehicles(after_days=0))

    assert [(kept.id, None, None)] == [(e.id, e.recurring_id, e.occurrence) for e in desk.list()]
    assert () == desk.list(deleted=True)
    assert before == desk.balances()
    assert [] == desk.catch_up()


def test_a_fleet_sees_its_own_expenses_only(core: Core, desk: Desk) -> None:
    """Another fleet's owner finds neither the expense nor the vehicle."""
    recorded = desk.record()
    stranger: Actor = core.create_fleet("Strangers")
    theirs = Desk(core, stranger, desk.vehicle_id)

    assert () == theirs.list()
    with pytest.raises(NotFound, match="expense"):
        core.read(stranger, get_expense, GetExpense(id=recorded.id))
    with pytest.raises(NotFound, match="expense"):
        theirs.edit(recorded, amount=euros(1))
    with pytest.raises(NotFound, match="vehicle"):
        theirs.record()


def test_the_ledger_stays_sound(desk: Desk) -> None:
    """After records, edits, deletions and returns the ledger's own check finds nothing."""
    recorded = desk.edit(desk.record(10), amount=euros(-3))
    desk.restore(desk.delete(recorded))
    desk.monthly()
    desk.catch_up()

    assert desk.core.read(desk.actor, check_ledger, CheckLedger()).is_sound
