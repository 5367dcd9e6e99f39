"""``fleet demo``: a garage from a sample log, and everything its owner asks."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import click

from fleetcore.imports.model import ImportLog
from fleetcore.ledger.model import CheckLedger
from fleetcore.ledger.queries import check_ledger
from fleetcore.reports.model import CostReport, CostsBy, EconomyReport
from fleetcore.reports.service import cost_report, economy_report
from fleetserver.imports.commands import as_json, import_file, told
from fleetserver.people.commands import existing_fleet, found
from fleetserver.reports.costs import costs_json, costs_text
from fleetserver.reports.economy import economy_json, economy_text

from .failures import NoGarage
from .groups import FleetCommand
from .picking import vehicles_by_id
from .session import Session, pass_session

__all__ = ["demo"]

SAMPLE = "sample_fuelio.csv"
FLEET_NAME = "Demo garage"


@click.command("demo", cls=FleetCommand)
@pass_session
def demo(session: Session) -> None:
    """Make a garage from a sample log and look at its reports: two years of a family car, as Fuelio exports them.

    It is a temporary database, unless --database names one that has no fleet yet.
    """
    if session.chosen_database is None:
        session.chosen_database = str(Path(tempfile.mkdtemp(prefix="fleet-demo-")) / "demo.db")
    session.open()
    if there := existing_fleet(session):
        raise NoGarage(f"the demo makes a garage of its own, and this database has {there} already: name another file")
    found(session, FLEET_NAME, currency="EUR")
    sample = (files(__package__) / SAMPLE).read_bytes()
    report = import_file(session, ImportLog(source=sample, file_name=SAMPLE))
    economy = session.read(economy_report, EconomyReport())
    costs = session.read(cost_report, CostReport(by=CostsBy.CATEGORY, with_rates=True))
    ledger = session.read(check_ledger, CheckLedger())

    def human() -> Iterator[str]:
        yield "A log of two years, as its owner exported it from Fuelio, becomes a garage:"
        yield ""
        yield from _below("fleet import Fuelio.csv", told(report))
        yield from _below("fleet report economy", economy_text(economy, None, session.display, vehicles_by_id(session)))
        yield from _below("fleet report costs --by category --rates", costs_text(costs, session.display))
        checked = f"The books are sound: {ledger.entries:,} entries with {ledger.lines:,} lines balance."
        yield from _below("fleet ledger check", [checked if ledger.is_sound else "The books are damaged."])
        yield from _next(session)

    session.show(
        {
            "database": session.place,
            "import": as_json(report),
            "economy": [economy_json(row, None, session.display) for row in economy],
            "costs": costs_json(costs),
            "ledger": ledger,
        },
        human,
    )


def _below(command: str, lines: Iterator[str] | list[str]) -> Iterator[str]:
    yield f"$ {command}"
    yield from lines
    yield ""


def _next(session: Session) -> Iterator[str]:
    database = shlex.quote(session.place)
    yield "Look around in it:"
    for command in ("report economy --by month", "fuel list", "expenses list", "ledger balances"):
        yield f"  fleet --database {database} {command}"
    yield "Start your own: fleet import FILE reads what Fuelio, Drivvo, aCar, Fuelly, LubeLogger and others export."
