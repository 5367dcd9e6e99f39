"""``fleet report ownership`` and ``fleet report compare``: what vehicles cost to own, alone and side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import click

from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.reports.comparing import ComparedVehicle, CompareVehicles, Ownership, OwnershipReport
from fleetcore.reports.ownership import compare_vehicles, ownership_report
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.csv_file import csv_option, write_csv
from fleetserver.cli.groups import FleetCommand
from fleetserver.cli.picking import find_vehicle, typed_for, vehicles_by_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import vehicle_option
from fleetserver.cli.tables import Column, details, table
from fleetserver.presentation.display import number

__all__ = ["compare", "compare_text", "compared_lines", "ownership", "ownership_text"]

FROM = click.option("--from", "since", metavar="DAY", help="From this day, month or year on.")
TO = click.option("--to", "until", metavar="DAY", help="Up to and including this day, month or year.")
NO_VEHICLES = "No vehicles. Add one: fleet vehicles add --help"


@click.command("ownership", cls=FleetCommand)
@vehicle_option()
@click.option("--value", metavar="AMOUNT", help="What the vehicle would fetch today; needs --vehicle.")
@FROM
@TO
@csv_option
@pass_session
def ownership(
    session: Session, *, vehicle: str | None, value: str | None, since: str | None, until: str | None,
    csv_file: str | None,
) -> None:  # fmt: skip
    """Show what vehicles cost to own, all told: by kind, per distance and per month, with the loss of value.

    fleet report ownership --vehicle Golf --value 9500
    """
    chosen = find_vehicle(session, vehicle) if vehicle else None
    typed = typed_for(session, chosen)
    first, last = typed.span(since, until)
    worth = typed.money("--value", value)
    typed.check()
    command = OwnershipReport(vehicle_id=chosen.id if chosen else None, since=first, until=last, value_today=worth)
    found = session.read(ownership_report, command)
    if csv_file is not None:
        rows = (
            (owned.name, group.key, group.label, cost.amount, cost.currency)
            for owned in found
            for group in owned.groups
            for cost in group.costs
        )
        write_csv(csv_file, ("vehicle", "group", "label", "amount", "currency"), rows)
        return
    session.show({"vehicles": found}, lambda: ownership_text(session, found))


def ownership_text(session: Session, found: Sequence[Ownership]) -> Iterator[str]:
    """Yield the lines of the report."""
    if not found:
        yield NO_VEHICLES
    vehicles = vehicles_by_id(session)
    for place, owned in enumerate(found):
        if place:
            yield ""
        yield from _owned(session, owned, vehicles[owned.vehicle_id])


def _owned(session: Session, owned: Ownership, vehicle: Vehicle) -> Iterator[str]:
    display = session.display

    def rates(prices: Sequence[UnitPrice]) -> str:
        return " + ".join(display.per_distance(price, vehicle) for price in prices)

    rows = [[group.label, display.moneys(group.costs), rates(group.costs_per_km)] for group in owned.groups]
    for lost in owned.depreciation:
        rows.append(["Loss of value", display.money(lost.amount), rates([lost.per_km] if lost.per_km else [])])
    yield owned.name
    if rows:
        rows.append(["All told", display.moneys(owned.total), rates(owned.total_per_km)])
        columns = (Column("Kind", flexible=True), Column("Costs", right=True), Column("Per distance", right=True))
        yield from table(columns, rows, totals=1)
    span = f"{owned.months_owned} months, {owned.since} to {owned.until}" if owned.since else ""
    yield from details(
        (
            ("Owned", span),
            ("Driven", display.distance(owned.distance, vehicle) if owned.distance.metres else ""),
            ("Per month", display.moneys(owned.total_per_month) if owned.total_per_month else ""),
            ("Income", display.moneys(owned.income) if owned.income else ""),
            ("Less income", display.moneys(owned.net) if owned.income else ""),
        )
    )
    for reason in owned.missing:
        yield f"Missing: {reason}."


@click.command("compare", cls=FleetCommand)
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@FROM
@TO
@csv_option
@pass_session
def compare(
    session: Session, *, names: tuple[str, ...], since: str | None, until: str | None, csv_file: str | None
) -> None:
    """Put vehicles side by side: costs per distance, consumption, repairs.

    fleet report compare Golf Zoe --from 2025
    """
    vehicles = [find_vehicle(session, name) for name in names]
    typed = typed_for(session)
    first, last = typed.span(since, until)
    typed.check()
    ids = tuple(vehicle.id for vehicle in vehicles)
    found = session.read(compare_vehicles, CompareVehicles(vehicle_ids=ids, since=first, until=last))
    lines = list(compared_lines(session, found))
    if csv_file is not None:
        write_csv(csv_file, ("", *(each.ownership.name for each in found)), lines)
        return
    session.show({"vehicles": found}, lambda: compare_text(found, lines))


def compare_text(found: Sequence[ComparedVehicle], lines: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of the report."""
    columns = [Column("", flexible=True), *(Column(each.ownership.name, right=True) for each in found)]
    yield from table(columns, lines)


def compared_lines(session: Session, found: Sequence[ComparedVehicle]) -> Iterator[list[str]]:
    """Yield the rows: a name, then what each vehicle has."""
    display, vehicles = session.display, vehicles_by_id(session)
    owned = [(each.ownership, vehicles[each.ownership.vehicle_id]) for each in found]

    def per(prices: Sequence[UnitPrice], vehicle: Vehicle) -> str:
        return " + ".join(display.per_distance(price, vehicle) for price in prices) or "-"

    def moneys(values: Sequence[Money]) -> str:
        return display.moneys(values) if values else "-"

    yield ["Driven", *(display.distance(row.distance, vehicle) for row, vehicle in owned)]
    yield ["Months owned", *(number(row.months_owned, 1) for row, _ in owned)]
    carriers = dict.fromkeys(one.carrier for each in found for one in each.economy)
    for carrier in carriers:
        cells = []
        for each, (_, vehicle) in zip(found, owned, strict=True):
            rows = [one for one in each.economy if one.carrier == carrier]
            shown = [display.consumption(one.consumption_per_100km, one.consumption_unit, vehicle) for one in rows]
            cells.append(", ".join(shown) or "-")
        yield [f"Consumption, {carrier}", *cells]
    labels = {group.key: group.label for row, _ in owned for group in row.groups}
    for key, label in sorted(labels.items(), key=lambda item: item[1]):
        groups = [next((group for group in row.groups if group.key == key), None) for row, _ in owned]
        rates = [
            per(group.costs_per_km, vehicle) if group else "-"
            for group, (_, vehicle) in zip(groups, owned, strict=True)
        ]
        yield [label, *rates]
    lost = [per([each.per_km for each in row.depreciation if each.per_km], vehicle) for row, vehicle in owned]
    yield ["Loss of value", *lost]
    yield ["All told per distance", *(per(row.total_per_km, vehicle) for row, vehicle in owned)]
    yield ["All told per month", *(moneys(row.total_per_month) for row, _ in owned)]
    yield ["All told", *(moneys(row.total) for row, _ in owned)]
    rates_of_repair = [each.repairs_per_10000km for each in found]
    yield ["Repairs per 10,000 km", *("-" if rate is None else number(rate, 1) for rate in rates_of_repair)]
