"""Charts of how a vehicle runs: what it takes, what a litre cost, and where its odometer stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, TypeVar

from fleetcore.fuel.model import Fill, ListFills
from fleetcore.fuel.service import list_fills
from fleetcore.kernel.consumption import ConsumptionUnit, consumption_in
from fleetcore.kernel.quantities import Energy, Volume
from fleetcore.kernel.when import local_date, span_of_days
from fleetcore.reports.economy import economy_report
from fleetcore.reports.metering import OdometerReport
from fleetcore.reports.model import EconomyInterval, EconomyReport, EconomyRow
from fleetcore.reports.odometer import odometer_report
from fleetcore.vehicles.model import Vehicle
from fleetserver.pages.charts.figures import Curve, Figure, Table, curves
from fleetserver.pages.charts.scales import DayScale
from fleetserver.pages.visits import Visit
from fleetserver.presentation.display import CONSUMPTION_LABELS, unit_label

from .pictures import Asked, Pen, median, nothing

__all__ = ["economy_figures", "odometer_figures", "price_figures"]

POINTS_MAX = 120  # more are drawn month by month
FILLS_AT_ONCE, FILL_PAGES_MAX = 1000, 5
SEASONS_DAYS = 640  # within less the seasons bend a trend: it says nothing of the vehicle yet
T = TypeVar("T")
Dated = Sequence[tuple[date, float]]


def _by_month(rows: Iterable[tuple[date, T]]) -> dict[date, list[T]]:
    months: dict[date, list[T]] = {}
    for day, row in rows:
        months.setdefault(day.replace(day=1), []).append(row)
    return months


def _stop(pen: Pen, days: Iterable[date]) -> Callable[[date, bool], str]:
    found = list(days)
    across = DayScale.of(min(found), max(found))
    return pen.stop(bool(across.months) and across.months % 12 == 0, not across.months)


def economy_figures(visit: Visit, asked: Asked) -> list[Figure]:
    """Return a chart of the consumption for each carrier of the vehicle, with its trend, beside another vehicle's."""
    pen, vehicle = Pen(visit), asked.vehicle
    if vehicle is None:
        return []
    rows = _economy(visit, asked, vehicle)
    others = [] if asked.beside is None else _economy(visit, asked, asked.beside)
    found = []
    for number, row in enumerate(rows):
        unit = visit.display.consumption_unit(row.consumption_unit, vehicle)
        other = next((each for each in others if each.consumption_unit is row.consumption_unit), None)
        title = pen.text("Economy over time")
        if len(rows) > 1:
            title = pen.text("Economy over time, {carrier}", carrier=pen.text(row.carrier.value))
        figure_id = "economy" if number == 0 else f"economy-{number + 1}"
        if _intervals(visit, row):
            found.append(_economy_figure(pen, partial(Figure, id=figure_id, title=title), row, other, unit))
        else:
            found.append(nothing(figure_id, title, pen.text(WAITS_FOR_FILLS)))
    return found or [nothing("economy", pen.text("Economy over time"), pen.text(WAITS_FOR_FILLS))]


WAITS_FOR_FILLS = "Two full fill-ups with an odometer, and the economy between them stands here."


def _economy(visit: Visit, asked: Asked, vehicle: Vehicle) -> list[EconomyRow]:
    since, until = asked.period.since, asked.period.until
    command = EconomyReport(vehicle_id=vehicle.id, since=since, until=until, with_intervals=True)
    rows = visit.answer(economy_report, command)
    return list(rows)


def _intervals(visit: Visit, row: EconomyRow) -> list[tuple[date, float]]:
    """Return the consumption per 100 km by the day it was known; by month where there are too many."""
    known: list[tuple[date, EconomyInterval]] = [
        (local_date(each.closed_at, visit.display.timezone), each)
        for each in row.intervals
        if each.consumption_per_100km and each.distance.metres
    ]
    if len(known) <= POINTS_MAX:
        return [(day, each.consumption_per_100km or 0.0) for day, each in known]
    return [(month, _together(found)) for month, found in _by_month(known).items()]


