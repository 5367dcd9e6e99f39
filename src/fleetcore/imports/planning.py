"""Plan an import without writing anything: which rows go where, which are known, which are wrong."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
from attrs import define, field

from fleetcore.expenses.bulk import problems_of as expense_problems
from fleetcore.expenses.model import BUILT_IN_CATEGORIES, RecordExpense
from fleetcore.fuel.bulk import problems_of as fill_problems
from fleetcore.fuel.model import RecordFill
from fleetcore.kernel.errors import FleetError, NotFound, Problem, Rejected
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import zone
from fleetcore.people.service import fleet_of
from fleetcore.trips.bulk import Timeline
from fleetcore.trips.bulk import problems_of as trip_problems
from fleetcore.trips.model import RecordTrip
from fleetcore.vehicles.access import vehicle_for, vehicle_named
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.meters import ReadingNote, reading_problems
from fleetcore.vehicles.model import AddVehicle, ListVehicles, Vehicle
from fleetcore.vehicles.service import list_vehicles, vehicle_problems

from .conversion import Context, expense_of, fill_of, reading_instant, trip_of, vehicle_of
from .detection import Detection
from .model import ImportLog, RejectedRow, RowNote
from .ports import IMPORTS
from .reader import inspect, read
from .rows import (
    Parsed,
    ParsedExpense,
    ParsedFill,
    ParsedReading,
    ParsedRecord,
    ParsedStation,
    ParsedTrip,
    ParsedVehicle,
    RowProblems,
    SkippedRow,
)

__all__ = ["STATION_TEXT_MAX", "ImportPlan", "Planned", "StationKey", "VehiclePlan", "plan_import"]

WRITE = "imports.write"
TRACK = "gpx"
TELL_EVERY_ROWS = 1000
KEY_BYTES = 16
STATION_TEXT_MAX = 200
StationKey = tuple[str, str]


@define
class Planned:
    """A row that will be stored: its key, its place in the file and the command it became.

    The parsed row itself is let go, for a log of a hundred thousand rows must fit in memory: kept are the
    *station* that a fill names, and an expense as it was *parsed*.
    """

    row: int
    key: bytes
    command: RecordFill | RecordExpense | ReadingNote | RecordTrip
    station: StationKey | None = None
    parsed: ParsedExpense | None = None


@define(kw_only=True)
class VehiclePlan:
    """What goes to one vehicle; *add* is set when the vehicle is yet to be added."""

    vehicle: Vehicle
    add: AddVehicle | None
    learned: tuple[Carrier, ...] = ()
    fills: list[Planned] = field(factory=list)
    expenses: list[Planned] = field(factory=list)
    readings: list[Planned] = field(factory=list)
    trips: list[Planned] = field(factory=list)
    timeline: Timeline = field(factory=Timeline)


@define(kw_only=True)
class ImportPlan:
    """Everything that an import would do."""

    detection: Detection
    currency: str
    vehicles: list[VehiclePlan] = field(factory=list)
    favourites: list[ParsedStation] = field(factory=list)
    stations: dict[StationKey, ParsedFill] = field(factory=dict)
    rejected: list[RejectedRow] = field(factory=list)
    left_out: list[RowNote] = field(factory=list)
    warnings: list[RowNote] = field(factory=list)
    notes: list[str] = field(factory=list)
    duplicates: int = 0

    @property
    def size(self) -> int:
        """How many records would be stored."""
        return sum(
            len(plan.fills) + len(plan.expenses) + len(plan.readings) + len(plan.trips) for plan in self.vehicles
        )


@define
class _Group:
    """The rows of the file that name one vehicle (or none)."""

    described: ParsedVehicle | None = None
    rows: list[ParsedRecord] = field(factory=list)


def plan_import(uow: UnitOfWork, command: ImportLog) -> ImportPlan:
    """Read the file and plan what it brings; raises Rejected when it cannot be read or placed."""
    detection = inspect(
        command.source,
        format=command.format,
        mapping=command.mapping,
        date_order=command.date_order,
        decimal_mark=command.decimal_mark,
        encoding=command.encoding,
        carrier=command.carrier,
        distance_unit=command.distance_unit,
        volume_unit=command.volume_unit,
        currency=command.currency,
    )
    fleet = fleet_of(uow)
    plan = ImportPlan(detection=detection, currency=command.currency or detection.currency or fleet.currency)
    plan.notes.extend(detection.notes)
    if detection.format == TRACK:
        command = _with_vehicle(uow, command)
    groups = _grouped(read(command.source, detection), plan, command)
    if command.currency is None and detection.currency is None and not _all_priced(groups.values()):
        plan.notes.append(f"The file names no currency; taken as the fleet's {fleet.currency}.")
    for name, group in _placed(groups, command):
        target = _target(uow, name, group, command)
        plan.vehicles.append(target)
        if target.add is not None:
            target.add = _without_bad_fields(uow, target.add, plan)
        context = Context(
            vehicle=target.vehicle,
            zone=zone(fleet.timezone),
            currency=plan.currency,
            carrier=command.carrier,
            purpose=command.purpose,
        )
        _fill_in(uow, plan, target, group, context)
    return plan


def _with_vehicle(uow: UnitOfWork, command: ImportLog) -> ImportLog:
    """Return *command* with the vehicle that drove: a track names none, and is no reason to add one."""
    if command.vehicle is not None:
        return command
    living = list_vehicles(uow, ListVehicles())
    if len(living) != 1:
        raise Rejected.because("vehicle", "a track does not say which vehicle drove it: name the vehicle", "required")
    return attrs.evolve(command, vehicle=str(living[0].id))


def _grouped(rows: Iterable[Parsed], plan: ImportPlan, command: ImportLog) -> dict[str, _Group]:
    groups: dict[str, _Group] = {}
    for done, row in enumerate(rows, start=1):
        match row:
            case ParsedFill() | ParsedExpense() | ParsedReading() | ParsedTrip():
                groups.setdefault(row.vehicle or "", _Group()).rows.append(row)
            case ParsedVehicle():
                groups.setdefault(row.name, _Group()).described = row
            case ParsedStation():
                plan.favourites.append(row)
            case RowProblems():
                plan.rejected.append(RejectedRow(row.row, row.problems, row.member))
            case SkippedRow():
                plan.left_out.append(RowNote(row.row, row.reason, row.member))
        if command.progress is not None and done % TELL_EVERY_ROWS == 0:
            command.progress("reading", done)
    return groups


def _all_priced(groups: Iterable[_Group]) -> bool:
    """Say whether every amount of the file comes with its currency."""
    return all(isinstance(row, ParsedReading | ParsedTrip) or row.currency for group in groups for row in group.rows)


def _placed(groups: dict[str, _Group], command: ImportLog) -> Iterator[tuple[str, _Group]]:
    """Yield each vehicle with its rows; rows that name none go to the only one, or to one named after the file."""
    unnamed = groups.pop("", None)
    named = {name: group for name, group in groups.items() if group.rows or group.described}
    if unnamed is not None:
        if len(named) == 1:
            next(iter(named.values())).rows.extend(unnamed.rows)
        else:
            named[""] = unnamed
    if command.vehicle is not None:
        if len(named) > 1:
            names = ", ".join(sorted(filter(None, named)))
            raise Rejected.because(
                "vehicle",
                f"the file holds several vehicles ({names}): leave the vehicle out to import each under its name",
            )
        yield from ((command.vehicle, group) for group in named.values())
        return
    for name, group in named.items():
        yield name or _stem(command), group


def _stem(command: ImportLog) -> str:
    if command.file_name:
        return Path(command.file_name).stem
    return command.source.stem if isinstance(command.source, Path) else "Imported vehicle"


def _target(uow: UnitOfWork, name: str, group: _Group, command: ImportLog) -> VehiclePlan:
    """Find the vehicle meant by *name*, or plan to add it."""
    carriers = _carriers_in(group, command)
    living = list_vehicles(uow, ListVehicles())
    for wanted in filter(None, _names(name, group, command)):
        try:
            found = vehicle_named(wanted, living)
        except NotFound:
            continue
        vehicle = vehicle_for(uow, found.id, WRITE, lock=True)
        learned = tuple(carrier for carrier in carriers if carrier not in vehicle.carriers)
        known = attrs.evolve(vehicle, carriers=vehicle.carriers + learned)
        return VehiclePlan(vehicle=known, add=None, learned=learned)
    add = vehicle_of(name, group.described, carriers)
    user = uow.actor.user_id
    provisional = Vehicle(
        id=uow.new_id(),
        name=name,
        carriers=add.carriers,
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
    )
    return VehiclePlan(vehicle=provisional, add=attrs.evolve(add, id=provisional.id))


def _without_bad_fields(uow: UnitOfWork, add: AddVehicle, plan: ImportPlan) -> AddVehicle:
    """Leave out what the file says wrongly of its vehicle: a mistyped VIN must not cost a whole log."""
    for problem in vehicle_problems(uow, add):
        default = attrs.fields_dict(AddVehicle).get(problem.field)
        if default is None or problem.field == "name":
            raise Rejected.because(f"vehicle.{problem.field}", problem.message, problem.code)
        plan.notes.append(f"The vehicle's {problem.field} was left out: it {problem.message}.")
        blank: dict[str, Any] = {problem.field: getattr(AddVehicle(), problem.field)}
        add = attrs.evolve(add, **blank)
    return add


def _names(name: str, group: _Group, command: ImportLog) -> tuple[str, ...]:
    described = group.described
    if command.vehicle is not None or described is None:
        return (name,)
    return (described.vin, described.plate, name)


def _carriers_in(group: _Group, command: ImportLog) -> tuple[Carrier, ...]:
    """Return the energy carriers that the group's fills name, in the order of their first use."""
    described = group.described.carriers if group.described else ()
    named = dict.fromkeys(described)
    for row in group.rows:
        if isinstance(row, ParsedFill) and row.carrier is not None:
            named[row.carrier] = None
    if command.carrier is not None:
        named[command.carrier] = None
    return tuple(carrier for carrier in named if carrier.carries_energy)


