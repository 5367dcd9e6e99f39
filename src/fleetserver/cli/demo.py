"""``fleet demo``: a garage with five years of life, and everything its owner asks."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import click

from fleetcore.kernel.when import local_date
from fleetcore.ledger.model import CheckLedger
from fleetcore.ledger.queries import check_ledger
from fleetcore.reports.comparing import CompareVehicles
from fleetcore.reports.foreseen import DueReport, UpcomingReport
from fleetcore.reports.model import CostReport, CostsBy, EconomyReport
from fleetcore.reports.ownership import compare_vehicles
from fleetcore.reports.service import cost_report, economy_report
from fleetcore.reports.upcoming import due_report, upcoming_report
from fleetserver.people.commands import existing_fleet
from fleetserver.reports.ahead import due_json, due_text, upcoming_json, upcoming_text
from fleetserver.reports.costs import costs_json, costs_text
from fleetserver.reports.economy import economy_json, economy_text
from fleetserver.reports.owning import compare_text, compared_lines

from .demo_life import live
from .demo_time import TIMEZONE, LivedTime, moment
from .failures import BadInput, NoGarage
from .groups import FleetCommand
from .output import progress_shown
from .picking import vehicles_by_id
from .places import attachments_folder
from .serve import require_server, run_server
from .session import Session, pass_session

__all__ = ["demo"]

DUE_WITHIN_DAYS = 120
ENDED_WITHIN_S = 5


@click.command("demo", cls=FleetCommand)
@click.option("--keep", metavar="FILE", help="Keep the garage in this file, to go on with it.")
@click.option("--today", metavar="DATE", help="Live up to this day. Default: today.")
@click.option("--serve", "serving", is_flag=True, help="Serve the garage over HTTP afterwards, on this machine alone.")
@click.option("--still", is_flag=True, help="With --serve: nothing drives, so nothing changes by itself.")
@click.option("--port", type=int, metavar="N", help="The port to serve on; 0 takes a free one. Default: 8000.")
@pass_session
def demo(
    session: Session, *, keep: str | None, today: str | None, serving: bool, still: bool, port: int | None
) -> None:
    """Make a garage with five years of two cars, petrol and electric, and look at its reports.

    It is a temporary database, unless --keep or --database names one that has no fleet yet. With --serve its pages are
    served to this machine alone, and another car drives meanwhile, so that you see them change.

    fleet demo --keep demo.db --serve
    """
    if serving:
        require_server()
    if keep is not None and session.chosen_database is not None:
        raise click.UsageError("--keep and --database both name the database: give one of them")
    if today is not None:
        session.clock = LivedTime(moment(_day(today), 23))
    session.chosen_database = keep or session.chosen_database or _temporary()
    session.open()
    if there := existing_fleet(session):
        raise NoGarage(f"the demo makes a garage of its own, and this database has {there} already: name another file")
    now = session.core.clock.now()
    session.close()
    if progress_shown():
        session.note("Living five years with two cars; this takes a few seconds...")
    live(session.url, local_date(now, TIMEZONE), attachments_folder(session.url))
    due = session.read(due_report, DueReport(within=DUE_WITHIN_DAYS))
    upcoming = session.read(upcoming_report, UpcomingReport())
    economy = session.read(economy_report, EconomyReport())
    vehicles = vehicles_by_id(session)
    compared = session.read(compare_vehicles, CompareVehicles(vehicle_ids=tuple(vehicles)))
    costs = session.read(cost_report, CostReport(by=CostsBy.YEAR, with_rates=True))
    ledger = session.read(check_ledger, CheckLedger())

    def human() -> Iterator[str]:
        yield "Five years of a household with a Golf and an electric Zoe, up to today:"
        yield ""
        yield from _below(f"fleet due --within {DUE_WITHIN_DAYS}d", list(due_text(due))[2:])
        yield from _below("fleet report upcoming", upcoming_text(session, upcoming))
        yield from _below("fleet report economy", economy_text(economy, None, session.display, vehicles))
        names = " ".join(vehicle.name for vehicle in vehicles.values())
        yield from _below(f"fleet report compare {names}", compare_text(compared, compared_lines(session, compared)))
        yield from _below("fleet report costs --by year --rates", costs_text(costs, session.display))
        checked = f"The books are sound: {ledger.entries:,} entries with {ledger.lines:,} lines balance."
        yield from _below("fleet ledger check", [checked if ledger.is_sound else "The books are damaged."])
        yield from _next(session)

    session.show(
        {
            "database": session.place,
            "due": due_json(due),
            "upcoming": upcoming_json(upcoming),
            "economy": [economy_json(row, None, session.display) for row in economy],
            "compare": compared,
            "costs": costs_json(costs),
            "ledger": ledger,
        },
        human,
    )
    if serving:
        _serve(session, port, still=still)


def _serve(session: Session, port: int | None, *, still: bool) -> None:
    session.close()
    with nullcontext() if still else driving(session.url):
        run_server(session, host="127.0.0.1", port=port, single_user=True)


@contextmanager
def driving(url: str) -> Iterator[None]:
    """Let a simulated car drive in the fleet at *url*, in a process of its own that ends with this one."""
    from .simulate import drive

    process = get_context("spawn").Process(target=drive, args=(url,), name="fleet-simulate", daemon=True)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join(ENDED_WITHIN_S)


def _temporary() -> str:
    return str(Path(tempfile.mkdtemp(prefix="fleet-demo-")) / "demo.db")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput.because("--today", f"{text!r} is not a day such as 2026-06-01") from None


def _below(command: str, lines: Iterator[str] | list[str]) -> Iterator[str]:
    yield f"$ {command}"
    yield from lines
    yield ""


TO_TRY = (
    ("history Golf", "everything that happened to it"),
    ("plans list", "what it needs, how often"),
    ("documents list --current", "policies, inspections"),
    ("tyres list", "two sets for each car"),
    ("inspections list", "one failed, and its retest"),
    ("trips logbook --vehicle Golf", "a month without gaps"),
    ("drivers history", "who had which car when"),
    ("passport Golf --output golf.html", "to print for its buyer"),
    ("report yearly --html year.html", "a year to print"),
    ("due --ics dues.ics", "for your calendar"),
)


def _next(session: Session) -> Iterator[str]:
    """Say where the garage is, and name what to look at next."""
    yield "Look around in this garage:"
    yield f"  export FLEET_DATABASE={shlex.quote(session.place)}"
    for command, told in TO_TRY:
        yield f"  {f'fleet {command}':<40}  # {told}"
    yield "Start your own: unset FLEET_DATABASE, then fleet import FILE reads what Fuelio,"
    yield "Drivvo, aCar, Fuelly, LubeLogger and others export."
