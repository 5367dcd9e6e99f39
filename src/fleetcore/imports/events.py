"""What is told after an import: one event a file, not one a row."""

from __future__ import annotations

from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event

__all__ = ["EVENTS", "ImportCompleted", "ImportUndone", "ServicesConverted"]


@event("imports.import_completed", key="import_id")
@frozen(kw_only=True)
class ImportCompleted(Event):
    """A log was imported."""

    import_id: UUID
    format: str
    imported: int
    rejected: int
    vehicle_ids: tuple[UUID, ...]


@event("imports.import_undone", key="import_id")
@frozen(kw_only=True)
class ImportUndone(Event):
    """An import was taken back, with everything it brought."""

    import_id: UUID
    vehicle_ids: tuple[UUID, ...]


@event("imports.services_converted", key="conversion_id")
@frozen(kw_only=True)
class ServicesConverted(Event):
    """Expenses that logs called services became service records."""

    conversion_id: UUID
    converted: int
    vehicle_ids: tuple[UUID, ...]


EVENTS: tuple[type[Event], ...] = (ImportCompleted, ImportUndone, ServicesConverted)
