"""The stations that a log's fills name: found among the known ones, or added once."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from fleetcore.fuel.model import AddStation, DeleteStation, Station
from fleetcore.fuel.ports import STATIONS
from fleetcore.fuel.stations import add_station, delete_station
from fleetcore.kernel.ports import UnitOfWork

from .planning import STATION_TEXT_MAX as LENGTH_MAX
from .planning import ImportPlan, StationKey
from .rows import ParsedFill, ParsedStation

__all__ = ["Stations", "remove_unused"]


class Stations:
    """Knows the fleet's stations by external id and by name; *added* are those that the import brought."""

    def __init__(self, uow: UnitOfWork, plan: ImportPlan) -> None:
        self._uow = uow
        self._named = plan.stations
        self._favourites = {each.external_id: each for each in plan.favourites if each.external_id}
        self._by_key: dict[StationKey, UUID] = {}
        self.added: list[UUID] = []
        for station in uow[STATIONS].all() if plan.stations else ():
            self._remember(station)

    def _remember(self, station: Station) -> None:
        if station.provider and station.external_id:
            self._by_key[station.provider, station.external_id] = station.id
        else:
            self._by_key["", station.name.casefold()] = station.id

    def id_of(self, key: StationKey) -> UUID:
        """Return the station that fills name by *key*, added if it is new."""
        if (known := self._by_key.get(key)) is None:
            row = self._named[key]
            external_id = row.station_external_id[:LENGTH_MAX]
            station = add_station(self._uow, self._command(row, self._favourites.get(external_id), key))
            self.added.append(station.id)
            known = self._by_key[key] = station.id
        return known

    @staticmethod
    def _command(row: ParsedFill, favourite: ParsedStation | None, key: StationKey) -> AddStation:
        provider, external_id = key if key[0] else (None, None)
        latitude, longitude = (
            (favourite.latitude, favourite.longitude) if favourite is not None else (row.latitude, row.longitude)
        )
        place = row.station_address or row.place
        name = row.station_name or row.station_brand or place or f"Station {external_id}"
        return AddStation(
            name=(favourite.name if favourite else name)[:LENGTH_MAX],
            brand=row.station_brand[:LENGTH_MAX],
            address=(favourite.address if favourite and favourite.address else place)[:LENGTH_MAX],
            latitude=_float(latitude),
            longitude=_float(longitude),
            provider=provider,
            external_id=external_id,
        )


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


def remove_unused(uow: UnitOfWork, station_ids: Iterable[UUID]) -> None:
    """Delete those of *station_ids* that still exist and that no fill names any more."""
    wanted = frozenset(station_ids)
    if not wanted:
        return
    unused = uow[STATIONS].unused_of(wanted)
    for station in uow[STATIONS].all():
        if station.id in unused:
            delete_station(uow, DeleteStation(id=station.id, version=station.version))
