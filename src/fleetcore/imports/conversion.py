"""From a parsed row to the command that stores it: time zones, money, carriers."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from attrs import frozen

from fleetcore.expenses.model import RecordExpense
from fleetcore.fuel.model import ChargeCurrent, ChargePlace, RecordFill
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.quantities import Energy, Mass, Quantity, Volume
from fleetcore.trips.model import PRIVATE, RecordTrip
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import AddVehicle, Vehicle

from .rows import ParsedExpense, ParsedFill, ParsedReading, ParsedTrip, ParsedVehicle

__all__ = ["Context", "expense_of", "fill_of", "instant_of", "trip_of", "vehicle_of"]

NOON = 12  # a row without a time of day is put at noon, so that no time zone moves it to another date
USUAL = {Volume: Carrier.PETROL, Mass: Carrier.CNG, Energy: Carrier.ELECTRICITY}
AGREES = Decimal("0.05")


@frozen(kw_only=True)
class Context:
    """What the rows of one vehicle have in common."""

    vehicle: Vehicle
    zone: ZoneInfo
    currency: str
    carrier: Carrier | None = None
    purpose: str | None = None


def instant_of(at: datetime, zone: ZoneInfo, *, has_time: bool, is_utc: bool = False) -> datetime:
    """Return the instant of a wall clock in *zone*; noon where the file gives only the date."""
    if is_utc:
        return at.replace(tzinfo=UTC)
    if not has_time:
        at = at.replace(hour=NOON)
    return at.replace(tzinfo=zone).astimezone(UTC)


def usual_carrier(vehicle: Vehicle, quantity: Quantity) -> Carrier | None:
    """Return what to assume for a fill without a carrier: None where the vehicle itself makes it clear."""
    fitting = [carrier for carrier in vehicle.carriers if isinstance(quantity, carrier.quantity_type)]
    return None if len(fitting) == 1 else USUAL[type(quantity)]


def fill_of(row: ParsedFill, context: Context) -> RecordFill:
    """Return the command that records a parsed fill; its station is found when it is stored."""
    quantity = row.quantity
    carrier = row.carrier or context.carrier or usual_carrier(context.vehicle, quantity)
    currency = row.currency or context.currency
    is_charge = isinstance(quantity, Energy)
    total, unit_price = _prices(row, quantity, currency)
    return RecordFill(
        vehicle_id=context.vehicle.id,
        at=instant_of(row.at, context.zone, has_time=row.has_time, is_utc=row.is_utc),
        odometer=row.odometer,
        trip=row.trip,
        carrier=carrier,
        volume=quantity if isinstance(quantity, Volume) else None,
        mass=quantity if isinstance(quantity, Mass) else None,
        energy=quantity if isinstance(quantity, Energy) else None,
        total=total,
        unit_price=unit_price,
        is_full=row.is_full,
        missed_previous=row.missed_previous,
        grade=row.grade,
        place=row.place or row.station_address,
        latitude=_degrees(row.latitude),
        longitude=_degrees(row.longitude),
        start_soc_percent=row.start_soc_percent if is_charge else None,
        end_soc_percent=row.end_soc_percent if is_charge else None,
        charge_place=None if row.is_home is None else ChargePlace.HOME if row.is_home else ChargePlace.PUBLIC,
        current=ChargeCurrent(row.current) if row.current else None,
        excluded_distance=row.excluded_distance,
        notes=row.notes,
        tags=row.tags,
        accept_odometer_jump=True,
    )


@lru_cache(maxsize=4096)
def _degrees(number: Decimal | None) -> float | None:
    """Return a coordinate as a float; the same few places share one."""
    return None if number is None else float(number)


def _prices(row: ParsedFill, quantity: Quantity, currency: str) -> tuple[Money | None, UnitPrice | None]:
    """Return total and unit price; what was paid decides, and a unit price that a discount belies is left out.

    A row without any price is a fill that cost nothing known.
    """
    if row.total is None:
        if row.unit_price is None:
            return Money(0, currency), None
        return None, UnitPrice.of(row.unit_price, currency)
    total = Money.of(row.total, currency)
    if row.unit_price is None:
        return total, None
    thousandths = _thousandths(quantity)
    expected = row.unit_price * thousandths / 1000
    agrees = abs(expected - row.total) <= AGREES * max(expected, row.total)
    return total, UnitPrice.of(row.unit_price, currency) if agrees else None


def _thousandths(quantity: Quantity) -> int:
    match quantity:
        case Volume():
            return quantity.millilitres
        case Mass():
            return quantity.grams
        case Energy():
            return quantity.watt_hours


def expense_of(row: ParsedExpense, context: Context, category: str) -> RecordExpense:
    """Return the command that records a parsed cost; income is a negative cost."""
    amount = Money.of(row.amount, row.currency or context.currency)
    return RecordExpense(
        vehicle_id=context.vehicle.id,
        spent_on=row.at.date(),
        at=instant_of(row.at, context.zone, has_time=True) if row.has_time else None,
        category=category,
        amount=-amount if row.is_income else amount,
        title=row.title,
        odometer=row.odometer,
        place=row.place,
        notes=row.notes,
        tags=row.tags,
        accept_odometer_jump=True,
    )


def trip_of(row: ParsedTrip, context: Context) -> RecordTrip:
    """Return the command that records a parsed trip; a purpose that the file does not say is the user's, or private."""
    return RecordTrip(
        vehicle_id=context.vehicle.id,
        driver_name=row.driver,
        started_at=instant_of(row.at, context.zone, has_time=True, is_utc=row.is_utc),
        ended_at=instant_of(row.ended_at, context.zone, has_time=True, is_utc=row.is_utc),
        start_odometer=row.start_odometer,
        end_odometer=row.end_odometer,
        distance=row.distance if row.start_odometer is None or row.end_odometer is None else None,
        start_place=row.start_place,
        end_place=row.end_place,
        start_latitude=None if row.start_latitude is None else float(row.start_latitude),
        start_longitude=None if row.start_longitude is None else float(row.start_longitude),
        end_latitude=None if row.end_latitude is None else float(row.end_latitude),
        end_longitude=None if row.end_longitude is None else float(row.end_longitude),
        purpose=row.purpose or context.purpose or PRIVATE,
        client=row.client,
        notes=row.notes,
        tags=row.tags,
        accept_odometer_jump=True,
    )


def reading_instant(row: ParsedReading, context: Context) -> datetime:
    """Return the instant of a parsed reading."""
    return instant_of(row.at, context.zone, has_time=row.has_time)


def vehicle_of(name: str, described: ParsedVehicle | None, carriers: tuple[Carrier, ...]) -> AddVehicle:
    """Return the command that adds a vehicle as the file describes it."""
    if described is None:
        return AddVehicle(name=name, carriers=carriers)
    tank = next((each for each in described.tank_capacities if isinstance(each, Volume) and each.millilitres), None)
    battery = next((each for each in described.tank_capacities if isinstance(each, Energy) and each.watt_hours), None)
    known = tuple(carrier for carrier in described.carriers if carrier.carries_energy)
    return AddVehicle(
        name=name,
        make=described.make,
        model=described.model,
        year=described.year,
        plate=described.plate or None,
        vin=described.vin or None,
        carriers=tuple(dict.fromkeys(known + carriers)),
        tank_capacity=tank,
        battery_capacity=battery,
        notes=described.notes,
    )
