"""The table of attachments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKeyConstraint,
    Index,
    Integer,
    RowMapping,
    String,
    bindparam,
    column,
    delete,
    func,
    select,
    table,
    union,
    update,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.paging import Position
from fleetcore.storage.ordering import Ordering, narrowed, with_text
from fleetcore.storage.rows import Rows
from fleetcore.storage.types import Id, Instant, fleet_table

from .model import Attachment, ListAttachments

__all__ = ["SqlAttachmentStore", "attachments"]

attachments = fleet_table(
    "attachments_attachments",
    Column("entity", String(50), nullable=False),
    Column("entity_id", Id, nullable=False),
    Column("vehicle_id", Id),
    Column("name", String(200), nullable=False),
    Column("media_type", String(50), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("thumbnail_sha256", String(64)),
    Column("deleted_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
)
_order = (attachments.c.created_at, attachments.c.id)
Index(
    "ix_attachments_attachments_record",
    *(attachments.c.fleet_id, attachments.c.entity_id, *_order),
)
Index("ix_attachments_attachments_vehicle", attachments.c.fleet_id, attachments.c.vehicle_id, *_order)
Index("ix_attachments_attachments_hash", attachments.c.fleet_id, attachments.c.sha256)
Index("ix_attachments_attachments_thumbnail", attachments.c.fleet_id, attachments.c.thumbnail_sha256)
_is_deleted = attachments.c.deleted_at.is_not(None)
Index(
    "ix_attachments_attachments_deleted",
    *(attachments.c.fleet_id, attachments.c.deleted_at),
    sqlite_where=_is_deleted,
    postgresql_where=_is_deleted,
)

RECORDS_AT_ONCE = 500
FIELDS = tuple(a.name for a in attrs.fields(Attachment))


def _to_row(attachment: Attachment) -> dict[str, Any]:
    return {name: getattr(attachment, name) for name in FIELDS}


def _from_row(row: RowMapping) -> Attachment:
    return Attachment(**{name: row[name] for name in FIELDS})


class _AttachmentRows(Rows[Attachment]):
    def conflict(self, error: IntegrityError) -> Conflict:  # noqa: ARG002 - there is one thing that can collide
        """Say that the id is taken."""
        return Conflict("an attachment with this id exists already")


ATTACHMENT_ROWS = _AttachmentRows("attachment", attachments, _to_row, _from_row)
_in_fleet = attachments.c.fleet_id == bindparam("in_fleet")
_by_id = select(attachments).where(_in_fleet, attachments.c.id == bindparam("by_id"))
_in_ids = attachments.c.id.in_(bindparam("by_ids", type_=Id, expanding=True))
_named = select(attachments).where(_in_fleet, _in_ids, ~_is_deleted)
_remove = delete(attachments).where(_in_fleet, _in_ids)
ORDERING = Ordering(
    select(attachments).where(_in_fleet),
    attachments.c.id,
    {"created_at": attachments.c.created_at, "size_bytes": attachments.c.size_bytes},
)
_of_vehicle = select(attachments).where(_in_fleet, attachments.c.vehicle_id == bindparam("of_vehicle"))
_deleted_before = (
    select(attachments)
    .where(_in_fleet, attachments.c.deleted_at < bindparam("instant"))
    .order_by(attachments.c.deleted_at, attachments.c.id)
    .limit(bindparam("most"))
)
_hashes: Any = bindparam("hashes", expanding=True)
_used = union(
    select(attachments.c.sha256).where(_in_fleet, attachments.c.sha256.in_(_hashes)),
    select(attachments.c.thumbnail_sha256).where(_in_fleet, attachments.c.thumbnail_sha256.in_(_hashes)),
)
_every = union(
    select(attachments.c.sha256.label("hash")).where(_in_fleet),
    select(attachments.c.thumbnail_sha256.label("hash")).where(_in_fleet, attachments.c.thumbnail_sha256.is_not(None)),
).order_by("hash")
_fleets = table("people_fleets", column("fleet_id", Id))
_fleets_to_sweep = union(
    select(attachments.c.fleet_id),
    select(_fleets.c.fleet_id).where(_fleets.c.fleet_id.in_(bindparam("others", type_=Id, expanding=True))),
)
_of_record = (attachments.c.entity == bindparam("of_entity")) & (attachments.c.entity_id == bindparam("of_id"))
_next_version = {"version": attachments.c.version + 1}
_move = update(attachments).where(_in_fleet, _of_record).values(vehicle_id=bindparam("new_vehicle"), **_next_version)
_rehang = (
    update(attachments)
    .where(_in_fleet, _of_record)
    .values(entity=bindparam("new_entity"), entity_id=bindparam("new_id"), **_next_version)
)
_of_records = (attachments.c.entity == bindparam("of_entity")) & attachments.c.entity_id.in_(
    bindparam("of_ids", type_=Id, expanding=True)
)
_bearers = select(attachments.c.entity_id).where(_in_fleet, _of_records).distinct()
_pictures = (
    select(attachments.c.entity_id, attachments.c.id)
    .where(_in_fleet, _of_records, ~_is_deleted)
    .where(attachments.c.thumbnail_sha256.is_not(None), attachments.c.media_type.like("image/%"))
    .order_by(*_order)
)
_remove_of = delete(attachments).where(_in_fleet, _of_records)
_once = select(attachments.c.sha256, attachments.c.size_bytes).where(_in_fleet).distinct().subquery()
_total = select(func.coalesce(func.sum(_once.c.size_bytes), 0))


@attrs.frozen
class SqlAttachmentStore:
    """The attachments of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def _keys(self, **more: Any) -> dict[str, Any]:
        return {"in_fleet": self.fleet_id, **more}

    def add(self, attachment: Attachment) -> None:
        """Store *attachment*."""
        ATTACHMENT_ROWS.add(self.connection, self.fleet_id, attachment)

    def get(self, attachment_id: UUID, *, deleted: bool = False) -> Attachment:
        """Return the attachment."""
        row = self.connection.execute(_by_id, self._keys(by_id=attachment_id)).mappings().first()
        if row is None or (row["deleted_at"] is None) is deleted:
            raise NotFound("deleted attachment" if deleted else "attachment", attachment_id)
        return _from_row(row)

    def named(self, attachment_ids: Sequence[UUID]) -> Sequence[Attachment]:
        """Return those that are there."""
        rows = self.connection.execute(_named, self._keys(by_ids=list(attachment_ids)))
        return [_from_row(row) for row in rows.mappings()]

    def replace(self, attachment: Attachment, *, old_version: int) -> None:
        """Write *attachment* over its *old_version*."""
        ATTACHMENT_ROWS.replace(self.connection, self.fleet_id, attachment, old_version=old_version)

    def page(self, question: ListAttachments, after: Position | None, limit: int) -> Sequence[Attachment]:
        """Return up to *limit* attachments in the order asked for."""
        statement = ORDERING.page(question.sort, after).limit(limit)
        statement = statement.where(_is_deleted if question.deleted else ~_is_deleted)
        if question.entity_id is not None:
            statement = statement.where(attachments.c.entity_id == question.entity_id)
        if question.entity is not None:
            statement = statement.where(attachments.c.entity == question.entity)
        if question.vehicle_id is not None:
            statement = statement.where(attachments.c.vehicle_id == question.vehicle_id)
        statement = narrowed(statement, with_text(question.text, attachments.c.name))
        return [_from_row(row) for row in self.connection.execute(statement, self._keys()).mappings()]

    def of_vehicle(self, vehicle_id: UUID) -> Sequence[Attachment]:
        """Return the attachments of a vehicle's records."""
        rows = self.connection.execute(_of_vehicle, self._keys(of_vehicle=vehicle_id))
        return [_from_row(row) for row in rows.mappings()]

    def deleted_before(self, instant: datetime, limit: int) -> Sequence[Attachment]:
        """Return attachments that were deleted before the instant."""
        rows = self.connection.execute(_deleted_before, self._keys(instant=instant, most=limit))
        return [_from_row(row) for row in rows.mappings()]

    def remove(self, attachment_ids: Sequence[UUID]) -> None:
        """Erase attachments."""
        self.connection.execute(_remove, self._keys(by_ids=list(attachment_ids)))

    def used(self, hashes: Sequence[str]) -> frozenset[str]:
        """Return those of *hashes* that an attachment names."""
        return frozenset(self.connection.execute(_used, self._keys(hashes=list(hashes))).scalars())

    def hashes(self) -> Iterator[str]:
        """Yield every hash that an attachment names."""
        return iter(self.connection.execute(_every, self._keys()).scalars())

    def fleets(self, others: Sequence[UUID] = ()) -> Sequence[UUID]:
        """Return every fleet that has attachments, and those of *others* that there are."""
        return self.connection.execute(_fleets_to_sweep, {"others": list(others)}).scalars().all()

    def move(self, entity: str, entity_id: UUID, vehicle_id: UUID | None) -> None:
        """Write on the attachments of a record whose vehicle it is now."""
        self.connection.execute(_move, self._keys(of_entity=entity, of_id=entity_id, new_vehicle=vehicle_id))

    def rehang(self, entity: str, entity_id: UUID, *, new_entity: str, new_entity_id: UUID) -> None:
        """Hang the attachments of a record on another one."""
        keys = self._keys(of_entity=entity, of_id=entity_id, new_entity=new_entity, new_id=new_entity_id)
        self.connection.execute(_rehang, keys)

    def remove_of(self, entity: str, entity_ids: Sequence[UUID]) -> None:
        """Erase every attachment of records."""
        for keys in self._batches(entity, entity_ids):
            self.connection.execute(_remove_of, keys)

    def bearers(self, entity: str, entity_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Return those of the records that have attachments."""
        batches = self._batches(entity, entity_ids)
        return frozenset(found for keys in batches for found in self.connection.execute(_bearers, keys).scalars())

    def newest_pictures(self, entity: str, entity_ids: Sequence[UUID]) -> Mapping[UUID, UUID]:
        """Return the newest picture with a thumbnail of each of the records that has one."""
        batches = self._batches(entity, entity_ids)
        return {row.entity_id: row.id for keys in batches for row in self.connection.execute(_pictures, keys)}

    def _batches(self, entity: str, entity_ids: Sequence[UUID]) -> Iterator[dict[str, Any]]:
        for start in range(0, len(entity_ids), RECORDS_AT_ONCE):
            batch = list(entity_ids[start : start + RECORDS_AT_ONCE])
            yield self._keys(of_entity=entity, of_ids=batch)

    def total_bytes(self) -> int:
        """Return how many bytes the fleet's files take."""
        return int(self.connection.execute(_total, self._keys()).scalar_one())
