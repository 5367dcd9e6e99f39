"""Record, edit, delete and restore trips: the fact, its odometer readings and its costs, together or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import attrs

from fleetcore.attachments.reach import attachment_problems, follow_record
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Conflict, Problem, Rejected, reject_if_any
from fleetcore.kernel.events import Event
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import local_date, require_aware
from fleetcore.ledger.model import JournalLine, Posting, cost_lines
from fleetcore.ledger.service import post, repost, reverse
from fleetcore.operations import operation
from fleetcore.people.ports import MEMBERS
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.access import require_change, vehicle_for, vehicle_of
from fleetcore.vehicles.meters import ReadingNote, note_reading, withdraw_reading

from .events import TripDeleted, TripEdited, TripFinished, TripRecorded, TripRestored, TripStarted
from .model import DeleteTrip, EditTrip, FinishTrip, RecordTrip, RestoreTrip, StartTrip, Trip, TripFields
from .ports import MONTHS, TRIPS
from .rules import MONTH_CLOSED, Stretch, completed, overlap_problem, trip_problems, wire_problem

__all__ = [
    "SOURCE",
    "delete_trip",
    "edit_trip",
    "finish_trip",
    "record_trip",
    "restore_trip",
    "start_trip",
]

READ, WRITE, PLACES = "trips.read", "trips.write", "trips.location.read"
SOURCE = "trips.trip"
NOT_KEPT = {"reason", "accept_odometer_jump", "accept_speed"}
KEPT = tuple(a.name for a in attrs.fields(TripFields) if a.name not in NOT_KEPT)
TOLD = tuple(a.name for a in attrs.fields(TripRecorded) if a.name not in {"trip_id", "trip_version"})
PLACE_BLANKS: dict[str, Any] = {
    **{f"{end}_place": "" for end in ("start", "end")},
    **{f"{end}_{name}": None for end in ("start", "end") for name in ("latitude", "longitude")},
}


def is_own(uow: UnitOfWork, trip: Trip) -> bool:
    """Say whether the actor recorded or drove *trip*."""
    return uow.actor.user_id in {trip.created_by, trip.driver_id}


def may_see_places(uow: UnitOfWork, trip: Trip) -> bool:
    """Say whether the actor may see where *trip*, which they may see, went."""
    scope = uow.actor.scope(PLACES)
    return scope is not None and (scope is not Scope.OWN or is_own(uow, trip))


def seen(uow: UnitOfWork, trip: Trip) -> Trip:
    """Return *trip* as the actor may see it: without its places, unless they may see those too."""
    return trip if may_see_places(uow, trip) else attrs.evolve(trip, **PLACE_BLANKS)


def accepted_fields(fields: TripFields) -> dict[str, Any]:
    """Return the fields of the fact that *fields*, in which nothing is wrong, asks for."""
    whole = completed(fields)
    kept = {name: getattr(whole, name) for name in KEPT}
    ended = fields.ended_at
    times = {
        "started_at": require_aware(fields.started_at),
        "ended_at": None if ended is None else require_aware(ended),
    }
    return kept | times


def posting_of(trip: Trip, timezone: str) -> Posting:
    """Return the journal entry for what *trip* cost, dated by the calendar of the fleet; it may have no lines."""
    lines: tuple[JournalLine, ...] = ()
    for account, amount in (("expenses.toll", trip.tolls), ("expenses.parking", trip.parking)):
        if amount is not None:
            lines += cost_lines(account, amount, trip.vehicle_id)
    return Posting(
        entry_date=local_date(trip.started_at, timezone),
        description="trip",
        source=SOURCE,
        source_id=trip.id,
        source_version=trip.version,
        lines=lines,
    )


def notes_of(trip: Trip, *, accept_jump: bool) -> dict[str, ReadingNote]:
    """Return the odometer readings that *trip* implies, by the end of the trip that they belong to."""
    shown = (("start", trip.started_at, trip.start_odometer), ("end", trip.ended_at, trip.end_odometer))
    return {
        end: ReadingNote(
            vehicle_id=trip.vehicle_id,
            value=odometer.metres,
            at=at,
            source=SOURCE,
            source_id=trip.id,
            accept_jump=accept_jump,
        )
        for end, at, odometer in shown
        if at is not None and odometer is not None
    }


def _told(kind: Callable[..., Event], trip: Trip) -> Event:
    return kind(trip_id=trip.id, trip_version=trip.version, **{name: getattr(trip, name) for name in TOLD})


def _with_readings(
    uow: UnitOfWork, trip: Trip, before: Trip | None, problems: list[Problem], *, accept_jump: bool
) -> Trip:
    """Return *trip* with its readings noted, those of *before* that it keeps left alone.

    Raises Rejected with *problems* and everything that is wrong with the readings.
    """
    old = notes_of(before, accept_jump=accept_jump) if before is not None else {}
    new = notes_of(trip, accept_jump=accept_jump)
    ids: dict[str, UUID | None] = {}
    for end in ("start", "end"):
        held: UUID | None = getattr(before, f"{end}_reading_id", None)
        if held is not None and old.get(end) == new.get(end):
            ids[end] = held
        elif held is not None:
            withdraw_reading(uow, held)
    for end, note in new.items():
        if end not in ids:
            try:
                ids[end] = note_reading(uow, note).id
            except Rejected as rejected:
                problems += (wire_problem(problem, end) for problem in rejected.problems)
    reject_if_any(problems)
    return attrs.evolve(trip, start_reading_id=ids.get("start"), end_reading_id=ids.get("end"))


def month_of(uow: UnitOfWork, trip: TripFields | Trip) -> date:
    """Return the first day of the month, in the fleet's time zone, in which *trip* began."""
    return local_date(trip.started_at, fleet_of(uow).timezone).replace(day=1)


