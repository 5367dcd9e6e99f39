"""Imports store many expenses by the same rules, and take them back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from fleetcore.expenses.bulk import problems_of, remove_imported, store_expenses
from fleetcore.expenses.categories import known_categories
from fleetcore.expenses.model import RecordExpense
from fleetcore.kernel.errors import Problem
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance
from fleetcore.ledger.model import CheckLedger
from fleetcore.ledger.queries import check_ledger
from fleetcore.vehicles.access import vehicle_for
from fleetcore.vehicles.meters import void_readings
from fleetcore.vehicles.ports import READINGS

from .conftest import Desk, euros, km

IMPORT = new_id()


def row(day: int, odometer: Distance | None = None, **said: Any) -> RecordExpense:
    """Make a row of a file: tolls in January."""
    usual: dict[str, Any] = {
        "category": "toll",
        "amount": euros(2),
        "at": datetime(2026, 1, day, tzinfo=UTC),
        "odometer": odometer,
    }
    return RecordExpense(**usual | said)


def store(desk: Desk, *rows: RecordExpense) -> tuple[list[UUID], list[Problem | None], list[int]]:
    """Store *rows* as an import does."""
    done: list[int] = []

    def work(uow: UnitOfWork) -> tuple[list[UUID], list[Problem | None], list[int]]:
        vehicle = vehicle_for(uow, desk.vehicle_id, "expenses.write", lock=True)
        return (*store_expenses(uow, vehicle, rows, IMPORT, done.append), done)

    found: tuple[list[UUID], list[Problem | None], list[int]] = desk.within(work)
    return found


def undo(desk: Desk) -> tuple[int, int]:
    """Take the import back; return how many expenses and readings went."""

    def work(uow: UnitOfWork) -> tuple[int, int]:
        owned = remove_imported(uow, IMPORT)
        readings = [reading_id for _, reading_id in owned if reading_id is not None]
        void_readings(uow, [uow[READINGS].get(reading_id) for reading_id in readings])
        return len(owned), len(readings)

    found: tuple[int, int] = desk.within(work)
    return found


def test_imported_expenses_equal_recorded_ones(desk: Desk) -> None:
    """Facts, readings and balances are those that recording one by one gives."""
    ids, jumps, done = store(desk, row(1, km(100)), row(2), row(3, km(300), category="Wash", amount=euros(-1)))

    assert ids == [expense.id for expense in reversed(desk.list())]
    assert [None] * 3 == jumps
    assert 3 == sum(done)
    assert {"expenses.toll": 400, "income.refund": -100, "assets.bank": -300} == desk.balances()
    assert 300 == desk.odometer_km()
    assert {desk.vehicle_id} == {expense.vehicle_id for expense in desk.list()}
    newest = desk.list()[0]
    assert (IMPORT, "wash", date(2026, 1, 3)) == (newest.import_id, newest.category, newest.spent_on)
    assert newest.reading_id


def test_many_are_stored_in_batches(desk: Desk) -> None:
    """Two and a half thousand rows are all there, and the ledger is sound."""
    ids, _, done = store(desk, *(row(1 + number % 28) for number in range(2500)))

    assert [1000, 1000, 500] == done
    assert 2500 == len(set(ids))
    assert 500_000 == desk.balances()["expenses.toll"]
    assert desk.core.read(desk.actor, check_ledger, CheckLedger()).is_sound


def test_jumps_are_accepted_and_told(desk: Desk) -> None:
    """A row whose odometer goes back is stored, and its jump stands beside it."""
    _, jumps, _ = store(desk, row(1, km(100)), row(2, km(50)), row(3))

    assert jumps[1] is not None
    assert "odometer.jump" == jumps[1].code
    assert jumps[2] is None


def test_an_import_can_be_taken_back(desk: Desk) -> None:
    """Undoing erases the expenses, deleted ones too, and leaves balances and odometer as before."""
    mine = desk.record(5, spent_on=date(2026, 1, 1), odometer=km(10))
    store(desk, row(2, km(100)), row(3, km(300)), row(4))
    desk.delete(desk.list()[0])

    assert (3, 2) == undo(desk)
    assert (mine,) == desk.list()
    assert () == desk.list(deleted=True)
    assert {"expenses.parking": 500, "assets.bank": -500} == desk.balances()
    assert 10 == desk.odometer_km()
    assert (0, 0) == undo(desk)


def test_an_import_of_nothing_is_nothing(sqlite_desk: Desk) -> None:
    """No rows store nothing."""
    assert ([], [], []) == store(sqlite_desk)


def test_rows_are_checked_without_storing(sqlite_desk: Desk) -> None:
    """Problems of a row are found by the rules of recording, its category among those there will be."""

    def fields(uow: UnitOfWork, command: RecordExpense) -> list[str]:
        vehicle_row = RecordExpense(**{a: getattr(command, a) for a in ("category", "amount", "at", "title")})
        return [problem.field for problem in problems_of(uow, vehicle_row, known_categories(uow).values())]

    rows = [row(1), row(1, category="dog"), row(1, title="x" * 300)]
    found = sqlite_desk.within(lambda uow: [fields(uow, command) for command in rows])

    assert [[], ["category"], ["title"]] == found
    assert () == sqlite_desk.list()
