"""What one can ask to be done with documents."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT
from fleetcore.kernel.sorting import sort_field

from .model import DocumentFields, DocumentKind, InspectionResult, PaymentSchedule

__all__ = [
    "AddDocument",
    "CancelDocument",
    "DeleteDocument",
    "EditDocument",
    "ForecastLease",
    "GetDocument",
    "ListDocuments",
    "ListPayments",
    "RenewDocument",
    "RestoreDocument",
    "RunPremiums",
]


@frozen(kw_only=True)
class AddDocument(DocumentFields):
    """File a document; *id* may come from the client."""

    id: UUID | None = None


@frozen(kw_only=True)
class EditDocument(DocumentFields):
    """Replace what was said of document *id*, as long as it still has *version*; what it cost is booked anew."""

    id: UUID
    version: int


@frozen(kw_only=True)
class RenewDocument:
    """File the successor of document *id*, as long as it still has *version*.

    It begins where the old one ends and is as long, unless the days are given; what is not given is copied.
    """

    id: UUID
    version: int
    new_id: UUID | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    issuer: str | None = None
    number: str | None = field(default=None, metadata={"personal": True})
    amount: Money | None = None
    schedule: PaymentSchedule | None = None
    result: InspectionResult | None = None
    notes: str | None = None


@frozen(kw_only=True)
class CancelDocument:
    """Let document *id* end early, today or on a day: what would have fallen due from then on is not booked.

    With *undo* it goes on as it was said.
    """

    id: UUID
    version: int
    on: date | None = None
    undo: bool = False


@frozen(kw_only=True)
class DeleteDocument:
    """Delete document *id*, as long as it still has *version*: as if it had never been; it can be restored."""

    id: UUID
    version: int


@frozen(kw_only=True)
class RestoreDocument:
    """Bring a deleted document back."""

    id: UUID


@frozen(kw_only=True)
class GetDocument:
    """Ask for one document; with *kind* only for one of that kind."""

    id: UUID
    kind: DocumentKind | None = None


@frozen(kw_only=True)
class ListDocuments:
    """Ask for documents, newest first.

    With *expiring_within* days, ask for those that end until then, or have ended and were not renewed, soonest
    first. Without *include_past* those that were renewed or cancelled are left out.
    """

    kind: DocumentKind | None = None
    vehicle_id: UUID | None = None
    person_id: UUID | None = None
    expiring_within: int | None = None
    include_past: bool = True
    deleted: bool = False
    text: str = ""
    sort: str = sort_field("-created_at", "created_at", "ends_on")
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class ListPayments:
    """Ask for the booked payments of document *id*, by their due days."""

    id: UUID


@frozen(kw_only=True)
class ForecastLease:
    """Ask how far a leased vehicle will have gone at the end; *today* ignores later readings."""

    id: UUID
    today: date | None = None


@frozen(kw_only=True)
class RunPremiums:
    """Book the payments that have fallen due, of at most *limit* documents."""

    limit: int = 200