def _closed_marks(uow: UnitOfWork, reason: str, *concerned: TripFields | Trip) -> tuple[dict[str, Any], list[Problem]]:
    """Return how a change in the months of the *concerned* trips is marked, and what is wrong with it."""
    of = {(trip.vehicle_id, month_of(uow, trip)) for trip in concerned}
    closed = sorted(month for vehicle_id, month in of if uow[MONTHS].is_closed(vehicle_id, month))
    if not closed:
        return ({"reason": reason.strip()} if reason.strip() else {}), []
    if not reason.strip():
        message = f"is needed: the month {closed[0]:%Y-%m} of this logbook is closed; say why it changes"
        return {}, [Problem("reason", message, MONTH_CLOSED)]
    return {"reason": reason.strip(), "changed_after_closing": True}, []


def closed_month_problems(uow: UnitOfWork, trip: TripFields) -> list[Problem]:
    """Return what forbids *trip* in a closed month."""
    return _closed_marks(uow, trip.reason, trip)[1]


def _problems(uow: UnitOfWork, command: TripFields, before: Trip | None = None) -> list[Problem]:
    """Return what forbids *command*; raises Rejected when it is wrong by itself."""
    wrong = list(trip_problems(command, uow.now))
    wrong += _driver_problems(uow, command, before)
    stretch = Stretch(command.started_at, command.ended_at)
    overlaps: list[Problem] = []
    if stretch.end is None or stretch.end >= stretch.start:
        besides = None if before is None else before.id
        overlaps += overlap_problem(stretch, uow[TRIPS].overlapping(command.vehicle_id, stretch, besides))
    if wrong:
        raise Rejected([*wrong, *overlaps])
    return overlaps


def _driver_problems(uow: UnitOfWork, command: TripFields, before: Trip | None) -> list[Problem]:
    driver_id = command.driver_id
    if driver_id is None or driver_id == uow.actor.user_id or (before is not None and driver_id == before.driver_id):
        return []
    if uow.actor.scope(WRITE) is Scope.OWN:
        return [Problem("driver_id", "is someone else: your role records your own trips only", "driver.not_you")]
    if uow[MEMBERS].find(driver_id) is None:
        return [Problem("driver_id", "is no member of this fleet: use driver_name for others", "driver.unknown")]
    return []


