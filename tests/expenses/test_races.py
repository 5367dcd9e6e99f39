"""Expenses dealt with by several at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from fleetcore.expenses.categories import add_category, remove_category
from fleetcore.expenses.model import AddCategory, EditRecurring, RemoveCategory
from fleetcore.expenses.recurring import edit_recurring
from fleetcore.kernel.errors import FleetError
from fleetcore.kernel.when import Period

from .conftest import Desk, euros


def race(*acts: Callable[[], object]) -> list[object]:
    """Start *acts* at the same moment and return each one's result or the error it met."""
    start = Barrier(len(acts))

    def met(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except FleetError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(met, acts))


def test_racing_runs_record_each_period_once(desk: Desk) -> None:
    """Six runs at once record every occurrence of three recurring expenses exactly once."""
    for _ in range(3):
        desk.monthly(period=Period.WEEK)
    results = race(*[desk.catch_up] * 6)

    assert [] == [result for result in results if isinstance(result, FleetError)]
    made = [(expense.recurring_id, expense.occurrence) for expense in desk.list(limit=1000)]
    assert 3 * 9 == len(made) == len(set(made))
    assert 3 * 9 * 5000 == desk.balances()["expenses.tax"]


def test_a_run_and_an_edit_take_turns(desk: Desk) -> None:
    """A change of schedule that races with runs neither loses nor doubles a day."""
    recurring = desk.monthly(period=Period.DAY)
    command = EditRecurring(
        id=recurring.id, version=1, vehicle_id=desk.vehicle_id, category="tax", amount=euros(50),
        period=Period.DAY, every=1, starts_on=recurring.starts_on, title="new",
    )  # fmt: skip
    race(desk.catch_up, lambda: desk.core.run(desk.actor, edit_recurring, command), desk.catch_up)
    desk.catch_up()

    days = [expense.spent_on for expense in desk.list(limit=1000)]
    assert 63 == len(days) == len(set(days))


def test_a_category_is_not_removed_under_an_expense(desk: Desk) -> None:
    """Of a removal and a recording at once, one is refused: no expense is left without its category."""
    for number in range(5):
        name = f"Dog {number}"
        desk.core.run(desk.actor, add_category, AddCategory(name=name))
        command = RemoveCategory(key=f"dog_{number}", version=1)
        results = race(
            lambda name=name: desk.record(category=name),  # type: ignore[misc]
            lambda command=command: desk.core.run(desk.actor, remove_category, command),  # type: ignore[misc]
        )

        assert 1 == sum(isinstance(result, FleetError) for result in results)


def test_racing_edits_of_the_fleets_expense_keep_one(desk: Desk) -> None:
    """Of several edits of one version at once, one is accepted and booked."""
    recorded = desk.record(10, vehicle_id=None)
    results = race(*[lambda amount=amount: desk.edit(recorded, amount=euros(amount)) for amount in (1, 2, 3, 4)])  # type: ignore[misc]

    assert 3 == sum(isinstance(result, FleetError) for result in results)
    assert desk.list()[0].amount.minor == desk.balances()["expenses.parking"]
