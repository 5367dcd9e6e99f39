"""The first rows of an import as they will be stored, for whoever looks before they commit."""

from __future__ import annotations

from itertools import chain, islice

from fleetcore.expenses.model import RecordExpense
from fleetcore.fuel.model import RecordFill
from fleetcore.kernel.quantities import Distance
from fleetcore.trips.model import RecordTrip
from fleetcore.vehicles.meters import ReadingNote

from .model import PlannedRow
from .planning import ImportPlan, Planned

__all__ = ["first_rows"]

ROWS_MAX = 20


def first_rows(plan: ImportPlan) -> tuple[PlannedRow, ...]:
    """Return the first records of each vehicle and kind, by their place in the file; at most ``ROWS_MAX``."""
    lists = [
        (target.vehicle.name, rows)
        for target in plan.vehicles
        for rows in (target.fills, target.expenses, target.readings, target.trips)
        if rows
    ]
    each = max(ROWS_MAX // max(len(lists), 1), 1)
    found = chain.from_iterable((_row(name, planned) for planned in islice(rows, each)) for name, rows in lists)
    return tuple(sorted(islice(found, ROWS_MAX), key=lambda row: row.row))


def _row(vehicle: str, planned: Planned) -> PlannedRow:
    match planned.command:
        case RecordFill() as fill:
            return PlannedRow(
                row=planned.row,
                kind="fill",
                vehicle=vehicle,
                at=fill.at,
                odometer=fill.odometer,
                carrier=fill.carrier,
                volume=fill.volume,
                mass=fill.mass,
                energy=fill.energy,
                total=fill.total,
            )
        case RecordExpense() as spent:
            return PlannedRow(
                row=planned.row,
                kind="expense",
                vehicle=vehicle,
                at=spent.at,
                on=spent.spent_on,
                odometer=spent.odometer,
                total=spent.amount,
                title=spent.title or spent.category,
            )
        case RecordTrip() as trip:
            return PlannedRow(
                row=planned.row,
                kind="trip",
                vehicle=vehicle,
                at=trip.started_at,
                odometer=trip.start_odometer,
                distance=trip.distance,
                title=" - ".join(filter(None, (trip.start_place, trip.end_place))),
            )
        case ReadingNote() as note:
            odometer = Distance(note.value)
            return PlannedRow(row=planned.row, kind="reading", vehicle=vehicle, at=note.at, odometer=odometer)
