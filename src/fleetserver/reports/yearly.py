"""``fleet report yearly``: a year in figures, in the terminal, as data and on paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from uuid import UUID

import click

from fleetcore.kernel.money import Money
from fleetcore.kernel.when import local_date
from fleetcore.reports.yearly import yearly_report
from fleetcore.reports.years import YearEnergy, YearFigures, YearlyReport, YearlyRow, YearlySummary
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.csv_file import csv_option, write_csv
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetCommand
from fleetserver.cli.picking import find_vehicle, vehicles_by_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import vehicle_option
from fleetserver.cli.tables import Column, table
from fleetserver.presentation.display import Display, number

__all__ = ["rows_of", "yearly", "yearly_text"]

NOTHING = "Nothing was recorded in {} or in the year before."


@click.command("yearly", cls=FleetCommand)
@click.argument("year", type=int, required=False)
@vehicle_option()
@click.option("--grid", type=int, metavar="GRAMS", help="CO2 of a kilowatt-hour from your grid, for its estimate.")
@click.option("--html", "html_file", metavar="FILE", help="Write a page for printing to FILE.")
@csv_option
@pass_session
def yearly(
    session: Session, *, year: int | None, vehicle: str | None, grid: int | None, html_file: str | None,
    csv_file: str | None,
) -> None:  # fmt: skip
    """Show the YEAR (the last full one if none is named) beside the one before.

    fleet report yearly 2025 --html 2025.html
    """
    chosen = find_vehicle(session, vehicle) if vehicle else None
    today = local_date(session.core.clock.now(), session.display.timezone)
    command = YearlyReport(
        year=today.year - 1 if year is None else year,
        vehicle_id=chosen.id if chosen else None,
        grid_g_per_kwh=grid,
    )
    found = session.read(yearly_report, command)
    vehicles = vehicles_by_id(session)
    if html_file is not None:
        from .yearly_page import yearly_page

        page = yearly_page(found, session.display, vehicles, printed_on=today)
        try:
            Path(html_file).write_text(page, "utf-8")
        except OSError as error:
            raise BadInput.because("--html", f"{html_file} cannot be written: {error.strerror}") from error
        session.done({"file": html_file}, f"Wrote the year {found.year} to {html_file}: open it and print it.")
        return
    if csv_file is not None:
        rows = (
            (row.name, month.month, cost.amount, cost.currency)
            for row in found.vehicles
            for month in (*row.before.months, *row.figures.months)
            for cost in month.costs
        )
        write_csv(csv_file, ("vehicle", "month", "amount", "currency"), rows)
        return
    session.show(found, lambda: yearly_text(found, session.display, vehicles))


def yearly_text(found: YearlySummary, display: Display, vehicles: Mapping[UUID, Vehicle]) -> Iterator[str]:
    """Yield the lines of the report: a table for each vehicle, then one for the fleet if it has several."""
    if not found.vehicles and not found.fleet.figures.costs and not found.fleet.before.costs:
        yield NOTHING.format(found.year)
        return
    rows = [*found.vehicles, *([found.fleet] if len(found.vehicles) != 1 else [])]
    for place, row in enumerate(rows):
        if place:
            yield ""
        vehicle = vehicles.get(row.vehicle_id) if row.vehicle_id else None
        columns = (
            Column(row.name, flexible=True),
            Column(str(found.year), right=True),
            Column(str(found.year - 1), right=True),
            Column("Change", right=True, drop=1),
        )
        yield from table(columns, rows_of(row, display, vehicle))
    yield ""
    for factor in found.factors:
        yield f"CO2 of {factor.carrier}: {factor.grams:,} g per {factor.unit} ({factor.source})."
    for note in found.notes:
        yield f"Note: {note}."


def rows_of(row: YearlyRow, display: Display, vehicle: Vehicle | None) -> list[list[str]]:
    """Return the figures in rows: what, this year, the year before, and the change where both are numbers."""
    now, before = row.figures, row.before
    distances = [display.distance(each.distance, vehicle) if each.distance.metres else "" for each in (now, before)]
    rows = [["Distance", *distances, _change(now.distance.metres, before.distance.metres)]]
    for carrier in dict.fromkeys(each.carrier for each in (*now.energy, *before.energy)):
        pair = [[each for each in figures.energy if each.carrier == carrier] for figures in (now, before)]
        filled = [" + ".join(display.quantity(each.quantity, vehicle) for each in found) for found in pair]
        taken = [_consumption(found, display, vehicle) for found in pair]
        rows.append([carrier.capitalize(), *filled, ""])
        rows.append([f"Consumption, {carrier}", *taken, _change(*map(_rate, pair))])
    rows.append(["Costs", *(_moneys(each.costs, display) for each in (now, before)), _money_change(now, before)])
    labels = {group.key: group.label for figures in (before, now) for group in figures.groups}
    for key, label in sorted(labels.items(), key=lambda item: item[1]):
        cells = [
            _moneys(next((group.costs for group in each.groups if group.key == key), ()), display)
            for each in (now, before)
        ]
        rows.append([f"Costs: {label}", *cells, ""])
    rows.append(["Income", *(_moneys(each.income, display) for each in (now, before)), ""])
    rows.append(["Trips", *(f"{each.trips:,}" if each.trips else "" for each in (now, before)), ""])
    shares = [each.business_share for each in (now, before)]
    rows.append(["Business share", *("" if s is None else f"{s:.0%}".replace("%", " %") for s in shares), ""])
    rows.append(["CO2, estimate", *(_co2(each) for each in (now, before)), ""])
    for name, key in (("Fills and charges", "fills"), ("Services", "services"), ("Repairs", "repairs")):
        counts = [getattr(each, key) for each in (now, before)]
        rows.append([name, *(f"{count:,}" if count else "" for count in counts), ""])
    return [line for line in rows if any(line[1:])]


def _moneys(values: Sequence[Money], display: Display) -> str:
    return display.moneys(values) if values else ""


def _co2(figures: YearFigures) -> str:
    return f"{number(figures.co2_kg, 0)} kg" if figures.co2_kg else ""


def _consumption(found: Sequence[YearEnergy], display: Display, vehicle: Vehicle | None) -> str:
    shown = [display.consumption(each.consumption_per_100km, each.consumption_unit, vehicle) for each in found]
    return " + ".join(one for one in shown if one != "-")


def _rate(found: Sequence[YearEnergy]) -> float:
    return (found[0].consumption_per_100km or 0.0) if len(found) == 1 else 0.0


def _money_change(now: YearFigures, before: YearFigures) -> str:
    if len(now.costs) != 1 or len(before.costs) != 1 or now.costs[0].currency != before.costs[0].currency:
        return ""
    return _change(now.costs[0].minor, before.costs[0].minor)


def _change(now: float, before: float) -> str:
    return f"{now / before - 1:+.0%}".replace("%", " %") if now > 0 and before > 0 else ""
