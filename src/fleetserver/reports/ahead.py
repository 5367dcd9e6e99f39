"""``fleet report due`` and ``fleet report upcoming``: what is coming, and what it will cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from fleetcore.kernel.wire import unstructure
from fleetcore.reminders.model import Urgency
from fleetcore.reports.foreseen import CostKind, DueReport, DueSummary, UpcomingCosts, UpcomingReport
from fleetcore.reports.upcoming import due_report, upcoming_report
from fleetserver.cli.csv_file import csv_option, write_csv
from fleetserver.cli.groups import FleetCommand
from fleetserver.cli.picking import find_vehicle
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import vehicle_option
from fleetserver.cli.tables import Column, table
from fleetserver.reminders.words import NOTHING_SET, coloured, urgency_words

__all__ = ["due", "due_json", "due_text", "upcoming", "upcoming_json", "upcoming_text"]

DUE_COLUMNS = (Column("Urgency"), Column("Vehicle", flexible=True), Column("What", flexible=True))
ITEM_COLUMNS = (
    Column("Day"),
    Column("Vehicle", flexible=True),
    Column("What", flexible=True),
    Column("Cost", right=True),
    Column("Basis", flexible=True, drop=1),
)
URGENCIES = click.Choice([urgency.value for urgency in Urgency])


@click.command("due", cls=FleetCommand)
@vehicle_option()
@click.option("--tag", metavar="TAG", help="Only vehicles with this tag.")
@click.option("--urgency", "urgencies", type=URGENCIES, multiple=True, help="Only so urgent; may be given again.")
@click.option("--within", type=int, metavar="DAYS", help="Only what falls due within so many days.")
@csv_option
@pass_session
def due(
    session: Session, *, vehicle: str | None, tag: str | None, urgencies: tuple[str, ...], within: int | None,
    csv_file: str | None,
) -> None:  # fmt: skip
    """Show what is due across the fleet.

    fleet report due --urgency overdue --urgency due --tag work
    """
    chosen = find_vehicle(session, vehicle) if vehicle else None
    command = DueReport(
        vehicle_id=chosen.id if chosen else None, tag=tag, urgencies=tuple(map(Urgency, urgencies)), within=within
    )
    found = session.read(due_report, command)
    if csv_file is not None:
        titles = ("vehicle", "title", "urgency", "metric", "due_on", "due_odometer_km", "projected_on", "because")
        rows = (
            (d.vehicle_name, d.title, d.urgency, d.metric, d.due_on, d.due_odometer and d.due_odometer.km,
             d.projected_on, d.because)
            for d in found.dues
        )  # fmt: skip
        write_csv(csv_file, titles, rows)
        return
    session.show(due_json(found), lambda: due_text(found))


def due_json(found: DueSummary) -> dict[str, Any]:
    """Return the report as it goes out."""
    out: dict[str, Any] = unstructure(found)
    return {"counts": {each.urgency.value: each.count for each in found.counts}, "dues": out["dues"]}


def due_text(found: DueSummary) -> Iterator[str]:
    """Yield the lines of the report."""
    if not found.dues:
        yield f"Nothing of that is due. {NOTHING_SET}"
        return
    yield ", ".join(f"{each.count} {urgency_words(each.urgency)}" for each in found.counts)
    yield ""
    lines = table(DUE_COLUMNS, [[urgency_words(d.urgency), d.vehicle_name or "", d.title] for d in found.dues])
    yield next(lines)
    yield next(lines)
    for each, line in zip(found.dues, lines, strict=True):
        yield coloured(line, each.urgency)
        yield f"  {each.because}"


@click.command("upcoming", cls=FleetCommand)
@vehicle_option()
@click.option("--months", type=int, default=12, show_default=True, help="How many months ahead.")
@click.option("--items", is_flag=True, help="With every single cost.")
@csv_option
@pass_session
def upcoming(session: Session, *, vehicle: str | None, months: int, items: bool, csv_file: str | None) -> None:
    """Show what the next months will cost: services, recurring expenses, fuel; and what is uncertain.

    fleet report upcoming --items
    """
    chosen = find_vehicle(session, vehicle) if vehicle else None
    command = UpcomingReport(vehicle_id=chosen.id if chosen else None, months=months)
    found = session.read(upcoming_report, command)
    if csv_file is not None:
        names = _names(found)
        titles = ("on", "vehicle", "kind", "title", "amount", "currency", "is_projected", "basis")
        rows = (
            (c.on, names.get(c.vehicle_id, ""), c.kind, c.title, c.amount and c.amount.amount,
             c.amount and c.amount.currency, c.is_projected, c.basis)
            for c in sorted((*found.items, *found.unknown), key=lambda cost: cost.on)
        )  # fmt: skip
        write_csv(csv_file, titles, rows)
        return
    session.show(upcoming_json(found), lambda: upcoming_text(session, found, items=items))


def _names(found: UpcomingCosts) -> dict[Any, str]:
    return {row.vehicle_id: row.name for row in found.vehicles}


def upcoming_json(found: UpcomingCosts) -> dict[str, Any]:
    """Return the report as it goes out."""
    out: dict[str, Any] = unstructure(found)
    return out


def upcoming_text(session: Session, found: UpcomingCosts, *, items: bool = False) -> Iterator[str]:
    """Yield the lines of the report."""
    display = session.display
    if not found.items and not found.unknown:
        yield "No costs in sight. Say what a reminder costs: fleet reminders edit ID --expected-cost 180"
        yield "and what comes again: fleet expenses recurring add --help"
    if found.items:
        currencies = [amount.currency for amount in found.costs]
        columns = [Column("Month"), *(Column(f"Costs in {each}", right=True) for each in currencies)]
        columns += [Column(f"of which projected, {each}", right=True, drop=1) for each in currencies]

        def cells(costs: Any, projected: Any) -> list[str]:
            known = [{each.currency: f"{each.amount:,}" for each in amounts} for amounts in (costs, projected)]
            return [amounts.get(currency, "") for amounts in known for currency in currencies]

        rows = [[month.month, *cells(month.costs, month.projected)] for month in found.months]
        yield from table(columns, [*rows, ["Sum", *cells(found.costs, found.projected)]], totals=1)
        if len(found.vehicles) > 1:
            yield ""
            columns[0] = Column("Vehicle", flexible=True)
            named = [[row.name or "the fleet", *cells(row.costs, row.projected)] for row in found.vehicles]
            yield from table(columns, named)
    if items and found.items:
        yield ""
        names = _names(found)
        yield from table(
            ITEM_COLUMNS,
            [
                [f"{'~' if c.is_projected else ''}{c.on}", names.get(c.vehicle_id, ""), c.title,
                 display.money(c.amount), c.basis]
                for c in found.items
            ],
        )  # fmt: skip
    yield from _doubts(session, found)


def _doubts(session: Session, found: UpcomingCosts) -> Iterator[str]:
    if found.projected:
        yield ""
        projected = session.display.moneys(found.projected)
        yield f"{projected} of it is projected: recent use, and renewals at the last price."
    for kind, title in dict.fromkeys((cost.kind, cost.title) for cost in found.unknown):
        times = sum((cost.kind, cost.title) == (kind, title) for cost in found.unknown)
        count = "once" if times == 1 else f"{times} times"
        say = "reminders edit (or plans edit) ID --expected-cost"
        if kind is CostKind.DOCUMENT:
            say = "documents edit ID --amount"
        yield f"Not in the sum: {title}, {count}; say what it costs: fleet {say} AMOUNT"
    for note in found.notes:
        yield f"Note: {note}."
