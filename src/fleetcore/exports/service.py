"""Take everything of a fleet out, in one file."""

from __future__ import annotations

from collections.abc import Iterator

from fleetcore.kernel.errors import NotFound
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.ledger.model import JournalFormat
from fleetcore.ledger.queries import export_chunks
from fleetcore.operations import always, query
from fleetcore.people.service import fleet_of, require_whole_fleet

from .csv_files import TABLE_NAMES, csv_files
from .model import ArchiveKind, ExportedTable, ExportFleet, ExportReport, ExportTable
from .ports import TABLES
from .writing import ArchiveWriter, output

__all__ = ["export_fleet", "export_table"]

JOURNAL_FILE = "journal.hledger"


@query("exports.export_fleet", permission="exports.read", snapshot=True, sensitive=always)
def export_fleet(uow: UnitOfWork, command: ExportFleet) -> ExportReport:
    """Write everything of the fleet into one archive: rows and attached files to restore it from, CSV and a journal.

    The archive shows one moment. Raises Forbidden unless exports.read and ledger.read reach the whole fleet,
    Conflict for a file that exists, Rejected or Unavailable for one that cannot be written.
    """
    require_whole_fleet(uow, "exports.read")
    fleet = fleet_of(uow)
    with output(command.target, overwrite=command.overwrite) as out:
        with ArchiveWriter(out, kind=ArchiveKind.EXPORT, now=uow.now, progress=command.progress) as writer:
            rows = writer.add_fleet(fleet.id, fleet.name, uow[TABLES])
            files = []
            for name, content in csv_files(uow):
                writer.add_file(name, content)
                files.append(name)
            writer.add_file(JOURNAL_FILE, _journal(uow))
            writer.add_attachments(uow)
        return ExportReport(
            fleet=rows,
            files=(*files, JOURNAL_FILE),
            attachments=writer.attachments,
            attachments_missing=writer.attachments_missing,
            size_bytes=out.size_bytes,
        )


@query("exports.export_table", permission="exports.read", snapshot=True, sensitive=always)
def export_table(uow: UnitOfWork, command: ExportTable) -> ExportedTable:
    """Return one table of the whole fleet as CSV: metric, ISO dates, decimal points, the newest rows first.

    Raises Forbidden unless exports.read reaches the whole fleet, NotFound for a name that no table has.
    """
    require_whole_fleet(uow, "exports.read")
    if command.name not in TABLE_NAMES:
        raise NotFound("table", command.name)
    content = next(content for name, content in csv_files(uow) if name == f"csv/{command.name}.csv")
    return ExportedTable(name=command.name, text=b"".join(content).decode())


def _journal(uow: UnitOfWork) -> Iterator[bytes]:
    return (text.encode() for text in export_chunks(uow, JournalFormat.HLEDGER))
