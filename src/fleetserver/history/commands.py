"""``fleet history`` and ``fleet passport``: what happened to a vehicle, who changed what, and a page for the buyer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from attrs import frozen

from fleetcore.audit.model import ListAudit
from fleetcore.audit.service import list_audit
from fleetcore.history.model import LANGUAGES, GetPassport, ListTimeline, RecordChange, RecordHistory
from fleetcore.history.passport import get_passport
from fleetcore.history.records import record_history
from fleetcore.history.service import list_timeline
from fleetcore.history.sources import KINDS
from fleetcore.kernel.errors import NotFound
from fleetcore.kernel.paging import Page
from fleetcore.kernel.timeline import TimelineEntry
from fleetcore.vehicles.model import ListVehicles, Vehicle
from fleetcore.vehicles.service import list_vehicles
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetCommand, FleetGroup
from fleetserver.cli.picking import everything, find_vehicle, pick, short_id, some_of, typed_for
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import all_option, limit_option, rows_wanted, vehicle_option
from fleetserver.cli.tables import Column, plain, table

__all__ = ["history", "passport"]

COLUMNS = (
    Column("Day"),
    Column("Kind"),
    Column("What", flexible=True),
    Column("Detail", flexible=True, drop=1),
    Column("Odometer", right=True, drop=2),
    Column("Cost", right=True),
    Column("Id", drop=3),
)


class _HistoryGroup(FleetGroup):
    """A group whose first argument may be a vehicle: then, and without any, it lists."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name of the listing before what is no command of its own."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group("history", cls=_HistoryGroup)
def history() -> None:
    """Show what happened to a vehicle, and who changed a record.

    fleet history Golf
    fleet history record 1a2b3c4d
    """


def _vehicle(session: Session, name: str | None) -> Vehicle:
    """Return the vehicle called *name*, or the only one."""
    if name is not None:
        return find_vehicle(session, name)
    vehicles = session.read(list_vehicles, ListVehicles())
    if len(vehicles) == 1:
        return vehicles[0]
    if not vehicles:
        raise BadInput.because("", "there are no vehicles yet: fleet vehicles add --name Golf, or fleet import FILE")
    names = ", ".join([*(vehicle.name for vehicle in vehicles[:5]), *(["..."] if len(vehicles) > 5 else [])])
    raise BadInput.because("", f"say which vehicle: fleet history NAME. There are {names}")


