"""What is told after a service record, a job or a provider changed; personal words stay out."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance, EngineHours

from .model import ServiceCategory

__all__ = [
    "EVENTS",
    "MaintenanceCancelled",
    "MaintenanceCompleted",
    "MaintenanceReopened",
    "MaintenanceRescheduled",
    "MaintenanceScheduled",
    "MaintenanceStarted",
    "ProviderAdded",
    "ProviderEdited",
    "ProviderRemoved",
    "ServiceDeleted",
    "ServiceEdited",
    "ServiceRecorded",
    "ServiceRestored",
]


@frozen(kw_only=True)
class _ServiceTold(Event):
    """What both the first and every later version of a service record tell."""

    service_id: UUID
    vehicle_id: UUID
    done_on: date
    category: ServiceCategory
    odometer: Distance | None
    engine_hours: EngineHours | None
    total: Money
    provider_id: UUID | None
    service_version: int


@event("maintenance.service_recorded", key="service_id")
@frozen(kw_only=True)
class ServiceRecorded(_ServiceTold):
    """A service was recorded, by itself or by completing a job."""


@event("maintenance.service_edited", key="service_id")
@frozen(kw_only=True)
class ServiceEdited(_ServiceTold):
    """A service record was changed; the payload is how it is now."""


@event("maintenance.service_deleted", key="service_id")
@frozen(kw_only=True)
class ServiceDeleted(Event):
    """A service record was deleted."""

    service_id: UUID
    vehicle_id: UUID
    service_version: int


@event("maintenance.service_restored", key="service_id")
@frozen(kw_only=True)
class ServiceRestored(_ServiceTold):
    """A deleted service record came back."""


@frozen(kw_only=True)
class _JobTold(Event):
    """What a job tells."""

    job_id: UUID
    vehicle_id: UUID
    category: ServiceCategory
    planned_on: date | None
    provider_id: UUID | None
    job_version: int


@event("maintenance.job_scheduled", key="job_id")
@frozen(kw_only=True)
class MaintenanceScheduled(_JobTold):
    """A job was planned."""


@event("maintenance.job_rescheduled", key="job_id")
@frozen(kw_only=True)
class MaintenanceRescheduled(_JobTold):
    """What was planned of a job was changed."""


@event("maintenance.job_started", key="job_id")
@frozen(kw_only=True)
class MaintenanceStarted(_JobTold):
    """Work on a job began; its vehicle is under maintenance."""


@event("maintenance.job_completed", key="job_id")
@frozen(kw_only=True)
class MaintenanceCompleted(_JobTold):
    """A job was finished and its service record written."""

    service_id: UUID


@event("maintenance.job_cancelled", key="job_id")
@frozen(kw_only=True)
class MaintenanceCancelled(_JobTold):
    """A job was given up."""


@event("maintenance.job_reopened", key="job_id")
@frozen(kw_only=True)
class MaintenanceReopened(_JobTold):
    """A cancelled or completed job was taken up again."""


@frozen(kw_only=True)
class _ProviderTold(Event):
    """What a provider tells."""

    provider_id: UUID
    provider_version: int


@event("maintenance.provider_added", key="provider_id")
@frozen(kw_only=True)
class ProviderAdded(_ProviderTold):
    """A provider was added."""


@event("maintenance.provider_edited", key="provider_id")
@frozen(kw_only=True)
class ProviderEdited(_ProviderTold):
    """What is known about a provider was changed."""


@event("maintenance.provider_removed", key="provider_id")
@frozen(kw_only=True)
class ProviderRemoved(_ProviderTold):
    """A provider was taken off the list."""


EVENTS: tuple[type[Event], ...] = (
    ServiceRecorded,
    ServiceEdited,
    ServiceDeleted,
    ServiceRestored,
    MaintenanceScheduled,
    MaintenanceRescheduled,
    MaintenanceStarted,
    MaintenanceCompleted,
    MaintenanceCancelled,
    MaintenanceReopened,
    ProviderAdded,
    ProviderEdited,
    ProviderRemoved,
)
