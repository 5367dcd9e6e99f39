"""``fleet trips logbook``, ``close`` and ``report``: what tax offices and employers ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from fleetcore.kernel.wire import unstructure
from fleetcore.reports.model import MileageReport, MileageSummary, TripTaxReport, TripTaxRow
from fleetcore.reports.trips import mileage_report, trip_tax_report
from fleetcore.trips.logbook import GetLogbook, Logbook, LogbookBreak, LogbookEntry
from fleetcore.trips.model import CloseMonth
from fleetcore.trips.months import close_month
from fleetcore.trips.queries import get_logbook
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetCommand
from fleetserver.cli.picking import find_vehicle, short_id, typed_for
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import vehicle_option
from fleetserver.cli.tables import Column, details, table
from fleetserver.presentation.display import Display

__all__ = ["close", "logbook", "report"]

FROM = click.option("--from", "since", metavar="DAY", help="From this day, month or year on.")
TO = click.option("--to", "until", metavar="DAY", help="Up to and including this day, month or year.")
COLUMNS = (
    Column("Began"),
    Column("Ended", drop=3),
    Column("Odometer", right=True),
    Column("Distance", right=True),
    Column("Purpose"),
    Column("From", flexible=True, drop=2),
    Column("To", flexible=True),
    Column("Client", flexible=True, drop=1),
    Column("Marks"),
    Column("Id"),
)
TOTAL_COLUMNS = (
    Column("Purpose"),
    Column("Trips", right=True),
    Column("Distance", right=True),
    Column("Share", right=True),
)
MILEAGE_COLUMNS = (
    Column("Driver", flexible=True),
    Column("Vehicle", flexible=True),
    Column("Purpose"),
    Column("Trips", right=True, drop=2),
    Column("Distance", right=True),
    Column("Amount", right=True),
    Column("Tolls", right=True, drop=1),
    Column("Parking", right=True, drop=1),
)
TAX_COLUMNS = (
    Column("Vehicle", flexible=True),
    Column("Driven", right=True),
    Column("Business", right=True),
    Column("Share", right=True),
    Column("No trip", right=True, drop=1),
    Column("Costs", right=True),
    Column("Of business", right=True),
    Column("By rates", right=True),
)


@click.command("logbook", cls=FleetCommand)
@vehicle_option(required=True)
@FROM
@TO
@pass_session
def logbook(session: Session, *, vehicle: str, since: str | None, until: str | None) -> None:
    """Show the logbook of a vehicle, with everything that a tax office would ask about.

    fleet trips logbook --vehicle Golf --from 2026 --to 2026
    """
    chosen = find_vehicle(session, vehicle)
    typed = typed_for(session, chosen)
    first, last = typed.span(since, until)
    typed.check()
    book = session.read(get_logbook, GetLogbook(vehicle_id=chosen.id, since=first, until=last))
    session.show(book, lambda: _told(book, session.display, chosen))


def _told(book: Logbook, display: Display, vehicle: Vehicle) -> Iterator[str]:
    if not book.entries:
        yield f"No trips of {book.name} in this time. Record them: fleet trips add --help"
        return
    yield from table(COLUMNS, [_row(entry, display, vehicle) for entry in book.entries])
    yield ""
    yield from table(
        TOTAL_COLUMNS,
        [
            [total.purpose, f"{total.trips:,}", display.distance(total.distance, vehicle), _percent(total.share)]
            for total in book.totals
        ],
    )
    yield ""
    yield from details(
        (
            ("Late", f"{book.late} entered more than a week after they ended" if book.late else ""),
            ("Edited", f"{book.edited} changed afterwards" if book.edited else ""),
            ("Deleted", f"{len(book.deleted)}" if book.deleted else ""),
            ("No odometer", f"{book.without_odometer} tell their distance alone" if book.without_odometer else ""),
            ("Closed", ", ".join(f"{month:%Y-%m}" for month in book.closed_months)),
        )
    )
    if book.is_gap_free:
        yield "The odometers run on without a gap."
    for gap in book.gaps:
        yield f"Gap: {display.distance(gap.distance, vehicle)} that no trip tells, {_where(gap, display, vehicle)}"
    for overlap in book.overlaps:
        yield f"Told twice: {display.distance(overlap.distance, vehicle)}, {_where(overlap, display, vehicle)}"


def _where(found: LogbookBreak, display: Display, vehicle: Vehicle) -> str:
    left, right = (display.distance(value, vehicle) for value in (found.from_odometer, found.to_odometer))
    return f"from {left} ({display.minute(found.from_at)}) to {right} ({display.minute(found.to_at)})"


def _row(entry: LogbookEntry, display: Display, vehicle: Vehicle) -> list[str]:
    trip = entry.trip
    marks = (
        ("late", entry.is_late),
        ("edited", entry.is_edited),
        ("imported", entry.is_imported),
        ("after closing", entry.changed_after_closing),
    )
    return [
        display.minute(trip.started_at),
        display.minute(trip.ended_at),
        display.distance(trip.end_odometer, vehicle),
        display.distance(trip.distance, vehicle),
        trip.purpose,
        trip.start_place,
        trip.end_place,
        trip.client,
        ", ".join(word for word, holds in marks if holds),
        short_id(trip.id),
    ]


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


@click.command("close", cls=FleetCommand)
@vehicle_option(required=True)
@click.option("--month", required=True, metavar="YYYY-MM", help="The month; it must be over.")
@pass_session
def close(session: Session, *, vehicle: str, month: str) -> None:
    """Close a month of a logbook: whatever changes in it afterwards needs a reason and is marked.

    fleet trips close --vehicle Golf --month 2026-03
    """
    chosen = find_vehicle(session, vehicle)
    typed = typed_for(session, chosen)
    day = typed.day("--month", month, end=False)
    typed.check()
    if day is None:
        raise BadInput.because("--month", "is needed")
    closed = session.run(close_month, CloseMonth(vehicle_id=chosen.id, month=day))
    session.done(closed, f"Closed {closed.month:%Y-%m} of {chosen.name}.")


@click.command("report", cls=FleetCommand)
@vehicle_option()
@click.option("--purpose", "purposes", multiple=True, metavar="WORD", help="Only of this purpose; may be repeated.")
@click.option("--tax", is_flag=True, help="The business share of each vehicle's costs instead.")
@FROM
@TO
@pass_session
def report(
    session: Session, *, vehicle: str | None, purposes: Sequence[str], tax: bool, since: str | None, until: str | None
) -> None:
    """Show what trips earn by the mileage rates, by driver; or with --tax the business share of costs.

    fleet trips report --purpose business --from 2026-03 --to 2026-03
    """
    chosen = find_vehicle(session, vehicle) if vehicle else None
    typed = typed_for(session, chosen)
    first, last = typed.span(since, until)
    typed.check()
    asked: dict[str, Any] = {"vehicle_id": chosen.id if chosen else None, "since": first, "until": last}
    if tax:
        rows = session.read(trip_tax_report, TripTaxReport(purposes=tuple(purposes) or ("business",), **asked))
        session.show({"vehicles": rows}, lambda: _tax(rows, session.display))
        return
    summary = session.read(mileage_report, MileageReport(purposes=tuple(purposes), **asked))
    session.show(unstructure(summary), lambda: _mileage(summary, session.display))


def _mileage(summary: MileageSummary, display: Display) -> Iterator[str]:
    if not summary.rows:
        yield "No trips of this kind. Record them: fleet trips add --help"
        return
    rows = [
        [
            row.driver_name,
            row.name,
            row.purpose,
            f"{row.trips:,}",
            display.distance(row.distance),
            display.moneys(row.amounts),
            display.moneys(row.tolls),
            display.moneys(row.parking),
        ]
        for row in summary.rows
    ]
    total = [
        display.distance(summary.distance),
        *map(display.moneys, (summary.amounts, summary.tolls, summary.parking)),
    ]
    yield from table(MILEAGE_COLUMNS, [*rows, ["Sum", "", "", f"{summary.trips:,}", *total]], totals=1)
    if summary.unrated.metres:
        yield ""
        yield f"{display.distance(summary.unrated)} have no rate: fleet trips rates add --help"


def _tax(rows: Sequence[TripTaxRow], display: Display) -> Iterator[str]:
    if not rows:
        yield "No vehicles yet: fleet vehicles add --help"
        return
    yield from table(
        TAX_COLUMNS,
        [
            [
                row.name,
                display.distance(row.driven),
                display.distance(row.business_distance),
                _percent(row.business_share),
                display.distance(row.unlogged),
                display.moneys(row.costs),
                display.moneys(row.business_costs),
                display.moneys(row.allowance),
            ]
            for row in rows
        ],
    )
