"""Logs of fills for reports: many vehicles by one statement, and rows as the driver gives them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import Connection, Select, func, select, type_coerce
from sqlalchemy.types import NullType

from fleetcore.kernel.when import ALWAYS, Span
from fleetcore.storage.choosing import rows_of_vehicles, within
from fleetcore.storage.types import from_micros, id_from_bytes
from fleetcore.vehicles.carriers import Carrier

from .economy import EconomyFill
from .ports import FillSpan, Log
from .storage import fills

__all__ = ["SqlFillLogs"]

_is_asked = within(fills.c.at)
_is_trip = fills.c.trip_m.is_not(None) & fills.c.odometer_m.is_(None)
# A look takes thousands of rows: the driver's values pass as they are, and what is left of them is made into facts
# in one go, which halves the time of a log.
_facts = (
    *(fills.c.id, fills.c.at, fills.c.odometer_m, fills.c.quantity, fills.c.total_minor, fills.c.currency),
    *(fills.c.is_full, fills.c.missed_previous, fills.c.trip_m, func.coalesce(fills.c.excluded_m, 0)),
    fills.c.end_soc_percent,
)
_raw = [
    type_coerce(column, NullType()) for column in (*_facts, fills.c.vehicle_id, fills.c.carrier, fills.c.quantity_kind)
]
_kept = fills.c.deleted_at.is_(None)
_logs: Any = select(*_raw).where(_kept).order_by(fills.c.vehicle_id, fills.c.at)
_spans: Select[Any] = (
    select(
        fills.c.vehicle_id,
        func.min(fills.c.at),
        func.min(fills.c.at).filter(_is_asked),
        func.max(fills.c.at).filter(_is_asked),
        func.count().filter(_is_trip, _is_asked),
    )
    .where(_kept)
    .group_by(fills.c.vehicle_id)
)
_trips: Select[Any] = (
    select(fills.c.vehicle_id, fills.c.at, fills.c.trip_m)
    .where(_kept, _is_trip)
    .order_by(fills.c.vehicle_id, fills.c.at, fills.c.id)
)


@attrs.frozen
class SqlFillLogs:
    """The fills of one fleet in a database, as reports need them."""

    connection: Connection
    fleet_id: UUID

    def logs(self, vehicle_ids: Sequence[UUID], span: Span = ALWAYS) -> dict[UUID, Log]:
        """Return what economy needs of each vehicle's fills, by time."""
        rows = list(self._rows(_logs, vehicle_ids, span))
        if not rows:
            return {}
        is_native = self.connection.dialect.name == "postgresql"
        ids, instants, *same, owners, carriers, kinds = zip(*rows, strict=True)
        if is_native:
            instants = tuple([at.astimezone(UTC) for at in instants])
        else:
            ids, instants = tuple([id_from_bytes(id_) for id_ in ids]), tuple([from_micros(at) for at in instants])
        facts = map(EconomyFill._make, zip(ids, instants, *same, strict=True))
        found: dict[Any, list[EconomyFill]] = {}
        for key, fact in zip(zip(owners, carriers, kinds, strict=True), facts, strict=True):
            if (log := found.get(key)) is None:
                log = found[key] = []
            log.append(fact)
        logs: dict[UUID, Log] = {}
        for (owner, carrier, kind), log in found.items():
            vehicle_id = owner if is_native else id_from_bytes(owner)
            logs.setdefault(vehicle_id, {})[Carrier(carrier), kind] = log
        return logs

    def spans(self, vehicle_ids: Sequence[UUID], span: Span = ALWAYS) -> dict[UUID, FillSpan]:
        """Return the first and the last fill of each vehicle that ever had any."""
        rows = self._rows(_spans, vehicle_ids, span, narrow=False)
        return {vehicle_id: FillSpan(*found) for vehicle_id, *found in rows}

    def trips(self, vehicle_ids: Sequence[UUID], span: Span = ALWAYS) -> dict[UUID, list[tuple[datetime, int]]]:
        """Return instant and metres, by time, of the fills that tell a trip but no odometer."""
        found: dict[UUID, list[tuple[datetime, int]]] = {}
        for vehicle_id, at, metres in self._rows(_trips, vehicle_ids, span):
            found.setdefault(vehicle_id, []).append((at, metres))
        return found

    def _rows(
        self, statement: Select[Any], vehicle_ids: Sequence[UUID], span: Span, *, narrow: bool = True
    ) -> Iterator[Any]:
        return rows_of_vehicles(
            self.connection, self.fleet_id, statement, fills, vehicle_ids=vehicle_ids, span=span, narrow=narrow
        )
