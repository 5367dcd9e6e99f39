"""What one can ask of history, and what it tells."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT

__all__ = [
    "LANGUAGES",
    "ChangeKind",
    "FieldChange",
    "GetPassport",
    "ListTimeline",
    "Passport",
    "RecordChange",
    "RecordHistory",
]

LANGUAGES = ("en", "de")  # that the passport speaks


@frozen(kw_only=True)
class ListTimeline:
    """Ask what happened to a vehicle, newest first.

    *kinds* names sources ("fill", "service"...; none means all). *since* and *until* are days, both included. *text*
    is looked for in what people wrote, without regard to case. *cost_min* and *cost_max* leave out what costs less
    or more, or nothing, or in another currency.
    """

    vehicle_id: UUID
    kinds: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    text: str = ""
    cost_min: Money | None = None
    cost_max: Money | None = None
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class RecordHistory:
    """Ask who changed one record, whatever it is, newest first; deleted records have a history too."""

    id: UUID
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


class ChangeKind(StrEnum):
    """What was done to a record."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    RESTORED = "restored"
    ERASED = "erased"


@frozen(kw_only=True)
class FieldChange:
    """One field before and after, in words; empty where it said nothing."""

    field: str
    before: str
    after: str


@frozen(kw_only=True)
class RecordChange:
    """One change of a record: when, by whom, by which operation, and field by field.

    Fields that hold personal values are never in the log: a change of nothing but those has no *fields*.
    """

    id: UUID
    at: datetime
    actor_id: UUID
    actor_name: str
    operation: str
    record: str
    kind: ChangeKind
    sentence: str
    fields: tuple[FieldChange, ...] = ()


@frozen(kw_only=True)
class GetPassport:
    """Ask for the service passport of a vehicle, as a page to print.

    *with_costs* says what services cost; *with_plate* and *with_vin* may be left out of a page that goes public.
    *owners* is how many owners the papers name. *language* is "en" or "de"; None means the user's.
    """

    vehicle_id: UUID
    with_costs: bool = True
    with_plate: bool = True
    with_vin: bool = True
    owners: int | None = None
    language: str | None = None


@frozen(kw_only=True)
class Passport:
    """The service passport: a whole HTML page that loads nothing."""

    vehicle_id: UUID
    title: str
    language: str
    html: str
