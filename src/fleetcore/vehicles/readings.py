"""Readings of a vehicle's meters: facts that never change, and the commands that add to them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.quantities import Distance, EngineHours

__all__ = [
    "GetOdometer",
    "GetReading",
    "ListReadings",
    "Meter",
    "Odometer",
    "Reading",
    "ReadingKind",
    "RecordReading",
    "ReplaceMeter",
    "VoidReading",
]


class Meter(StrEnum):
    """The two meters a vehicle may have."""

    ODOMETER = "odometer"
    ENGINE_HOURS = "engine_hours"


class ReadingKind(StrEnum):
    """What a row of the readings says."""

    READING = "reading"
    REPLACEMENT = "replacement"
    VOID = "void"


@frozen(kw_only=True)
class Reading:
    """What a meter showed at an instant, in metres or tenths of an hour.

    A replacement carries the old meter's last value as *value_before* and the new one's first as
    *value*. A void names the reading it takes back in *voids*. *is_override* says that the user
    accepted a jump. *source* and *source_id* name the record that implied the reading.
    """

    id: UUID
    vehicle_id: UUID
    meter: Meter = Meter.ODOMETER
    kind: ReadingKind = ReadingKind.READING
    value: int
    value_before: int | None = None
    at: datetime
    source: str = "manual"
    source_id: UUID | None = None
    voids: UUID | None = None
    is_override: bool = False
    note: str = ""
    recorded_at: datetime
    recorded_by: UUID


@frozen(kw_only=True)
class RecordReading:
    """Note what a meter shows: the odometer or the engine hours, one of the two."""

    id: UUID | None = None
    vehicle_id: UUID
    at: datetime
    odometer: Distance | None = None
    engine_hours: EngineHours | None = None
    note: str = ""
    accept_odometer_jump: bool = False


@frozen(kw_only=True)
class VoidReading:
    """Take a reading back; the row stays, with the void beside it."""

    id: UUID
    note: str = ""


@frozen(kw_only=True)
class ReplaceMeter:
    """Note that the odometer was exchanged: what the old one showed last, what the new one shows first."""

    vehicle_id: UUID
    at: datetime
    old_odometer: Distance
    new_odometer: Distance
    note: str = ""


@frozen(kw_only=True)
class GetReading:
    """Ask for one reading of a vehicle, voided or not."""

    vehicle_id: UUID
    id: UUID


@frozen(kw_only=True)
class ListReadings:
    """Ask for a vehicle's live readings, newest first."""

    vehicle_id: UUID
    meter: Meter = Meter.ODOMETER
    with_voided: bool = False
    cursor: str | None = None
    limit: int = 50


@frozen(kw_only=True)
class GetOdometer:
    """Ask where a vehicle's meters stand."""

    vehicle_id: UUID


@frozen(kw_only=True)
class Odometer:
    """The newest live readings of a vehicle; *total* counts replaced meters in."""

    vehicle_id: UUID
    odometer: Distance | None
    total: Distance | None
    engine_hours: EngineHours | None
    at: datetime | None
