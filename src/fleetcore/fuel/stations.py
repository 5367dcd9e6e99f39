"""Keep the stations of a fleet."""

from __future__ import annotations

from typing import Any

import attrs

from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, reject_if_any
from fleetcore.kernel.paging import Page, Position, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import operation, query
from fleetcore.vehicles.access import absent, may_see_shared, may_touch

from .events import StationAdded, StationDeleted, StationEdited
from .model import AddStation, DeleteStation, EditStation, GetStation, ListStations, Station, StationFields
from .ports import STATIONS
from .rules import station_problems

__all__ = ["add_station", "delete_station", "edit_station", "get_station", "list_stations"]

READ, WRITE = "fuel.read", "fuel.write"
ENTITY = "fuel.station"
FIELDS = tuple(attribute.name for attribute in attrs.fields(StationFields))


def _told(station: Station) -> dict[str, Any]:
    return {
        "station_id": station.id,
        "station_name": station.name,
        "provider": station.provider,
        "external_id": station.external_id,
        "station_version": station.version,
    }


@operation("fuel.add_station", permission=WRITE)
def add_station(uow: UnitOfWork, command: AddStation) -> Station:
    """Add a station. Raises Rejected with every problem, Conflict for a taken provider and external id."""
    reject_if_any(station_problems(command))
    said = {name: getattr(command, name) for name in FIELDS}
    user = uow.actor.user_id
    station = Station(
        id=command.id or uow.new_id(), created_at=uow.now, created_by=user, updated_at=uow.now, updated_by=user, **said
    )
    uow[STATIONS].add(station)
    uow.record_change(ENTITY, station.id, None, station)
    uow.emit(StationAdded(**_told(station)))
    return station


def _current(uow: UnitOfWork, command: EditStation | DeleteStation) -> Station:
    station = uow[STATIONS].get(command.id)
    if not may_see_shared(uow, station.created_by):
        raise absent("station", station)
    if not may_touch(uow, WRITE, station.created_by):
        raise Forbidden("this station was added by someone else, and your role changes only your own")
    if station.version != command.version:
        raise Conflict(f"the station {station.id} was changed by someone else meanwhile: read it again, then repeat")
    return station


@operation("fuel.edit_station", permission=WRITE)
def edit_station(uow: UnitOfWork, command: EditStation) -> Station:
    """Replace what is known about a station. Raises NotFound, Conflict, Rejected."""
    before = _current(uow, command)
    reject_if_any(station_problems(command))
    said: dict[str, Any] = {name: getattr(command, name) for name in FIELDS}
    after = attrs.evolve(before, **said, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1)
    uow[STATIONS].replace(after, old_version=before.version)
    uow.record_change(ENTITY, after.id, before, after)
    uow.emit(StationEdited(**_told(after)))
    return after


@operation("fuel.delete_station", permission=WRITE)
def delete_station(uow: UnitOfWork, command: DeleteStation) -> Station:
    """Delete a station; its fills keep their place as text. Raises NotFound, Conflict."""
    station = _current(uow, command)
    uow[STATIONS].remove(station.id)
    uow.record_change(ENTITY, station.id, station, None)
    uow.emit(StationDeleted(station_id=station.id, station_version=station.version))
    return station


@query("fuel.get_station", permission=READ)
def get_station(uow: UnitOfWork, command: GetStation) -> Station:
    """Return one station; guests see those that they added. Raises NotFound."""
    station = uow[STATIONS].get(command.id)
    if not may_see_shared(uow, station.created_by):
        raise NotFound("station", command.id)
    return station


@query("fuel.list_stations", permission=READ)
def list_stations(uow: UnitOfWork, command: ListStations) -> Page[Station]:
    """List the stations, newest first; guests see those that they added."""
    limit = page_limit(command.limit)
    rows = uow[STATIONS].page(command, decode_cursor(command), limit + 1)
    page = page_of(rows, limit, lambda station: Position(station.created_at, station.id), command)
    return attrs.evolve(page, items=tuple(each for each in page.items if may_see_shared(uow, each.created_by)))
