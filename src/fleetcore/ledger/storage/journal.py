"""The journal in a database: append, reverse, and read what a record has posted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

import attrs
from sqlalchemy import Connection, bindparam, exists, select
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.ledger.model import REVERSAL, JournalEntry
from fleetcore.storage.bulk import insert_many

from .reading import chosen_entries, entries_from, with_lines
from .reversing import mirror
from .tables import entries, lines
from .writing import ENTRY_COLUMNS, LINE_COLUMNS, append

__all__ = ["SqlJournalStore"]

CHUNK_IDS = 500
_in_fleet = entries.c.fleet_id == bindparam("in_fleet")
_reversal = entries.alias("reversal")
_is_live = ~exists().where(
    (_reversal.c.fleet_id == entries.c.fleet_id)
    & (_reversal.c.source == REVERSAL)
    & (_reversal.c.source_id == entries.c.id)
)
_of_source = _in_fleet & (entries.c.source == bindparam("by_source"))
_by_id = with_lines(chosen_entries().where(_in_fleet & (entries.c.id == bindparam("by_id"))))
_posted = with_lines(
    chosen_entries().where(_of_source & entries.c.source_id.in_(bindparam("by_source_ids", expanding=True)))
)
_live = with_lines(
    chosen_entries()
    .where(_of_source & (entries.c.source_id == bindparam("by_source_id")) & _is_live)
    .order_by(entries.c.source_version.desc())
    .limit(1)
)
_live_ids = select(entries.c.source_id, entries.c.id).where(
    _of_source & entries.c.source_id.in_(bindparam("by_source_ids", expanding=True)) & _is_live
)


@attrs.frozen
class SqlJournalStore:
    """The append-only journal of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, entry: JournalEntry) -> bool:
        """Append *entry*; returns False when its source version is posted already."""
        try:
            return append(self.connection, self.fleet_id, entry)
        except IntegrityError as error:
            _explain(error, [entry])

    def add_many(self, new: Sequence[JournalEntry]) -> bool:
        """Append all *new* entries; returns False when any source version is posted already."""
        savepoint = self.connection.begin_nested()
        try:
            insert_many(self.connection, lines, LINE_COLUMNS, self._line_rows(new))
            insert_many(self.connection, entries, ENTRY_COLUMNS, self._entry_rows(new))
        except IntegrityError as error:
            savepoint.rollback()
            if _is_posted_twice(error):
                return False
            _explain(error, new)
        savepoint.commit()
        return True

    def posted(self, source: str, source_ids: Sequence[UUID]) -> Sequence[JournalEntry]:
        """Return the entries of all versions of those records, oldest first."""
        found: list[JournalEntry] = []
        for chunk in _chunks(source_ids):
            keys = {"in_fleet": self.fleet_id, "by_source": source, "by_source_ids": chunk}
            found += entries_from(self.connection.execute(_posted, keys))
        return found

    def live(self, source: str, source_id: UUID) -> JournalEntry | None:
        """Return the newest entry of the record that no reversal mirrors, or None."""
        keys = {"in_fleet": self.fleet_id, "by_source": source, "by_source_id": source_id}
        return next(entries_from(self.connection.execute(_live, keys)), None)

    def reverse_many(self, reversals: Sequence[tuple[UUID, UUID]], source: str, at: datetime, by: UUID) -> int:
        """Append the mirror of the live entries of the records of *source*."""
        total = 0
        for chunk in _chunks(reversals):
            new_ids = dict(chunk)
            keys = {"in_fleet": self.fleet_id, "by_source": source, "by_source_ids": list(new_ids)}
            live = self.connection.execute(_live_ids, keys).all()
            pairs = [(old_id, new_ids[source_id]) for source_id, old_id in live]
            mirror(self.connection, self.fleet_id, pairs, at, by)
            total += len(pairs)
        return total

    def get(self, entry_id: UUID) -> JournalEntry:
        """Return the entry; raises NotFound."""
        keys = {"in_fleet": self.fleet_id, "by_id": entry_id}
        found = next(entries_from(self.connection.execute(_by_id, keys)), None)
        if found is None:
            raise NotFound("journal entry", entry_id)
        return found

    def _entry_rows(self, new: Sequence[JournalEntry]) -> Iterator[tuple[Any, ...]]:
        for entry in new:
            yield (
                self.fleet_id,
                entry.id,
                entry.entry_date,
                entry.posted_at,
                entry.posted_by,
                entry.description,
                entry.source,
                entry.source_id,
                entry.source_version,
                entry.reverses_id,
                len(entry.lines),
            )

    def _line_rows(self, new: Sequence[JournalEntry]) -> Iterator[tuple[Any, ...]]:
        fleet_id = self.fleet_id
        for entry in new:
            for number, line in enumerate(entry.lines, 1):
                amount = line.amount
                yield (
                    fleet_id,
                    entry.id,
                    number,
                    entry.entry_date,
                    line.account_code,
                    amount.minor,
                    amount.currency,
                    line.vehicle_id,
                )


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), CHUNK_IDS):
        yield items[start : start + CHUNK_IDS]


def _is_posted_twice(error: IntegrityError) -> bool:
    """Say whether *error* is about the source version: the unique constraint, or SQLite's guard of it."""
    diagnosis = getattr(error.orig, "diag", None)
    name = diagnosis.constraint_name if diagnosis is not None else str(error.orig)
    return "source_version" in (name or "") or "ledger_journal_entries: its rows never change" in (name or "")


def _explain(error: IntegrityError, new: Sequence[JournalEntry]) -> NoReturn:
    """Raise what *error* means for whoever posts."""
    text = str(error.orig).splitlines()[0]
    if "account" in text or text == "FOREIGN KEY constraint failed":
        codes = sorted({line.account_code for entry in new for line in entry.lines})
        raise Rejected.because(
            "lines",
            f"an account of these is not in the fleet's chart, add it first: {', '.join(codes)}",
            "account.unknown",
        ) from error
    raise Conflict(f"this journal entry collides with what is stored: {text}") from error
