"""Record, edit, delete and restore services: the fact, its meter readings and its cost, together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

import attrs

from fleetcore.attachments.reach import attachment_problems, follow_record
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.days import Calendar, noon_of
from fleetcore.kernel.errors import Conflict, NotFound, Rejected, reject_if_any
from fleetcore.kernel.paging import Page, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.sorting import position_by
from fleetcore.kernel.when import require_aware
from fleetcore.ledger.model import Posting, cost_lines
from fleetcore.ledger.service import post, repost, reverse
from fleetcore.operations import operation, query
from fleetcore.people.service import fleet_of
from fleetcore.reminders.links import answer_reminders
from fleetcore.vehicles.access import may_touch, reachable_vehicles, require_change, vehicle_for, vehicle_of
from fleetcore.vehicles.events import Work
from fleetcore.vehicles.instants import fitting_instant
from fleetcore.vehicles.meters import ReadingNote, note_meters, withdraw_reading
from fleetcore.vehicles.readings import Meter

from .events import ServiceDeleted, ServiceEdited, ServiceRecorded, ServiceRestored
from .model import (
    DeleteService,
    EditService,
    GetService,
    ListServices,
    RecordService,
    RestoreService,
    Service,
    ServiceCategory,
    WorkFields,
)
from .ports import PROVIDERS, SERVICES
from .rules import ACCOUNTS, REFUND_ACCOUNT, costs_of, day_of, work_problems

__all__ = [
    "SOURCE",
    "delete_service",
    "edit_service",
    "get_service",
    "list_services",
    "record_service",
    "release_reminders",
    "restore_service",
    "take_back",
    "work_of",
    "write_service",
]

READ, WORK = "maintenance.read", "maintenance.work"
SOURCE = "maintenance.service"
Told = TypeVar("Told", ServiceRecorded, ServiceEdited, ServiceRestored)
DERIVED = {"done_on", "at", "category", "title", "total", "reminder_ids", "accept_odometer_jump"}
KEPT = tuple(a.name for a in attrs.fields(WorkFields) if a.name not in DERIVED)
TOLD = tuple(a.name for a in attrs.fields(ServiceRecorded) if a.name not in {"service_id", "service_version"})


def accepted_fields(work: WorkFields, timezone: str, currency: str) -> dict[str, Any]:
    """Return the fields of the fact that *work*, in which nothing is wrong, asks for."""
    costs = costs_of(work, currency)
    return {
        **{name: getattr(work, name) for name in KEPT},
        "done_on": day_of(work, timezone),
        "at": None if work.at is None else require_aware(work.at),
        "category": work.category or ServiceCategory.ROUTINE,
        "title": " ".join(work.title.split()),
        "reminder_ids": tuple(dict.fromkeys(work.reminder_ids)),
        "parts_cost": costs.parts,
        "labour_total": costs.labour,
        "total": costs.total,
    }


def posting_of(service: Service) -> Posting:
    """Return the journal entry that *service* asks for: a cost by its category, or a refund.

    Its description is the category alone: the journal cannot forget what people write in titles.
    """
    account = ACCOUNTS[service.category] if service.total.minor >= 0 else REFUND_ACCOUNT
    return Posting(
        entry_date=service.done_on,
        description=str(service.category),
        source=SOURCE,
        source_id=service.id,
        source_version=service.version,
        lines=cost_lines(account, service.total, service.vehicle_id),
    )


def _told(kind: type[Told], service: Service) -> Told:
    return kind(
        service_id=service.id, service_version=service.version, **{name: getattr(service, name) for name in TOLD}
    )


def require_provider(uow: UnitOfWork, provider_id: UUID | None, before: UUID | None = None) -> None:
    """Make sure that a provider who is newly named is on the list. Raises NotFound, Rejected for a removed one."""
    if provider_id is None or provider_id == before:
        return
    if uow[PROVIDERS].get(provider_id).deleted_at is not None:
        raise Rejected.because("provider_id", "this provider was removed: name another one", "provider.removed")


def _checked(
    uow: UnitOfWork, vehicle_id: UUID, work: WorkFields, before: Service | None = None
) -> tuple[dict[str, Any], Calendar]:
    """Return the fields that *work* asks for, and the fleet's calendar; raises Rejected with every problem."""
    fleet = fleet_of(uow)
    calendar = Calendar(now=uow.now, timezone=fleet.timezone)
    known = () if before is None else before.attachment_ids
    reject_if_any((*work_problems(work, calendar), *attachment_problems(uow, work.attachment_ids, vehicle_id, known)))
    require_provider(uow, work.provider_id, None if before is None else before.provider_id)
    return accepted_fields(work, fleet.timezone, fleet.currency), calendar


