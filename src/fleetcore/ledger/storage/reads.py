"""What is computed from the journal: pages of entries, sums of lines, and the check of every rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Select,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.types import DateTime

from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import Position
from fleetcore.kernel.sorting import is_backwards
from fleetcore.ledger.model import AccountType, Dimension, JournalEntry, LedgerCheck, LineSum, ListEntries, SumLines
from fleetcore.storage.ordering import Ordering, narrowed, with_text
from fleetcore.storage.scope import of_removed_vehicle
from fleetcore.storage.types import Id

from .checks import check_journal
from .reading import chosen_entries, entries_from, with_lines
from .tables import accounts, entries, lines

__all__ = ["SqlLedgerReads"]

BATCH_ENTRIES = 1000
BILLION = 1_000_000_000
_in_fleet = entries.c.fleet_id == bindparam("in_fleet")
_batch = with_lines(
    chosen_entries()
    .where(
        _in_fleet
        & (
            tuple_(entries.c.entry_date, entries.c.id)
            > tuple_(bindparam("after_date", type_=Date), bindparam("after_id", type_=Id))
        )
    )
    .order_by(entries.c.entry_date, entries.c.id)
    .limit(BATCH_ENTRIES)
)
_currencies = (
    select(lines.c.currency).where(lines.c.fleet_id == bindparam("in_fleet")).distinct().order_by(lines.c.currency)
)
_COLUMNS: dict[Dimension, ColumnElement[Any]] = {
    Dimension.DAY: lines.c.entry_date,
    Dimension.MONTH: lines.c.entry_date,
    Dimension.ACCOUNT: lines.c.account_code,
    Dimension.VEHICLE: lines.c.vehicle_id,
}


ORDERING = Ordering(select(entries), entries.c.id, {"entry_date": entries.c.entry_date})


@attrs.frozen
class SqlLedgerReads:
    """Reads of one fleet's journal in a database."""

    connection: Connection
    fleet_id: UUID

    def page(self, wanted: ListEntries, after: Position | None, limit: int) -> Sequence[JournalEntry]:
        """Return up to *limit* entries in the order asked for."""
        statement = ORDERING.page(wanted.sort, after).where(entries.c.fleet_id == self.fleet_id)
        statement = narrowed(statement, with_text(wanted.text, entries.c.description))
        for column, value in ((entries.c.source, wanted.source), (entries.c.source_id, wanted.source_id)):
            if value is not None:
                statement = statement.where(column == value)
        if wanted.since is not None:
            statement = statement.where(entries.c.entry_date >= wanted.since)
        if wanted.until is not None:
            statement = statement.where(entries.c.entry_date <= wanted.until)
        statement = self._touching(statement, wanted)
        found = with_lines(statement.limit(limit), newest_first=is_backwards(wanted.sort))
        return list(entries_from(self.connection.execute(found)))

    def entries(self) -> Iterator[JournalEntry]:
        """Yield every entry by date and id, a thousand at a time."""
        last = {"after_date": date.min, "after_id": UUID(int=0)}
        while batch := list(entries_from(self.connection.execute(_batch, {"in_fleet": self.fleet_id, **last}))):
            yield from batch
            last = {"after_date": batch[-1].entry_date, "after_id": batch[-1].id}

    def currencies(self) -> Sequence[str]:
        """Return the currencies of the journal, sorted."""
        return list(self.connection.execute(_currencies, {"in_fleet": self.fleet_id}).scalars())

    def sums(self, wanted: SumLines) -> Sequence[LineSum]:
        """Return sums of lines, in the order of the dimensions."""
        by = tuple(dict.fromkeys(wanted.by))
        limits = {"since": wanted.since, "until": wanted.until, "by_vehicle": wanted.vehicle_id}
        keys: dict[str, Any] = {name: value for name, value in limits.items() if value is not None}
        if wanted.vehicle_ids is not None:
            keys["of_vehicles"] = list(wanted.vehicle_ids)
        given = frozenset(keys) | ({"hide_removed"} if wanted.hide_removed else frozenset())
        statement = _summing(self.connection.dialect.name, by, wanted.types, given)
        found = []
        for row in self.connection.execute(statement, {"in_fleet": self.fleet_id, **keys}):
            *dimensions, currency, high, low = row
            if total := int(high) * BILLION + int(low):
                named = {_FIELDS[dimension]: value for dimension, value in zip(by, dimensions, strict=True)}
                found.append(LineSum(amount=Money(total, currency), **named))
        return found

    def check(self) -> LedgerCheck:
        """Recompute every rule from the rows."""
        return check_journal(self.connection, self.fleet_id)

    def _touching(self, statement: Select[Any], wanted: ListEntries) -> Select[Any]:
        """Narrow *statement* to entries with a line on the wanted account or vehicle."""
        touching = select(lines.c.entry_id).where(lines.c.fleet_id == self.fleet_id)
        if wanted.account_code is None and wanted.vehicle_id is None:
            return statement
        if wanted.account_code is not None:
            touching = touching.where(lines.c.account_code == wanted.account_code)
        if wanted.vehicle_id is not None:
            touching = touching.where(lines.c.vehicle_id == wanted.vehicle_id)
        return statement.where(entries.c.id.in_(touching))


