"""The table of documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    RowMapping,
    Select,
    String,
    Text,
    and_,
    bindparam,
    column,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    table,
    update,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.paging import Position
from fleetcore.kernel.quantities import Distance
from fleetcore.storage.ordering import Ordering, narrowed, with_text
from fleetcore.storage.rows import Rows
from fleetcore.storage.scope import of_living_vehicle
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .commands import ListDocuments
from .model import Allowance, Cover, Document, DocumentKind, InspectionResult, PaymentSchedule
from .ports import Sight
from .storage_payments import payments

__all__ = ["SqlDocumentStore", "documents"]

documents = fleet_table(
    "documents_documents",
    Column("kind", String(20), nullable=False),
    Column("vehicle_id", Id),
    Column("person_id", Id),
    Column("issuer", String(200), nullable=False),
    Column("number", String(200), nullable=False),
    Column("cover", String(20)),
    Column("starts_on", Date),
    Column("ends_on", Date),
    Column("currency", String(3)),
    Column("amount_minor", BigInteger),
    Column("schedule", String(20)),
    Column("excess_minor", BigInteger),
    Column("result", String(20)),
    Column("until_odometer_m", BigInteger),
    Column("start_odometer_m", BigInteger),
    Column("allowed_distance_m", BigInteger),
    Column("allowance", String(20)),
    Column("excess_fee_micros", BigInteger),
    Column("classes", Json, nullable=False),
    Column("contact", String(200), nullable=False),
    Column("notes", Text, nullable=False),
    Column("remind", Boolean, nullable=False),
    Column("renews_id", Id),
    Column("cancelled_on", Date),
    Column("next_payment_on", Date),
    Column("deleted_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
    ForeignKeyConstraint(["person_id"], ["people_users.id"]),
    ForeignKeyConstraint(["fleet_id", "renews_id"], ["documents_documents.fleet_id", "documents_documents.id"]),
)
_order = (documents.c.created_at, documents.c.id)
Index("ix_documents_documents_at", documents.c.fleet_id, *_order)
Index("ix_documents_documents_vehicle", documents.c.fleet_id, documents.c.vehicle_id, *_order)
Index("ix_documents_documents_end", documents.c.fleet_id, documents.c.ends_on, documents.c.id)
_is_paid_on = documents.c.next_payment_on.is_not(None)
Index(
    "ix_documents_documents_payment",
    *(documents.c.fleet_id, documents.c.next_payment_on),
    sqlite_where=_is_paid_on,
    postgresql_where=_is_paid_on,
)
Index(  # what has fallen due in any fleet: the periodic work asks it
    "ix_documents_documents_due",
    *(documents.c.next_payment_on, documents.c.fleet_id),
    sqlite_where=_is_paid_on,
    postgresql_where=_is_paid_on,
)
_kept = documents.c.deleted_at.is_(None)
_is_successor = and_(documents.c.renews_id.is_not(None), _kept)
Index(
    "uq_documents_documents_renews",
    *(documents.c.fleet_id, documents.c.renews_id),
    unique=True,
    sqlite_where=_is_successor,
    postgresql_where=_is_successor,
)

MAPPED = {
    *("kind", "cover", "amount", "schedule", "excess", "result", "until_odometer", "start_odometer"),
    *("allowed_distance", "allowance", "excess_fee_per_km", "classes", "renewed_by_id"),
}
PLAIN = tuple(a.name for a in attrs.fields(Document) if a.name not in MAPPED)
WORDS = {"cover": Cover, "schedule": PaymentSchedule, "result": InspectionResult, "allowance": Allowance}
DISTANCES = ("until_odometer", "start_odometer", "allowed_distance")


def _to_row(document: Document) -> dict[str, Any]:
    amount, excess, fee = document.amount, document.excess, document.excess_fee_per_km
    said = next((money for money in (amount, excess, fee) if money is not None), None)
    row = {name: getattr(document, name) for name in PLAIN}
    for name in WORDS:
        word = getattr(document, name)
        row[name] = None if word is None else str(word)
    for name in DISTANCES:
        distance = getattr(document, name)
        row[f"{name}_m"] = None if distance is None else distance.metres
    return {
        **row,
        "kind": str(document.kind),
        "currency": None if said is None else said.currency,
        "amount_minor": None if amount is None else amount.minor,
        "excess_minor": None if excess is None else excess.minor,
        "excess_fee_micros": None if fee is None else fee.micros,
        "classes": list(document.classes),
    }


def _from_row(row: RowMapping) -> Document:
    currency, fee = row["currency"], row["excess_fee_micros"]
    facts: dict[str, Any] = {name: row[name] for name in (*PLAIN, "renewed_by_id")}
    for name, words in WORDS.items():
        facts[name] = None if row[name] is None else words(row[name])
    for name in DISTANCES:
        metres = row[f"{name}_m"]
        facts[name] = None if metres is None else Distance(metres)
    for name in ("amount", "excess"):
        minor = row[f"{name}_minor"]
        facts[name] = None if minor is None else Money(minor, currency)
    return Document(
        **facts,
        kind=DocumentKind(row["kind"]),
        excess_fee_per_km=None if fee is None else UnitPrice(fee, currency),
        classes=tuple(row["classes"]),
    )


class _DocumentRows(Rows[Document]):
    def conflict(self, error: IntegrityError) -> Conflict:
        """Say whether the id or the successor is taken."""
        if "renews" in str(error.orig):
            return Conflict("another document renews the same one already: delete that first, or renew it instead")
        return Conflict("a document with this id exists already")


DOCUMENT_ROWS = _DocumentRows("document", documents, _to_row, _from_row)
_successors = documents.alias("successors")
_renewed_by = (
    select(_successors.c.id)
    .where(
        _successors.c.fleet_id == documents.c.fleet_id,
        _successors.c.renews_id == documents.c.id,
        _successors.c.deleted_at.is_(None),
    )
    .scalar_subquery()
)
_is_renewed = exists().where(
    _successors.c.fleet_id == documents.c.fleet_id,
    _successors.c.renews_id == documents.c.id,
    _successors.c.deleted_at.is_(None),
)
_in_fleet = documents.c.fleet_id == bindparam("in_fleet")
_in_sight = _in_fleet & or_(documents.c.vehicle_id.is_(None), of_living_vehicle(documents))
_every = select(documents, _renewed_by.label("renewed_by_id")).where(_in_sight)
ORDERING = Ordering(
    _every,
    documents.c.id,
    {"created_at": documents.c.created_at, "ends_on": func.coalesce(documents.c.ends_on, literal(date.max, Date))},
)
_by_id = _every.where(documents.c.id == bindparam("by_id"))
_by_id_locked = _by_id.with_for_update(of=documents, key_share=True)
_of_vehicle = documents.c.vehicle_id == bindparam("of_vehicle")
_living = _every.where(_of_vehicle, _kept).order_by(documents.c.id).with_for_update(of=documents, key_share=True)
_due = (
    _every.where(documents.c.next_payment_on <= bindparam("today"), _kept)
    .order_by(documents.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=documents, key_share=True)
)
_fleets = table("people_fleets", column("fleet_id", Id), column("timezone"))
_due_anywhere = (
    select(documents.c.fleet_id, _fleets.c.timezone, func.min(documents.c.next_payment_on))
    .join_from(documents, _fleets, _fleets.c.fleet_id == documents.c.fleet_id)
    .where(documents.c.next_payment_on <= bindparam("latest"))
    .where(or_(documents.c.vehicle_id.is_(None), of_living_vehicle(documents)))
    .group_by(documents.c.fleet_id, _fleets.c.timezone)
)
_advance = (
    update(documents)
    .where(_in_fleet, documents.c.id == bindparam("by_id"))
    .values(next_payment_on=bindparam("new_next_on"))
)
_purge_payments = delete(payments).where(
    payments.c.fleet_id == bindparam("in_fleet"),
    payments.c.document_id.in_(select(documents.c.id).where(_in_fleet, _of_vehicle)),
)
_purge = delete(documents).where(_in_fleet, _of_vehicle)


@attrs.frozen
class SqlDocumentStore:
    """The documents of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def _found(self, statement: Select[Any], **keys: Any) -> list[Document]:
        rows = self.connection.execute(statement, {"in_fleet": self.fleet_id, **keys})
        return [_from_row(row) for row in rows.mappings()]

    def add(self, document: Document) -> None:
        """Store *document*."""
        DOCUMENT_ROWS.add(self.connection, self.fleet_id, document)

    def get(self, document_id: UUID, *, deleted: bool = False, lock: bool = False) -> Document:
        """Return the document."""
        for document in self._found(_by_id_locked if lock else _by_id, by_id=document_id):
            if (document.deleted_at is not None) is deleted:
                return document
        raise NotFound("deleted document" if deleted else "document", document_id)

    def replace(self, document: Document, *, old_version: int) -> None:
        """Write *document* over its *old_version*."""
        DOCUMENT_ROWS.replace(self.connection, self.fleet_id, document, old_version=old_version)

    def advance(self, document: Document) -> None:
        """Write when *document* is paid next."""
        keys = {"in_fleet": self.fleet_id, "by_id": document.id, "new_next_on": document.next_payment_on}
        self.connection.execute(_advance, keys)

    def page(
        self, question: ListDocuments, sight: Sight, until: date | None, after: Position | None, limit: int
    ) -> Sequence[Document]:
        """Return up to *limit* documents in the order asked for."""
        statement = ORDERING.page(question.sort, after).limit(limit)
        statement = statement.where(documents.c.deleted_at.is_not(None) if question.deleted else _kept)
        if sight.vehicle_ids is not None:
            reached: ColumnElement[bool] = documents.c.vehicle_id.in_(sight.vehicle_ids)
            if sight.own_only:
                reached = reached & (documents.c.created_by == sight.user_id)
            statement = statement.where(or_(reached, documents.c.person_id == sight.user_id))
        for named, wanted in (
            (documents.c.kind, None if question.kind is None else str(question.kind)),
            (documents.c.vehicle_id, question.vehicle_id),
            (documents.c.person_id, question.person_id),
        ):
            if wanted is not None:
                statement = statement.where(named == wanted)
        if until is not None or not question.include_past:
            statement = statement.where(documents.c.cancelled_on.is_(None), ~_is_renewed)
        ends = None if until is None else documents.c.ends_on <= until
        words = with_text(question.text, documents.c.issuer, documents.c.number, documents.c.notes)
        return self._found(narrowed(statement, ends, words))

    def overlapping(self, document: Document) -> Sequence[Document]:
        """Return the other policies of the same cover that hold on a day of *document*."""
        statement = _every.where(
            _kept,
            documents.c.vehicle_id == document.vehicle_id,
            documents.c.kind == str(document.kind),
            documents.c.cover == str(document.cover),
            documents.c.id != document.id,
        )
        ends = [day for day in (document.ends_on, document.cancelled_on) if day is not None]
        if ends:
            statement = statement.where(or_(documents.c.starts_on.is_(None), documents.c.starts_on < min(ends)))
        if document.starts_on is not None:
            for last in (documents.c.ends_on, documents.c.cancelled_on):
                statement = statement.where(or_(last.is_(None), last > document.starts_on))
        return self._found(statement.order_by(documents.c.id).limit(10))

    def due(self, today: date, limit: int) -> Sequence[Document]:
        """Return documents with a payment that has fallen due, locked."""
        return self._found(_due, today=today, most=limit)

    def due_anywhere(self, latest: date) -> Sequence[tuple[UUID, str, date]]:
        """Return (fleet, its time zone, earliest day) of what falls due up to *latest* in any fleet."""
        rows = self.connection.execute(_due_anywhere, {"latest": latest})
        return [(fleet_id, timezone, on) for fleet_id, timezone, on in rows]

    def of_vehicle(self, vehicle_id: UUID) -> Sequence[Document]:
        """Return the documents of a vehicle, locked."""
        return self._found(_living, of_vehicle=vehicle_id)

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every document of a vehicle with its payments."""
        keys = {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id}
        self.connection.execute(_purge_payments, keys)
        self.connection.execute(_purge, keys)