def _together(found: Sequence[EconomyInterval]) -> float:
    metres = sum(each.distance.metres for each in found)
    return sum((each.consumption_per_100km or 0.0) * each.distance.metres for each in found) / metres


def _economy_figure(
    pen: Pen, figure: Callable[..., Figure], row: EconomyRow, other: EconomyRow | None, unit: ConsumptionUnit
) -> Figure:
    base = _intervals(pen.visit, row)
    shown = [(day, consumption_in(unit, value)) for day, value in base]
    found = [Curve(series=1, name=row.name, places=tuple(shown))]
    if trend := _trend(row, base, unit):
        found.append(Curve(series=2, name=pen.text("Trend"), places=trend, has_points=False, is_guide=True))
    theirs = [] if other is None else _intervals(pen.visit, other)
    if other is not None and theirs:
        places = tuple((day, consumption_in(unit, value)) for day, value in theirs)
        found.append(Curve(series=3, name=other.name, places=places))
    label = CONSUMPTION_LABELS[unit]
    whole = row.consumption_per_100km
    values = [value for _, value in shown]
    says = pen.text(
        "{name}: {average} {unit} on average, between {low} and {high}.",
        name=row.name,
        average=pen.number(consumption_in(unit, whole) if whole else sum(values) / len(values), 2),
        low=pen.number(min(values), 2),
        high=pen.number(max(values), 2),
        unit=label,
    )
    if other is not None and other.consumption_per_100km:
        average = pen.number(consumption_in(unit, other.consumption_per_100km), 2)
        says += " " + pen.text("{name}: {average} {unit}.", name=other.name, average=average, unit=label)
    rows = [(row.name, *each) for each in shown]
    rows += [(curve.name, *each) for curve in found[1:] if not curve.is_guide for each in curve.places]
    several = len({name for name, _, _ in rows}) > 1
    return curves(
        partial(
            figure,
            unit=label,
            says=f"{says} {_trend_says(pen, row, base, unit)}".strip(),
            note="" if len(base) == len(row.intervals) else pen.text("Each point is a month."),
            table=Table(
                columns=(pen.text("Day"), *([pen.text("Vehicle")] if several else []), label),
                rows=tuple(
                    (pen.day(day), *([name] if several else []), pen.number(value, 2)) for name, day, value in rows
                ),
                numbers_from=2 if several else 1,
            ),
        ),
        found,
        level=pen.number,
        stop=_stop(pen, [day for curve in found for day, _ in curve.places]),
    )


def _trend(row: EconomyRow, base: Dated, unit: ConsumptionUnit) -> tuple[tuple[date, float], ...]:
    """Return the line that rises as the trend does, through the middle of the points."""
    slope = row.trend.per_100km_per_year
    if slope is None or len(base) < 3:
        return ()
    middle_day = median([day.toordinal() for day, _ in base])
    middle = median([value for _, value in base])
    first, last = base[0][0], base[-1][0]
    steps = 12 if unit.more_is_better else 1  # such a unit bends the line
    found = []
    for step in range(steps + 1):
        day = first + (last - first) * step / steps
        value = middle + slope * (day.toordinal() - middle_day) / 365.25
        if value <= 0:
            return ()
        found.append((day, consumption_in(unit, value)))
    return tuple(found)


def _trend_says(pen: Pen, row: EconomyRow, base: Dated, unit: ConsumptionUnit) -> str:
    slope, whole = row.trend.per_100km_per_year, row.consumption_per_100km
    if row.trend.direction == "steady":
        return pen.text("It takes neither more nor less than it used to.")
    if slope is None or not whole or row.trend.direction not in {"rising", "falling"}:
        return ""
    days = (base[-1][0] - base[0][0]).days
    words = {
        "rising": "It takes more than it used to: a year makes a difference of {change} {unit}.",
        "falling": "It takes less than it used to: a year makes a difference of {change} {unit}.",
    }
    if days < SEASONS_DAYS:
        slope *= days / 365.25
        words = {
            "rising": "In this time it came to take more, by {change} {unit}. It may be the season: see three years.",
            "falling": "In this time it came to take less, by {change} {unit}. It may be the season: see three years.",
        }
    if whole + slope <= 0:
        return ""
    change = abs(consumption_in(unit, whole + slope) - consumption_in(unit, whole))
    return pen.text(words[row.trend.direction], change=pen.number(change, 2), unit=CONSUMPTION_LABELS[unit])