@history.command("list")
@click.argument("vehicle_name", metavar="[VEHICLE]", required=False)
@vehicle_option()
@click.option("--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="Only this kind; may be repeated.")
@click.option("--since", metavar="DAY", help="From this day on.")
@click.option("--until", metavar="DAY", help="Up to this day, included.")
@click.option("--text", default="", metavar="WORDS", help="Only what says this.")
@click.option("--cost-from", metavar="AMOUNT", help="Only what cost at least this.")
@click.option("--cost-to", metavar="AMOUNT", help="Only what cost at most this.")
@limit_option()
@all_option()
@pass_session
def list_(session: Session, /, vehicle_name: str | None, limit: int | None, show_all: bool, **options: Any) -> None:
    """List what happened to a vehicle, newest first; without a name to the only one.

    fleet history Golf --kind service --kind expense --since 2025-01-01
    """
    if vehicle_name is not None and options["vehicle"] is not None:
        raise click.UsageError("the vehicle is named twice: say VEHICLE or --vehicle")
    vehicle = _vehicle(session, vehicle_name or options["vehicle"])
    typed = typed_for(session, vehicle)
    asked = {
        "vehicle_id": vehicle.id,
        "kinds": options["kinds"],
        "text": options["text"],
        "since": typed.day("--since", options["since"]),
        "until": typed.day("--until", options["until"]),
        "cost_min": typed.money("--cost-from", options["cost_from"]),
        "cost_max": typed.money("--cost-to", options["cost_to"]),
    }
    typed.check()

    def page_at(cursor: str | None, most: int) -> Page[TimelineEntry]:
        return session.read(list_timeline, ListTimeline(**asked, cursor=cursor, limit=most))

    found, more = some_of(page_at, rows_wanted(limit, show_all, session.as_json))
    session.show({"entries": found}, lambda: _lines(session, vehicle, found, more=more))


def _lines(session: Session, vehicle: Vehicle, found: list[TimelineEntry], *, more: bool) -> Iterator[str]:
    if not found:
        yield f"Nothing of this kind happened to {vehicle.name}. Without filters: fleet history"
        return
    display = session.display
    rows = (
        [
            str(entry.on or display.day(entry.at)),
            entry.kind,
            entry.title,
            entry.detail,
            display.distance(entry.odometer, vehicle),
            display.money(entry.cost),
            short_id(entry.id),
        ]
        for entry in found
    )
    yield from table(COLUMNS, rows)
    if more:
        yield f"The newest {len(found)}. All: --all. Who changed one: fleet history record ID"


@frozen
class _Touched:
    """A record that the audit log knows."""

    id: UUID


@history.command("record")
@click.argument("record_id", metavar="ID")
@limit_option()
@all_option()
@pass_session
def record(session: Session, /, record_id: str, limit: int | None, show_all: bool) -> None:
    """Show who changed a record, field by field: ID is its id or the end of it, also of a deleted record.

    fleet history record 1a2b3c4d
    """

    def get(key: UUID) -> _Touched:
        session.read(record_history, RecordHistory(id=key, limit=1))
        return _Touched(key)

    chosen = pick(record_id, "record", get, lambda: _touched(session))

    def page_at(cursor: str | None, most: int) -> Page[RecordChange]:
        return session.read(record_history, RecordHistory(id=chosen.id, cursor=cursor, limit=most))

    found, more = some_of(page_at, rows_wanted(limit, show_all, session.as_json))
    session.show({"changes": found}, lambda: _change_lines(session, found, more=more))


def _touched(session: Session) -> Iterable[_Touched]:
    """Return every record of the audit log once."""
    try:
        entries = everything(lambda cursor, most: session.read(list_audit, ListAudit(cursor=cursor, limit=most)))
        return [_Touched(key) for key in dict.fromkeys(entry.entity_id for entry in entries)]
    except NotFound:
        return []


def _change_lines(session: Session, found: list[RecordChange], *, more: bool) -> Iterator[str]:
    for change in found:
        yield f"{session.display.minute(change.at)}  {change.actor_name} {change.kind} the {change.record}"
        for field in change.fields:
            arrow = f"{field.before or '-'} -> {field.after or '-'}" if field.before else field.after
            yield f"    {plain(field.field)}: {plain(arrow)}"
    if more:
        yield f"The newest {len(found)}. All: --all"


@click.command("passport", cls=FleetCommand)
@click.argument("vehicle_name", metavar="VEHICLE")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The HTML file to write."
)
@click.option("--without-costs", is_flag=True, help="Leave out what services cost.")
@click.option("--without-plate", is_flag=True, help="Leave out the licence plate.")
@click.option("--without-vin", is_flag=True, help="Leave out the vehicle identification number.")
@click.option("--owners", type=int, metavar="N", help="How many owners the papers name.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Its language. Default: yours, else English.")
@click.option("--overwrite", is_flag=True, help="Write over a file that exists.")
@pass_session
def passport(session: Session, /, vehicle_name: str, output: Path, overwrite: bool, **options: Any) -> None:
    """Write the service passport of VEHICLE, a page to print for its buyer.

    fleet passport Golf --output golf.html --without-costs
    """
    vehicle = find_vehicle(session, vehicle_name)
    made = session.read(
        get_passport,
        GetPassport(
            vehicle_id=vehicle.id,
            with_costs=not options["without_costs"],
            with_plate=not options["without_plate"],
            with_vin=not options["without_vin"],
            owners=options["owners"],
            language=options["language"],
        ),
    )
    if output.exists() and not overwrite:
        raise BadInput.because("--output", f"{output} exists: choose another name, or add --overwrite")
    output.write_text(made.html, "utf-8")
    told = {"vehicle_id": made.vehicle_id, "file": str(output), "title": made.title, "language": made.language}
    session.done(told, f"Wrote {output}. Open it in a browser and print it, on paper or as PDF.")
