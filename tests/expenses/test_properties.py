"""Whatever is done to expenses, the ledger and the odometer equal what is there."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

import fleetcore
from fleetcore.expenses.model import Expense
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance
from fleetcore.ledger.model import CheckLedger, TrialBalance
from fleetcore.ledger.queries import check_ledger, trial_balance
from fleetcore.testing.clock import FixedClock
from fleetcore.testing.databases import SqliteFiles
from fleetcore.vehicles.meters import list_readings
from fleetcore.vehicles.readings import ListReadings

from .conftest import TODAY, Desk, desk_at

AMOUNTS = st.builds(Money, st.integers(-5000, 5000), st.sampled_from(["EUR", "JPY"]))
CATEGORIES = st.sampled_from(["parking", "tax", "other"])
ODOMETERS = st.none() | st.integers(0, 200_000).map(Distance)
DAYS = st.integers(0, 400).map(lambda ago: TODAY - timedelta(days=ago))


def expected(live: list[Expense]) -> dict[tuple[str, str], int]:
    """Sum *live* by account and currency, without the ledger."""
    sums: Counter[tuple[str, str]] = Counter()
    for expense in live:
        amount = expense.amount
        income = "income.other" if expense.category == "other" else "income.refund"
        account = f"expenses.{expense.category}" if amount.minor >= 0 else income
        sums[account, amount.currency] += amount.minor
        sums["assets.bank", amount.currency] -= amount.minor
    return {key: minor for key, minor in sums.items() if minor}


class Expenses(RuleBasedStateMachine):
    """Record, edit, delete and restore in any order, beside a plain model."""

    files: SqliteFiles
    kept = Bundle("kept")
    gone = Bundle("gone")

    def __init__(self) -> None:
        super().__init__()
        self.core = fleetcore.open(self.files.database(), installed_plugins=False, clock=FixedClock())
        self.desk: Desk = desk_at(self.core, self.core.create_fleet("Home", timezone="UTC"))
        self.live: dict[object, Expense] = {}

    def teardown(self) -> None:
        """Close the database."""
        self.core.close()

    def keep(self, expense: Expense) -> Expense:
        """Remember *expense* as it is now."""
        self.live[expense.id] = expense
        return expense

    @rule(target=kept, amount=AMOUNTS, category=CATEGORIES, odometer=ODOMETERS, on=DAYS)
    def record(self, amount: Money, category: str, odometer: Distance | None, on: date) -> Expense:
        """Record one."""
        said = {"amount": amount, "category": category, "odometer": odometer, "spent_on": on}
        return self.keep(self.desk.record(**said, accept_odometer_jump=True))

    @rule(target=kept, expense=consumes(kept), amount=AMOUNTS, category=CATEGORIES, odometer=ODOMETERS)
    def edit(self, expense: Expense, amount: Money, category: str, odometer: Distance | None) -> Expense:
        """Edit one."""
        said = {"amount": amount, "category": category, "odometer": odometer}
        return self.keep(self.desk.edit(expense, **said, accept_odometer_jump=True))

    @rule(target=gone, expense=consumes(kept))
    def delete(self, expense: Expense) -> Expense:
        """Delete one."""
        del self.live[expense.id]
        return self.desk.delete(expense)

    @rule(target=kept, expense=consumes(gone))
    def restore(self, expense: Expense) -> Expense:
        """Bring one back."""
        return self.keep(self.desk.restore(expense))

    @rule(days=st.integers(1, 60))
    def recur(self, days: int) -> None:
        """Set up and run a recurring expense."""
        self.desk.monthly(starts_on=TODAY - timedelta(days=days))
        known = set(self.live)
        self.desk.catch_up()
        for expense in self.desk.list(limit=1000):
            if expense.id not in known:
                self.keep(expense)

    @invariant()
    def facts_are_the_models(self) -> None:
        """What is listed is what the model holds."""
        assert self.live == {expense.id: expense for expense in self.desk.list(limit=1000)}

    @invariant()
    def balances_are_recomputed_ones(self) -> None:
        """Each account holds the sum of the live expenses."""
        rows = self.core.read(self.desk.actor, trial_balance, TrialBalance())
        found = {(row.account_code, row.balance.currency): row.balance.minor for row in rows}
        assert expected(list(self.live.values())) == {key: minor for key, minor in found.items() if minor}
        assert self.core.read(self.desk.actor, check_ledger, CheckLedger()).is_sound

    @invariant()
    def readings_are_those_of_live_expenses(self) -> None:
        """The live readings are the odometers of the live expenses."""
        asked = ListReadings(vehicle_id=self.desk.vehicle_id, limit=1000)
        found = Counter(reading.value for reading in self.core.read(self.desk.actor, list_readings, asked).items)
        wanted = (expense.odometer for expense in self.live.values())
        assert Counter(odometer.metres for odometer in wanted if odometer is not None) == found


def test_any_sequence_keeps_books_and_readings(sqlite_files: SqliteFiles) -> None:
    """After any sequence of dealings, ledger and readings equal those recomputed from the live expenses."""
    machine = type("Machine", (Expenses,), {"files": sqlite_files})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=checks),
    )