def _fill_in(uow: UnitOfWork, plan: ImportPlan, target: VehiclePlan, group: _Group, context: Context) -> None:
    """Turn the rows of *group* into commands of *target*; known and wrong ones are counted instead."""
    known = set() if target.add is not None else uow[IMPORTS].keys_of(target.vehicle.id)
    if target.add is None and any(isinstance(row, ParsedTrip) for row in group.rows):
        target.timeline = Timeline.of(uow, target.vehicle.id)
    seen: Counter[bytes] = Counter()
    salt = target.vehicle.id.bytes
    assumed: set[Carrier] = set()
    group.rows.reverse()
    while group.rows:
        row = group.rows.pop()
        content = hashlib.blake2b(salt + row.key, digest_size=KEY_BYTES).digest()
        seen[content] += 1
        key = hashlib.blake2b(b"%b|%d" % (content, seen[content]), digest_size=KEY_BYTES).digest()
        if key in known:
            plan.duplicates += 1
            continue
        try:
            problems = _place(uow, target, _planned(plan, row, key, context), context)
        except FleetError as error:
            problems = list(error.problems) if isinstance(error, Rejected) else [Problem("", str(error))]
        if problems:
            plan.rejected.append(RejectedRow(row.row, tuple(problems)))
        elif isinstance(row, ParsedFill) and row.carrier is None and context.carrier is None:
            assumed.add(_assumed(target))
    plan.rejected.sort(key=lambda rejected: rejected.row)
    for carrier in sorted(assumed):
        plan.notes.append(f"Fills that do not say what was filled in were taken as {carrier}.")


