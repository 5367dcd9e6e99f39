"""``fleet due`` and ``fleet tick``: what is due and why, and the daily look at it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import click

from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import DueReminder, ListDue, Tick, TickReport
from fleetcore.reminders.tick import tick as run_tick
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetCommand
from fleetserver.cli.picking import find_vehicle, typed_for
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import vehicle_option
from fleetserver.cli.tables import Column, table

from .words import NOTHING_SET, coloured, urgency_words

__all__ = ["due", "tick"]

COLUMNS = (Column("Urgency"), Column("Vehicle", flexible=True), Column("What", flexible=True))
SPAN = re.compile(r"(\d{1,5})\s*(d|days?|w|weeks?|m|months?)?")
DAYS_IN = {"d": 1, "w": 7, "m": 30}


def _days(text: str | None) -> int | None:
    """Read "60d", "8 weeks" or a bare number of days."""
    if text is None:
        return None
    if (found := SPAN.fullmatch(text.strip().lower())) is None:
        raise BadInput.because("--within", f"{text!r} is not a number of days such as 60d")
    return int(found[1]) * DAYS_IN[(found[2] or "d")[0]]


@click.command("due", cls=FleetCommand)
@click.option("--within", metavar="DAYS", help="Only what falls due within so many days, such as 60d.")
@click.option("--today", metavar="DATE", help="Look as of this day, by the readings known then.")
@click.option("--ics", "file", metavar="FILE", help="Write it as a calendar (iCalendar) to FILE instead.")
@vehicle_option()
@pass_session
def due(session: Session, *, within: str | None, today: str | None, file: str | None, vehicle: str | None) -> None:
    """Show what is due, soonest first.

    fleet due --within 60d
    """
    chosen = find_vehicle(session, vehicle) if vehicle else None
    if file is not None:
        if within is not None or today is not None:
            raise click.UsageError("a calendar holds all that is due, as of now: leave --within and --today out")
        from fleetcore.calendars.model import ReadCalendar
        from fleetserver.calendars.commands import write_calendar

        write_calendar(session, file, ReadCalendar(vehicle_id=chosen.id if chosen else None))
        return
    typed = typed_for(session)
    as_of = typed.day("--today", today)
    typed.check()
    ahead = _days(within)
    found = session.read(list_due, ListDue(within=ahead, today=as_of, vehicle_id=chosen.id if chosen else None))

    def human() -> Iterator[str]:
        if not found:
            yield NOTHING_SET if ahead is None else f"Nothing falls due within {ahead} days. All reminders: fleet due"
            return
        rows = [[urgency_words(each.urgency), each.vehicle_name or "", each.title] for each in found]
        lines = table(COLUMNS, rows)
        yield next(lines)
        yield next(lines)
        for each, line in zip(found, lines, strict=True):
            yield coloured(line, each.urgency)
            yield f"  {each.because}"

    session.show([_plain(each) for each in found], human)


def _plain(each: DueReminder) -> dict[str, Any]:
    return {
        "vehicle": each.vehicle_name,
        "title": each.title,
        "urgency": each.urgency,
        "metric": each.metric,
        "due_on": each.due_on,
        "due_odometer_km": each.due_odometer,
        "projected_on": each.projected_on,
        "because": each.because,
    }


@click.command("tick", cls=FleetCommand)
@pass_session
def tick(session: Session) -> None:
    """Run the daily evaluation: notice what has become due since the last time. Safe to run at any time."""
    looked_at = changed = 0
    while True:
        report: TickReport = session.run(run_tick, Tick())
        looked_at, changed = looked_at + report.looked_at, changed + report.changed
        if not report.has_more:
            break
    value = {"ticked_on": report.ticked_on, "looked_at": looked_at, "changed": changed}
    session.done(value, f"Looked at {looked_at} reminders, {changed} changed. See: fleet due")
