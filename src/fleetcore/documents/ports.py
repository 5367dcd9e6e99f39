"""Where documents and their payments are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey
from fleetcore.kernel.timeline import TimelineStore

from .commands import ListDocuments
from .model import Document, Payment

__all__ = ["DOCUMENTS", "DOCUMENT_TIMELINE", "PAYMENTS", "DocumentStore", "PaymentStore", "Sight"]


@frozen(kw_only=True)
class Sight:
    """What an actor may see: the papers of *vehicle_ids* (None: of the whole fleet, licences too), and their own."""

    user_id: UUID
    vehicle_ids: frozenset[UUID] | None
    own_only: bool


class DocumentStore(Protocol):
    """The documents of one fleet; those of removed vehicles are out of sight."""

    def add(self, document: Document) -> None:
        """Store *document*; a taken id, or a second successor of the same one, raises Conflict."""
        ...

    def get(self, document_id: UUID, *, deleted: bool = False, lock: bool = False) -> Document:
        """Return the document; raises NotFound. Deleted ones only with *deleted*; *lock* until commit."""
        ...

    def replace(self, document: Document, *, old_version: int) -> None:
        """Write *document* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def advance(self, document: Document) -> None:
        """Write when *document* is paid next; that is no new version of what people said."""
        ...

    def page(
        self, question: ListDocuments, sight: Sight, until: date | None, after: Position | None, limit: int
    ) -> Sequence[Document]:
        """Return up to *limit* documents, newest first; with *until* those that end until then, soonest first."""
        ...

    def overlapping(self, document: Document) -> Sequence[Document]:
        """Return the other policies of the same cover on the same vehicle that hold on a day of *document*."""
        ...

    def due(self, today: date, limit: int) -> Sequence[Document]:
        """Return up to *limit* documents with a payment that has fallen due, locked, in the order of their ids."""
        ...

    def due_anywhere(self, latest: date) -> Sequence[tuple[UUID, str, date]]:
        """Return (fleet, its time zone, earliest day) of what falls due up to *latest* in any fleet."""
        ...

    def of_vehicle(self, vehicle_id: UUID) -> Sequence[Document]:
        """Return the documents of a vehicle that is not removed, locked; deleted ones not."""
        ...

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every document of a vehicle with its payments."""
        ...


class PaymentStore(Protocol):
    """The booked payments of one fleet's documents."""

    def of_document(self, document_id: UUID) -> Sequence[Payment]:
        """Return the payments of a document, by number."""
        ...

    def add_many(self, payments: Iterable[Payment]) -> None:
        """Store payments; a number that a document has already raises Conflict."""
        ...

    def replace(self, payment: Payment) -> None:
        """Write *payment* over what was stored."""
        ...

    def remove(self, payment_ids: Sequence[UUID]) -> None:
        """Erase payments."""
        ...


DOCUMENTS: StoreKey[DocumentStore] = StoreKey("documents.documents")
PAYMENTS: StoreKey[PaymentStore] = StoreKey("documents.payments")
DOCUMENT_TIMELINE: StoreKey[TimelineStore] = StoreKey("documents.timeline")
