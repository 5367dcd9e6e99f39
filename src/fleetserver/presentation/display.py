"""Facts as people read them: in their own units and their language, with the unit beside the number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from attrs import frozen

from fleetcore.kernel.consumption import ConsumptionUnit, consumption_in
from fleetcore.kernel.languages import ENGLISH, Language
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
from fleetcore.kernel.when import local_date, zone
from fleetcore.people.model import Fleet, Units, User
from fleetcore.vehicles.model import Vehicle

__all__ = ["CONSUMPTION_LABELS", "DayForm", "Display", "Scale", "number", "unit_label"]

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


class DayForm(StrEnum):
    """How a day is written: 2 March 2027, 2027-03-02, or in the figures of the language."""

    WORDS = "words"
    ISO = "iso"
    FIGURES = "figures"


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
    language: Language = ENGLISH
    day_form: DayForm = DayForm.ISO

    @classmethod
    def of(cls, fleet: Fleet, user: User, *, language: Language = ENGLISH, day_form: DayForm = DayForm.ISO) -> Display:
        """Return how *user* reads the facts of *fleet*."""
        return cls(
            units=user.units or fleet.units,
            timezone=user.timezone or fleet.timezone,
            currency=fleet.currency,
            fleet_name=fleet.name,
            language=language,
            day_form=day_form,
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
        return f"{self.number(amount, 0 if amount >= DISTANCE_PRECISE_BELOW else 1)} {unit}"

    def quantity(self, value: Quantity | None, vehicle: Vehicle | None = None) -> str:
        """Write what was filled in."""
        match value:
            case Volume():
                unit = self.scale(vehicle).volume
                return f"{self.number(value.in_unit(unit), 2)} {unit_label(unit)}"
            case Mass():
                return f"{self.number(value.kg, 2)} kg"
            case Energy():
                return f"{self.number(value.kwh, 2)} kWh"
            case _:
                return ""

    def unit_price(self, value: UnitPrice, sold: Quantity, vehicle: Vehicle | None = None) -> str:
        """Write the price of one litre, gallon, kilogram or kilowatt-hour, whatever was *sold*."""
        amount, unit = value.amount, "kWh" if isinstance(sold, Energy) else "kg"
        if isinstance(sold, Volume):
            measure = self.scale(vehicle).volume
            amount, unit = amount * measure.millilitres / 1000, unit_label(measure)
        return f"{self.number(amount, 3)} {value.currency}/{unit}"

    def per_distance(self, value: UnitPrice, vehicle: Vehicle | None = None) -> str:
        """Write a cost per kilometre as one per kilometre or mile."""
        unit = self.scale(vehicle).distance
        return f"{self.number(value.amount * unit.metres / 1000, 3)} {value.currency}/{unit}"

    def per_hundred(self, value: UnitPrice, vehicle: Vehicle | None = None) -> str:
        """Write a cost per 100 km as one per 100 km or per mile, as people are used to it."""
        if self.scale(vehicle).distance is DistanceUnit.KM:
            return f"{self.number(value.amount, 2)} {value.currency}/100 km"
        return self.per_distance(UnitPrice(round(value.micros / 100), value.currency), vehicle)

    def consumption(self, per_100km: float | None, base: ConsumptionUnit, vehicle: Vehicle | None = None) -> str:
        """Write a consumption; a dash where it cannot be known."""
        if not per_100km:
            return "-"
        unit = self.consumption_unit(base, vehicle)
        return f"{self.number(consumption_in(unit, per_100km), 2)} {CONSUMPTION_LABELS[unit]}"

    def consumption_unit(self, base: ConsumptionUnit, vehicle: Vehicle | None = None) -> ConsumptionUnit:
        """Return the unit in which a consumption kept in *base* is read."""
        return self.scale(vehicle).consumption(base, self.units)

    def hours(self, value: EngineHours | None) -> str:
        """Write what an hour meter shows."""
        return "" if value is None else f"{self.number(value.hours, 1)} h"

    def money(self, value: Money | None) -> str:
        """Write an amount with its currency."""
        if value is None:
            return ""
        if self.language.code == "en":
            return f"{value.amount:,} {value.currency}"
        from babel.numbers import format_currency

        return str(format_currency(value.amount, value.currency, locale=self.language.code, currency_digits=False))

    def moneys(self, values: Iterable[Money]) -> str:
        """Write amounts of several currencies side by side."""
        return " + ".join(map(self.money, values)) or "-"

    def number(self, value: Decimal | float, places: int) -> str:
        """Write a number with the marks of the language."""
        return self.language.number(value, places)

    def day(self, value: date | datetime | None) -> str:
        """Write a day, or that of an instant in the user's time zone, in their language and the form they chose."""
        if value is None:
            return ""
        day = local_date(value, self.timezone) if isinstance(value, datetime) else value
        match self.day_form:
            case DayForm.ISO:
                return day.isoformat()
            case DayForm.FIGURES:
                return self.language.day_in_figures(day)
            case DayForm.WORDS:
                return self.language.day(day)

    def minute(self, at: datetime | None) -> str:
        """Write an instant to the minute in the user's time zone."""
        if at is None:
            return ""
        mark = "" if self.day_form is DayForm.ISO else ","
        return f"{self.day(at)}{mark} {at.astimezone(zone(self.timezone)):%H:%M}"
