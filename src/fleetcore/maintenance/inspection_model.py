"""Checklists and inspections, and what one can ask to be done with them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT
from fleetcore.kernel.quantities import Distance

__all__ = [
    "AddChecklist",
    "CheckKind",
    "CheckResult",
    "CheckedItem",
    "Checklist",
    "ChecklistFields",
    "ChecklistItem",
    "DeleteInspection",
    "EditChecklist",
    "EditInspection",
    "GetChecklist",
    "GetInspection",
    "Inspection",
    "InspectionFields",
    "ListChecklists",
    "ListInspections",
    "Outcome",
    "RecordInspection",
    "RemoveChecklist",
    "ScheduleRepairs",
]


class CheckKind(StrEnum):
    """How an item of a checklist is answered."""

    PASS_FAIL = "pass_fail"  # noqa: S105 - no password
    MEASURE = "measure"
    NOTE = "note"


class Outcome(StrEnum):
    """What came out of one check, or of a whole inspection (which always applies)."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


@frozen(kw_only=True)
class ChecklistItem:
    """One check: *key* is its stable word, which follows from the title where it is not said.

    A measured value passes from *minimum* to *maximum*, both included; *unit* is what it is measured in.
    """

    title: str
    key: str = ""
    kind: CheckKind = CheckKind.PASS_FAIL
    unit: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    hint: str = ""


@frozen(kw_only=True)
class ChecklistFields:
    """What is said of a checklist."""

    name: str
    items: tuple[ChecklistItem, ...] = ()
    notes: str = ""


@frozen(kw_only=True)
class AddChecklist(ChecklistFields):
    """Add a checklist to the fleet; *id* may come from the client."""

    id: UUID | None = None


@frozen(kw_only=True)
class EditChecklist(ChecklistFields):
    """Replace a checklist; inspections keep the items that they were made with."""

    id: UUID
    version: int


@frozen(kw_only=True)
class RemoveChecklist:
    """Remove a checklist; inspections keep the items that they were made with."""

    id: UUID
    version: int


@frozen(kw_only=True)
class Checklist(ChecklistFields):
    """A checklist: of the fleet, or one that is shipped, which has no id and cannot be changed.

    *key* is what inspections name it by: the id, or the word of a shipped one.
    """

    key: str
    id: UUID | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    created_by: UUID | None = None
    updated_by: UUID | None = None
    version: int = 0


@frozen(kw_only=True)
class GetChecklist:
    """Ask for one checklist by its id, or by the word of a shipped one."""

    key: str


@frozen(kw_only=True)
class ListChecklists:
    """Ask for the fleet's checklists and the shipped ones."""


@frozen(kw_only=True)
class CheckResult:
    """What was found of the item *key*; of a measured one the *value* is enough."""

    key: str
    outcome: Outcome | None = None
    value: Decimal | None = None
    note: str = ""


@frozen(kw_only=True)
class InspectionFields:
    """What a person says about an inspection; every item needs its result.

    *inspector_id* is the member who looked (None: who records it). An inspection that is passed answers the
    reminders of *reminder_ids*, as a service does.
    """

    vehicle_id: UUID
    done_on: date
    results: tuple[CheckResult, ...] = ()
    odometer: Distance | None = None
    inspector_id: UUID | None = None
    notes: str = ""
    reminder_ids: tuple[UUID, ...] = ()
    accept_odometer_jump: bool = False


@frozen(kw_only=True)
class RecordInspection(InspectionFields):
    """Record an inspection by a *checklist*, or the retest of a failed one.

    A retest covers the items that failed, all of them again with *whole*, and closes the failed inspection.
    """

    id: UUID | None = None
    checklist: str = ""
    retest_of: UUID | None = None
    whole: bool = False


@frozen(kw_only=True)
class EditInspection(InspectionFields):
    """Replace what was found by inspection *id*, as long as it still has *version*; its items stay the same."""

    id: UUID
    version: int


@frozen(kw_only=True)
class DeleteInspection:
    """Delete inspection *id*, as long as it still has *version*; what a retest closed is open again."""

    id: UUID
    version: int


@frozen(kw_only=True)
class CheckedItem:
    """An item as it was when it was checked, and what was found."""

    key: str
    title: str
    kind: CheckKind
    unit: str
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    outcome: Outcome
    value: Decimal | None = None
    note: str = ""


@frozen(kw_only=True)
class Inspection:
    """An inspection as accepted; *result* is a failure when any item failed.

    *closed_by* names the retest of a failed one, *job_id* the job that was planned for what failed.
    """

    id: UUID
    vehicle_id: UUID
    checklist: str
    title: str
    done_on: date
    odometer: Distance | None = None
    inspector_id: UUID
    items: tuple[CheckedItem, ...]
    result: Outcome
    notes: str = ""
    reminder_ids: tuple[UUID, ...] = ()
    retest_of: UUID | None = None
    closed_by: UUID | None = None
    job_id: UUID | None = None
    reading_id: UUID | None = None
    deleted_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    created_by: UUID
    updated_by: UUID
    version: int = 1

    @property
    def failed(self) -> tuple[CheckedItem, ...]:
        """The items that failed."""
        return tuple(item for item in self.items if item.outcome is Outcome.FAIL)


@frozen(kw_only=True)
class GetInspection:
    """Ask for one inspection."""

    id: UUID


@frozen(kw_only=True)
class ListInspections:
    """Ask for inspections, newest first; with *open_only* the failed ones that no retest has closed."""

    vehicle_id: UUID | None = None
    open_only: bool = False
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class ScheduleRepairs:
    """Plan one job for everything that failed in inspection *id*, as long as it still has *version*."""

    id: UUID
    version: int
    planned_on: date | None = None
    provider_id: UUID | None = None
    estimated_cost: Money | None = None
