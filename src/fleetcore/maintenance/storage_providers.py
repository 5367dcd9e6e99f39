"""The table of providers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import Column, Connection, Index, Integer, RowMapping, String, Text, bindparam, func, select
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict
from fleetcore.kernel.paging import Position
from fleetcore.storage.paging import older_than
from fleetcore.storage.rows import Rows
from fleetcore.storage.types import Id, Instant, fleet_table

from .model import ListProviders, Provider

__all__ = ["SqlProviderStore", "providers"]

providers = fleet_table(
    "maintenance_providers",
    Column("name", String(200), nullable=False),
    Column("address", String(200), nullable=False),
    Column("phone", String(200), nullable=False),
    Column("email", String(254), nullable=False),
    Column("website", String(200), nullable=False),
    Column("notes", Text, nullable=False),
    Column("claimed_by", Id),
    Column("deleted_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
)
Index("ix_maintenance_providers_at", providers.c.fleet_id, providers.c.created_at, providers.c.id)

FIELDS = tuple(attribute.name for attribute in attrs.fields(Provider))


def _to_row(provider: Provider) -> dict[str, Any]:
    return {name: getattr(provider, name) for name in FIELDS}


def _from_row(row: RowMapping) -> Provider:
    return Provider(**{name: row[name] for name in FIELDS})


class _ProviderRows(Rows[Provider]):
    def conflict(self, error: IntegrityError) -> Conflict:  # noqa: ARG002 - there is one thing that can collide
        """Say that the id is taken."""
        return Conflict("a provider with this id exists already")


PROVIDER_ROWS = _ProviderRows("provider", providers, _to_row, _from_row)
_newest_first = (
    select(providers)
    .where(providers.c.fleet_id == bindparam("in_fleet"), providers.c.deleted_at.is_(None))
    .order_by(providers.c.created_at.desc(), providers.c.id.desc())
)


@attrs.frozen
class SqlProviderStore:
    """The providers of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, provider: Provider) -> None:
        """Store *provider*."""
        PROVIDER_ROWS.add(self.connection, self.fleet_id, provider)

    def get(self, provider_id: UUID) -> Provider:
        """Return the provider, removed or not."""
        return PROVIDER_ROWS.get(self.connection, self.fleet_id, provider_id)

    def replace(self, provider: Provider, *, old_version: int) -> None:
        """Write *provider* over its *old_version*."""
        PROVIDER_ROWS.replace(self.connection, self.fleet_id, provider, old_version=old_version)

    def page(self, question: ListProviders, after: Position | None, limit: int) -> Sequence[Provider]:
        """Return up to *limit* providers that are not removed, newest first."""
        statement = _newest_first.limit(limit)
        if question.name_contains:
            wanted = func.lower(providers.c.name).contains(question.name_contains.lower(), autoescape=True)
            statement = statement.where(wanted)
        if after is not None:
            statement = statement.where(older_than(providers.c.created_at, providers.c.id, after))
        return [_from_row(row) for row in self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()]
