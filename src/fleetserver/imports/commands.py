"""``fleet import`` and ``fleet imports``: logs of other apps, in and out again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import click

from fleetcore.imports.model import (
    ConvertServices,
    Import,
    ImportedVehicle,
    ImportLog,
    ImportReport,
    ListImports,
    RejectedRow,
    UndoImport,
)
from fleetcore.imports.service import import_log, list_imports, preview_import, undo_import
from fleetcore.imports.services import convert_services
from fleetcore.kernel.errors import Problem, Rejected
from fleetcore.kernel.quantities import DistanceUnit, VolumeUnit
from fleetcore.kernel.wire import unstructure
from fleetcore.vehicles.carriers import Carrier
from fleetserver.cli.failures import USAGE, BadInput
from fleetserver.cli.groups import FleetCommand, FleetGroup
from fleetserver.cli.picking import everything, pick, short_id, some_of
from fleetserver.cli.progress import Progress
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import CARRIERS, all_option, choice_of, limit_option, rows_wanted, with_options
from fleetserver.cli.tables import Column, table
from fleetserver.people.commands import ensure_fleet, fit_fleet

__all__ = ["import_", "import_file", "imports", "told"]

FORMATS = (
    "auto", "fuelio", "drivvo", "acar", "fuelly", "lubelogger", "spritmonitor", "gasbuddy", "gpx", "fleetcore",
    "csv",
)  # fmt: skip
ALIASES = {"date": "at", "volume": "quantity", "mass": "quantity", "energy": "quantity", "cost": "total"}
SAID = ("date_order", "decimal_mark", "encoding", "distance_unit", "volume_unit", "purpose")
SHOWN_MAX = 10
VEHICLE_COLUMNS = (
    Column("Vehicle", flexible=True),
    Column("", drop=1),
    Column("Fills", right=True),
    Column("Expenses", right=True),
    Column("Readings", right=True, drop=2),
    Column("Trips", right=True, drop=3),
)
LIST_COLUMNS = (
    Column("When"),
    Column("File", flexible=True),
    Column("Format", drop=1),
    Column("Imported", right=True),
    Column("Rejected", right=True, drop=2),
    Column("", drop=3),
    Column("Id"),
)
OPTIONS = with_options(
    click.option("--vehicle", metavar="NAME", help="Put every row under this vehicle; added when there is none."),
    click.option("--format", "form", type=click.Choice(FORMATS), default="auto", show_default=True, help="Whose file."),
    click.option("--currency", metavar="CODE", help="The currency, where the file does not say."),
    click.option("--carrier", type=CARRIERS, help="What was filled in, where the file does not say."),
    click.option("--date-order", type=click.Choice(["dmy", "mdy", "ymd"]), help="How 03/04/2026 is meant."),
    click.option("--decimal", "decimal_mark", type=click.Choice([".", ","]), help="The decimal mark."),
    click.option("--encoding", metavar="NAME", help="The encoding, such as utf-8 or cp1252."),
    click.option("--distance-unit", type=choice_of(DistanceUnit), help="Where the file does not say."),
    click.option("--volume-unit", type=choice_of(VolumeUnit), help="Where the file does not say."),
    click.option("--map", "mapped", multiple=True, metavar="FIELD=COLUMN", help="Which column holds what; repeatable."),
    click.option("--purpose", metavar="WORD", help="What trips were for, where the file does not say."),
    click.option("--dry-run", is_flag=True, help="Say what would happen, and why; store nothing."),
    click.option("--strict", is_flag=True, help="Store nothing when a single row is rejected."),
)


@click.command("import", cls=FleetCommand)
@click.argument("file", type=click.Path(path_type=Path))
@OPTIONS
@pass_session
def import_(session: Session, /, file: Path, dry_run: bool, **options: Any) -> None:
    """Read the log of another app: FILE as Fuelio, Drivvo, aCar, Fuelly, LubeLogger and others export it.

    The format, encoding, separators, decimal marks and date order are found out and shown. Good rows are
    stored, bad ones reported with their reasons; the same file again adds nothing. Exit code 2: the file
    cannot be read, or a row was rejected with --strict.

    fleet import Fuelio.csv --dry-run

    fleet import log.csv --vehicle Golf --map at=Day --map odometer=KM --map quantity=Litres --map total=Paid
    """
    command = _command(file, options)
    if command.strict and not dry_run:
        _refuse_rejections(session, command)
    report = import_file(session, command, dry_run=dry_run)
    session.show(as_json(report), lambda: told(report, dry_run=dry_run))
    if command.strict and report.rejected:
        raise click.exceptions.Exit(USAGE)


def _refuse_rejections(session: Session, command: ImportLog) -> None:
    """Look first: with --strict a file that has rejected rows is reported, and nothing of it is stored."""
    report = import_file(session, command, dry_run=True)
    if not report.rejected:
        return
    report = attrs.evolve(report, imported=0, vehicles=())
    session.show(as_json(report), lambda: told(report))
    count = len(report.rejected)
    session.note(f"fleet: nothing was imported: {count:,} {'row was' if count == 1 else 'rows were'} rejected")
    raise click.exceptions.Exit(USAGE)


def _command(file: Path, options: dict[str, Any]) -> ImportLog:
    if not file.is_file():
        what = "is a folder; name a file in it" if file.is_dir() else "there is no such file"
        raise BadInput.because("", f"{file}: {what}")
    mapping: dict[str, str] = {}
    for pair in options["mapped"]:
        field, equals, column = pair.partition("=")
        if not (equals and field.strip() and column.strip()):
            raise BadInput.because("--map", f"{pair!r} must look like FIELD=COLUMN, for example total=Cost")
        mapping[ALIASES.get(field.strip(), field.strip())] = column.strip()
    return ImportLog(
        source=file,
        file_name=file.name,
        vehicle=options["vehicle"],
        format=options["form"],
        currency=options["currency"] and options["currency"].upper(),
        carrier=options["carrier"] and Carrier(options["carrier"]),
        mapping=mapping or None,
        strict=options["strict"],
        **{name: options[name] for name in SAID},
    )


def import_file(session: Session, command: ImportLog, *, dry_run: bool = False) -> ImportReport:
    """Import, or look at what an import would do; raises BadInput for a file that is refused.

    A database without a fleet gets one whose currency and units are the file's, unless the import fails.
    """
    chosen = session.chosen_database
    with session.new_database(keep=not dry_run), Progress(session.quiet) as progress:
        command = attrs.evolve(command, progress=progress.tell)
        is_new = ensure_fleet(session, command.currency, in_memory=dry_run)
        try:
            report = session.read(preview_import, command) if dry_run else session.run(import_log, command)
        except Rejected as rejected:
            raise BadInput(_placed(command, problem) for problem in rejected.problems) from None
        if is_new and dry_run:
            session.close()
            session.chosen_database = chosen
        elif is_new:
            fit_fleet(session, report.currency, report.distance_unit, report.volume_unit)
    return report


def _placed(command: ImportLog, problem: Problem) -> Problem:
    """Say about which file a problem is."""
    where = command.file_name
    if problem.field:
        return Problem(problem.field, f"{problem.message} ({where})", problem.code)
    return Problem(where, problem.message, problem.code)


def as_json(report: ImportReport) -> dict[str, Any]:
    """Return the report as it goes out."""
    out: dict[str, Any] = unstructure(report)
    first = ("imported", "skipped", "rejected", "vehicles")
    return {**{name: out[name] for name in first}, **out}


def told(report: ImportReport, *, dry_run: bool = False) -> Iterator[str]:
    """Yield what came of an import, or would come of it."""
    found = [report.format_title, report.encoding, f"decimal {report.decimal_mark}", f"dates {report.date_order}"]
    found += [unit for unit in (report.distance_unit, report.volume_unit, report.currency) if unit]
    yield f"{report.file_name}: {', '.join(found)}"
    yield from (f"  {note}" for note in report.notes)
    verb = "would be imported" if dry_run else "imported"
    parts = [f"{report.imported:,} {verb}"]
    if report.duplicates:
        parts.append(f"{report.duplicates:,} were here already")
    if report.left_out:
        parts.append(f"{len(report.left_out):,} left out")
    parts.append(f"{len(report.rejected):,} rejected")
    yield "; ".join(parts) + "."
    if any(each.fills or each.expenses or each.readings or each.trips for each in report.vehicles):
        yield ""
        yield from table(
            VEHICLE_COLUMNS,
            [[each.name, "new" if each.is_new else "", *_counts(each)] for each in report.vehicles],
        )
    yield from _rows("Rejected", [(row.row, _reasons(row)) for row in report.rejected])
    yield from _rows("Odd, but accepted", [(note.row, note.message) for note in report.warnings])
    yield from _rows("Left out", [(note.row, note.message) for note in report.left_out])
    if report.import_id is not None:
        yield ""
        yield f"Take it back: fleet imports undo {short_id(report.import_id)}"


def _counts(vehicle: ImportedVehicle) -> list[str]:
    counts = (vehicle.fills, vehicle.expenses, vehicle.readings)
    return [*(f"{count:,}" for count in counts), f"{vehicle.trips:,}" if vehicle.trips else ""]


def _reasons(row: RejectedRow) -> str:
    return "; ".join(str(problem) for problem in row.problems)


def _rows(title: str, notes: list[tuple[int, str]]) -> Iterator[str]:
    if not notes:
        return
    yield ""
    yield f"{title}:"
    yield from (f"  row {row}: {message}" for row, message in notes[:SHOWN_MAX])
    if len(notes) > SHOWN_MAX:
        yield f"  and {len(notes) - SHOWN_MAX:,} more; --json lists them all"


@click.group("imports", cls=FleetGroup)
def imports() -> None:
    """List imports, take them back, make their services records."""


def _all(session: Session) -> Iterator[Import]:
    return everything(lambda cursor, most: session.read(list_imports, ListImports(cursor=cursor, limit=most)))


@imports.command("list")
@limit_option()
@all_option()
@pass_session
def list_(session: Session, *, limit: int | None, show_all: bool) -> None:
    """List the imports, newest first."""
    found, more = some_of(
        lambda cursor, most: session.read(list_imports, ListImports(cursor=cursor, limit=most)),
        rows_wanted(limit, show_all, session.as_json),
    )

    def human() -> Iterator[str]:
        if not found:
            yield "Nothing was imported yet. Read the log of another app: fleet import FILE"
            return
        yield from table(
            LIST_COLUMNS,
            [
                [
                    session.display.minute(made.created_at),
                    made.file_name,
                    made.format,
                    f"{made.imported:,}",
                    f"{made.rejected:,}",
                    "undone" if made.undone_at else "",
                    short_id(made.id),
                ]
                for made in found
            ],
        )
        if more:
            session.note("There are more: --all lists them.")

    session.show({"imports": found}, human)


@imports.command("undo")
@click.argument("import_id", metavar="ID")
@pass_session
def undo(session: Session, *, import_id: str) -> None:
    """Take back everything that the import ID brought; the file can be imported again."""
    by_id: dict[UUID, Import] = {made.id: made for made in _all(session)}
    made = pick(import_id, "import", lambda key: by_id[key], by_id.values)
    after = session.run(undo_import, UndoImport(id=made.id))
    session.done(after, f"Took back the import of {after.file_name}: {after.imported:,} records.")


@imports.command("convert-services")
@click.option("--dry-run", is_flag=True, help="Only count them; store nothing.")
@pass_session
def convert(session: Session, *, dry_run: bool) -> None:
    """Make service records of the expenses that imported logs call services.

    Costs and odometers stay as they are. Undoing an import takes its service records back too.
    """
    report = session.run(convert_services, ConvertServices(dry_run=dry_run))
    if not report.converted:
        sentence = "There is no imported expense left that is a service."
    else:
        services = "1 service record" if report.converted == 1 else f"{report.converted:,} service records"
        sentence = f"Would make {services}." if dry_run else f"Made {services}: fleet maintenance list"
    session.done(report, sentence)
