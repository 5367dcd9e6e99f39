"""Documents and their payments, and what one can ask to be done with them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.errors import Problem
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.quantities import Distance

__all__ = [
    "Allowance",
    "Cover",
    "Document",
    "DocumentFields",
    "DocumentKind",
    "FiledDocument",
    "InspectionResult",
    "LeaseForecast",
    "Payment",
    "PaymentRun",
    "PaymentSchedule",
]


class DocumentKind(StrEnum):
    """What a document is."""

    INSURANCE = "insurance"
    REGISTRATION = "registration"
    INSPECTION = "inspection"
    WARRANTY = "warranty"
    LEASE = "lease"
    LICENCE = "licence"


class Cover(StrEnum):
    """What an insurance policy covers."""

    LIABILITY = "liability"
    PARTIAL = "partial"
    COMPREHENSIVE = "comprehensive"
    ACCIDENT = "accident"
    BREAKDOWN = "breakdown"
    LEGAL = "legal"
    GAP = "gap"
    OTHER = "other"


class PaymentSchedule(StrEnum):
    """How often the amount of a document is paid, from the day that it starts."""

    ONCE = "once"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"


class InspectionResult(StrEnum):
    """What came of a roadworthiness inspection."""

    PASSED = "passed"
    PASSED_WITH_DEFECTS = "passed_with_defects"
    FAILED = "failed"


class Allowance(StrEnum):
    """What the allowed distance of a lease is for: each year, or its whole length."""

    YEAR = "year"
    TOTAL = "total"


@frozen(kw_only=True)
class DocumentFields:
    """What is said of a document; which fields fit depends on its *kind*.

    *issuer* is the insurer, the authority, the inspector, the warrantor or the lessor. *starts_on* is the day of an
    inspection. *ends_on* is its last day, or the day from which it no longer holds. *amount* is paid by *schedule*:
    without one an insurance yearly, a lease monthly, anything else once. A licence belongs to the member *person_id*,
    everything else to a vehicle. *until_odometer* ends a warranty, *start_odometer* is what a leased vehicle had.
    """

    kind: DocumentKind
    vehicle_id: UUID | None = None
    person_id: UUID | None = None
    issuer: str = ""
    number: str = field(default="", metadata={"personal": True})
    cover: Cover | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    amount: Money | None = None
    schedule: PaymentSchedule | None = None
    excess: Money | None = None
    result: InspectionResult | None = None
    until_odometer: Distance | None = None
    start_odometer: Distance | None = None
    allowed_distance: Distance | None = None
    allowance: Allowance | None = None
    excess_fee_per_km: UnitPrice | None = None
    classes: tuple[str, ...] = ()
    contact: str = field(default="", metadata={"personal": True})
    notes: str = ""
    remind: bool = True


@frozen(kw_only=True)
class Document(DocumentFields):
    """A document as kept.

    *renews_id* names the one that it goes on from, *renewed_by_id* the one that goes on from it. *next_payment_on*
    is the next day on which something falls due.
    """

    id: UUID
    renews_id: UUID | None = None
    renewed_by_id: UUID | None = None
    cancelled_on: date | None = None
    next_payment_on: date | None = None
    deleted_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    created_by: UUID
    updated_by: UUID
    version: int = 1


@frozen(kw_only=True)
class FiledDocument:
    """A document as it was accepted, and what one may want to look at again."""

    document: Document
    warnings: tuple[Problem, ...] = ()


@frozen(kw_only=True)
class Payment:
    """One payment of a document, *number* counted from 0; each is one journal entry on its due day."""

    id: UUID
    document_id: UUID
    number: int
    due_on: date
    amount: Money
    version: int = 1


@frozen(kw_only=True)
class PaymentRun:
    """What a run booked: how many documents it looked at, the new payments, and whether more are waiting."""

    ran_on: date
    documents: int
    payments: tuple[Payment, ...]
    has_more: bool


@frozen(kw_only=True)
class LeaseForecast:
    """How far a leased vehicle will have gone at the end, by its recent use, and what that costs.

    The *low* and *high* figures are the bounds that are likely by how much the use varies. *driven* is since the
    start, *allowed_by_today* the part of the allowance that fits the days gone. A negative overrun is distance left.
    """

    document_id: UUID
    vehicle_id: UUID
    today: date
    ends_on: date
    days_left: int
    allowed: Distance
    allowed_by_today: Distance
    driven: Distance
    per_day: Distance
    expected: Distance
    expected_low: Distance
    expected_high: Distance
    overrun: Distance
    overrun_low: Distance
    overrun_high: Distance
    fee: Money | None
    fee_low: Money | None
    fee_high: Money | None
    because: str
