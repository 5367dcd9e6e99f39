"""The tables for people: CSV by RFC 4180 in UTF-8, metric, ISO dates, decimal points; what is in sight, newest first.

Fills and expenses have the columns of fleetcore's own CSV, so another fleet can import them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from fleetcore.expenses.model import Expense, ListExpenses
from fleetcore.expenses.ports import EXPENSES
from fleetcore.fuel.model import ChargePlace, Fill, ListFills, Station
from fleetcore.fuel.ports import FILLS, STATIONS
from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Energy, Mass, Volume
from fleetcore.maintenance.model import ListServices, Part, Service
from fleetcore.maintenance.ports import PROVIDERS, SERVICES
from fleetcore.people.ports import USERS
from fleetcore.vehicles.model import ListVehicles, Vehicle
from fleetcore.vehicles.ports import READINGS, VEHICLES
from fleetcore.vehicles.readings import Meter, Reading, ReadingKind

from .csv_forms import Cells, money, pages, plain, table
from .csv_life import life_tables

__all__ = ["TABLE_NAMES", "csv_files"]

TABLE_NAMES = (
    *("vehicles", "fills", "expenses", "services", "readings", "stations"),
    *("trips", "documents", "inspections", "tyre_sets", "plan_items", "assignments"),
)
VEHICLE_COLUMNS = (
    *("name", "make", "model", "variant", "year", "vin", "plate", "colour", "state", "carriers", "tank_capacity_l"),
    *("battery_capacity_kwh", "passenger_capacity", "load_limit_kg", "purchased_on", "purchase_price"),
    *("purchase_currency", "sold_on", "sale_price", "sale_currency", "distance_unit", "volume_unit", "tags"),
    *("custom_fields", "notes"),
)
FILL_COLUMNS = (
    *("vehicle", "at", "odometer_km", "trip_km", "carrier", "volume_l", "mass_kg", "energy_kwh", "unit_price", "total"),
    *("currency", "is_full", "missed_previous", "excluded_distance_km", "grade", "station", "station_brand"),
    *("station_provider", "station_external_id", "station_address", "latitude", "longitude", "place", "notes", "tags"),
    *("start_soc_percent", "end_soc_percent", "is_home", "current", "driver"),
)
EXPENSE_COLUMNS = (
    *("vehicle", "at", "odometer_km", "category", "title", "amount", "currency", "is_income", "place", "notes", "tags"),
)
SERVICE_COLUMNS = (
    *("vehicle", "at", "odometer_km", "engine_hours", "category", "title", "parts", "parts_cost", "labour_hours"),
    *(
        "labour_cost",
        "total",
        "currency",
        "provider",
        "place",
        "warranty_until",
        "warranty_odometer_km",
        "notes",
        "tags",
    ),
)
READING_COLUMNS = ("vehicle", "at", "kind", "odometer_km", "old_odometer_km", "engine_hours", "source", "notes")
STATION_COLUMNS = (
    *("name", "brand", "address", "latitude", "longitude", "phone", "website", "provider", "external_id"),
)


def csv_files(uow: UnitOfWork) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield name and content of each table, to be written one after the other."""
    vehicles = uow[VEHICLES].list(ListVehicles())
    stations = uow[STATIONS].all()
    names = {vehicle.id: vehicle.name for vehicle in vehicles}
    yield "csv/vehicles.csv", table(VEHICLE_COLUMNS, map(_vehicle_cells, vehicles))
    yield "csv/fills.csv", table(FILL_COLUMNS, _fills(uow, names, {station.id: station for station in stations}))
    yield "csv/expenses.csv", table(EXPENSE_COLUMNS, _expenses(uow, names))
    yield "csv/services.csv", table(SERVICE_COLUMNS, _services(uow, names))
    yield "csv/readings.csv", table(READING_COLUMNS, _readings(uow, vehicles))
    yield "csv/stations.csv", table(STATION_COLUMNS, map(_station_cells, stations))
    for name, columns, rows in life_tables(uow, names):
        yield f"csv/{name}.csv", table(columns, rows)


def _vehicle_cells(vehicle: Vehicle) -> Cells:
    tank, battery, load = vehicle.tank_capacity, vehicle.battery_capacity, vehicle.load_limit
    return {
        **{name: getattr(vehicle, name, None) for name in VEHICLE_COLUMNS},
        "tank_capacity_l": tank and tank.litres,
        "battery_capacity_kwh": battery and battery.kwh,
        "load_limit_kg": load and load.kg,
        "purchase_price": None,
        "sale_price": None,
        **money("purchase_price", vehicle.purchase_price, "purchase_currency"),
        **money("sale_price", vehicle.sale_price, "sale_currency"),
    }


def _fills(uow: UnitOfWork, names: Mapping[UUID, str], stations: Mapping[UUID, Station]) -> Iterator[Cells]:
    def page(after: Position | None, limit: int) -> Sequence[Fill]:
        return uow[FILLS].page(ListFills(), None, None, after, limit)

    drivers: dict[UUID, str] = {}
    for fill in pages(page, lambda last: Position(last.at, last.id)):
        if fill.driver_id is not None and fill.driver_id not in drivers:
            drivers[fill.driver_id] = uow[USERS].get(fill.driver_id).name
        station = stations[fill.station_id] if fill.station_id is not None else None
        yield _fill_cells(fill, names[fill.vehicle_id], station, drivers.get(fill.driver_id) if fill.driver_id else "")