def _assumed(target: VehiclePlan) -> Carrier:
    command = target.fills[-1].command
    assert isinstance(command, RecordFill)  # noqa: S101 - only fills are asked for; tells the type checker
    return command.carrier or target.vehicle.carriers[0]


def _planned(plan: ImportPlan, row: ParsedRecord, key: bytes, context: Context) -> Planned:
    match row:
        case ParsedFill():
            station = station_key(row, plan.detection.format)
            if station is not None:
                plan.stations.setdefault(station, row)
            return Planned(row.row, key, fill_of(row, context), station)
        case ParsedExpense():
            return Planned(row.row, key, expense_of(row, context, row.category), parsed=row)
        case ParsedReading():
            note = ReadingNote(
                vehicle_id=context.vehicle.id,
                value=row.odometer.metres,
                at=reading_instant(row, context),
                source="imports.reading",
                source_id=UUID(bytes=key),
                accept_jump=True,
            )
            return Planned(row.row, key, note)
        case ParsedTrip():
            return Planned(row.row, key, trip_of(row, context))


def station_key(row: ParsedFill, provider: str) -> StationKey | None:
    """Return what tells a fill's station from others: its external id, else its name; None where it names none."""
    if row.station_external_id:
        return _station_key(row.station_provider or provider, row.station_external_id[:STATION_TEXT_MAX])
    name = (row.station_name or row.station_brand)[:STATION_TEXT_MAX]
    return _station_key("", name.casefold()) if name else None


@lru_cache(maxsize=4096)
def _station_key(provider: str, name: str) -> StationKey:
    """Return the key that all fills at one station share."""
    return provider, name


def _place(uow: UnitOfWork, target: VehiclePlan, planned: Planned, context: Context) -> list[Problem]:
    """Put a planned row in its list, unless it is wrong; returns what is wrong with it."""
    command = planned.command
    match command:
        case RecordFill():
            problems = fill_problems(uow, context.vehicle, command)
            into = target.fills
        case RecordExpense():
            # A category of the file's own is added when the import is stored; here any known one will do.
            anyhow = attrs.evolve(command, category="other")
            problems = expense_problems(uow, anyhow, BUILT_IN_CATEGORIES.values())
            into = target.expenses
        case ReadingNote():
            problems = list(reading_problems(uow, command))
            into = target.readings
        case RecordTrip():
            problems = trip_problems(uow, command, target.timeline)
            into = target.trips
    if not problems:
        into.append(planned)
    return problems