_FIELDS = {
    Dimension.DAY: "day",
    Dimension.MONTH: "month",
    Dimension.ACCOUNT: "account_code",
    Dimension.VEHICLE: "vehicle_id",
}


@lru_cache(maxsize=256)
def _summing(
    dialect: str, by: tuple[Dimension, ...], types: tuple[AccountType, ...], given: frozenset[str]
) -> Select[Any]:
    """Build the statement of :meth:`SqlLedgerReads.sums`, once for each shape of question."""
    where = lines.c.fleet_id == bindparam("in_fleet")
    if "since" in given:
        where &= lines.c.entry_date >= bindparam("since")
    if "until" in given:
        where &= lines.c.entry_date <= bindparam("until")
    if "by_vehicle" in given:
        where &= lines.c.vehicle_id == bindparam("by_vehicle")
    if "of_vehicles" in given:
        where &= lines.c.vehicle_id.in_(bindparam("of_vehicles", type_=Id, expanding=True))
    if "hide_removed" in given:
        where &= lines.c.vehicle_id.is_(None) | ~of_removed_vehicle(lines)
    if types:
        of_type = select(accounts.c.code).where(
            (accounts.c.fleet_id == bindparam("in_fleet")) & accounts.c.type.in_([str(kind) for kind in types])
        )
        where &= lines.c.account_code.in_(of_type)
    # Many vehicles first by day, which every index has, then by month: a month is computed once a day, not once
    # a line. One vehicle has about a line a day, so that would only be work twice.
    is_direct = Dimension.MONTH not in by or "by_vehicle" in given
    columns = [
        (
            _month_of(lines.c.entry_date, dialect)
            if is_direct and dimension is Dimension.MONTH
            else _COLUMNS[dimension]
        ).label(dimension)
        for dimension in by
    ]
    daily = (
        select(*columns, lines.c.currency, *_exact_sum(lines.c.amount_minor, dialect))
        .where(where)
        .group_by(*columns, lines.c.currency)
    )
    if is_direct:
        return daily.order_by(*columns, lines.c.currency)
    day = daily.subquery("daily")
    groups = [
        _month_of(day.c[dimension], dialect).label("first_day") if dimension is Dimension.MONTH else day.c[dimension]
        for dimension in by
    ]
    return (
        select(*groups, day.c.currency, func.sum(day.c.high), func.sum(day.c.low))
        .group_by(*groups, day.c.currency)
        .order_by(*groups, day.c.currency)
    )


def _exact_sum(column: ColumnElement[int], dialect: str) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return billions and the rest of a sum: SQLite's own sum stops at 64 bits, PostgreSQL's is exact."""
    if dialect == "postgresql":
        return literal_column("0").label("high"), func.sum(column).label("low")
    name = f"{lines.name}.{column.name}"
    return literal_column(f"sum({name} / {BILLION})").label("high"), literal_column(f"sum({name} % {BILLION})").label(
        "low"
    )


def _month_of(day: ColumnElement[date], dialect: str) -> ColumnElement[date]:
    """Return the first day of the month of *day*."""
    if dialect == "postgresql":
        return cast(func.date_trunc("month", cast(day, DateTime())), Date)
    return type_coerce(func.substr(day, 1, 8).concat("01"), Date)  # a third of the time of date()