def _touchable(uow: UnitOfWork, trip: Trip) -> Trip:
    vehicle_of(uow, "trip", trip, WRITE, lock=True)
    if not is_own(uow, trip):
        require_change(uow, "trip", trip, read=READ, write=WRITE, done="this trip was made")
    return trip


def _require_version(trip: Trip, version: int) -> None:
    if trip.version != version:
        raise Conflict(
            f"the trip {trip.id} was changed by someone else meanwhile: read it again, then repeat your change"
        )


def _next_version(uow: UnitOfWork, before: Trip) -> dict[str, Any]:
    return {"updated_at": uow.now, "updated_by": uow.actor.user_id, "version": before.version + 1}


def _edited(uow: UnitOfWork, before: Trip) -> dict[str, Any]:
    return {"edits": before.edits + 1, "edited_at": uow.now}


@operation("trips.record", permission=WRITE)
def record_trip(uow: UnitOfWork, command: RecordTrip) -> Trip:
    """Record a trip: check it, note its odometers, book its tolls and parking; without an end it is running.

    Raises NotFound for the vehicle, Conflict for a taken id, Rejected with every problem; the codes
    ``odometer.jump`` and ``trip.too_fast`` ask for *accept_odometer_jump* and *accept_speed*,
    ``trip.month_closed`` for a *reason*.
    """
    return _record(uow, command, TripRecorded)


@operation("trips.start", permission=WRITE)
def start_trip(uow: UnitOfWork, command: StartTrip) -> Trip:
    """Begin a trip now; a vehicle is on one trip at a time.

    Raises NotFound for the vehicle, Conflict for a taken id, Rejected with every problem.
    """
    said = {a.name: getattr(command, a.name) for a in attrs.fields(StartTrip)}
    said["started_at"] = command.started_at or uow.now
    return _record(uow, RecordTrip(**said), TripStarted)


def _record(uow: UnitOfWork, command: RecordTrip, kind: Callable[..., Event]) -> Trip:
    vehicle_for(uow, command.vehicle_id, WRITE, lock=True)
    user = uow.actor.user_id
    if command.driver_id is None and not command.driver_name.strip():
        command = attrs.evolve(command, driver_id=user)
    problems = _problems(uow, command)
    problems += attachment_problems(uow, command.attachment_ids, command.vehicle_id)
    marks, unexplained = _closed_marks(uow, command.reason, command)
    trip = Trip(
        id=command.id or uow.new_id(),
        finished_at=None if command.ended_at is None else uow.now,
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
        **accepted_fields(command),
        **marks,
    )
    trip = _with_readings(uow, trip, None, problems + unexplained, accept_jump=command.accept_odometer_jump)
    uow[TRIPS].add(trip)
    post(uow, posting_of(trip, fleet_of(uow).timezone))
    uow.record_change(SOURCE, trip.id, None, trip)
    uow.emit(_told(kind, trip))
    return trip


@operation("trips.edit", permission=WRITE)
def edit_trip(uow: UnitOfWork, command: EditTrip) -> Trip:
    """Replace what was said of a trip; its readings and its journal entry follow, and the edit is marked.

    Raises NotFound, Forbidden for someone else's, Conflict for a stale version, Rejected with every problem; in a
    closed month it needs a *reason*.
    """
    before = _touchable(uow, uow[TRIPS].get(command.id))
    _require_version(before, command.version)
    vehicle_for(uow, command.vehicle_id, WRITE, lock=True)
    return _change(uow, before, command, TripEdited)


@operation("trips.finish", permission=WRITE)
def finish_trip(uow: UnitOfWork, command: FinishTrip) -> Trip:
    """End the running trip of a vehicle: with its odometer or the distance.

    Raises NotFound for the vehicle, Forbidden for someone else's trip, Rejected with every problem, or when none
    is running.
    """
    vehicle_for(uow, command.vehicle_id, WRITE, lock=True)
    before = uow[TRIPS].running(command.vehicle_id)
    if before is None:
        raise Rejected.because("vehicle_id", "no trip of this vehicle is running: start one", "trip.not_running")
    _touchable(uow, before)
    said: dict[str, Any] = {name: getattr(before, name) for name in KEPT}
    said["ended_at"] = command.ended_at or uow.now
    for attribute in attrs.fields(FinishTrip):
        value = getattr(command, attribute.name)
        if attribute.name != "ended_at" and value is not None and value != "":
            said[attribute.name] = value
    return _change(uow, before, TripFields(**said), TripFinished)


