"""The table of stations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    Column,
    Connection,
    Float,
    Index,
    Integer,
    RowMapping,
    String,
    bindparam,
    column,
    func,
    select,
    table,
    update,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict
from fleetcore.kernel.paging import Position
from fleetcore.storage.paging import older_than
from fleetcore.storage.rows import Rows
from fleetcore.storage.types import Id, Instant, fleet_table

from .model import ListStations, Station

__all__ = ["SqlStationStore", "stations"]

stations = fleet_table(
    "fuel_stations",
    Column("name", String(200), nullable=False),
    Column("brand", String(200), nullable=False),
    Column("address", String(200), nullable=False),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("phone", String(200), nullable=False),
    Column("website", String(200), nullable=False),
    Column("provider", String(200)),
    Column("external_id", String(200)),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
)
_named = stations.c.external_id.is_not(None)
Index(
    "uq_fuel_stations_external",
    *(stations.c.fleet_id, stations.c.provider, stations.c.external_id),
    unique=True,
    sqlite_where=_named,
    postgresql_where=_named,
)

FIELDS = tuple(attribute.name for attribute in attrs.fields(Station))
_fills = table("fuel_fills", column("fleet_id", Id), column("station_id", Id))


def _to_row(station: Station) -> dict[str, Any]:
    return {name: getattr(station, name) for name in FIELDS}


def _from_row(row: RowMapping) -> Station:
    return Station(**{name: row[name] for name in FIELDS})


class _StationRows(Rows[Station]):
    def conflict(self, error: IntegrityError) -> Conflict:
        """Say whether the id or the external id is taken."""
        taken = "provider and external id" if "external" in str(error.orig) else "id"
        return Conflict(f"a station with this {taken} exists already")


STATION_ROWS = _StationRows("station", stations, _to_row, _from_row)
_mine = stations.c.fleet_id == bindparam("in_fleet")
_newest_first = select(stations).where(_mine).order_by(stations.c.created_at.desc(), stations.c.id.desc())
_all = select(stations).where(_mine)


@attrs.frozen
class SqlStationStore:
    """The stations of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, station: Station) -> None:
        """Store *station*."""
        STATION_ROWS.add(self.connection, self.fleet_id, station)

    def get(self, station_id: UUID) -> Station:
        """Return the station."""
        return STATION_ROWS.get(self.connection, self.fleet_id, station_id)

    def replace(self, station: Station, *, old_version: int) -> None:
        """Write *station* over its *old_version*."""
        STATION_ROWS.replace(self.connection, self.fleet_id, station, old_version=old_version)

    def remove(self, station_id: UUID) -> None:
        """Erase the station; its fills forget it."""
        naming = (_fills.c.fleet_id == self.fleet_id) & (_fills.c.station_id == station_id)
        self.connection.execute(update(_fills).where(naming).values(station_id=None))
        STATION_ROWS.remove(self.connection, self.fleet_id, station_id)

    def page(self, question: ListStations, after: Position | None, limit: int) -> Sequence[Station]:
        """Return up to *limit* stations, newest first."""
        statement = _newest_first.limit(limit)
        if question.name_contains:
            wanted = func.lower(stations.c.name).contains(question.name_contains.lower(), autoescape=True)
            statement = statement.where(wanted)
        if after is not None:
            statement = statement.where(older_than(stations.c.created_at, stations.c.id, after))
        return [_from_row(row) for row in self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()]

    def all(self) -> Sequence[Station]:
        """Return every station."""
        return [_from_row(row) for row in self.connection.execute(_all, {"in_fleet": self.fleet_id}).mappings()]

    def unused_of(self, station_ids: Iterable[UUID]) -> frozenset[UUID]:
        """Return those of *station_ids* that no fill names."""
        wanted = frozenset(station_ids)
        used = select(_fills.c.station_id).where(_fills.c.fleet_id == self.fleet_id, _fills.c.station_id.in_(wanted))
        return wanted - frozenset(self.connection.execute(used).scalars())
