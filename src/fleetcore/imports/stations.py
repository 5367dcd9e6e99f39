"""The stations that a log's fills name: found among the known ones, or added once."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from fleetcore.fuel.model import AddStation, DeleteStation, Station
from fleetcore.fuel.ports import STATIONS
from fleetcore.fuel.stations import add_station, delete_station
from fleetcore.kernel.ports import UnitOfWork

from .planning import ImportPlan
from .rows import ParsedExpense, ParsedFill, ParsedReading, ParsedStation

__all__ = ["Stations", "remove_unused"]

LENGTH_MAX = 200


class Stations:
    """Knows the fleet's stations by external id and by name; *added* are those that the import brought."""

    def __init__(self, uow: UnitOfWork, plan: ImportPlan) -> None:
        self._uow = uow
        self._provider = plan.detection.format
        self._favourites = {each.external_id: each for each in plan.stations if each.external_id}
        self._by_key: dict[tuple[str, str], UUID] = {}
        self.added: list[UUID] = []
        for station in uow[STATIONS].all():
            self._remember(station)

    def _remember(self, station: Station) -> None:
        if station.provider and station.external_id:
            self._by_key[station.provider, station.external_id] = station.id
        else:
            self._by_key["", station.name.casefold()] = station.id

    def id_of(self, row: ParsedFill | ParsedExpense | ParsedReading) -> UUID | None:
        """Return the station of a fill, added if it is new; None where the row names none."""
        if not isinstance(row, ParsedFill):
            return None
        external_id = row.station_external_id[:LENGTH_MAX]
        name = (row.station_name or row.station_brand)[:LENGTH_MAX]
        if not external_id and not name:
            return None
        provider = row.station_provider or self._provider
        key = (provider, external_id) if external_id else ("", name.casefold())
        if (known := self._by_key.get(key)) is not None:
            return known
        favourite = self._favourites.get(external_id)
        station = add_station(self._uow, self._command(row, favourite, provider, external_id, name))
        self.added.append(station.id)
        self._by_key[key] = station.id
        return station.id

    def _command(
        self, row: ParsedFill, favourite: ParsedStation | None, provider: str, external_id: str, name: str
    ) -> AddStation:
        latitude, longitude = (
            (favourite.latitude, favourite.longitude) if favourite is not None else (row.latitude, row.longitude)
        )
        place = row.station_address or row.place
        return AddStation(
            name=(favourite.name if favourite else name or place or f"Station {external_id}")[:LENGTH_MAX],
            brand=row.station_brand[:LENGTH_MAX],
            address=(favourite.address if favourite and favourite.address else place)[:LENGTH_MAX],
            latitude=_float(latitude),
            longitude=_float(longitude),
            provider=provider if external_id else None,
            external_id=external_id or None,
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
