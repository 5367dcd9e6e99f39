"""Assignments: who had which vehicle when; the facts, and the commands and questions about them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT

__all__ = [
    "AssignDriver",
    "Assignment",
    "DeleteAssignment",
    "EditAssignment",
    "HandOver",
    "ListAssignments",
    "WhoDrove",
]


@frozen(kw_only=True)
class AssignDriver:
    """Note that somebody has a vehicle from *starts_at* (default: now) up to but not including *ends_at*.

    *driver_id* is a member, *driver_name* someone who is none. A vehicle has one primary driver at a time, and
    any number of others. *id* may be chosen by the client.
    """

    vehicle_id: UUID
    driver_id: UUID | None = None
    driver_name: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_primary: bool = True
    notes: str = ""
    id: UUID | None = None


@frozen(kw_only=True)
class HandOver:
    """Give a vehicle to its next primary driver at *at* (default: now); whoever has it then gives it up."""

    vehicle_id: UUID
    driver_id: UUID | None = None
    driver_name: str = ""
    at: datetime | None = None
    notes: str = ""


@frozen(kw_only=True)
class EditAssignment:
    """Replace the times and notes of an assignment; *version* is the one that was read. Its driver never changes."""

    id: UUID
    version: int
    starts_at: datetime
    ends_at: datetime | None = None
    is_primary: bool = True
    notes: str = ""


@frozen(kw_only=True)
class DeleteAssignment:
    """Delete an assignment that never was; *version* is the one that was read."""

    id: UUID
    version: int


@frozen(kw_only=True)
class ListAssignments:
    """Ask who had the vehicles, newest first: one vehicle, one driver, or all."""

    vehicle_id: UUID | None = None
    driver_id: UUID | None = None
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class WhoDrove:
    """Ask who had a vehicle at *since*, or at any time from then until *until*, as for a fine."""

    vehicle_id: UUID
    since: datetime
    until: datetime | None = None


@frozen(kw_only=True)
class Assignment:
    """Somebody has a vehicle, from *starts_at* up to but not including *ends_at*."""

    id: UUID
    vehicle_id: UUID
    driver_id: UUID | None = None
    driver_name: str = field(default="", metadata={"personal": True})
    starts_at: datetime
    ends_at: datetime | None = None
    is_primary: bool = True
    notes: str = field(default="", metadata={"personal": True})
    created_at: datetime
    created_by: UUID
    updated_at: datetime
    updated_by: UUID
    version: int = 1
