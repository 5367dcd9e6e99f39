"""The table of preferences."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    RowMapping,
    String,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from fleetcore.kernel.errors import Conflict
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .model import Digest, Preferences
from .ports import Reader

__all__ = ["SqlPreferenceStore", "preferences"]

preferences = fleet_table(
    "notifications_preferences",
    Column("user_id", Id, ForeignKey("people_users.id")),
    Column("channels", Json, nullable=False),
    Column("switched_off", Json, nullable=False),
    Column("quiet_from", String(5)),
    Column("quiet_until", String(5)),
    Column("digest", String(10), nullable=False),
    Column("digest_hour", Integer, nullable=False),
    Column("digest_weekday", Integer, nullable=False),
    Column("addresses", Json, nullable=False),
    Column("unreachable", Json, nullable=False),
    Column("token_key", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant),
    Column("version", Integer, nullable=False),
    key=("user_id",),
)
NAMES = tuple(attribute.name for attribute in attrs.fields(Preferences))
_in_fleet = preferences.c.fleet_id == bindparam("in_fleet")
_own = _in_fleet & (preferences.c.user_id == bindparam("of_user"))
_locked = select(preferences).where(_own).with_for_update()
_meet = {
    "postgresql": postgresql_insert(preferences).on_conflict_do_nothing(),
    "sqlite": sqlite_insert(preferences).on_conflict_do_nothing(),
}
_replace = (
    update(preferences)
    .where(_own, preferences.c.version == bindparam("old_version"))
    .values({name: bindparam(f"new_{name}") for name in NAMES if name != "user_id"})
)
_unreachable = update(preferences).where(_own).values(unreachable=bindparam("new_unreachable"))


def _to_row(fact: Preferences) -> dict[str, Any]:
    row = {name: getattr(fact, name) for name in NAMES}
    lists = {
        name: {str(kind): list(words) for kind, words in row[name].items()} for name in ("channels", "switched_off")
    }
    return row | lists | {"digest": fact.digest.value, "addresses": dict(fact.addresses)}


def _from_row(row: RowMapping) -> Reader:
    values = {name: row[name] for name in NAMES}
    for name in ("channels", "switched_off"):
        values[name] = {kind: tuple(words) for kind, words in values[name].items()}
    return Reader(
        preferences=Preferences(**values | {"digest": Digest(values["digest"])}),
        key=bytes.fromhex(row["token_key"]),
        unreachable=row["unreachable"],
    )


@attrs.frozen
class SqlPreferenceStore:
    """The preferences of the members of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def find(self, user_ids: Iterable[UUID]) -> dict[UUID, Reader]:
        """Return the readers among the users."""
        statement = select(preferences).where(_in_fleet, preferences.c.user_id.in_(list(user_ids)))
        rows = self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()
        return {row["user_id"]: _from_row(row) for row in rows}

    def meet(self, user_id: UUID, key: bytes, at: datetime) -> Reader:
        """Return the reader, with *key* if they have none yet, locked until commit."""
        blank = _to_row(Preferences(user_id=user_id)) | {"unreachable": {}, "token_key": key.hex(), "created_at": at}
        self.connection.execute(_meet[self.connection.dialect.name], {"fleet_id": self.fleet_id, **blank})
        return _from_row(self.connection.execute(_locked, self._keys(user_id)).mappings().one())

    def replace(self, fact: Preferences, *, old_version: int) -> None:
        """Write the preferences over their *old_version*."""
        row = {f"new_{name}": value for name, value in _to_row(fact).items() if name != "user_id"}
        keys = self._keys(fact.user_id) | {"old_version": old_version}
        if self.connection.execute(_replace, keys | row).rowcount == 0:
            raise Conflict("the preferences were changed meanwhile: read them again, then repeat your change")

    def mark_unreachable(self, user_id: UUID, channel: str, address_key: str) -> None:
        """Remember that an address is gone."""
        row = self.connection.execute(_locked, self._keys(user_id)).mappings().first()
        if row is not None:
            gone = {**row["unreachable"], channel: address_key}
            self.connection.execute(_unreachable, self._keys(user_id) | {"new_unreachable": gone})

    def remove(self, user_id: UUID) -> None:
        """Forget a user's preferences."""
        self.connection.execute(delete(preferences).where(_own), self._keys(user_id))

    def _keys(self, user_id: UUID) -> dict[str, Any]:
        return {"in_fleet": self.fleet_id, "of_user": user_id}
