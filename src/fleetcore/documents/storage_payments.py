"""The table of the booked payments of documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict
from fleetcore.kernel.money import Money
from fleetcore.storage.bulk import insert_many
from fleetcore.storage.types import Id, fleet_table

from .model import Payment

__all__ = ["SqlPaymentStore", "payments"]

payments = fleet_table(
    "documents_payments",
    Column("document_id", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["fleet_id", "document_id"], ["documents_documents.fleet_id", "documents_documents.id"]),
)
Index(
    "uq_documents_payments_number",
    *(payments.c.fleet_id, payments.c.document_id, payments.c.number),
    unique=True,
)

COLUMNS = tuple(column.name for column in payments.c)
_in_fleet = payments.c.fleet_id == bindparam("in_fleet")
_of_document = (
    select(payments).where(_in_fleet, payments.c.document_id == bindparam("of_document")).order_by(payments.c.number)
)
_replace = (
    update(payments)
    .where(_in_fleet, payments.c.id == bindparam("by_id"))
    .values({name: bindparam(f"new_{name}") for name in ("due_on", "amount_minor", "currency", "version")})
)
_remove = delete(payments).where(_in_fleet, payments.c.id.in_(bindparam("by_ids", type_=Id, expanding=True)))


@attrs.frozen
class SqlPaymentStore:
    """The booked payments of one fleet's documents in a database."""

    connection: Connection
    fleet_id: UUID

    def of_document(self, document_id: UUID) -> Sequence[Payment]:
        """Return the payments of a document, by number."""
        keys: dict[str, Any] = {"in_fleet": self.fleet_id, "of_document": document_id}
        return [
            Payment(
                id=row["id"],
                document_id=row["document_id"],
                number=row["number"],
                due_on=row["due_on"],
                amount=Money(row["amount_minor"], row["currency"]),
                version=row["version"],
            )
            for row in self.connection.execute(_of_document, keys).mappings()
        ]

    def add_many(self, facts: Iterable[Payment]) -> None:
        """Store payments."""
        rows = (
            (self.fleet_id, p.id, p.document_id, p.number, p.due_on, p.amount.minor, p.amount.currency, p.version)
            for p in facts
        )
        try:
            insert_many(self.connection, payments, COLUMNS, rows)
        except IntegrityError as error:
            raise Conflict("this payment is being booked by someone else at this moment: try again") from error

    def replace(self, payment: Payment) -> None:
        """Write *payment* over what was stored."""
        keys = {
            "in_fleet": self.fleet_id,
            "by_id": payment.id,
            "new_due_on": payment.due_on,
            "new_amount_minor": payment.amount.minor,
            "new_currency": payment.amount.currency,
            "new_version": payment.version,
        }
        self.connection.execute(_replace, keys)

    def remove(self, payment_ids: Sequence[UUID]) -> None:
        """Erase payments."""
        self.connection.execute(_remove, {"in_fleet": self.fleet_id, "by_ids": list(payment_ids)})
