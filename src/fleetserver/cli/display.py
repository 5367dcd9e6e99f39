"""Facts as people read them: in their own units, with the unit beside the number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from fleetcore.kernel.consumption import ConsumptionUnit, consumption_in
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.quantities import (
    Distance,
    DistanceUnit,
    Energy,
    EngineHours,
    Mass,
    Quantity,
    Volume,
    VolumeUnit,
)
from fleetcore.kernel.when import zone
from fleetcore.people.model import Fleet, Units, User
from fleetcore.vehicles.model import Vehicle

__all__ = ["CONSUMPTION_LABELS", "Display", "Scale", "number", "unit_label"]

DISTANCE_PRECISE_BELOW = 100
CONSUMPTION_LABELS = {
    ConsumptionUnit.L_PER_100KM: "l/100 km",
    ConsumptionUnit.KM_PER_L: "km/l",
    ConsumptionUnit.MPG_US: "mpg (US)",
    ConsumptionUnit.MPG_UK: "mpg (UK)",
    ConsumptionUnit.KG_PER_100KM: "kg/100 km",
    ConsumptionUnit.KWH_PER_100KM: "kWh/100 km",
    ConsumptionUnit.MI_PER_KWH: "mi/kWh",
}


def unit_label(unit: VolumeUnit) -> str:
    """Write a unit of volume as a pump does."""
    return "l" if unit is VolumeUnit.LITRE else "gal"


def number(value: Decimal | float, places: int) -> str:
    """Write a number with thousands apart."""
    return f"{value:,.{places}f}"


@frozen(kw_only=True)
class Scale:
    """The units in which the facts of one vehicle are read and typed."""

    distance: DistanceUnit
    volume: VolumeUnit

    def consumption(self, base: ConsumptionUnit, system: Units) -> ConsumptionUnit:
        """Return the unit for a consumption that is kept in *base*."""
        miles = self.distance is DistanceUnit.MILE
        if base is ConsumptionUnit.KWH_PER_100KM:
            return ConsumptionUnit.MI_PER_KWH if miles else base
        if base is ConsumptionUnit.L_PER_100KM and miles:
            american = self.volume is VolumeUnit.US_GALLON or (self.volume is VolumeUnit.LITRE and system is Units.US)
            return ConsumptionUnit.MPG_US if american else ConsumptionUnit.MPG_UK
        return base


@frozen(kw_only=True)
class Display:
    """Writes facts for one user of one fleet; a vehicle's own units go before theirs."""

    units: Units
    timezone: str
    currency: str
    fleet_name: str

    @classmethod
    def of(cls, fleet: Fleet, user: User) -> Display:
        """Return how *user* reads the facts of *fleet*."""
        return cls(
            units=user.units or fleet.units,
            timezone=user.timezone or fleet.timezone,
            currency=fleet.currency,
            fleet_name=fleet.name,
        )

    def scale(self, vehicle: Vehicle | None = None) -> Scale:
        """Return the units for *vehicle*."""
        return Scale(
            distance=(vehicle and vehicle.distance_unit) or self.units.distance_unit,
            volume=(vehicle and vehicle.volume_unit) or self.units.volume_unit,
        )

    def distance(self, value: Distance | None, vehicle: Vehicle | None = None) -> str:
        """Write a distance or an odometer."""
        if value is None:
            return ""
        unit = self.scale(vehicle).distance
        amount = value.in_unit(unit)
        return f"{number(amount, 0 if amount >= DISTANCE_PRECISE_BELOW else 1)} {unit}"

    def quantity(self, value: Quantity | None, vehicle: Vehicle | None = None) -> str:
        """Write what was filled in."""
        match value:
            case Volume():
                unit = self.scale(vehicle).volume
                return f"{number(value.in_unit(unit), 2)} {unit_label(unit)}"
            case Mass():
                return f"{number(value.kg, 2)} kg"
            case Energy():
                return f"{number(value.kwh, 2)} kWh"
            case _:
                return ""

    def unit_price(self, value: UnitPrice, sold: Quantity, vehicle: Vehicle | None = None) -> str:
        """Write the price of one litre, gallon, kilogram or kilowatt-hour, whatever was *sold*."""
        amount, unit = value.amount, "kWh" if isinstance(sold, Energy) else "kg"
        if isinstance(sold, Volume):
            measure = self.scale(vehicle).volume
            amount, unit = amount * measure.millilitres / 1000, unit_label(measure)
        return f"{number(amount, 3)} {value.currency}/{unit}"

    def per_distance(self, value: UnitPrice, vehicle: Vehicle | None = None) -> str:
        """Write a cost per kilometre as one per kilometre or mile."""
        unit = self.scale(vehicle).distance
        return f"{number(value.amount * unit.metres / 1000, 3)} {value.currency}/{unit}"

    def per_hundred(self, value: UnitPrice, vehicle: Vehicle | None = None) -> str:
        """Write a cost per 100 km as one per 100 km or per mile, as people are used to it."""
        if self.scale(vehicle).distance is DistanceUnit.KM:
            return f"{number(value.amount, 2)} {value.currency}/100 km"
        return self.per_distance(UnitPrice(round(value.micros / 100), value.currency), vehicle)

    def consumption(self, per_100km: float | None, base: ConsumptionUnit, vehicle: Vehicle | None = None) -> str:
        """Write a consumption; a dash where it cannot be known."""
        if not per_100km:
            return "-"
        unit = self.consumption_unit(base, vehicle)
        return f"{number(consumption_in(unit, per_100km), 2)} {CONSUMPTION_LABELS[unit]}"

    def consumption_unit(self, base: ConsumptionUnit, vehicle: Vehicle | None = None) -> ConsumptionUnit:
        """Return the unit in which a consumption kept in *base* is read."""
        return self.scale(vehicle).consumption(base, self.units)

    def hours(self, value: EngineHours | None) -> str:
        """Write what an hour meter shows."""
        return "" if value is None else f"{number(value.hours, 1)} h"

    def money(self, value: Money | None) -> str:
        """Write an amount with its currency."""
        return "" if value is None else f"{value.amount:,} {value.currency}"

    def moneys(self, values: Iterable[Money]) -> str:
        """Write amounts of several currencies side by side."""
        return " + ".join(map(self.money, values)) or "-"

    def day(self, at: datetime | None) -> str:
        """Write the day of an instant in the user's time zone."""
        return "" if at is None else f"{at.astimezone(zone(self.timezone)):%Y-%m-%d}"

    def minute(self, at: datetime | None) -> str:
        """Write an instant in the user's time zone."""
        return "" if at is None else f"{at.astimezone(zone(self.timezone)):%Y-%m-%d %H:%M}"
