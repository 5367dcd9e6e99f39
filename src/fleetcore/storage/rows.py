"""Statements of one table, built once and cached by SQLAlchemy, with explicit row mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from sqlalchemy import Connection, RowMapping, Table, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, FleetError, NotFound

from .driving import is_watched
from .finding import find_row
from .inserting import insert_one

__all__ = ["Rows"]

T = TypeVar("T")
ToRow = Callable[[Any], dict[str, Any]]


class Rows(Generic[T]):
    """Add, get, replace and remove facts of one table by id, always inside one fleet.

    *what* names the fact in error messages; *to_row* and *from_row* map it, without ``fleet_id``; *from_row* asks for
    columns by name, or takes all values in the order of the table.
    The table has the columns ``id`` and ``version`` (the optimistic lock).
    """

    def __init__(
        self,
        what: str,
        table: Table,
        to_row: Callable[[T], dict[str, Any]],
        from_row: Callable[[RowMapping], T],
    ) -> None:
        self.what = what
        self.table = table
        self.to_row = to_row
        self.from_row = from_row
        owned = table.c.fleet_id == bindparam("in_fleet")
        this = owned & (table.c.id == bindparam("by_id"))
        self._insert = insert(table)
        self._by_id = select(table).where(this)
        self._locked = self._by_id.with_for_update(key_share=True)  # rows that point here may still be added
        self._delete = delete(table).where(this)
        written: dict[str, Any] = {
            column.name: bindparam(f"new_{column.name}") for column in table.c if column.name not in {"fleet_id", "id"}
        }
        self._update = update(table).where(this & (table.c.version == bindparam("old_version"))).values(written)

    def add(self, connection: Connection, fleet_id: UUID, fact: T) -> None:
        """Insert *fact*; an id that is taken raises Conflict."""
        try:
            insert_one(connection, self.table, {"fleet_id": fleet_id, **self.to_row(fact)})
        except IntegrityError as error:
            raise self.conflict(error) from error

    def add_many(self, connection: Connection, fleet_id: UUID, facts: Iterable[T]) -> None:
        """Insert several facts in one statement."""
        if rows := [{"fleet_id": fleet_id, **self.to_row(fact)} for fact in facts]:
            connection.execute(self._insert, rows)

    def find(self, connection: Connection, fleet_id: UUID, fact_id: UUID, *, lock: bool = False) -> T | None:
        """Return the fact, or None; *lock* keeps other writers out until commit."""
        if not lock and not is_watched(connection.dispatch):
            found = find_row(connection, self.table, fleet_id, fact_id)
            return None if found is None else self.from_row(cast(RowMapping, found))
        statement = self._locked if lock else self._by_id
        row = connection.execute(statement, {"in_fleet": fleet_id, "by_id": fact_id}).mappings().first()
        return None if row is None else self.from_row(row)

    def get(self, connection: Connection, fleet_id: UUID, fact_id: UUID, *, lock: bool = False) -> T:
        """Return the fact; raises NotFound."""
        if (fact := self.find(connection, fleet_id, fact_id, lock=lock)) is None:
            raise NotFound(self.what, fact_id)
        return fact

    def replace(self, connection: Connection, fleet_id: UUID, fact: T, *, old_version: int) -> None:
        """Write *fact* over the row whose version is *old_version*; raises Conflict when it has moved on."""
        row = self.to_row(fact)
        fact_id = row.pop("id")
        keys = {"in_fleet": fleet_id, "by_id": fact_id, "old_version": old_version}
        try:
            result = connection.execute(self._update, keys | {f"new_{name}": value for name, value in row.items()})
        except IntegrityError as error:
            raise self.conflict(error) from error
        if result.rowcount == 0:
            raise Conflict(f"the {self.what} {fact_id} was changed meanwhile: read it again, then repeat your change")

    def remove(self, connection: Connection, fleet_id: UUID, fact_id: UUID) -> None:
        """Delete the row; raises NotFound when there is none."""
        if connection.execute(self._delete, {"in_fleet": fleet_id, "by_id": fact_id}).rowcount == 0:
            raise NotFound(self.what, fact_id)

    def conflict(self, error: IntegrityError) -> FleetError:
        """Say in words which uniqueness or reference an insert or update broke."""
        return Conflict(f"this {self.what} collides with what is stored: {str(error.orig).splitlines()[0]}")
