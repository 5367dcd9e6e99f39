"""The statements that append one entry: one on PostgreSQL, two on SQLite.

They are written by hand and go straight to the driver, because posting is the hot path. On PostgreSQL the
entry and its lines go in one statement, so that a source version that is posted already writes neither. On SQLite the
lines come first, because its triggers run row by row and the entry's finds its lines by then.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from fleetcore.ledger.model import JournalEntry
from fleetcore.storage.types import to_micros

__all__ = ["ENTRY_COLUMNS", "LINE_COLUMNS", "append"]

ENTRY_COLUMNS = (
    "fleet_id",
    "id",
    "entry_date",
    "posted_at",
    "posted_by",
    "description",
    "source",
    "source_id",
    "source_version",
    "reverses_id",
    "line_count",
)
LINE_COLUMNS = (
    "fleet_id",
    "entry_id",
    "line_no",
    "entry_date",
    "account_code",
    "amount_minor",
    "currency",
    "vehicle_id",
)
_ENTRIES, _LINES = ", ".join(ENTRY_COLUMNS), ", ".join(LINE_COLUMNS)


def append(connection: Connection, fleet_id: UUID, entry: JournalEntry) -> bool:
    """Append *entry*; returns False, writing nothing, when its source version is there."""
    return _APPENDERS[connection.dialect.name](connection, fleet_id, entry)


@lru_cache(maxsize=64)
def _postgresql_statement(count: int) -> str:
    values = ", ".join(
        f"({number}::smallint, %s::varchar, %s::bigint, %s::varchar, %s::uuid)" for number in range(1, count + 1)
    )
    marks = ", ".join(["%s"] * len(ENTRY_COLUMNS))
    return (
        f"WITH entry AS (INSERT INTO ledger_journal_entries ({_ENTRIES}) VALUES ({marks}) "  # noqa: S608 - our own names
        "ON CONFLICT (fleet_id, source, source_id, source_version) DO NOTHING "
        f"RETURNING fleet_id, id, entry_date) INSERT INTO ledger_journal_lines ({_LINES}) "
        "SELECT entry.fleet_id, entry.id, line.no, entry.entry_date, "
        "line.account, line.amount, line.currency, line.vehicle "
        f"FROM entry CROSS JOIN (VALUES {values}) AS line (no, account, amount, currency, vehicle)"
    )


def _append_postgresql(connection: Connection, fleet_id: UUID, entry: JournalEntry) -> bool:
    found = entry.lines
    values: list[Any] = [
        fleet_id,
        entry.id,
        entry.entry_date,
        entry.posted_at,
        entry.posted_by,
        entry.description,
        entry.source,
        entry.source_id,
        entry.source_version,
        entry.reverses_id,
        len(found),
    ]
    for line in found:
        values += (line.account_code, line.amount.minor, line.amount.currency, line.vehicle_id)
    result = connection.exec_driver_sql(_postgresql_statement(len(found)), tuple(values))
    return result.rowcount > 0


@lru_cache(maxsize=64)
def _sqlite_statements(count: int) -> tuple[str, str]:
    values = ", ".join(f"({number}, ?, ?, ?, ?)" for number in range(1, count + 1))
    marks = ", ".join("?" * len(ENTRY_COLUMNS))
    add_lines = (
        f"INSERT INTO ledger_journal_lines ({_LINES}) "  # noqa: S608 - our own names
        f"SELECT ?, ?, column1, ?, column2, column3, column4, column5 FROM (VALUES {values}) "
        "WHERE NOT EXISTS (SELECT 1 FROM ledger_journal_entries "
        "WHERE fleet_id = ? AND source = ? AND source_id = ? AND source_version = ?)"
    )
    return add_lines, f"INSERT INTO ledger_journal_entries ({_ENTRIES}) VALUES ({marks})"  # noqa: S608 - our own names


def _append_sqlite(connection: Connection, fleet_id: UUID, entry: JournalEntry) -> bool:
    found = entry.lines
    add_lines, add_entry = _sqlite_statements(len(found))
    fleet, entry_id, day, source_id = (
        fleet_id.bytes,
        entry.id.bytes,
        entry.entry_date.isoformat(),
        entry.source_id.bytes,
    )
    values: list[Any] = [fleet, entry_id, day]
    for line in found:
        vehicle = None if line.vehicle_id is None else line.vehicle_id.bytes
        values += (line.account_code, line.amount.minor, line.amount.currency, vehicle)
    values += (fleet, entry.source, source_id, entry.source_version)
    if connection.exec_driver_sql(add_lines, tuple(values)).rowcount == 0:
        return False
    reverses = None if entry.reverses_id is None else entry.reverses_id.bytes
    connection.exec_driver_sql(
        add_entry,
        (
            fleet,
            entry_id,
            day,
            to_micros(entry.posted_at),
            entry.posted_by.bytes,
            entry.description,
            entry.source,
            source_id,
            entry.source_version,
            reverses,
            len(found),
        ),
    )
    return True


_APPENDERS: dict[str, Callable[[Connection, UUID, JournalEntry], bool]] = {
    "postgresql": _append_postgresql,
    "sqlite": _append_sqlite,
}
