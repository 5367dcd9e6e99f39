"""Odometer readings for reports: sums in the database, and whole lines only where sums cannot tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import Connection, Select, and_, bindparam, func, literal_column, or_, select

from fleetcore.kernel.when import ALWAYS, Span
from fleetcore.storage.choosing import rows_of_vehicles, within
from fleetcore.storage.types import Id

from .ports import OdometerRow, OdometerSpan
from .readings import Meter, ReadingKind
from .storage import vehicles
from .storage_readings import ONLY_LIVE, readings

__all__ = ["SqlReadingLines"]

_void = readings.alias("void")
_with_voids = readings.outerjoin(_void, and_(_void.c.fleet_id == readings.c.fleet_id, _void.c.voids == readings.c.id))
_of_odometer = (readings.c.meter == Meter.ODOMETER.value) & (readings.c.kind != ReadingKind.VOID.value)
_is_live = _void.c.id.is_(None)
_is_asked = within(readings.c.at)
_is_odd = or_(readings.c.is_override, readings.c.kind == ReadingKind.REPLACEMENT.value)
_spans: Select[Any] = (
    select(
        readings.c.vehicle_id,
        func.min(readings.c.at).filter(_is_live),
        func.min(readings.c.at).filter(_is_live, _is_asked),
        func.max(readings.c.at).filter(_is_live, _is_asked),
        func.min(readings.c.value).filter(_is_live, _is_asked),
        func.max(readings.c.value).filter(_is_live, _is_asked),
        func.count().filter(_is_odd),  # voided ones too: their neighbours were checked against them
    )
    .select_from(_with_voids)
    .where(_of_odometer)
    .group_by(readings.c.vehicle_id)
)
_lines: Select[Any] = (
    select(readings.c.vehicle_id, readings.c.at, readings.c.value, readings.c.value_before)
    .select_from(_with_voids)
    .where(_of_odometer, _is_live)
    .order_by(readings.c.vehicle_id, readings.c.at, readings.c.value)
)
# By the index, one look for each vehicle, and another for when: a window over all readings would read them all.
_newest_id = (
    select(readings.c.id)
    .where(readings.c.fleet_id == vehicles.c.fleet_id, readings.c.vehicle_id == vehicles.c.id)
    .where(readings.c.meter == literal_column(f"'{Meter.ODOMETER}'"), ONLY_LIVE)
    .order_by(readings.c.at.desc(), readings.c.value.desc())
    .limit(literal_column("1"))
    .correlate(vehicles)
    .scalar_subquery()
)
_newest = (
    select(readings.c.vehicle_id, readings.c.at, readings.c.value)
    .select_from(vehicles.join(readings, and_(readings.c.fleet_id == vehicles.c.fleet_id, readings.c.id == _newest_id)))
    .where(vehicles.c.fleet_id == bindparam("in_fleet"))
    .where(vehicles.c.id.in_(bindparam("of_vehicles", type_=Id, expanding=True)))
)


@attrs.frozen
class SqlReadingLines:
    """The odometer readings of one fleet in a database, as reports need them."""

    connection: Connection
    fleet_id: UUID

    def spans(self, vehicle_ids: Sequence[UUID], span: Span = ALWAYS) -> dict[UUID, OdometerSpan]:
        """Return what the live readings show of each vehicle that has any."""
        return {
            vehicle_id: OdometerSpan(began_at, first_at, last_at, lowest, highest, is_plain=not odd)
            for vehicle_id, began_at, first_at, last_at, lowest, highest, odd in self._rows(
                _spans, vehicle_ids, span, narrow=False
            )
            if began_at is not None
        }

    def newest(self, vehicle_ids: Sequence[UUID]) -> dict[UUID, tuple[datetime, int]]:
        """Return when the newest live reading of each vehicle's odometer was taken, and what it shows."""
        if not vehicle_ids:
            return {}
        rows = self.connection.execute(_newest, {"in_fleet": self.fleet_id, "of_vehicles": list(vehicle_ids)})
        return {vehicle_id: (at, value) for vehicle_id, at, value in rows}

    def lines(self, vehicle_ids: Sequence[UUID], span: Span = ALWAYS) -> dict[UUID, list[OdometerRow]]:
        """Return the live readings, by time."""
        found: dict[UUID, list[OdometerRow]] = {}
        for vehicle_id, *row in self._rows(_lines, vehicle_ids, span):
            found.setdefault(vehicle_id, []).append((row[0], row[1], row[2]))
        return found

    def _rows(
        self, statement: Select[Any], vehicle_ids: Sequence[UUID], span: Span, *, narrow: bool = True
    ) -> Iterator[Any]:
        return rows_of_vehicles(
            self.connection, self.fleet_id, statement, readings, vehicle_ids=vehicle_ids, span=span, narrow=narrow
        )
