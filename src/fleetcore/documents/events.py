"""What is told after documents and their payments changed; numbers and contacts stay out."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event
from fleetcore.kernel.money import Money

from .model import DocumentKind

__all__ = [
    "EVENTS",
    "DocumentCancelled",
    "DocumentDeleted",
    "DocumentEdited",
    "DocumentFiled",
    "DocumentRenewed",
    "DocumentRestored",
    "PaymentBooked",
    "PaymentReversed",
]


@frozen(kw_only=True)
class _DocumentTold(Event):
    """What every event of a document tells."""

    document_id: UUID
    kind: DocumentKind
    vehicle_id: UUID | None
    person_id: UUID | None
    starts_on: date | None
    ends_on: date | None
    document_version: int


@event("documents.filed", key="document_id")
@frozen(kw_only=True)
class DocumentFiled(_DocumentTold):
    """A document was filed, by itself or as a successor."""


@event("documents.edited", key="document_id")
@frozen(kw_only=True)
class DocumentEdited(_DocumentTold):
    """What is said of a document was changed; the payload is how it is now."""


@event("documents.renewed", key="document_id")
@frozen(kw_only=True)
class DocumentRenewed(_DocumentTold):
    """A document has a successor."""

    successor_id: UUID


@event("documents.cancelled", key="document_id")
@frozen(kw_only=True)
class DocumentCancelled(_DocumentTold):
    """A document ends early."""

    cancelled_on: date


@event("documents.deleted", key="document_id")
@frozen(kw_only=True)
class DocumentDeleted(_DocumentTold):
    """A document was deleted."""


@event("documents.restored", key="document_id")
@frozen(kw_only=True)
class DocumentRestored(_DocumentTold):
    """A deleted document came back."""


@event("documents.payment_booked", key="document_id")
@frozen(kw_only=True)
class PaymentBooked(Event):
    """A premium, an instalment or a fee was booked, or booked anew with another day or amount."""

    document_id: UUID
    payment_id: UUID
    vehicle_id: UUID | None
    due_on: date
    amount: Money


@event("documents.payment_reversed", key="document_id")
@frozen(kw_only=True)
class PaymentReversed(Event):
    """A booked payment was taken back."""

    document_id: UUID
    payment_id: UUID
    vehicle_id: UUID | None


EVENTS: tuple[type[Event], ...] = (
    DocumentFiled,
    DocumentEdited,
    DocumentRenewed,
    DocumentCancelled,
    DocumentDeleted,
    DocumentRestored,
    PaymentBooked,
    PaymentReversed,
)
