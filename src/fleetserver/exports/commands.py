"""``fleet export``, ``backup``, ``snapshot`` and ``restore``: everything in one file, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from fleetcore.exports.model import ExportFleet, FleetRows
from fleetcore.exports.service import export_fleet
from fleetcore.kernel.errors import Rejected
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetCommand
from fleetserver.cli.progress import Progress
from fleetserver.cli.session import Session, pass_session

__all__ = ["backup", "export", "restore", "snapshot"]

FILE = click.argument("file", type=click.Path(path_type=Path))
OVERWRITE = click.option("--overwrite", is_flag=True, help="Replace the file if there is one.")
KIB = 1024
UNITS = ("bytes", "KiB", "MiB", "GiB")


def _refuse_existing(file: Path, overwrite: bool) -> None:
    if file.exists() and not overwrite:
        raise BadInput.because("", f"{file} exists already: name another file, or add --overwrite")


def _size(size_bytes: int) -> str:
    size, unit = float(size_bytes), 0
    while size >= KIB and unit < len(UNITS) - 1:
        size, unit = size / KIB, unit + 1
    return f"{size:,.{1 if unit else 0}f} {UNITS[unit]}"


def _held(fleets: Iterable[FleetRows]) -> str:
    return ", ".join(f"{each.name} ({each.total:,} rows)" for each in fleets) or "no fleet"


@click.command("export", cls=FleetCommand)
@FILE
@OVERWRITE
@pass_session
def export(session: Session, *, file: Path, overwrite: bool) -> None:
    """Write everything of the fleet to FILE: a zip of rows to restore it from, CSV and a journal for people.

    fleet export home.zip
    """
    _refuse_existing(file, overwrite)
    with Progress(session.quiet) as progress:
        command = ExportFleet(target=file, overwrite=overwrite, progress=progress.tell)
        report = session.read(export_fleet, command)
    session.done(
        report,
        f"Wrote {file}: {_held([report.fleet])}, {_size(report.size_bytes)}. For people: {', '.join(report.files)}",
    )


@click.command("backup", cls=FleetCommand)
@FILE
@OVERWRITE
@pass_session
def backup(session: Session, *, file: Path, overwrite: bool) -> None:
    """Write every fleet of the database to FILE, which `fleet restore` reads back on either engine."""
    _refuse_existing(file, overwrite)
    with Progress(session.quiet) as progress:
        report = session.core.backup(file, overwrite=overwrite, progress=progress.tell)
    session.done(report, f"Wrote {file}: {_held(report.fleets)}, {_size(report.size_bytes)}.")


@click.command("snapshot", cls=FleetCommand)
@FILE
@OVERWRITE
@pass_session
def snapshot(session: Session, *, file: Path, overwrite: bool) -> None:
    """Copy the SQLite database to FILE, also while it is served, and check the copy from end to end.

    The copy is a database as it is, accounts included: put it in the place of the old one to go back.

    fleet snapshot monday.db
    """
    _refuse_existing(file, overwrite)
    made = session.core.snapshot(file, overwrite=overwrite)
    session.done(made, f"Wrote {file}: a sound copy, {_size(made.size_bytes)}.")


@click.command("restore", cls=FleetCommand)
@FILE
@click.option("--dry-run", is_flag=True, help="Check the file and say what is in it; store nothing.")
@pass_session
def restore(session: Session, *, file: Path, dry_run: bool) -> None:
    """Write every fleet of FILE, a backup or an export, into the database, all or nothing.

    A fleet that the database has already is refused: restore into a new one.

    fleet --database restored.db restore backup.zip
    """
    if not file.is_file():
        raise BadInput.because("", f"{file}: there is no such file")
    with session.new_database(keep=not dry_run), Progress(session.quiet) as progress:
        try:
            report = session.open().restore(file, dry_run=dry_run, progress=progress.tell)
        except Rejected as rejected:
            raise BadInput(rejected.problems) from None

    def human() -> Iterator[str]:
        verb = "Would restore" if dry_run else "Restored"
        yield f"{verb} the {report.kind} of {report.created_at:%Y-%m-%d %H:%M} UTC: {_held(report.fleets)}."
        yield f"Users: {report.users_added} new, {report.users_kept} known already."

    session.show(report, human)
