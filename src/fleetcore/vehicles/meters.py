"""Read, void and replace meters: the one place for mileage."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import attrs
from attrs import frozen

from fleetcore.kernel.errors import NotFound, Problem, Rejected, reject_if_any
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.paging import Page, Position, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.operations import operation, query

from .access import require_change, vehicle_for, vehicle_of
from .events import MeterReplaced, MetersMoved, ReadingRecorded, ReadingVoided, Work
from .odometer import JUMP, Neighbours, check_reading, offset_at
from .ports import READINGS
from .readings import (
    GetOdometer,
    GetReading,
    ListReadings,
    Meter,
    Odometer,
    Reading,
    ReadingKind,
    RecordReading,
    ReplaceMeter,
    VoidReading,
)

__all__ = [
    "ReadingNote",
    "add_readings",
    "get_odometer",
    "get_reading",
    "judge_readings",
    "list_readings",
    "note_meters",
    "note_reading",
    "note_readings",
    "reading_problems",
    "record_reading",
    "replace_meter",
    "void_imported",
    "void_reading",
    "void_readings",
    "withdraw_reading",
]

RECORD = "odometer.record"
NOTE_LENGTH_MAX = 10_000
NOT_BEFORE = datetime(1900, 1, 1, tzinfo=UTC)
GRACE = timedelta(days=1)  # for clocks and zones that are a little off


@frozen(kw_only=True)
class ReadingNote:
    """A reading that a record implies: what another area asks to be noted, in metres or tenths of an hour."""

    vehicle_id: UUID
    meter: Meter = Meter.ODOMETER
    value: int
    at: datetime
    source: str
    source_id: UUID
    accept_jump: bool = False
    value_before: None = None  # a note is no replacement of the meter


def note_reading(uow: UnitOfWork, note: ReadingNote) -> Reading:
    """Add the reading that a record implies and owns.

    The caller holds the lock of the vehicle. Raises Rejected with the code ``odometer.jump`` unless accepted.
    """
    return _add(uow, note, note.meter, "")


def note_meters(uow: UnitOfWork, notes: Sequence[ReadingNote], work: Work | None = None) -> list[Reading]:
    """Add the readings of several meters that one record implies; raises Rejected with the problems of all.

    Where there are readings, *work* is told with them.
    """
    judged = [_judged(uow, note, note.meter, around=around) for note, around in _surroundings(uow, notes)]
    reject_if_any(problem for _, problems in judged for problem in problems)
    readings = [reading for reading, _ in judged]
    if readings:
        uow[READINGS].add(readings)
        uow.emit(MetersMoved(vehicle_id=readings[0].vehicle_id, work=work))
    return readings


def _surroundings(uow: UnitOfWork, notes: Sequence[ReadingNote]) -> Iterable[tuple[ReadingNote, Neighbours | None]]:
    """Pair *notes* with what is next to them in time: both meters of one instant are looked up in one statement."""
    if len(notes) != len(Meter) or {note.meter for note in notes} != set(Meter) or notes[0].at != notes[1].at:
        return [(note, None) for note in notes]
    found = uow[READINGS].neighbours_of_both(notes[0].vehicle_id, notes[0].at)
    return [(note, found[note.meter]) for note in notes]


def _add(uow: UnitOfWork, note: ReadingNote, meter: Meter, text: str, reading_id: UUID | None = None) -> Reading:
    reading, problems = _judged(uow, note, meter, text=text, reading_id=reading_id)
    reject_if_any(problems)
    uow[READINGS].add([reading])
    uow.emit(MetersMoved(vehicle_id=reading.vehicle_id))
    return reading


def _judged(
    uow: UnitOfWork,
    note: ReadingNote,
    meter: Meter,
    *,
    text: str = "",
    reading_id: UUID | None = None,
    around: Neighbours | None = None,
) -> tuple[Reading, list[Problem]]:
    """Return the reading that *note* asks for, and the problems for which it must not be added."""
    neighbours = around or uow[READINGS].neighbours(note.vehicle_id, meter, note.at)
    problems = list(check_reading(meter, note.value, note.at, neighbours))
    jumps = [problem for problem in problems if problem.code == JUMP]
    reading = Reading(
        id=reading_id or uow.new_id(),
        vehicle_id=note.vehicle_id,
        meter=meter,
        value=note.value,
        at=note.at,
        source=note.source,
        source_id=note.source_id if note.source != "manual" else None,
        is_override=bool(jumps),
        note=text,
        recorded_at=uow.now,
        recorded_by=uow.actor.user_id,
    )
    return reading, [problem for problem in problems if problem.code != JUMP or not note.accept_jump]


def reading_problems(uow: UnitOfWork, note: ReadingNote) -> Iterator[Problem]:
    """Yield what is wrong with a reading by itself; whether it is a jump, its neighbours tell."""
    if note.at > uow.now + GRACE:
        yield Problem("at", f"lies in the future: {note.at.isoformat()}", "time.future")
    yield from check_reading(Meter.ODOMETER, note.value, note.at, Neighbours(None, None))


def judge_readings(uow: UnitOfWork, notes: Sequence[ReadingNote]) -> list[Problem | None]:
    """Return, beside each note of one vehicle, the jump it makes (None where it makes none).

    Each is judged against its neighbours in time among the stored readings and the other notes.
    """
    if not notes:
        return []
    stored = uow[READINGS].live(notes[0].vehicle_id, Meter.ODOMETER)
    line: list[Reading | ReadingNote] = sorted([*stored, *notes], key=lambda shown: (shown.at, shown.value))
    instants = [shown.at for shown in line]
    jumps: list[Problem | None] = []
    for note in notes:
        left, right = bisect_left(instants, note.at), bisect_right(instants, note.at)
        around = Neighbours(line[left - 1] if left else None, line[right] if right < len(line) else None)
        jumps.append(next(check_reading(Meter.ODOMETER, note.value, note.at, around), None))
    return jumps


def note_readings(uow: UnitOfWork, notes: Sequence[ReadingNote]) -> tuple[list[UUID], list[Problem | None]]:
    """Add the readings of many records of one vehicle; jumps are accepted and recorded.

    Returns the readings' ids and, beside each, the jump that it makes.
    """
    jumps = judge_readings(uow, notes)
    return add_readings(uow, notes, jumps), jumps


def add_readings(uow: UnitOfWork, notes: Sequence[ReadingNote], jumps: Sequence[Problem | None]) -> list[UUID]:
    """Add the readings of *notes*, with the jumps that :func:`judge_readings` found; returns their ids."""
    ids = [uow.new_id() for _ in notes]
    uow[READINGS].add(
        _reading(uow, note, reading_id, is_override=jump is not None)
        for note, reading_id, jump in zip(notes, ids, jumps, strict=True)
    )
    if notes:
        uow.emit(MetersMoved(vehicle_id=notes[0].vehicle_id))
    return ids


def _reading(uow: UnitOfWork, note: ReadingNote, reading_id: UUID, *, is_override: bool) -> Reading:
    return Reading(
        id=reading_id,
        vehicle_id=note.vehicle_id,
        value=note.value,
        at=note.at,
        source=note.source,
        source_id=note.source_id,
        is_override=is_override,
        recorded_at=uow.now,
        recorded_by=uow.actor.user_id,
    )


def void_imported(uow: UnitOfWork, vehicle_id: UUID, reading_ids: frozenset[UUID], note: str) -> None:
    """Void those of a vehicle's live readings that *reading_ids* names."""
    live = [reading for meter in Meter for reading in uow[READINGS].live(vehicle_id, meter)]
    void_readings(uow, [reading for reading in live if reading.id in reading_ids], note)


