"""Rows of the fleet-owned tables as JSON lines, and back: whatever tables there are, the same on both engines.

A line is one row: the columns in the order of the schema without ``fleet_id``, which the archive's folder says.
Rows come by primary key, ids and instants as text, bytes as base64, so equal rows give equal bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from graphlib import TopologicalSorter
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    Text,
    collate,
    or_,
    select,
    type_coerce,
    union,
)
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.types import TypeEngine

from fleetcore.kernel.errors import Conflict, Rejected

from .bulk import insert_many
from .fleet_setting import enter_fleet
from .schema import SCHEMA_HEADS
from .types import Id, Instant, Json, metadata

__all__ = ["FLEET_TABLE", "USER_TABLE", "SqlFleetTables", "archived_tables", "fleets", "load", "load_users"]

FLEET_TABLE, USER_TABLE = "people_fleets", "people_users"
# Answers to requests of this installation, keys to it, its work in progress, which another must not do a second time,
# and what decoders of VINs answered lately.
LEFT_OUT = frozenset(
    {
        "accounts_api_keys",
        "dead_letters",
        "idempotency_keys",
        "inbox",
        "jobs",
        "notifications_deliveries",
        "vin_answers",
    }
)
FETCH_ROWS = 1000
USERS_AT_ONCE = 500

Lines = Callable[[], Iterator[bytes]]


def archived_tables() -> tuple[str, ...]:
    """Return the tables an archive holds, in the order in which rows can be written.

    A row comes after those it refers to; before them where its key is deferred, as the journal's lines are.
    """
    names = sorted(str(table.name) for table in metadata.tables.values() if _is_archived(table))
    before: dict[str, set[str]] = {name: set() for name in names}
    for name in names:
        for key in metadata.tables[name].foreign_key_constraints:
            other = str(key.referred_table.name)
            if other != name and other in before:
                first, then = (name, other) if key.initially == "DEFERRED" else (other, name)
                before[then].add(first)
    return tuple(TopologicalSorter({name: sorted(before[name]) for name in names}).static_order())


def _is_archived(table: Table) -> bool:
    owned = "fleet_id" in table.primary_key.columns
    return table.name == USER_TABLE or (owned and table.name not in LEFT_OUT)


def fleets(connection: Connection, ids: Iterable[UUID] | None = None) -> list[tuple[UUID, str]]:
    """Return (id, name) of every fleet in sight, by id; with *ids* of those among them."""
    table = metadata.tables[FLEET_TABLE]
    statement = select(table.c.fleet_id, table.c.name).order_by(table.c.fleet_id)
    if ids is None:
        return [(fleet_id, name) for fleet_id, name in connection.execute(statement)]
    found: list[tuple[UUID, str]] = []
    remaining = iter(ids)
    while chunk := list(islice(remaining, FETCH_ROWS)):
        rows = connection.execute(statement.where(table.c.fleet_id.in_(chunk)))
        found += ((fleet_id, name) for fleet_id, name in rows)
    return found


class SqlFleetTables:
    """The tables of one fleet in a database, row by row."""

    schema: tuple[str, ...] = tuple(sorted(SCHEMA_HEADS))

    def __init__(self, connection: Connection, fleet_id: UUID) -> None:
        self.connection = connection
        self.fleet_id = fleet_id

    @property
    def names(self) -> tuple[str, ...]:
        """The tables, in the order in which rows can be written."""
        return archived_tables()

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield each row of table *name* as a line of JSON, by primary key, holding few of them in memory."""
        table = metadata.tables[name]
        columns = _columns(table)
        names = [str(column.name) for column in columns]  # not the subclass that quotes itself
        special = [(i, form) for i, column in enumerate(columns) if (form := _written_form(column.type))]
        found = self.connection.execute(self._rows(table, columns), execution_options={"yield_per": FETCH_ROWS})
        for row in found:
            values = list(row)
            for index, form in special:
                if values[index] is not None:
                    values[index] = form(values[index])
            yield orjson.dumps(
                dict(zip(names, values, strict=True)), option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
            )

    def _rows(self, table: Table, columns: Sequence[Column[Any]]) -> Select[Any]:
        chosen = [type_coerce(column, Text) if isinstance(column.type, Json) else column for column in columns]
        statement = select(*chosen).order_by(*(self._sorted(column) for column in table.primary_key))
        if table.name == USER_TABLE:
            return statement.where(table.c.id.in_(_users_of(self.fleet_id)))
        return statement.where(table.c.fleet_id == self.fleet_id)

    def _sorted(self, column: Column[Any]) -> Any:
        """Return how *column* is sorted: text by its bytes, as SQLite does, whatever the database's language."""
        is_text = isinstance(column.type, String) and self.connection.dialect.name == "postgresql"
        return collate(column, "C") if is_text else column


