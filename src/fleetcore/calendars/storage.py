"""The addresses of calendars in a database."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import attrs
from sqlalchemy import Column, Connection, ForeignKeyConstraint, Index, String, bindparam, delete, insert, select

from fleetcore.storage.types import Id, Instant, fleet_table

from .model import Feed

__all__ = ["SqlFeedStore", "feeds"]

feeds = fleet_table(
    "calendars_feeds",
    Column("user_id", Id, nullable=False),
    Column("name", String(100), nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    ForeignKeyConstraint(["user_id"], ["people_users.id"]),
)
Index("ix_calendars_feeds_user", feeds.c.fleet_id, feeds.c.user_id)

_fact = (feeds.c.id, feeds.c.user_id, feeds.c.name, feeds.c.created_at)
_in_fleet = feeds.c.fleet_id == bindparam("in_fleet")
_this = _in_fleet & (feeds.c.id == bindparam("by_id"))
_theirs = _in_fleet & (feeds.c.user_id == bindparam("by_user"))
_insert = insert(feeds)
_find = select(*_fact, feeds.c.secret_hash).where(_this)
_of_user = select(*_fact).where(_theirs).order_by(feeds.c.created_at, feeds.c.id)
_remove = delete(feeds).where(_this)
_remove_of = delete(feeds).where(_theirs)


@attrs.frozen
class SqlFeedStore:
    """The feeds of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, feed: Feed, secret_hash: str) -> None:
        """Store *feed* with the hash of its secret."""
        row = {"fleet_id": self.fleet_id, **attrs.asdict(feed), "secret_hash": secret_hash}
        self.connection.execute(_insert, row)

    def find(self, feed_id: UUID) -> tuple[Feed, str] | None:
        """Return the feed and the hash of its secret, or None."""
        row = self.connection.execute(_find, {"in_fleet": self.fleet_id, "by_id": feed_id}).mappings().first()
        if row is None:
            return None
        values = dict(row)
        secret_hash = values.pop("secret_hash")
        return Feed(**values), secret_hash

    def of_user(self, user_id: UUID) -> Sequence[Feed]:
        """Return the feeds of a user, the oldest first."""
        rows = self.connection.execute(_of_user, {"in_fleet": self.fleet_id, "by_user": user_id}).mappings()
        return [Feed(**row) for row in rows]

    def remove(self, feed_id: UUID) -> None:
        """Erase the feed."""
        self.connection.execute(_remove, {"in_fleet": self.fleet_id, "by_id": feed_id})

    def remove_of(self, user_id: UUID) -> None:
        """Erase every feed of a user."""
        self.connection.execute(_remove_of, {"in_fleet": self.fleet_id, "by_user": user_id})
