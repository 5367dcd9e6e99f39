"""The page of one year, to be read and printed: a vehicle, or every vehicle and the fleet, beside the year before."""

from __future__ import annotations

from datetime import date
from functools import partial
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.when import local_date
from fleetcore.reports.yearly import yearly_report
from fleetcore.reports.years import YearFigures, YearlyReport, YearlyRow, YearlySummary
from fleetcore.vehicles.model import ListVehicles, Vehicle
from fleetcore.vehicles.service import list_vehicles
from fleetserver.pages.charts.figures import Bar, Figure, Stack, Table, stacks
from fleetserver.pages.routing import Outcome, View
from fleetserver.pages.visits import Visit

from .pictures import Pen, in_currency
from .yearly import rows_of

__all__ = ["show_year"]

YEARS = 10


@frozen(kw_only=True)
class Chapter:
    """What the page tells of one vehicle, or of all together."""

    name: str
    vehicle: Vehicle | None
    facts: Table
    figures: list[Figure]


def show_year(visit: Visit) -> Outcome:
    """Show the year that was chosen, the last full one otherwise."""
    vehicles = visit.answer(list_vehicles, ListVehicles())
    today = local_date(visit.core.clock.now(), visit.display.timezone)
    said = visit.sent.query.get("year", "")
    year = int(said) if said.isascii() and said.isdigit() and len(said) == 4 and int(said) > 1 else today.year - 1
    named = {vehicle.id: vehicle for vehicle in vehicles}
    chosen = named.get(visit.id("vehicle") or UUID(int=0))
    found = visit.answer(yearly_report, YearlyReport(year=year, vehicle_id=None if chosen is None else chosen.id))
    rows = [*found.vehicles, *([found.fleet] if len(found.vehicles) > 1 else [])]
    pen = Pen(visit)
    return View(
        template="reports/year.html",
        values={
            "year": year,
            "years": sorted({year, *range(today.year - YEARS, today.year + 1)}, reverse=True),
            "vehicles": vehicles,
            "vehicle": chosen,
            "chapters": [_chapter(pen, found, row, named, number) for number, row in enumerate(rows)],
            "found": found,
            "today": today,
        },
    )


def _chapter(pen: Pen, found: YearlySummary, row: YearlyRow, named: dict[UUID, Vehicle], number: int) -> Chapter:
    vehicle = named.get(row.vehicle_id) if row.vehicle_id else None
    rows = [
        (": ".join(pen.word(part) for part in line[0].split(": ")), *line[1:])
        for line in rows_of(row, pen.visit.display, vehicle)
    ]
    columns = (pen.text("Figure"), str(found.year), str(found.year - 1), pen.text("Change"))
    currencies = sorted({cost.currency for month in row.figures.months for cost in month.costs})
    return Chapter(
        name=row.name if row.vehicle_id else pen.text("All vehicles together"),
        vehicle=vehicle,
        facts=Table(columns=columns, rows=tuple(tuple(map(str, line)) for line in rows)),
        figures=[_months(pen, found, row, currency, f"year-{number}-{currency}") for currency in currencies],
    )


def _months(pen: Pen, found: YearlySummary, row: YearlyRow, currency: str, figure_id: str) -> Figure:
    """Return the costs of the months, each beside that of the year before."""
    name = row.name if row.vehicle_id else pen.text("All vehicles together")
    days = [date(found.year, month, 1) for month in range(1, 13)]
    now, before = (
        _by_month(figures, year, currency)
        for figures, year in ((row.figures, found.year), (row.before, found.year - 1))
    )
    dearest = max(range(12), key=lambda place: now[place])
    says = pen.text(
        "{total} in {year}; most of it in {month}: {most}. The year before it was {before}.",
        total=pen.money(sum(now), currency),
        year=found.year,
        month=pen.month(days[dearest], with_year=False),
        most=pen.money(now[dearest], currency),
        before=pen.money(sum(before), currency),
    )

    def value(minor: int) -> float:
        return float(Money(minor, currency).amount)

    def cells(name: str, *minors: int) -> tuple[str, ...]:
        return (name, *(pen.number(value(minor), 2) for minor in minors))

    names = [pen.month(day, with_year=False) for day in days]
    return stacks(
        partial(
            Figure,
            id=figure_id,
            title=pen.text("{name}: costs by month in {currency}", name=name, currency=currency),
            says=says,
            unit=currency,
            table=Table(
                columns=(pen.text("Month"), str(found.year), str(found.year - 1)),
                rows=(
                    *(cells(name, a, b) for name, a, b in zip(names, now, before, strict=True)),
                    cells(pen.text("Sum"), sum(now), sum(before)),
                ),
            ),
        ),
        Stack(
            chart=figure_id,
            bars=tuple(Bar(name, {1: value(minor)}) for name, minor in zip(names, now, strict=True)),
            names={1: str(found.year)},
        ),
        level=pen.number,
    )


def _by_month(figures: YearFigures, year: int, currency: str) -> list[int]:
    known = {month.month: in_currency(month.costs, currency) for month in figures.months}
    return [known.get(f"{year:04}-{place:02}", 0) for place in range(1, 13)]