def price_figures(visit: Visit, asked: Asked) -> list[Figure]:
    """Return a chart of the prices paid, for each unit and currency; of all vehicles where none is named."""
    pen = Pen(visit)
    fills, is_cut = _fills(visit, asked)
    groups: dict[tuple[str, str], list[Fill]] = {}
    for fill in fills:
        if fill.unit_price.micros > 0:
            groups.setdefault((_sold_by(visit, asked, fill), fill.unit_price.currency), []).append(fill)
    found = [
        _price_figure(pen, f"price-{number}" if number else "price", kind, rows, asked, is_cut=is_cut)
        for number, (kind, rows) in enumerate(sorted(groups.items(), key=lambda item: -len(item[1])))
    ]
    waits = pen.text("The price of each fill-up stands here, once a fill-up says what was paid.")
    return found or [nothing("price", pen.text("Prices paid"), waits)]


def _fills(visit: Visit, asked: Asked) -> tuple[list[Fill], bool]:
    span = span_of_days(asked.period.since, asked.period.until, visit.fleet.timezone)
    found: list[Fill] = []
    cursor = None
    for _ in range(FILL_PAGES_MAX):
        command: dict[str, Any] = {"since": span.since, "until": span.until, "limit": FILLS_AT_ONCE, "cursor": cursor}
        page = visit.answer(list_fills, ListFills(vehicle_id=asked.vehicle_id, **command))
        found += page.items
        if (cursor := page.next) is None:
            break
    return found[::-1], cursor is not None


def _sold_by(visit: Visit, asked: Asked, fill: Fill) -> str:
    if isinstance(fill.quantity, Volume):
        return unit_label(visit.display.scale(asked.vehicle).volume)
    return "kWh" if isinstance(fill.quantity, Energy) else "kg"


def _price_figure(
    pen: Pen, figure_id: str, kind: tuple[str, str], fills: Sequence[Fill], asked: Asked, *, is_cut: bool
) -> Figure:
    sold_by, currency = kind
    measure = pen.visit.display.scale(asked.vehicle).volume.millilitres / 1000
    carriers: dict[str, list[tuple[date, float]]] = {}
    for fill in fills:
        price = float(fill.unit_price.amount * (measure if isinstance(fill.quantity, Volume) else 1))
        day = local_date(fill.at, pen.visit.display.timezone)
        carriers.setdefault(fill.carrier.value, []).append((day, price))
    is_monthly = len(fills) > POINTS_MAX
    if is_monthly:
        carriers = {
            name: [(month, sum(prices) / len(prices)) for month, prices in _by_month(rows).items()]
            for name, rows in carriers.items()
        }
    shown = dict(sorted(carriers.items(), key=lambda item: -len(item[1]))[:6])
    found = [
        Curve(series=number, name=pen.text(name), places=tuple(places))
        for number, (name, places) in enumerate(shown.items(), 1)
    ]
    unit = f"{currency}/{sold_by}"
    values = [value for curve in found for value in curve.values]
    latest = max((curve.places[-1] for curve in found), key=lambda place: place[0])
    says = pen.text(
        "{last} {unit} the last time, on {day}; {average} on average, between {low} and {high}.",
        last=pen.number(latest[1], 3),
        unit=unit,
        day=pen.day(latest[0]),
        average=pen.number(sum(values) / len(values), 3),
        low=pen.number(min(values), 3),
        high=pen.number(max(values), 3),
    )
    notes = [pen.text("Each point is the mean of a month.")] if is_monthly else []
    notes += [pen.text("Only the newest {count} fill-ups are shown.", count=len(fills))] if is_cut else []
    several = len(found) > 1
    rows = sorted((day, curve.name, value) for curve in found for day, value in curve.places)
    return curves(
        partial(
            Figure,
            id=figure_id,
            title=pen.text("Price paid, {unit}", unit=unit),
            unit=unit,
            says=says,
            note=" ".join(notes),
            table=Table(
                columns=(pen.text("Day"), *([pen.text("Fuel type")] if several else []), unit),
                rows=tuple(
                    (pen.day(day), *([name] if several else []), pen.number(value, 3)) for day, name, value in rows
                ),
                numbers_from=2 if several else 1,
            ),
        ),
        found,
        level=pen.number,
        stop=_stop(pen, [day for curve in found for day, _ in curve.places]),
    )


