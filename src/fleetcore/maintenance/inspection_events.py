"""What is told after an inspection or a checklist changed; personal words stay out."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event

from .inspection_model import Outcome

__all__ = [
    "INSPECTION_EVENTS",
    "ChecklistAdded",
    "ChecklistEdited",
    "ChecklistRemoved",
    "InspectionClosed",
    "InspectionDeleted",
    "InspectionEdited",
    "InspectionFailed",
    "InspectionRecorded",
    "InspectionRepairsScheduled",
]


@frozen(kw_only=True)
class _InspectionTold(Event):
    """What an inspection tells."""

    inspection_id: UUID
    vehicle_id: UUID
    checklist: str
    done_on: date
    result: Outcome
    failed: int
    retest_of: UUID | None
    inspection_version: int


@event("maintenance.inspection_recorded", key="inspection_id")
@frozen(kw_only=True)
class InspectionRecorded(_InspectionTold):
    """An inspection was recorded, a retest among them."""


@event("maintenance.inspection_failed", key="inspection_id")
@frozen(kw_only=True)
class InspectionFailed(_InspectionTold):
    """An inspection failed, when it was recorded or by a change."""


@event("maintenance.inspection_edited", key="inspection_id")
@frozen(kw_only=True)
class InspectionEdited(_InspectionTold):
    """What an inspection found was changed."""


@event("maintenance.inspection_closed", key="inspection_id")
@frozen(kw_only=True)
class InspectionClosed(Event):
    """A failed inspection was closed by its retest."""

    inspection_id: UUID
    vehicle_id: UUID
    closed_by: UUID


@event("maintenance.inspection_repairs_scheduled", key="inspection_id")
@frozen(kw_only=True)
class InspectionRepairsScheduled(Event):
    """A job was planned for what failed in an inspection."""

    inspection_id: UUID
    vehicle_id: UUID
    job_id: UUID


@event("maintenance.inspection_deleted", key="inspection_id")
@frozen(kw_only=True)
class InspectionDeleted(Event):
    """An inspection was deleted."""

    inspection_id: UUID
    vehicle_id: UUID
    inspection_version: int


@frozen(kw_only=True)
class _ChecklistTold(Event):
    """What a checklist tells."""

    checklist_id: UUID
    checklist_version: int


@event("maintenance.checklist_added", key="checklist_id")
@frozen(kw_only=True)
class ChecklistAdded(_ChecklistTold):
    """A checklist was added."""


@event("maintenance.checklist_edited", key="checklist_id")
@frozen(kw_only=True)
class ChecklistEdited(_ChecklistTold):
    """A checklist was changed; inspections keep the items that they were made with."""


@event("maintenance.checklist_removed", key="checklist_id")
@frozen(kw_only=True)
class ChecklistRemoved(_ChecklistTold):
    """A checklist was removed."""


INSPECTION_EVENTS: tuple[type[Event], ...] = (
    InspectionRecorded,
    InspectionFailed,
    InspectionEdited,
    InspectionClosed,
    InspectionRepairsScheduled,
    InspectionDeleted,
    ChecklistAdded,
    ChecklistEdited,
    ChecklistRemoved,
)
