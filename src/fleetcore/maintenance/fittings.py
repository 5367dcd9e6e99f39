"""Mount and unmount tyre sets, measure their tread, and report how far they went and how worn they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import attrs

from fleetcore.kernel.days import NOT_BEFORE, Calendar, noon_of
from fleetcore.kernel.errors import NotFound, Problem, Rejected, reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Distance
from fleetcore.operations import operation, query
from fleetcore.vehicles.access import may_touch, vehicle_for, vehicle_of
from fleetcore.vehicles.distances import odometer_lines
from fleetcore.vehicles.instants import fitting_instant
from fleetcore.vehicles.meters import ReadingNote, note_meters, withdraw_reading
from fleetcore.vehicles.ports import VEHICLES

from .ports import FITTINGS, TREADS, TYRES
from .rules import distance_problems
from .tyre_events import TreadCheckRemoved, TreadMeasured, TyreFittingRemoved, TyresMounted, TyresUnmounted
from .tyre_model import (
    Fitting,
    FittingReport,
    MeasureTread,
    MountTyres,
    RemoveFitting,
    RemoveTreadCheck,
    ReportTyres,
    TreadCheck,
    TyreReport,
    TyreSet,
    UnmountTyres,
)
from .tyre_rules import (
    Drive,
    advice_of,
    growth_problems,
    measure_problems,
    overlap_problems,
    position_on,
    wear_of,
)
from .tyres import calendar_of, save_set, touchable_set

__all__ = [
    "measure_tread",
    "mount_tyres",
    "remove_fitting",
    "remove_tread_check",
    "report_tyres",
    "unmount_tyres",
]

READ, WORK = "maintenance.read", "maintenance.work"
SOURCE, CHECK_ENTITY = "maintenance.tyre_fitting", "maintenance.tread_check"
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
DAYS_TO_TELL_A_PACE = 7
STORAGE_PLACE_LENGTH_MAX = 200


@operation("maintenance.mount_tyres", permission=WORK)
def mount_tyres(uow: UnitOfWork, command: MountTyres) -> Fitting:
    """Put a set on a vehicle; what is on it comes off the same day at the same odometer.

    Raises Forbidden, NotFound, Rejected with every problem: a stretch that overlaps another of the set or of the
    vehicle, a retired set; the code ``odometer.jump`` asks for *accept_odometer_jump*.
    """
    tyre_set = touchable_set(uow, command.set_id)
    vehicle_id = command.vehicle_id or tyre_set.vehicle_id
    if vehicle_id != tyre_set.vehicle_id:
        vehicle_for(uow, vehicle_id, WORK, lock=True)
    calendar = calendar_of(uow)
    on_vehicle, of_set = uow[FITTINGS].of_vehicle(vehicle_id), uow[FITTINGS].of_set(tyre_set.id)
    leaving = _leaving(command, tyre_set, on_vehicle)
    staying = [each for each in on_vehicle if each is not leaving and each.set_id != tyre_set.id]
    reject_if_any(_mount_problems(command, tyre_set, calendar.today, staying, of_set))
    user = uow.actor.user_id
    history: dict[str, Any] = {"created_at": uow.now, "created_by": user, "updated_at": uow.now, "updated_by": user}
    fitting = Fitting(
        id=uow.new_id(),
        set_id=tyre_set.id,
        vehicle_id=vehicle_id,
        mounted_on=command.on,
        mounted_at=_instant(uow, vehicle_id, command.on, command.odometer, calendar),
        mounted_odometer=command.odometer,
        **history,
    )
    jumps = command.accept_odometer_jump
    fitting = attrs.evolve(
        fitting, mounted_reading_id=_note(uow, fitting, command.odometer, fitting.mounted_at, accept_jump=jumps)
    )
    if leaving is not None:
        _end(
            uow, leaving, unmounted_on=command.on, unmounted_at=fitting.mounted_at, unmounted_odometer=command.odometer
        )
    if command.until is not None:
        at = _instant(uow, vehicle_id, command.until, command.until_odometer, calendar)
        fitting = attrs.evolve(
            fitting,
            unmounted_on=command.until,
            unmounted_at=max(at, fitting.mounted_at),
            unmounted_odometer=command.until_odometer,
            unmounted_reading_id=_note(uow, fitting, command.until_odometer, at, accept_jump=jumps),
        )
    uow[FITTINGS].add(fitting)
    uow.record_change(SOURCE, fitting.id, None, fitting)
    uow.emit(
        TyresMounted(
            set_id=tyre_set.id, vehicle_id=vehicle_id, fitting_id=fitting.id, on=command.on, odometer=command.odometer
        )
    )
    return fitting


def _leaving(command: MountTyres, tyre_set: TyreSet, on_vehicle: Sequence[Fitting]) -> Fitting | None:
    """Return the stretch of the set that comes off for this one."""
    if command.until is not None:
        return None
    return next(
        (
            fitting
            for fitting in on_vehicle
            if fitting.unmounted_on is None and fitting.mounted_on <= command.on and fitting.set_id != tyre_set.id
        ),
        None,
    )


def _mount_problems(
    command: MountTyres,
    tyre_set: TyreSet,
    today: date,
    on_vehicle: Sequence[Fitting],
    of_set: Sequence[Fitting],
) -> Iterator[Problem]:
    yield from _day_problems("on", command.on, today)
    yield from distance_problems("odometer_km", command.odometer)
    yield from distance_problems("until_odometer_km", command.until_odometer)
    if command.until is not None:
        yield from _day_problems("until", command.until, today)
        if command.until < command.on:
            yield Problem("until", "lies before the day of mounting")
    elif command.until_odometer is not None:
        yield Problem("until_odometer_km", "needs the day: give until")
    if tyre_set.retired_on is not None and tyre_set.retired_on < (command.until or today):
        yield Problem("set_id", f"these tyres were retired on {tyre_set.retired_on}", "tyre.retired")
    yield from overlap_problems(of_set, command.on, command.until, "a stretch of this set on a vehicle")
    yield from overlap_problems(on_vehicle, command.on, command.until, "another set on this vehicle")


def _day_problems(field: str, day: date, today: date) -> Iterator[Problem]:
    if not NOT_BEFORE <= day <= today:
        yield Problem(field, f"must lie between {NOT_BEFORE} and today, {today}", "time.future")


def _instant(uow: UnitOfWork, vehicle_id: UUID, on: date, odometer: Distance | None, calendar: Calendar) -> datetime:
    if odometer is None:
        return noon_of(on, calendar)
    return fitting_instant(uow, vehicle_id, odometer.metres, on, calendar)


def _note(
    uow: UnitOfWork, fitting: Fitting, odometer: Distance | None, at: datetime, *, accept_jump: bool
) -> UUID | None:
    """Note what the odometer showed, as a reading that the stretch owns; returns its id."""
    if odometer is None:
        return None
    note = ReadingNote(
        vehicle_id=fitting.vehicle_id,
        value=odometer.metres,
        at=at,
        source=SOURCE,
        source_id=fitting.id,
        accept_jump=accept_jump,
    )
    return note_meters(uow, [note])[0].id


def _end(uow: UnitOfWork, before: Fitting, **ending: Any) -> Fitting:
    after: Fitting = attrs.evolve(
        before, **ending, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1
    )
    uow[FITTINGS].replace(after, old_version=before.version)
    uow.record_change(SOURCE, after.id, before, after)
    uow.emit(
        TyresUnmounted(
            set_id=after.set_id,
            vehicle_id=after.vehicle_id,
            fitting_id=after.id,
            on=after.unmounted_on or after.mounted_on,
            odometer=after.unmounted_odometer,
        )
    )
    return after


@operation("maintenance.unmount_tyres", permission=WORK)
def unmount_tyres(uow: UnitOfWork, command: UnmountTyres) -> Fitting:
    """Take a set off the vehicle that it is on, and note where it lies.

    Raises Forbidden, NotFound, Rejected for a set that is on no vehicle and for a day before it was mounted.
    """
    tyre_set = touchable_set(uow, command.set_id)
    before = next((each for each in uow[FITTINGS].of_set(tyre_set.id) if each.unmounted_on is None), None)
    if before is None:
        raise Rejected.because("set_id", "these tyres are on no vehicle", "tyre.unmounted")
    if before.vehicle_id != tyre_set.vehicle_id:
        vehicle_for(uow, before.vehicle_id, WORK, lock=True)
    calendar = calendar_of(uow)
    problems = [*_day_problems("on", command.on, calendar.today), *distance_problems("odometer_km", command.odometer)]
    if command.on < before.mounted_on:
        problems.append(Problem("on", f"lies before the day of mounting, {before.mounted_on}"))
    if len(command.storage_place or "") > STORAGE_PLACE_LENGTH_MAX:
        problems.append(Problem("storage_place", f"is longer than {STORAGE_PLACE_LENGTH_MAX} characters", "too_long"))
    reject_if_any(problems)
    at = _instant(uow, before.vehicle_id, command.on, command.odometer, calendar)
    after = _end(
        uow,
        before,
        unmounted_on=command.on,
        unmounted_at=max(at, before.mounted_at),
        unmounted_odometer=command.odometer,
        unmounted_reading_id=_note(uow, before, command.odometer, at, accept_jump=command.accept_odometer_jump),
    )
    if command.storage_place is not None and command.storage_place != tyre_set.storage_place:
        save_set(uow, tyre_set, storage_place=command.storage_place)
    return after


@operation("maintenance.remove_fitting", permission=WORK)
def remove_fitting(uow: UnitOfWork, command: RemoveFitting) -> Fitting:
    """Take back a stretch on a vehicle that was entered by mistake, with its readings. Raises NotFound, Forbidden."""
    fitting = uow[FITTINGS].get(command.id)
    tyre_set = touchable_set(uow, fitting.set_id, part=("tyre fitting", fitting.id))
    if fitting.vehicle_id != tyre_set.vehicle_id:
        vehicle_for(uow, fitting.vehicle_id, WORK, lock=True)
    uow[FITTINGS].remove(fitting.id)
    for reading_id in (fitting.mounted_reading_id, fitting.unmounted_reading_id):
        if reading_id is not None:
            withdraw_reading(uow, reading_id)
    uow.record_change(SOURCE, fitting.id, fitting, None)
    uow.emit(TyreFittingRemoved(set_id=fitting.set_id, vehicle_id=fitting.vehicle_id, fitting_id=fitting.id))
    return fitting


@operation("maintenance.measure_tread", permission=WORK)
def measure_tread(uow: UnitOfWork, command: MeasureTread) -> TreadCheck:
    """Note how deep the tread of a set is on a day.

    Raises Forbidden, NotFound, Conflict for a taken id, Rejected with every problem; the code
    ``tyre.tread_grows`` asks for *accept_growth*, or for *new_tyres*.
    """
    tyre_set = touchable_set(uow, command.set_id)
    problems = list(measure_problems(tyre_set, command, calendar_of(uow).today))
    if not command.accept_growth:
        problems += growth_problems(uow[TREADS].of_set(tyre_set.id), command)
    reject_if_any(problems)
    check = TreadCheck(
        id=command.id or uow.new_id(),
        set_id=tyre_set.id,
        on=command.on,
        depths=command.depths,
        new_tyres=command.new_tyres,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow[TREADS].add(check)
    uow.record_change(CHECK_ENTITY, check.id, None, check)
    least = min(int(depth.depth_mm * 10) for depth in check.depths)
    uow.emit(TreadMeasured(set_id=tyre_set.id, check_id=check.id, on=check.on, least_tenths_mm=least))
    return check


@operation("maintenance.remove_tread_check", permission=WORK)
def remove_tread_check(uow: UnitOfWork, command: RemoveTreadCheck) -> TreadCheck:
    """Take a measurement of tread back. Raises NotFound, Forbidden."""
    check = uow[TREADS].get(command.id)
    touchable_set(uow, check.set_id, part=("measurement of tread", check.id))
    uow[TREADS].remove(check.id)
    uow.record_change(CHECK_ENTITY, check.id, check, None)
    uow.emit(TreadCheckRemoved(set_id=check.set_id, check_id=check.id))
    return check


@query("maintenance.report_tyres", permission=READ, snapshot=True)
def report_tyres(uow: UnitOfWork, command: ReportTyres) -> TyreReport:
    """Report how far a set went on which vehicle, how worn it is, and when it reaches its limit. Raises NotFound.

    Distances follow from the odometer while it was on, over replaced meters. Wear is straight from the first to
    the last measurement since a tyre was new; the day follows from the pace while the set was on.
    """
    tyre_set = uow[TYRES].get(command.id)
    vehicle_of(uow, "tyre set", tyre_set, READ)
    if not may_touch(uow, READ, tyre_set.created_by):
        raise NotFound("tyre set", tyre_set.id)
    calendar = calendar_of(uow)
    fittings, checks = uow[FITTINGS].of_set(tyre_set.id), uow[TREADS].of_set(tyre_set.id)
    lines = odometer_lines(uow, list({fitting.vehicle_id for fitting in fittings})) if fittings else {}

    def metres_by(at: datetime) -> int:
        return sum(_metres(fitting, lines, at) or 0 for fitting in fittings)

    total = metres_by(END_OF_TIME)
    drive = Drive(metres_by=metres_by, metres_a_day=_pace(fittings, total, calendar))
    dated = [(noon_of(check.on, calendar), check) for check in checks]
    tyres = tuple(wear_of(tyre, tyre_set, dated, drive, calendar.today) for tyre in tyre_set.tyres)
    return TyreReport(
        tyre_set=tyre_set,
        distance=Distance(total),
        fittings=tuple(_fitting_report(uow, fitting, lines) for fitting in fittings),
        checks=tuple(checks),
        tyres=tyres,
        advice=tuple(advice_of(tyre_set, tyres)),
    )


def _fitting_report(
    uow: UnitOfWork, fitting: Fitting, lines: Mapping[UUID, Sequence[tuple[datetime, int]]]
) -> FittingReport:
    metres = _metres(fitting, lines, END_OF_TIME)
    return FittingReport(
        fitting=fitting,
        vehicle_name=uow[VEHICLES].get(fitting.vehicle_id).name,
        distance=None if metres is None else Distance(metres),
    )


def _metres(fitting: Fitting, lines: Mapping[UUID, Sequence[tuple[datetime, int]]], until: datetime) -> int | None:
    """Return how far a stretch went by *until*; None where no odometer tells."""
    line = lines.get(fitting.vehicle_id, ())
    start = position_on(line, fitting.mounted_at)
    end = position_on(line, min(fitting.unmounted_at or END_OF_TIME, max(until, fitting.mounted_at)))
    return None if start is None or end is None else max(end - start, 0)


def _pace(fittings: Sequence[Fitting], total: int, calendar: Calendar) -> float:
    """Return the metres a day of a set while it is on; 0 for one that is not, or not yet long enough."""
    if all(fitting.unmounted_on is not None for fitting in fittings):
        return 0
    days = sum(((fitting.unmounted_on or calendar.today) - fitting.mounted_on).days for fitting in fittings)
    return total / days if days >= DAYS_TO_TELL_A_PACE else 0
