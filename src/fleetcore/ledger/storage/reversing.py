"""The statements that mirror many entries at once, without carrying their lines through Python."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from fleetcore.storage.types import to_micros

from .writing import ENTRY_COLUMNS, LINE_COLUMNS

__all__ = ["mirror"]

_ADD_LINES = f"""
    INSERT INTO ledger_journal_lines ({", ".join(LINE_COLUMNS)})
    SELECT old.fleet_id, {{new_id}}, old.line_no, old.entry_date,
        old.account_code, -old.amount_minor, old.currency, old.vehicle_id
    FROM ledger_journal_lines AS old {{chosen}}"""  # noqa: S608 - our own names
_ADD_ENTRIES = f"""
    INSERT INTO ledger_journal_entries ({", ".join(ENTRY_COLUMNS)})
    SELECT old.fleet_id, {{new_id}}, old.entry_date, {{at}}, {{by}}, old.description,
        'ledger.reversal', old.id, 1, old.id, old.line_count
    FROM ledger_journal_entries AS old {{chosen}}"""  # noqa: S608 - our own names

_UNNEST = (
    "JOIN unnest(%s::uuid[], %s::uuid[]) AS pair (old_id, new_id) ON old.fleet_id = %s AND old.{column} = pair.old_id"
)
_POSTGRESQL = (
    _ADD_LINES.format(new_id="pair.new_id", chosen=_UNNEST.format(column="entry_id")),
    _ADD_ENTRIES.format(new_id="pair.new_id", at="%s::timestamptz", by="%s::uuid", chosen=_UNNEST.format(column="id")),
)
_SQLITE = (
    _ADD_LINES.format(new_id="?", chosen="WHERE old.fleet_id = ? AND old.entry_id = ?"),
    _ADD_ENTRIES.format(new_id="?", at="?", by="?", chosen="WHERE old.fleet_id = ? AND old.id = ?"),
)


def mirror(connection: Connection, fleet_id: UUID, pairs: Sequence[tuple[UUID, UUID]], at: datetime, by: UUID) -> None:
    """Append the mirror of each entry of *pairs* (old id, new id): lines first, entries last."""
    if not pairs:
        return
    if connection.dialect.name == "postgresql":
        add_lines, add_entries = _POSTGRESQL
        old_ids, new_ids = map(list, zip(*pairs, strict=True))
        connection.exec_driver_sql(add_lines, (old_ids, new_ids, fleet_id))
        connection.exec_driver_sql(add_entries, (at, by, old_ids, new_ids, fleet_id))
        return
    add_lines, add_entries = _SQLITE
    fleet, micros, user = fleet_id.bytes, to_micros(at), by.bytes
    connection.exec_driver_sql(add_lines, [(new.bytes, fleet, old.bytes) for old, new in pairs])
    connection.exec_driver_sql(add_entries, [(new.bytes, micros, user, fleet, old.bytes) for old, new in pairs])