def withdraw_reading(uow: UnitOfWork, reading_id: UUID, note: str = "") -> None:
    """Void the reading of a record that was edited or deleted."""
    void_readings(uow, [uow[READINGS].get(reading_id)], note)


def void_readings(uow: UnitOfWork, readings: Iterable[Reading], note: str = "") -> None:
    """Take *readings* back by rows of their own."""
    readings = tuple(readings)
    uow[READINGS].add(
        attrs.evolve(
            reading, id=new_id(), kind=ReadingKind.VOID, voids=reading.id, is_override=False, note=note,
            value_before=None, recorded_at=uow.now, recorded_by=uow.actor.user_id,
        )
        for reading in readings
    )  # fmt: skip
    for vehicle_id in dict.fromkeys(reading.vehicle_id for reading in readings):
        uow.emit(MetersMoved(vehicle_id=vehicle_id))


@operation("vehicles.record_reading", permission=RECORD)
def record_reading(uow: UnitOfWork, command: RecordReading) -> Reading:
    """Note what the odometer or the hour meter shows; older readings may be entered late.

    Raises NotFound, and Rejected: with the code ``odometer.jump`` when the neighbours in time
    contradict the value, until *accept_odometer_jump* says that it is right.
    """
    vehicle_for(uow, command.vehicle_id, RECORD, lock=True)
    if (command.odometer is None) == (command.engine_hours is None):
        raise Rejected.because("odometer_km", "give either odometer_km or engine_hours")
    _refuse_odd(uow, command.at, command.note)
    if command.odometer is not None:
        meter, value = Meter.ODOMETER, command.odometer.metres
    else:
        assert command.engine_hours is not None  # noqa: S101 - checked above; tells the type checker
        meter, value = Meter.ENGINE_HOURS, command.engine_hours.tenths
    note = ReadingNote(
        vehicle_id=command.vehicle_id,
        value=value,
        at=command.at,
        source="manual",
        source_id=command.vehicle_id,
        accept_jump=command.accept_odometer_jump,
    )
    reading = _add(uow, note, meter, command.note, command.id)
    uow.record_change("vehicles.reading", reading.id, None, reading)
    uow.emit(
        ReadingRecorded(vehicle_id=reading.vehicle_id, reading_id=reading.id, meter=meter, value=value, at=reading.at)
    )
    return reading


