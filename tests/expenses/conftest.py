"""A desk at which tests keep expenses, with a vehicle to spend on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen

from fleetcore import Core
from fleetcore.expenses.model import (
    AddRecurring,
    DeleteExpense,
    EditExpense,
    Expense,
    ExpenseFields,
    ListExpenses,
    RecordExpense,
    Recurring,
    RestoreExpense,
    RunRecurring,
)
from fleetcore.expenses.recurring import add_recurring, run_recurring
from fleetcore.expenses.service import delete_expense, edit_expense, list_expenses, record_expense, restore_expense
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.money import Money
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance
from fleetcore.kernel.when import Period
from fleetcore.ledger.model import TrialBalance
from fleetcore.ledger.queries import trial_balance
from fleetcore.operations import Operation
from fleetcore.people.commands import AddMember
from fleetcore.people.members import add_member
from fleetcore.vehicles.meters import get_odometer
from fleetcore.vehicles.model import AddVehicle, GrantVehicle
from fleetcore.vehicles.readings import GetOdometer
from fleetcore.vehicles.service import add_vehicle, grant_vehicle

TODAY = date(2026, 6, 1)
FIELDS = tuple(a.name for a in ExpenseFields.__attrs_attrs__ if a.name != "accept_odometer_jump")


def euros(amount: float | str) -> Money:
    """Make an amount in euros."""
    return Money.of(str(amount), "EUR")


def km(distance: int) -> Distance:
    """Make a distance in kilometres."""
    return Distance.of(distance)


@frozen
class Desk:
    """Short words for one actor's dealings with expenses of one vehicle."""

    core: Core
    actor: Actor
    vehicle_id: UUID

    def record(self, amount: float | str | Money = 5, **said: Any) -> Expense:
        """Record parking on the vehicle today for *amount* euros, with whatever is *said* instead."""
        usual = {
            "vehicle_id": self.vehicle_id,
            "category": "parking",
            "amount": amount if isinstance(amount, Money) else euros(amount),
        }
        if "at" not in said:
            usual["spent_on"] = TODAY
        return self.core.run(self.actor, record_expense, RecordExpense(**usual | said))

    def edit(self, expense: Expense, **said: Any) -> Expense:
        """Change what is *said* of *expense* and leave the rest."""
        facts = {name: getattr(expense, name) for name in FIELDS}
        command = EditExpense(**{"id": expense.id, "version": expense.version} | facts | said)
        return self.core.run(self.actor, edit_expense, command)

    def delete(self, expense: Expense) -> Expense:
        """Delete *expense*."""
        return self.core.run(self.actor, delete_expense, DeleteExpense(id=expense.id, version=expense.version))

    def restore(self, expense: Expense) -> Expense:
        """Bring *expense* back."""
        return self.core.run(self.actor, restore_expense, RestoreExpense(id=expense.id))

    def list(self, **asked: Any) -> tuple[Expense, ...]:
        """List the expenses that are *asked* for."""
        return self.core.read(self.actor, list_expenses, ListExpenses(**asked)).items

    def monthly(self, **said: Any) -> Recurring:
        """Set up 50 euros of tax on the vehicle each month, with whatever is *said* instead."""
        usual: dict[str, Any] = {
            "vehicle_id": self.vehicle_id,
            "category": "tax",
            "amount": euros(50),
            "period": Period.MONTH,
            "starts_on": date(2026, 3, 31),
        }
        return self.core.run(self.actor, add_recurring, AddRecurring(**usual | said))

    def catch_up(self) -> list[date]:
        """Run what recurs and return the days of what it recorded."""
        return [expense.spent_on for expense in self.core.run(self.actor, run_recurring, RunRecurring()).expenses]

    def balances(self) -> dict[str, int]:
        """Return the balance of each account in minor units."""
        rows = self.core.read(self.actor, trial_balance, TrialBalance())
        return {row.account_code: row.balance.minor for row in rows}

    def odometer_km(self) -> int | None:
        """Return what the vehicle's odometer shows now."""
        shown = self.core.read(self.actor, get_odometer, GetOdometer(vehicle_id=self.vehicle_id)).odometer
        return None if shown is None else int(shown.km)

    def within(self, work: Callable[[UnitOfWork], Any]) -> Any:
        """Do *work* in a unit of work, as another area's service would."""

        def function(uow: UnitOfWork, command: str) -> Any:
            return work(uow)

        return self.core.run(self.actor, Operation("tests.work", None, function), "")


def desk_at(core: Core, owner: Actor) -> Desk:
    """Add a vehicle and return the owner's desk for it."""
    return Desk(core, owner, core.run(owner, add_vehicle, AddVehicle(name="Fox")).id)


@pytest.fixture
def desk(core: Core, owner: Actor) -> Desk:
    """The owner's desk, on each engine in turn."""
    return desk_at(core, owner)


@pytest.fixture
def sqlite_desk(sqlite_core: Core, sqlite_owner: Actor) -> Desk:
    """The owner's desk on SQLite only."""
    return desk_at(sqlite_core, sqlite_owner)


@pytest.fixture
def driver(core: Core, owner: Actor, desk: Desk) -> Desk:
    """The desk of a family member who may use the vehicle and sees their own expenses only."""
    member = core.run(owner, add_member, AddMember(name="Bob", email="bob@example.org", roles=("family",)))
    core.run(owner, grant_vehicle, GrantVehicle(vehicle_id=desk.vehicle_id, user_id=member.user_id))
    return Desk(core, core.actor(user_id=member.user_id, fleet_id=owner.fleet_id), desk.vehicle_id)