def _change(uow: UnitOfWork, before: Trip, command: TripFields, kind: Callable[..., Event]) -> Trip:
    """Write what *command* says over *before*; finishing a running trip is no edit."""
    problems = _problems(uow, command, before)
    problems += attachment_problems(uow, command.attachment_ids, command.vehicle_id, before.attachment_ids)
    fields = accepted_fields(command)
    if not may_see_places(uow, before):  # who cannot read the places did not mean to change them
        fields |= {name: getattr(before, name) for name in PLACE_BLANKS}
    marks, unexplained = _closed_marks(uow, command.reason, before, command)
    if not before.is_running:
        marks |= _edited(uow, before)
    elif command.ended_at is not None:
        marks["finished_at"] = uow.now
    after: Trip = attrs.evolve(before, **fields, **marks, **_next_version(uow, before))
    after = _with_readings(uow, after, before, problems + unexplained, accept_jump=command.accept_odometer_jump)
    uow[TRIPS].replace(after, old_version=before.version)
    repost(uow, posting_of(after, fleet_of(uow).timezone))
    follow_record(uow, SOURCE, after.id, old_vehicle_id=before.vehicle_id, vehicle_id=after.vehicle_id)
    uow.record_change(SOURCE, after.id, before, after)
    uow.emit(_told(kind, after))
    return seen(uow, after)


@operation("trips.delete", permission=WRITE)
def delete_trip(uow: UnitOfWork, command: DeleteTrip) -> Trip:
    """Delete a trip: its readings are voided, its journal entry reversed; it can be restored.

    Raises NotFound, Forbidden for someone else's, Conflict for a stale version, Rejected without a *reason* in a
    closed month.
    """
    before = _touchable(uow, uow[TRIPS].get(command.id))
    _require_version(before, command.version)
    marks, unexplained = _closed_marks(uow, command.reason, before)
    reject_if_any(unexplained)
    for reading_id in (before.start_reading_id, before.end_reading_id):
        if reading_id is not None:
            withdraw_reading(uow, reading_id)
    gone: dict[str, Any] = {"deleted_at": uow.now, "start_reading_id": None, "end_reading_id": None}
    after: Trip = attrs.evolve(before, **gone, **marks, **_next_version(uow, before))
    uow[TRIPS].replace(after, old_version=before.version)
    reverse(uow, SOURCE, before.id)
    uow.record_change(SOURCE, before.id, before, None)
    uow.emit(TripDeleted(trip_id=after.id, vehicle_id=after.vehicle_id, trip_version=after.version))
    return seen(uow, after)


@operation("trips.restore", permission=WRITE)
def restore_trip(uow: UnitOfWork, command: RestoreTrip) -> Trip:
    """Bring a deleted trip back, with its readings and its costs.

    Raises NotFound, Forbidden for someone else's, Rejected when another trip has taken its time meanwhile, or
    without a *reason* in a closed month.
    """
    before = _touchable(uow, uow[TRIPS].get(command.id, deleted=True))
    stretch = Stretch(before.started_at, before.ended_at)
    problems = list(overlap_problem(stretch, uow[TRIPS].overlapping(before.vehicle_id, stretch)))
    marks, unexplained = _closed_marks(uow, command.reason, before)
    back: Trip = attrs.evolve(before, deleted_at=None, **marks, **_edited(uow, before), **_next_version(uow, before))
    after = _with_readings(uow, back, None, problems + unexplained, accept_jump=True)
    uow[TRIPS].replace(after, old_version=before.version)
    repost(uow, posting_of(after, fleet_of(uow).timezone))
    uow.record_change(SOURCE, after.id, None, after)
    uow.emit(_told(TripRestored, after))
    return seen(uow, after)
