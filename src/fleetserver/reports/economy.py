"""The report of consumption, as JSON and as people read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.consumption import consumption_in
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance, Energy, Mass, Quantity, Volume
from fleetcore.kernel.when import local_date
from fleetcore.kernel.wire import unstructure
from fleetcore.reports.model import EconomyInterval, EconomyRow
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.tables import Column, sparkline, table, terminal_width
from fleetserver.presentation.display import CONSUMPTION_LABELS, Display, number

__all__ = ["Every", "economy_json", "economy_text"]

SPARKLINE_WIDTH = 40
NONE_YET = (
    "Nothing to report yet: consumption needs fills, and the odometer at two full tanks.\n"
    "Record one: fleet fuel add --help, or read the log of another app: fleet import FILE"
)
COLUMNS = (
    Column("Vehicle", flexible=True),
    Column("Fuel"),
    Column("Fills", right=True, drop=2),
    Column("Quantity", right=True, drop=3),
    Column("Distance", right=True),
    Column("Consumption", right=True),
    Column("Costs", right=True),
    Column("Per distance", right=True, drop=1),
)
PERIOD_COLUMNS = (
    Column("Until"),
    Column("Distance", right=True),
    Column("Quantity", right=True),
    Column("Consumption", right=True),
    Column("Costs", right=True, drop=1),
)
UNITS = (
    ("volume_l", "consumption_l_per_100km"),
    ("mass_kg", "consumption_kg_per_100km"),
    ("energy_kwh", "consumption_kwh_per_100km"),
)


class Every(StrEnum):
    """In which steps consumption is shown."""

    FILL = "fill"
    MONTH = "month"
    YEAR = "year"


@frozen(kw_only=True)
class Step:
    """Some intervals together: those of one month or year, or a single one."""

    label: str
    distance: Distance
    thousandths: int
    consumption: float | None
    costs: tuple[Money, ...]


def economy_json(row: EconomyRow, every: Every | None, display: Display) -> dict[str, Any]:
    """Return a row as it goes out: only the unit it is sold in, and one cost where there is one currency."""
    out: dict[str, Any] = unstructure(row)
    for quantity, consumption in UNITS:
        if out[quantity] is None:
            del out[quantity], out[consumption]
    for name in ("best", "worst"):
        out[name] = _without_others(out[name])
    del out["intervals"]
    out["cost"] = out["costs"][0] if len(out["costs"]) == 1 else None
    if every is Every.FILL:
        out["intervals"] = [_without_others(unstructure(interval)) for interval in row.intervals]
    elif every is not None:
        out["periods"] = [_step_json(step, row) for step in steps(row, every, display)]
    first = ("name", "carrier", "fills", *(key for pair in UNITS for key in pair if key in out), "distance_km", "cost")
    return {**{name: out[name] for name in first}, **out}


def _without_others(out: dict[str, Any] | None) -> dict[str, Any] | None:
    if out is None:
        return None
    gone = {name for pair in UNITS if out[pair[0]] is None for name in pair}
    return {name: value for name, value in out.items() if name not in gone}


def _step_json(step: Step, row: EconomyRow) -> dict[str, Any]:
    quantity, consumption = UNITS[(Volume, Mass, Energy).index(type(row.quantity))]
    return {
        "period": step.label,
        "distance_km": step.distance,
        quantity: step.thousandths / 1000,
        consumption: step.consumption,
        "costs": step.costs,
    }


def steps(row: EconomyRow, every: Every, display: Display) -> list[Step]:
    """Return the intervals of *row*, summed by the month or year in which they closed."""
    label = _LABELS[every]
    grouped: dict[str, list[EconomyInterval]] = {}
    for interval in row.intervals:
        key = label(interval.closed_at, display) if every is not Every.FILL else str(interval.closing_fill_id)
        grouped.setdefault(key, []).append(interval)
    return [_step(label(found[0].closed_at, display), found) for found in grouped.values()]


def _step(label: str, intervals: Sequence[EconomyInterval]) -> Step:
    metres = sum(interval.distance.metres for interval in intervals)
    thousandths = sum(_thousandths(interval.quantity) for interval in intervals)
    sums: dict[str, int] = {}
    for interval in intervals:
        for cost in interval.costs:
            sums[cost.currency] = sums.get(cost.currency, 0) + cost.minor
    return Step(
        label=label,
        distance=Distance(metres),
        thousandths=thousandths,
        consumption=thousandths * 100 / metres if metres > 0 else None,
        costs=tuple(Money(minor, currency) for currency, minor in sorted(sums.items())),
    )


def _thousandths(quantity: Quantity) -> int:
    match quantity:
        case Volume():
            return quantity.millilitres
        case Mass():
            return quantity.grams
        case Energy():
            return quantity.watt_hours


_LABELS: dict[Every, Callable[[datetime, Display], str]] = {
    Every.FILL: lambda at, display: display.day(at),
    Every.MONTH: lambda at, display: f"{local_date(at, display.timezone):%Y-%m}",
    Every.YEAR: lambda at, display: f"{local_date(at, display.timezone):%Y}",
}


def economy_text(
    rows: Sequence[EconomyRow], every: Every | None, display: Display, vehicles: Mapping[UUID, Vehicle]
) -> Iterator[str]:
    """Yield the lines of the report."""
    if not rows:
        yield NONE_YET
        return
    yield from table(COLUMNS, [_cells(row, display, vehicles.get(row.vehicle_id)) for row in rows])
    for row in rows:
        vehicle = vehicles.get(row.vehicle_id)
        yield ""
        yield from _picture(row, display, vehicle)
        if every is not None and row.intervals:
            yield ""
            yield from table(
                PERIOD_COLUMNS,
                [
                    [
                        step.label,
                        display.distance(step.distance, vehicle),
                        display.quantity(type(row.quantity)(step.thousandths), vehicle),
                        display.consumption(step.consumption, row.consumption_unit, vehicle),
                        display.moneys(step.costs),
                    ]
                    for step in steps(row, every, display)
                ],
            )


def _cells(row: EconomyRow, display: Display, vehicle: Vehicle | None) -> list[str]:
    per_km = [display.per_hundred(price, vehicle) for price in row.costs_per_100km]
    return [
        row.name,
        row.carrier,
        f"{row.fills:,}",
        display.quantity(row.quantity, vehicle),
        display.distance(row.distance, vehicle),
        display.consumption(row.consumption_per_100km, row.consumption_unit, vehicle),
        display.moneys(row.costs),
        " + ".join(per_km),
    ]


def _picture(row: EconomyRow, display: Display, vehicle: Vehicle | None) -> Iterator[str]:
    unit = display.consumption_unit(row.consumption_unit, vehicle)
    values = [consumption_in(unit, per_100km) for per_100km in row.course if per_100km > 0]
    title = f"{row.name}, {row.carrier}"
    if len(values) > 1:
        span = f"{number(min(values), 1)} to {number(max(values), 1)} {CONSUMPTION_LABELS[unit]}"
        room = max(terminal_width() - len(f"{title}:  {span}"), SPARKLINE_WIDTH // 4)
        yield f"{title}: {sparkline(values, min(room, SPARKLINE_WIDTH))} {span}"
        yield f"  {trend_sentence(row)}"
        if row.best is not None and row.worst is not None and row.best != row.worst:
            yield f"  Best {_extreme(row.best, display, vehicle)}, worst {_extreme(row.worst, display, vehicle)}."
    else:
        yield f"{title}: {trend_sentence(row)}"


def _extreme(interval: EconomyInterval, display: Display, vehicle: Vehicle | None) -> str:
    level = display.consumption(interval.consumption_per_100km, interval.consumption_unit, vehicle)
    return f"{level} up to {display.day(interval.closed_at)}"


def trend_sentence(row: EconomyRow) -> str:
    """Say whether the consumption is rising, in percent of what it is."""
    slope, level = row.trend.per_100km_per_year, row.consumption_per_100km
    if row.trend.direction not in {"rising", "falling"} or not slope or not level:
        known = row.trend.direction == "steady"
        return "Consumption is steady." if known else "Too few full tanks yet to say whether consumption is rising."
    return f"Consumption is {row.trend.direction}: {slope / level:+.0%} a year.".replace("%", " %")
