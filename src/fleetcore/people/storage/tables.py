"""The tables of fleets, users, members and custom roles."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from fleetcore.storage.types import Id, Instant, Json, fleet_table, metadata

__all__ = ["people_fleets", "people_members", "people_roles", "people_users"]


def _history() -> list[Column[Any]]:
    return [
        Column("created_at", Instant, nullable=False),
        Column("created_by", Id, nullable=False),
        Column("updated_at", Instant, nullable=False),
        Column("updated_by", Id, nullable=False),
        Column("version", Integer, nullable=False),
    ]


people_fleets = fleet_table(
    "people_fleets",
    Column("name", String(100), nullable=False),
    Column("name_key", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("units", String(10), nullable=False),
    Column("country", String(2)),
    Column("locale", String(40)),
    *_history(),
    Column("vehicles_max", Integer),
    Column("storage_bytes_max", BigInteger),
    key=(),
    in_fleet=False,
)

# No fleet's own: a user may belong to several.
people_users = Table(
    "people_users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", String(254)),
    Column("email_key", Text, unique=True),
    Column("name", String(100), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("locale", String(40)),
    Column("timezone", String(64)),
    Column("units", String(10)),
    Column("home_fleet_id", Id),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Column("is_email_unproven", Boolean, nullable=False),
)

people_members = fleet_table(
    "people_members",
    Column("user_id", Id, ForeignKey("people_users.id"), index=True),  # the directory asks by user alone
    Column("roles", Json, nullable=False),
    Column("staff_kind", String(20)),
    Column("daily_rate_minor", BigInteger),
    Column("daily_rate_currency", String(3)),
    *_history(),
    CheckConstraint("daily_rate_minor >= 0", name="daily_rate"),
    key=("user_id",),
)

people_roles = fleet_table(
    "people_roles",
    Column("name", String(60), nullable=False),
    Column("name_key", Text, nullable=False),
    Column("permissions", Json, nullable=False),
    *_history(),
    UniqueConstraint("fleet_id", "name_key"),
)
