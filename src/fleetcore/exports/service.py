"""Take everything of a fleet out, in one file."""

from __future__ import annotations

from collections.abc import Iterator

from fleetcore.kernel.ports import UnitOfWork
from fleetcore.ledger.model import JournalFormat
from fleetcore.ledger.queries import export_chunks
from fleetcore.operations import always, query
from fleetcore.people.service import fleet_of, require_whole_fleet

from .csv_files import csv_files
from .model import ArchiveKind, ExportFleet, ExportReport
from .ports import TABLES
from .writing import ArchiveWriter, output

__all__ = ["export_fleet"]

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


def _journal(uow: UnitOfWork) -> Iterator[bytes]:
    return (text.encode() for text in export_chunks(uow, JournalFormat.HLEDGER))