def work_of(service: Service, *, released: Sequence[UUID] = (), is_restored: bool = False) -> Work:
    """Return what *service* did for reminders, beside those that it *released*."""
    kept = frozenset(service.reminder_ids)
    return Work(
        record_id=service.id,
        done_on=service.done_on,
        odometer=service.odometer,
        engine_hours=service.engine_hours,
        answers=service.reminder_ids,
        released=tuple(each for each in released if each not in kept),
        is_restored=is_restored,
    )


def release_reminders(uow: UnitOfWork, service: Service) -> None:
    """Take back what *service* answered: its reminders are due as if it had never been."""
    without: Service = attrs.evolve(service, reminder_ids=())
    answer_reminders(uow, service.vehicle_id, work_of(without, released=service.reminder_ids))


def _note_meters(uow: UnitOfWork, service: Service, calendar: Calendar, work: Work, *, accept_jump: bool) -> Service:
    """Return *service* with the readings it implies noted, and its reminders answered."""
    at, shown = service.at, []
    if service.odometer is not None:
        metres = service.odometer.metres
        at = at or fitting_instant(uow, service.vehicle_id, metres, service.done_on, calendar)
        shown.append((Meter.ODOMETER, metres))
    if service.engine_hours is not None:
        shown.append((Meter.ENGINE_HOURS, service.engine_hours.tenths))
    notes = [
        ReadingNote(
            vehicle_id=service.vehicle_id,
            meter=meter,
            value=value,
            at=at or noon_of(service.done_on, calendar),
            source=SOURCE,
            source_id=service.id,
            accept_jump=accept_jump,
        )
        for meter, value in shown
    ]
    noted = {reading.meter: reading.id for reading in note_meters(uow, notes, work)}
    if not noted:
        answer_reminders(uow, service.vehicle_id, work)
    return attrs.evolve(service, reading_id=noted.get(Meter.ODOMETER), hours_reading_id=noted.get(Meter.ENGINE_HOURS))


def _withdraw_meters(uow: UnitOfWork, service: Service) -> Service:
    """Return *service* without the readings it owned, which are voided."""
    for reading_id in (service.reading_id, service.hours_reading_id):
        if reading_id is not None:
            withdraw_reading(uow, reading_id)
    return attrs.evolve(service, reading_id=None, hours_reading_id=None)


def _current(uow: UnitOfWork, command: EditService | DeleteService) -> Service:
    service = _touchable(uow, uow[SERVICES].get(command.id))
    if service.version != command.version:
        raise Conflict(
            f"the service record {service.id} was changed by someone else meanwhile: read it again, then repeat"
        )
    return service


def _touchable(uow: UnitOfWork, service: Service) -> Service:
    """Return *service* when the actor may change it, its vehicle locked. Raises NotFound, Forbidden."""
    vehicle_of(uow, "service record", service, WORK, lock=True)
    require_change(uow, "service record", service, read=READ, write=WORK, done="this service was recorded")
    return service


def _next_version(uow: UnitOfWork, before: Service) -> dict[str, Any]:
    return {"updated_at": uow.now, "updated_by": uow.actor.user_id, "version": before.version + 1}


def write_service(uow: UnitOfWork, vehicle_id: UUID, work: WorkFields, service_id: UUID) -> Service:
    """Write the record of *work* on a vehicle whose lock the caller holds, with its readings and its cost."""
    fields, calendar = _checked(uow, vehicle_id, work)
    user = uow.actor.user_id
    service = Service(
        id=service_id,
        vehicle_id=vehicle_id,
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
        **fields,
    )
    service = _note_meters(uow, service, calendar, work_of(service), accept_jump=work.accept_odometer_jump)
    uow[SERVICES].add(service)
    post(uow, posting_of(service))
    uow.record_change(SOURCE, service.id, None, service)
    uow.emit(_told(ServiceRecorded, service))
    return service


def take_back(uow: UnitOfWork, before: Service) -> Service:
    """Delete a service record on a vehicle whose lock the caller holds, with its readings and its cost."""
    after = attrs.evolve(_withdraw_meters(uow, before), deleted_at=uow.now, **_next_version(uow, before))
    release_reminders(uow, before)
    uow[SERVICES].replace(after, old_version=before.version)
    reverse(uow, SOURCE, before.id)
    uow.record_change(SOURCE, before.id, before, None)
    uow.emit(ServiceDeleted(service_id=after.id, vehicle_id=after.vehicle_id, service_version=after.version))
    return after