def odometer_figures(visit: Visit, asked: Asked) -> list[Figure]:
    """Return a chart of the odometer with where it will stand, and between which bounds."""
    pen, vehicle = Pen(visit), asked.vehicle
    if vehicle is None:
        return []
    period = asked.period
    today = local_date(visit.core.clock.now(), visit.display.timezone)
    is_open = period.until is None or period.until >= today
    command = OdometerReport(
        vehicle_id=vehicle.id, since=period.since, until=period.until, ahead_days=365 if is_open else 0
    )
    course = visit.answer(odometer_report, command)
    title, unit = pen.text("Odometer and where it leads"), visit.display.scale(vehicle).distance
    if not course.points:
        waits = pen.text("The odometer stands here, once a fill-up, a service or a reading says what it shows.")
        return [nothing("odometer", title, waits)]

    def place(on: date, value: Any) -> tuple[date, float]:
        return on, float(value.in_unit(unit))

    points = course.points
    if len(points) > POINTS_MAX:
        points = tuple({point.on.replace(day=1): point for point in points}.values())
    found = [Curve(series=1, name=pen.text("Readings"), places=tuple(place(each.on, each.total) for each in points))]
    ahead = course.forecast
    if ahead:
        upper = tuple(place(each.on, each.high) for each in ahead)
        lower = tuple(place(each.on, each.low) for each in ahead)
        middle = tuple(place(each.on, each.total) for each in ahead)
        found.append(Curve(series=3, name=pen.text("Likely range"), places=(), upper=upper, lower=lower))
        found.append(Curve(series=3, name=pen.text("Forecast"), places=middle, has_points=False, is_guide=True))
    rows = [(pen.day(each.on), visit.display.distance(each.total, vehicle), "", "") for each in points]
    write = partial(visit.display.distance, vehicle=vehicle)
    rows += [(pen.day(each.on), write(each.total), write(each.low), write(each.high)) for each in ahead[1:]]
    columns = (pen.text("Day"), pen.text("Odometer"), *([pen.text("At least"), pen.text("At most")] if ahead else []))
    return [
        curves(
            partial(
                Figure,
                id="odometer",
                title=title,
                unit=str(unit),
                says=_odometer_says(pen, vehicle, course),
                note="" if points is course.points else pen.text("Each point is the last reading of a month."),
                table=Table(columns=columns, rows=tuple(row[: len(columns)] for row in rows)),
            ),
            found,
            level=pen.number,
            stop=_stop(pen, [day for curve in found for day, _ in (*curve.places, *curve.upper)]),
        )
    ]


def _odometer_says(pen: Pen, vehicle: Vehicle, course: Any) -> str:
    write = partial(pen.visit.display.distance, vehicle=vehicle)
    last = course.points[-1]
    says = pen.text("{distance} on {day}.", distance=write(last.total), day=pen.day(last.on))
    if course.forecast:
        end = course.forecast[-1]
        says += " " + pen.text(
            "At the pace of the last year it will be {distance} on {day}, probably between {low} and {high}.",
            distance=write(end.total),
            day=pen.day(end.on),
            low=write(end.low),
            high=write(end.high),
        )
    elif len(course.points) > 1:
        driven = type(last.total)(last.total.metres - course.points[0].total.metres)
        days = (last.on - course.points[0].on) // timedelta(days=1)
        says += " " + pen.text("{distance} in {days} days.", distance=write(driven), days=pen.number(days, 0))
    return says