def _users_of(fleet_id: UUID) -> Any:
    """Return the ids of the users that any row of the fleet refers to: members, former drivers, grantees."""
    referring = [
        select(key.parent).where(table.c.fleet_id == fleet_id, key.parent.is_not(None))
        for table in metadata.sorted_tables
        if _is_archived(table) and table.name != USER_TABLE
        for key in table.foreign_keys
        if key.column.table.name == USER_TABLE
    ]
    return union(*referring)


def _columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.name != "fleet_id"]


def _written_form(kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    if isinstance(kind, Json):
        return orjson.Fragment  # as it is stored, key order included
    if isinstance(kind, LargeBinary):
        return lambda value: base64.b64encode(value).decode()
    return None


# --- and back ---------------------------------------------------------------------------------------------------------


def load(connection: Connection, fleet_id: UUID, name: str, lines: Lines, *, is_older: bool = False) -> int:
    """Insert the rows of *lines* into table *name* of the fleet, in a transaction of its own; returns how many.

    *lines* is asked for several times where rows refer to rows of their own table: those are written in rounds.
    *is_older* allows columns to be missing that may be empty. Raises Rejected for a row that is none, Conflict
    where rows do not fit each other or what is stored.
    """
    enter_fleet(connection, fleet_id)
    table = metadata.tables[name]
    reader = _RowReader(table, is_older=is_older)
    columns = ("fleet_id", *reader.names)
    try:
        return sum(
            insert_many(connection, table, columns, ((fleet_id, *values) for values in reader.values(rows)))
            for rows in _rounds(table, lines)
        )
    except IntegrityError as error:
        raise Conflict(f"the rows of {name} do not fit each other or what is stored: {_reason(error)}") from error
    except DataError as error:
        raise Rejected.because(name, f"this database cannot hold a row of it: {_reason(error)}") from error


def _reason(error: DataError | IntegrityError) -> str:
    return str(error.orig).splitlines()[0]


Numbered = Iterator[tuple[int, dict[str, Any]]]


def _numbered(name: str, lines: Lines) -> Numbered:
    """Yield number and content of each row."""
    for number, line in enumerate(lines(), 1):
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise Rejected.because(f"{name}, row {number}", f"is not JSON: {error}") from None
        if not isinstance(row, dict):
            raise Rejected.because(f"{name}, row {number}", "must be an object")
        yield number, row


def _rounds(table: Table, lines: Lines) -> Iterator[Numbered]:
    """Yield the rows in rounds, such that a row comes in a later round than the row of its table it refers to."""
    own = [key for key in table.foreign_keys if key.column.table is table and key.parent.name != "fleet_id"]
    if not own:
        yield _numbered(table.name, lines)
        return
    (key,) = own
    child, parent = key.column.name, key.parent.name
    waiting = {
        row.get(child): above
        for _, row in _numbered(table.name, lines)
        if (above := row.get(parent)) is not None and above != row.get(child)
    }
    yield ((n, row) for n, row in _numbered(table.name, lines) if row.get(child) not in waiting)
    while waiting:
        ready = {below for below, above in waiting.items() if above not in waiting}
        if not ready:
            raise Rejected.because(table.name, f"rows refer to each other in a circle ({parent})")
        yield ((n, row) for n, row in _numbered(table.name, lines) if row.get(child) in ready)
        waiting = {below: above for below, above in waiting.items() if below not in ready}


class _RowReader:
    """Reads rows of one table, without ``fleet_id``, strictly."""

    def __init__(self, table: Table, *, is_older: bool) -> None:
        self.name = table.name
        self.is_older = is_older
        self.columns = [(column.name, _read_form(type(column.type)), column.nullable) for column in _columns(table)]
        self.names = tuple(name for name, _, _ in self.columns)
        self._known = frozenset(self.names)

    def values(self, rows: Numbered) -> Iterator[list[Any]]:
        """Yield the values of each row in the order of the columns; raises Rejected for a row that is none."""
        for number, row in rows:
            try:
                if not self._known.issuperset(row):
                    raise ValueError(f"{', '.join(sorted(row.keys() - self._known))} is not known here")
                values = [self._value(row, *column) for column in self.columns]
            except ValueError as error:
                raise Rejected.because(f"{self.name}, row {number}", str(error)) from None
            yield values

    def _value(self, row: dict[str, Any], name: str, read: Callable[[Any], Any], is_nullable: bool | None) -> Any:
        if (value := row.get(name)) is None:
            if not is_nullable or (name not in row and not self.is_older):
                raise ValueError(f"{name} is missing")
            return None
        try:
            return read(value)
        except ValueError as error:
            raise ValueError(f"{name} {error}") from None


def _exactly(kind: type, what: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(f"must be {what}")
        return value

    return read


def _from_text(read: Callable[[str], Any], what: str) -> Callable[[Any], Any]:
    def checked(value: Any) -> Any:
        try:
            return read(value)
        except (ValueError, TypeError, AttributeError):
            raise ValueError(f"must be {what}") from None

    return checked


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(text)
    return instant


def _float(value: Any) -> float:
    if type(value) not in {int, float}:
        raise ValueError("must be a number")
    return float(value)


_READ_FORMS: Mapping[type[TypeEngine[Any]], Callable[[Any], Any]] = {
    Id: _from_text(UUID, "a UUID"),
    Instant: _from_text(_instant, "an instant like 2026-03-10T16:01:00Z"),
    Json: lambda value: value,
    Date: _from_text(date.fromisoformat, "a date like 2026-03-10"),
    LargeBinary: _from_text(lambda text: base64.b64decode(text, validate=True), "base64"),
    Boolean: _exactly(bool, "true or false"),
    Integer: _exactly(int, "a whole number"),
    Float: _float,
    String: _exactly(str, "text"),
}


def _read_form(kind: type) -> Callable[[Any], Any]:
    for known, read in _READ_FORMS.items():
        if issubclass(kind, known):
            return read
    raise TypeError(f"columns of the type {kind.__name__} have no form in an archive yet")


def load_users(
    connection: Connection, lines: Lines, seen: set[UUID], *, is_older: bool = False, write: bool = True
) -> tuple[int, int]:
    """Insert the users of *lines* whose ids are new here; returns how many are new and how many were known.

    *seen* are the users of former calls, which come with several fleets; those of *lines* are added to it. Raises
    Conflict for an e-mail address that belongs to another user here. Without *write* nothing is stored.
    """
    table = metadata.tables[USER_TABLE]
    reader = _RowReader(table, is_older=is_older)
    rows = (dict(zip(reader.names, row, strict=True)) for row in reader.values(_numbered(USER_TABLE, lines)))
    unseen = (user for user in rows if user["id"] not in seen)
    added = kept = 0
    while batch := list(islice(unseen, USERS_AT_ONCE)):
        new = _new_users(connection, table, batch)
        kept += len(batch) - len(new)
        added += len(new)
        seen.update(user["id"] for user in batch)
        if write and new:
            insert_many(connection, table, reader.names, [tuple(user.values()) for user in new])
    return added, kept


def _new_users(connection: Connection, table: Table, users: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    wanted = or_(
        table.c.id.in_([user["id"] for user in users]),
        table.c.email_key.in_([user["email_key"] for user in users if user["email_key"] is not None]),
    )
    found = connection.execute(select(table.c.id, table.c.email_key).where(wanted)).all()
    known, by_email = {user_id for user_id, _ in found}, {key: user_id for user_id, key in found if key is not None}
    new = [user for user in users if user["id"] not in known]
    for user in new:
        if user["email_key"] in by_email:
            raise Conflict(
                f"the e-mail address {user['email']} belongs to another user here: change it there, then restore again"
            )
    return new
