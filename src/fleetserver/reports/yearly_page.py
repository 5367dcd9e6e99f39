"""The yearly summary on paper: a page per vehicle with tables, and a chart of the months with the same numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from uuid import UUID

from fleetcore.kernel.charts import bar_chart
from fleetcore.kernel.html import Markup, element, fragment, page, section, table
from fleetcore.kernel.money import Money
from fleetcore.reports.years import YearFigures, YearlyRow, YearlySummary
from fleetcore.vehicles.model import Vehicle
from fleetserver.presentation.display import Display

from .yearly import rows_of

__all__ = ["yearly_page"]

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STYLE = """
@media print { section.vehicle + section.vehicle { break-before: page; } }
"""


def yearly_page(
    found: YearlySummary, display: Display, vehicles: Mapping[UUID, Vehicle], *, printed_on: date
) -> Markup:
    """Return the summary as a page that prints well."""
    rows = [*found.vehicles, *([found.fleet] if len(found.vehicles) > 1 else [])]
    title = f"{display.fleet_name}: the year {found.year}"
    return page(
        title,
        element("h1", title),
        element("p", f"Beside it the year {found.year - 1}. Printed on {printed_on}.", class_="subtitle"),
        [_vehicle(found, row, display, vehicles.get(row.vehicle_id) if row.vehicle_id else None) for row in rows],
        element("p", f"Nothing was recorded in {found.year} or in the year before.") if not rows else None,
        element("footer", list(_small_print(found))),
        style=STYLE,
    )


def _vehicle(found: YearlySummary, row: YearlyRow, display: Display, vehicle: Vehicle | None) -> Markup:
    heading = row.name if row.vehicle_id else "All vehicles together"
    called = " ".join(part for part in (vehicle.make, vehicle.model, vehicle.plate or "") if part) if vehicle else ""
    return section(
        heading,
        element("p", called, class_="soft") if called and called != heading else None,
        table(
            "The year in figures",
            ("", str(found.year), str(found.year - 1), "Change"),
            rows_of(row, display, vehicle),
            numbers=(1, 2, 3),
        ),
        [_months(found, row, currency, display) for currency in _currencies(row)],
        class_="vehicle",
    )


def _currencies(row: YearlyRow) -> list[str]:
    return sorted({cost.currency for month in row.figures.months for cost in month.costs})


def _months(found: YearlySummary, row: YearlyRow, currency: str, display: Display) -> Markup:
    """Return a chart of the months in one currency, a sentence that says the same, and the table."""
    now, before = (_by_month(figures, year, currency) for figures, year in _both(found, row))
    dearest = max(range(12), key=lambda place: now[place])
    total = Money(sum(now), currency)
    sentence = (
        f"{display.money(total)} in {found.year}; most of it in {MONTHS[dearest]}: "
        f"{display.money(Money(now[dearest], currency))}."
    )
    chart = bar_chart(
        [(MONTHS[place], float(Money(minor, currency).amount)) for place, minor in enumerate(now)],
        title=f"Costs by month in {currency}",
        description=sentence,
        y_label=lambda value: f"{value:,.0f}",
    )
    rows = [
        [MONTHS[place], *(f"{Money(year[place], currency).amount:,}" if year[place] else "" for year in (now, before))]
        for place in range(12)
    ]
    sums = ["Sum", *(f"{Money(sum(year), currency).amount:,}" for year in (now, before))]
    columns = ("Month", str(found.year), str(found.year - 1))
    return fragment(chart, table(f"Costs by month in {currency}", columns, [*rows, sums], numbers=(1, 2), totals=1))


def _both(found: YearlySummary, row: YearlyRow) -> Iterator[tuple[YearFigures, int]]:
    yield row.figures, found.year
    yield row.before, found.year - 1


def _by_month(figures: YearFigures, year: int, currency: str) -> list[int]:
    known = {
        month.month: sum(cost.minor for cost in month.costs if cost.currency == currency) for month in figures.months
    }
    return [known.get(f"{year}-{place:02}", 0) for place in range(1, 13)]


def _small_print(found: YearlySummary) -> Iterator[Markup]:
    yield element("p", "Costs are what was booked, less refunds. Consumption is of the fills within the year.")
    for factor in found.factors:
        words = f"CO2 of {factor.carrier}: {factor.grams:,} g per {factor.unit}. Source: {factor.source}."
        yield element("p", words)
    for note in found.notes:
        yield element("p", f"Note: {note}.")
