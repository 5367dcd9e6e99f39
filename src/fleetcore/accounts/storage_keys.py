"""API keys in a database: each belongs to a fleet, and is found by its prefix before its fleet is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    String,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .model import ApiKey

__all__ = ["SqlApiKeyStore", "SqlKeyFinder"]

accounts_api_keys = fleet_table(
    "accounts_api_keys",
    Column("name", String(100), nullable=False),
    Column("user_id", Id, ForeignKey("people_users.id"), nullable=False),
    Column("prefix", String(20), nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("permissions", Json, nullable=False),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
)
Index("ix_accounts_api_keys_prefix", accounts_api_keys.c.prefix)  # who shows a key does not say the fleet

_c = accounts_api_keys.c
_in_fleet = _c.fleet_id == bindparam("in_fleet")
_this = _in_fleet & (_c.id == bindparam("by_id"))
_get = select(accounts_api_keys).where(_this)
_lock = _get.with_for_update()
_all = select(accounts_api_keys).where(_in_fleet).order_by(_c.created_at.desc(), _c.id.desc())
_by_prefix = select(accounts_api_keys).where(_c.prefix == bindparam("with_prefix"))
_mutable = [name for name in (attribute.name for attribute in attrs.fields(ApiKey)) if name != "id"]
_replaced: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _mutable}
_replace = update(accounts_api_keys).where(_this & (_c.version == bindparam("old_version"))).values(_replaced)
_use = update(accounts_api_keys).where(_this).values(last_used_at=bindparam("at", type_=Instant))


def _row(key: ApiKey) -> dict[str, Any]:
    permissions = {name: scope.name.lower() for name, scope in key.permissions.items()}
    return {**attrs.asdict(key, recurse=False), "permissions": permissions}


def _key(row: RowMapping) -> ApiKey:
    values = {name: row[name] for name in ("id", *_mutable)}
    permissions = {name: Scope[scope.upper()] for name, scope in row["permissions"].items()}
    return ApiKey(**values | {"permissions": permissions})


@attrs.frozen
class SqlApiKeyStore:
    """The API keys of one fleet, in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, key: ApiKey, secret_hash: str) -> None:
        """Store a new key."""
        row = {"fleet_id": self.fleet_id, "secret_hash": secret_hash, **_row(key)}
        try:
            self.connection.execute(insert(accounts_api_keys), row)
        except IntegrityError as error:
            raise Conflict(f"there is an API key {key.id} already") from error

    def get(self, key_id: UUID, *, lock: bool = False) -> ApiKey:
        """Return the key."""
        keys = {"in_fleet": self.fleet_id, "by_id": key_id}
        row = self.connection.execute(_lock if lock else _get, keys).mappings().first()
        if row is None:
            raise NotFound("API key", key_id)
        return _key(row)

    def all(self) -> Sequence[ApiKey]:
        """Return every key, the newest first."""
        return [_key(row) for row in self.connection.execute(_all, {"in_fleet": self.fleet_id}).mappings()]

    def replace(self, key: ApiKey, *, old_version: int) -> None:
        """Write *key* over its *old_version*."""
        row = _row(key)
        keys = {"in_fleet": self.fleet_id, "by_id": row.pop("id"), "old_version": old_version}
        if self.connection.execute(_replace, keys | {f"new_{name}": row[name] for name in row}).rowcount == 0:
            raise Conflict("the API key was changed by someone else meanwhile: read it again, then repeat your change")


@attrs.frozen
class SqlKeyFinder:
    """Finds API keys of every fleet; read through the system unit of work only."""

    connection: Connection
    fleet_id: UUID = attrs.field()

    @fleet_id.validator
    def _nobodys(self, _attribute: object, value: UUID) -> None:
        if value.int:
            raise Forbidden("the finder of API keys is out of reach of operations")

    def by_prefix(self, prefix: str) -> Sequence[tuple[UUID, ApiKey, str]]:
        """Return fleet, key and hash of every key with *prefix*."""
        rows = self.connection.execute(_by_prefix, {"with_prefix": prefix}).mappings()
        return [(row["fleet_id"], _key(row), row["secret_hash"]) for row in rows]

    def by_id(self, fleet_id: UUID, key_id: UUID) -> ApiKey | None:
        """Return a key of the fleet."""
        row = self.connection.execute(_get, {"in_fleet": fleet_id, "by_id": key_id}).mappings().first()
        return None if row is None else _key(row)

    def revoke_of(self, user_id: UUID, at: datetime) -> int:
        """Revoke the user's keys in every fleet."""
        theirs = update(accounts_api_keys).where(_c.user_id == user_id, _c.revoked_at.is_(None))
        changed = {"revoked_at": at, "updated_at": at, "updated_by": user_id, "version": _c.version + 1}
        return self.connection.execute(theirs.values(changed)).rowcount

    def note_use(self, fleet_id: UUID, key_id: UUID, at: datetime) -> None:
        """Write when the key was last used."""
        self.connection.execute(_use, {"in_fleet": fleet_id, "by_id": key_id, "at": at})
