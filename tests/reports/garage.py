"""Short words for a fleet whose reports are read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from attrs import frozen
from sqlalchemy import event

from fleetcore import Core
from fleetcore.expenses.model import Expense, RecordExpense
from fleetcore.expenses.service import record_expense
from fleetcore.fuel.model import Fill, RecordFill
from fleetcore.fuel.service import record_fill
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance, Volume
from fleetcore.reports.model import CostReport, CostSummary, EconomyReport, EconomyRow, VehicleReport, VehicleSummary
from fleetcore.reports.service import cost_report, economy_report, vehicle_summary
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import record_reading
from fleetcore.vehicles.model import AddVehicle, Vehicle
from fleetcore.vehicles.readings import Reading, RecordReading
from fleetcore.vehicles.service import add_vehicle


def day(text: str) -> datetime:
    """Read "2026-03-10" as its noon in UTC, or "2026-03-10T23:30" as that minute."""
    return datetime.fromisoformat(text if "T" in text else f"{text}T12:00").replace(tzinfo=UTC)


def money(text: str) -> Money:
    """Read "12.50", in euros, or "12.50 USD"."""
    amount, _, currency = text.partition(" ")
    return Money.of(amount, currency or "EUR")


@frozen
class Garage:
    """One actor's fleet."""

    core: Core
    actor: Actor

    def vehicle(self, name: str = "Golf", **fields: Any) -> Vehicle:
        """Add a vehicle, a petrol car unless stated otherwise."""
        command = AddVehicle(name=name, **{"carriers": (Carrier.PETROL,), **fields})
        return self.core.run(self.actor, add_vehicle, command)

    def fill(self, vehicle: Vehicle, on: str, km: float | None, litres: float, total: str, **stated: Any) -> Fill:
        """Record a fill; without kilometres it has no odometer."""
        command = RecordFill(
            vehicle_id=vehicle.id,
            at=day(on),
            odometer=None if km is None else Distance.of(str(km)),
            total=money(total),
            **{"volume": Volume.of(str(litres)), "accept_odometer_jump": True, **stated},
        )
        return self.core.run(self.actor, record_fill, command)

    def spend(self, vehicle: Vehicle | None, on: str, total: str, category: str = "parking") -> Expense:
        """Record an expense."""
        command = RecordExpense(
            vehicle_id=vehicle and vehicle.id,
            spent_on=date.fromisoformat(on),
            category=category,
            amount=money(total),
        )
        return self.core.run(self.actor, record_expense, command)

    def read(self, vehicle: Vehicle, on: str, km: float, **said: Any) -> Reading:
        """Note what the odometer shows."""
        command = RecordReading(vehicle_id=vehicle.id, at=day(on), odometer=Distance.of(str(km)), **said)
        return self.core.run(self.actor, record_reading, command)

    def economy(self, vehicle: Vehicle | None = None, **asked: Any) -> tuple[EconomyRow, ...]:
        """Ask for the economy."""
        return self.core.read(self.actor, economy_report, EconomyReport(vehicle_id=vehicle and vehicle.id, **asked))

    def costs(self, vehicle: Vehicle | None = None, **asked: Any) -> CostSummary:
        """Ask for the costs."""
        return self.core.read(self.actor, cost_report, CostReport(vehicle_id=vehicle and vehicle.id, **asked))

    def summary(self, vehicle: Vehicle, **asked: Any) -> VehicleSummary:
        """Ask for the summary of a vehicle."""
        return self.core.read(self.actor, vehicle_summary, VehicleReport(vehicle_id=vehicle.id, **asked))


def table(found: CostSummary) -> dict[str, str]:
    """Return the rows of *found* as label and costs, with ``+`` before income."""
    return {row.label: ", ".join([*map(str, row.costs), *(f"+{one}" for one in row.income)]) for row in found.rows}


@contextmanager
def statements(core: Core) -> Iterator[list[str]]:
    """Collect the statements that read rows; the settings of a transaction do not count."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "WITH")) and "set_config" not in statement:
            found.append(statement)

    engines = {core.database.engine, core.database._reads}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