@operation("maintenance.record_service", permission=WORK)
def record_service(uow: UnitOfWork, command: RecordService) -> Service:
    """Record what was done to a vehicle: check it, note its meters, book its cost, move its reminders on.

    Raises Forbidden, NotFound for the vehicle, the provider or a reminder, Conflict for a taken id, Rejected with every
    problem; the code ``odometer.jump`` asks for *accept_odometer_jump*.
    """
    vehicle_for(uow, command.vehicle_id, WORK, lock=True)
    return write_service(uow, command.vehicle_id, command, command.id or uow.new_id())


@operation("maintenance.edit_service", permission=WORK)
def edit_service(uow: UnitOfWork, command: EditService) -> Service:
    """Replace what was said of a service; its readings, its journal entry and its reminders follow.

    A service that moves to another vehicle lets the reminders of the first one go.

    Raises NotFound, Forbidden for someone else's, Conflict for a stale version, Rejected with every problem.
    """
    before = _current(uow, command)
    if command.vehicle_id != before.vehicle_id:
        vehicle_for(uow, command.vehicle_id, WORK, lock=True)
    fields, calendar = _checked(uow, command.vehicle_id, command, before)
    has_moved = command.vehicle_id != before.vehicle_id
    if has_moved:  # the reminders of the one vehicle are none of the other's
        release_reminders(uow, before)
        fields["reminder_ids"] = tuple(each for each in fields["reminder_ids"] if each not in before.reminder_ids)
    after: Service = attrs.evolve(before, vehicle_id=command.vehicle_id, **fields, **_next_version(uow, before))
    work = work_of(after, released=() if has_moved else before.reminder_ids)
    if _reading_facts(before) != _reading_facts(after):
        jumps = command.accept_odometer_jump
        after = _note_meters(uow, _withdraw_meters(uow, after), calendar, work, accept_jump=jumps)
    elif before.reminder_ids != after.reminder_ids:
        answer_reminders(uow, after.vehicle_id, work)
    uow[SERVICES].replace(after, old_version=before.version)
    repost(uow, posting_of(after))
    follow_record(uow, SOURCE, after.id, old_vehicle_id=before.vehicle_id, vehicle_id=after.vehicle_id)
    uow.record_change(SOURCE, after.id, before, after)
    uow.emit(_told(ServiceEdited, after))
    return after


def _reading_facts(service: Service) -> tuple[object, ...]:
    return (service.vehicle_id, service.done_on, service.at, service.odometer, service.engine_hours)


@operation("maintenance.delete_service", permission=WORK)
def delete_service(uow: UnitOfWork, command: DeleteService) -> Service:
    """Delete a service record: its readings are voided, its journal entry reversed, its reminders due again.

    It can be restored.

    Raises NotFound, Forbidden for someone else's, Conflict for a stale version.
    """
    return take_back(uow, _current(uow, command))


@operation("maintenance.restore_service", permission=WORK)
def restore_service(uow: UnitOfWork, command: RestoreService) -> Service:
    """Bring a deleted service record back, with its readings and its cost. Raises NotFound, Forbidden."""
    before = _touchable(uow, uow[SERVICES].get(command.id, deleted=True))
    after: Service = attrs.evolve(before, deleted_at=None, **_next_version(uow, before))
    calendar = Calendar(now=uow.now, timezone=fleet_of(uow).timezone)
    after = _note_meters(uow, after, calendar, work_of(after, is_restored=True), accept_jump=True)
    uow[SERVICES].replace(after, old_version=before.version)
    repost(uow, posting_of(after))
    uow.record_change(SOURCE, after.id, None, after)
    uow.emit(_told(ServiceRestored, after))
    return after


@query("maintenance.get_service", permission=READ)
def get_service(uow: UnitOfWork, command: GetService) -> Service:
    """Return one service record. Raises NotFound."""
    service = uow[SERVICES].get(command.id)
    vehicle_of(uow, "service record", service, READ)
    if not may_touch(uow, READ, service.created_by):
        raise NotFound("service record", service.id)
    return service


SORTS = {"done_on": attrgetter("done_on"), "total": attrgetter("total.minor")}


@query("maintenance.list_services", permission=READ)
def list_services(uow: UnitOfWork, command: ListServices) -> Page[Service]:
    """List service records, newest first, of one vehicle or of all that one may see. Raises NotFound, Rejected."""
    if command.vehicle_id is not None:
        vehicle_for(uow, command.vehicle_id, READ)
    limit = page_limit(command.limit)
    own = uow.actor.user_id if uow.actor.scope(READ) is Scope.OWN else None
    rows = uow[SERVICES].page(command, reachable_vehicles(uow, READ), own, decode_cursor(command), limit + 1)
    return page_of(rows, limit, position_by(command.sort, SORTS), command)