def _refuse_odd(uow: UnitOfWork, at: datetime, note: str) -> None:
    """Refuse times that cannot be and notes without end."""
    problems = []
    if at > uow.now + GRACE:
        problems.append(Problem("at", f"lies in the future: {at.isoformat()}", "time.future"))
    elif at < NOT_BEFORE:
        problems.append(Problem("at", f"lies before the year {NOT_BEFORE.year}", "time.too_early"))
    if len(note) > NOTE_LENGTH_MAX:
        problems.append(Problem("note", f"is longer than {NOTE_LENGTH_MAX} characters", "too_long"))
    reject_if_any(problems)


@operation("vehicles.void_reading", permission=RECORD)
def void_reading(uow: UnitOfWork, command: VoidReading) -> Reading:
    """Take a reading back; it stays in the books with the void beside it.

    Raises NotFound, Rejected when it is voided already or belongs to a record, which must be edited instead.
    """
    reading = uow[READINGS].get(command.id)
    vehicle_of(uow, "reading", reading, RECORD, lock=True)
    require_change(uow, "reading", reading, read="vehicles.read", write=RECORD, done="this reading was noted")
    if reading.kind is ReadingKind.VOID or uow[READINGS].is_voided(reading.id):
        raise Rejected.because("id", "this reading is voided already")
    if len(command.note) > NOTE_LENGTH_MAX:
        raise Rejected.because("note", f"is longer than {NOTE_LENGTH_MAX} characters", "too_long")
    if reading.source_id is not None:
        raise Rejected.because("id", f"this reading belongs to a {reading.source} record: edit or delete that record")
    void_readings(uow, [reading], command.note)
    uow.record_change("vehicles.reading", reading.id, reading, None)
    uow.emit(ReadingVoided(vehicle_id=reading.vehicle_id, reading_id=reading.id))
    return reading


@operation("vehicles.replace_meter", permission=RECORD)
def replace_meter(uow: UnitOfWork, command: ReplaceMeter) -> Reading:
    """Note that the odometer was exchanged, so that distances run on. Raises NotFound, Rejected."""
    vehicle_for(uow, command.vehicle_id, RECORD, lock=True)
    _refuse_odd(uow, command.at, command.note)
    neighbours = uow[READINGS].neighbours(command.vehicle_id, Meter.ODOMETER, command.at)
    left = check_reading(Meter.ODOMETER, command.old_odometer.metres, command.at, attrs.evolve(neighbours, after=None))
    right = check_reading(
        Meter.ODOMETER, command.new_odometer.metres, command.at, attrs.evolve(neighbours, before=None)
    )
    reject_if_any(
        [Problem("old_odometer_km", problem.message, problem.code) for problem in left]
        + [Problem("new_odometer_km", problem.message, problem.code) for problem in right]
    )
    reading = Reading(
        id=uow.new_id(),
        vehicle_id=command.vehicle_id,
        kind=ReadingKind.REPLACEMENT,
        value=command.new_odometer.metres,
        value_before=command.old_odometer.metres,
        at=command.at,
        note=command.note,
        recorded_at=uow.now,
        recorded_by=uow.actor.user_id,
    )
    uow[READINGS].add([reading])
    uow.record_change("vehicles.reading", reading.id, None, reading)
    uow.emit(MetersMoved(vehicle_id=reading.vehicle_id))
    uow.emit(MeterReplaced(vehicle_id=reading.vehicle_id, reading_id=reading.id))
    return reading


@query("vehicles.get_reading", permission="vehicles.read")
def get_reading(uow: UnitOfWork, command: GetReading) -> Reading:
    """Return one reading of a vehicle, voided or not. Raises NotFound."""
    vehicle_for(uow, command.vehicle_id, "vehicles.read")
    reading = uow[READINGS].get(command.id)
    if reading.vehicle_id != command.vehicle_id:
        raise NotFound("reading", command.id)
    return reading


@query("vehicles.list_readings", permission="vehicles.read")
def list_readings(uow: UnitOfWork, command: ListReadings) -> Page[Reading]:
    """List what a meter showed, newest first."""
    vehicle_for(uow, command.vehicle_id, "vehicles.read")
    limit = page_limit(command.limit)
    rows = uow[READINGS].page(
        command.vehicle_id,
        command.meter,
        decode_cursor(command),
        limit + 1,
        with_voided=command.with_voided,
    )
    return page_of(rows, limit, lambda reading: Position(reading.at, reading.id), command)


@query("vehicles.get_odometer", permission="vehicles.read")
def get_odometer(uow: UnitOfWork, command: GetOdometer) -> Odometer:
    """Return where a vehicle's meters stand."""
    vehicle_for(uow, command.vehicle_id, "vehicles.read")
    newest = uow[READINGS].newest(command.vehicle_id)
    shown, hours = newest.get(Meter.ODOMETER), newest.get(Meter.ENGINE_HOURS)
    total = None
    if shown is not None:
        total = Distance(shown.value + offset_at(shown.at, uow[READINGS].replacements([command.vehicle_id])))
    return Odometer(
        vehicle_id=command.vehicle_id,
        odometer=None if shown is None else Distance(shown.value),
        total=total,
        engine_hours=None if hours is None else EngineHours(hours.value),
        at=max((reading.at for reading in newest.values()), default=None),
    )
