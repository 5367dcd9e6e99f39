"""Store and erase the service records of an import: the same rules as one by one, in a few statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import attrs

from fleetcore.kernel.days import Calendar, noon_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.ledger.service import post_many, reverse_many
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.meters import ReadingNote, note_readings

from .model import ListServices, RecordService, Service
from .ports import JOBS, SERVICES
from .service import SOURCE, accepted_fields, posting_of, release_reminders

__all__ = ["has_maintenance", "remove_imported", "store_services"]

BATCH = 1000
Imported = tuple[UUID, RecordService]


def store_services(uow: UnitOfWork, vehicle_id: UUID, imported: Sequence[Imported]) -> list[UUID]:
    """Store services, each beside the id of the import that brought it, of a vehicle whose lock the caller holds.

    They come from records that were accepted before. Odometer jumps are accepted and recorded. Returns the ids.
    """
    fleet = fleet_of(uow)
    calendar = Calendar(now=uow.now, timezone=fleet.timezone)
    facts = []
    for import_id, command in imported:
        fields = accepted_fields(command, fleet.timezone, fleet.currency)
        facts.append(_fact(uow, command.id or uow.new_id(), vehicle_id, fields | {"import_id": import_id}))
    owners = [index for index, fact in enumerate(facts) if fact.odometer is not None]
    noted, _ = note_readings(uow, [_note(facts[index], calendar) for index in owners])
    for index, reading_id in zip(owners, noted, strict=True):
        facts[index] = attrs.evolve(facts[index], reading_id=reading_id)
    for start in range(0, len(facts), BATCH):
        batch = facts[start : start + BATCH]
        uow[SERVICES].add_many(batch)
        post_many(uow, [posting_of(fact) for fact in batch])
    return [fact.id for fact in facts]


def _fact(uow: UnitOfWork, service_id: UUID, vehicle_id: UUID, fields: dict[str, Any]) -> Service:
    user = uow.actor.user_id
    history: dict[str, Any] = {"created_at": uow.now, "created_by": user, "updated_at": uow.now, "updated_by": user}
    return Service(id=service_id, vehicle_id=vehicle_id, **history, **fields)


def _note(fact: Service, calendar: Calendar) -> ReadingNote:
    assert fact.odometer is not None  # noqa: S101 - only those with one are noted; tells the type checker
    return ReadingNote(
        vehicle_id=fact.vehicle_id,
        value=fact.odometer.metres,
        at=fact.at or noon_of(fact.done_on, calendar),
        source=SOURCE,
        source_id=fact.id,
    )


def has_maintenance(uow: UnitOfWork, vehicle_id: UUID) -> bool:
    """Say whether a vehicle has a service record that is not deleted, or any job."""
    page = uow[SERVICES].page(ListServices(vehicle_id=vehicle_id), None, None, None, 1)
    return bool(page) or uow[JOBS].has_any(vehicle_id)


def remove_imported(uow: UnitOfWork, import_id: UUID) -> list[tuple[UUID, UUID | None]]:
    """Erase an import's service records and reverse what they posted; returns (vehicle id, reading id) of all."""
    services = list(uow[SERVICES].of_import(import_id))
    reverse_many(uow, SOURCE, [service.id for service in services])
    for service in services:
        if service.deleted_at is None:
            release_reminders(uow, service)
    uow[SERVICES].remove_import(import_id)
    return [
        (service.vehicle_id, reading_id)
        for service in services
        for reading_id in (service.reading_id, service.hours_reading_id)
    ]