def _fill_cells(fill: Fill, vehicle: str, station: Station | None, driver: str | None) -> Cells:
    cells: dict[str, Any] = {
        **{name: getattr(fill, name, None) for name in FILL_COLUMNS},
        "vehicle": vehicle,
        "odometer_km": fill.odometer and fill.odometer.km,
        "trip_km": fill.trip and fill.trip.km,
        "unit_price": fill.unit_price.amount,
        **money("total", fill.total),
        "excluded_distance_km": fill.excluded_distance and fill.excluded_distance.km,
        "is_home": None if fill.charge_place is None else fill.charge_place is ChargePlace.HOME,
        "driver": driver,
    }
    match fill.quantity:
        case Volume() as volume:
            cells["volume_l"] = volume.litres
        case Mass() as mass:
            cells["mass_kg"] = mass.kg
        case Energy() as energy:
            cells["energy_kwh"] = energy.kwh
    if station is not None:
        cells |= {"station": station.name, "station_brand": station.brand, "station_address": station.address}
        cells |= {"station_provider": station.provider, "station_external_id": station.external_id}
    return cells


def _expenses(uow: UnitOfWork, names: Mapping[UUID, str]) -> Iterator[Cells]:
    def page(after: Position | None, limit: int) -> Sequence[Expense]:
        return uow[EXPENSES].page(ListExpenses(), None, None, after, limit)

    def position(expense: Expense) -> Position:
        return Position(datetime.combine(expense.spent_on, time(), UTC), expense.id)

    for expense in pages(page, position):
        income = expense.amount.minor < 0
        at: datetime | date = expense.at or expense.spent_on
        yield {
            **{name: getattr(expense, name, None) for name in EXPENSE_COLUMNS},
            "vehicle": names[expense.vehicle_id] if expense.vehicle_id is not None else None,
            "at": at,
            "odometer_km": expense.odometer and expense.odometer.km,
            **money("amount", -expense.amount if income else expense.amount),
            "is_income": income,
        }


def _services(uow: UnitOfWork, names: Mapping[UUID, str]) -> Iterator[Cells]:
    def page(after: Position | None, limit: int) -> Sequence[Service]:
        return uow[SERVICES].page(ListServices(), None, None, after, limit)

    providers: dict[UUID, str] = {}
    for service in pages(page, lambda last: Position(datetime.combine(last.done_on, time(), UTC), last.id)):
        who = service.provider_id
        if who is not None and who not in providers:
            providers[who] = uow[PROVIDERS].get(who).name
        yield _service_cells(service, names[service.vehicle_id], None if who is None else providers[who])


def _service_cells(service: Service, vehicle: str, provider: str | None) -> Cells:
    return {
        **{name: getattr(service, name, None) for name in SERVICE_COLUMNS},
        "vehicle": vehicle,
        "at": service.at or service.done_on,
        "odometer_km": service.odometer and service.odometer.km,
        "engine_hours": service.engine_hours and service.engine_hours.hours,
        "parts": tuple(map(_part_text, service.parts)),
        **money("parts_cost", service.parts_cost),
        **money("labour_cost", service.labour_total),
        **money("total", service.total),
        "provider": provider,
        "warranty_odometer_km": service.warranty_odometer and service.warranty_odometer.km,
    }


def _part_text(part: Part) -> str:
    """Write a part as the command line reads it."""
    number = f" #{part.part_number}" if part.part_number else ""
    cost = f" @ {part.unit_cost.amount:f}" if part.unit_cost is not None else ""
    return f"{plain(part.quantity)} x {part.name}{number}{cost}"


def _readings(uow: UnitOfWork, vehicles: Sequence[Vehicle]) -> Iterator[Cells]:
    for vehicle in vehicles:
        for meter in Meter:

            def page(
                after: Position | None, limit: int, vehicle: Vehicle = vehicle, meter: Meter = meter
            ) -> Sequence[Reading]:
                return uow[READINGS].page(vehicle.id, meter, after, limit, with_voided=False)

            for reading in pages(page, lambda last: Position(last.at, last.id)):
                yield _reading_cells(reading, vehicle.name)


def _reading_cells(reading: Reading, vehicle: str) -> Cells:
    cells: dict[str, Any] = {
        "vehicle": vehicle,
        "at": reading.at,
        "kind": reading.kind,
        "source": reading.source,
        "notes": reading.note,
    }
    if reading.meter is Meter.ENGINE_HOURS:
        return cells | {"engine_hours": Decimal(reading.value) / 10}
    if reading.kind is ReadingKind.REPLACEMENT and reading.value_before is not None:
        cells["old_odometer_km"] = Decimal(reading.value_before) / 1000
    return cells | {"odometer_km": Decimal(reading.value) / 1000}


def _station_cells(station: Station) -> Cells:
    return {name: getattr(station, name) for name in STATION_COLUMNS}
