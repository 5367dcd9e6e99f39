"""Distance, volume, energy and mass: integers inside, exact enough that sums never drift."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Self

from attrs import frozen

from .errors import Rejected
from .money import parse_decimal

__all__ = ["Distance", "DistanceUnit", "Energy", "EngineHours", "Mass", "Quantity", "Volume", "VolumeUnit"]

METRES_PER_MILE = Decimal("1609.344")  # international mile, 1959
MILLILITRES_PER_US_GALLON = Decimal("3785.411784")  # 231 cubic inches
MILLILITRES_PER_UK_GALLON = Decimal("4546.09")  # Units of Measurement Regulations 1995
WHOLE_MAX = 10**15


class DistanceUnit(StrEnum):
    """The units in which people read their odometers."""

    KM = "km"
    MILE = "mi"

    @property
    def metres(self) -> Decimal:
        """Metres in one of this unit."""
        return Decimal(1000) if self is DistanceUnit.KM else METRES_PER_MILE


class VolumeUnit(StrEnum):
    """The units in which people buy liquid fuel."""

    LITRE = "l"
    US_GALLON = "gal_us"
    UK_GALLON = "gal_uk"

    @property
    def millilitres(self) -> Decimal:
        """Millilitres in one of this unit."""
        match self:
            case VolumeUnit.LITRE:
                return Decimal(1000)
            case VolumeUnit.US_GALLON:
                return MILLILITRES_PER_US_GALLON
            case VolumeUnit.UK_GALLON:
                return MILLILITRES_PER_UK_GALLON


def _whole(amount: str | int | Decimal, factor: Decimal) -> int:
    scaled = parse_decimal(amount) * factor
    if abs(scaled) >= WHOLE_MAX:
        raise Rejected.because("", f"{amount} is too large to be real")
    return int(scaled.to_integral_value(rounding=ROUND_HALF_EVEN))


@frozen(order=True)
class Distance:
    """A distance, or an odometer's value, in metres."""

    metres: int

    @classmethod
    def of(cls, amount: str | int | Decimal, unit: DistanceUnit = DistanceUnit.KM) -> Self:
        """Make a distance from a decimal *amount* of *unit*, rounded to the metre."""
        return cls(_whole(amount, unit.metres))

    @property
    def km(self) -> Decimal:
        """The distance in kilometres."""
        return Decimal(self.metres) / 1000

    def in_unit(self, unit: DistanceUnit) -> Decimal:
        """Return the distance in *unit*."""
        return Decimal(self.metres) / unit.metres

    def __add__(self, other: Distance) -> Distance:
        return Distance(self.metres + other.metres)

    def __sub__(self, other: Distance) -> Distance:
        return Distance(self.metres - other.metres)


@frozen(order=True)
class Volume:
    """A volume in millilitres."""

    millilitres: int

    @classmethod
    def of(cls, amount: str | int | Decimal, unit: VolumeUnit = VolumeUnit.LITRE) -> Self:
        """Make a volume from a decimal *amount* of *unit*, rounded to the millilitre."""
        return cls(_whole(amount, unit.millilitres))

    @property
    def litres(self) -> Decimal:
        """The volume in litres."""
        return Decimal(self.millilitres) / 1000

    def in_unit(self, unit: VolumeUnit) -> Decimal:
        """Return the volume in *unit*."""
        return Decimal(self.millilitres) / unit.millilitres

    def __add__(self, other: Volume) -> Volume:
        return Volume(self.millilitres + other.millilitres)


@frozen(order=True)
class Energy:
    """Electrical energy in watt-hours."""

    watt_hours: int

    @classmethod
    def of(cls, kwh: str | int | Decimal) -> Self:
        """Make an energy from decimal kilowatt-hours, rounded to the watt-hour."""
        return cls(_whole(kwh, Decimal(1000)))

    @property
    def kwh(self) -> Decimal:
        """The energy in kilowatt-hours."""
        return Decimal(self.watt_hours) / 1000

    def __add__(self, other: Energy) -> Energy:
        return Energy(self.watt_hours + other.watt_hours)


@frozen(order=True)
class Mass:
    """A mass in grams."""

    grams: int

    @classmethod
    def of(cls, kg: str | int | Decimal) -> Self:
        """Make a mass from decimal kilograms, rounded to the gram."""
        return cls(_whole(kg, Decimal(1000)))

    @property
    def kg(self) -> Decimal:
        """The mass in kilograms."""
        return Decimal(self.grams) / 1000

    def __add__(self, other: Mass) -> Mass:
        return Mass(self.grams + other.grams)


@frozen(order=True)
class EngineHours:
    """What an hour meter shows, in tenths of an hour, as the meters count."""

    tenths: int

    @classmethod
    def of(cls, hours: str | int | Decimal) -> Self:
        """Make engine hours from a decimal number of hours, rounded to the tenth."""
        return cls(_whole(hours, Decimal(10)))

    @property
    def hours(self) -> Decimal:
        """The hours, with one decimal place."""
        return Decimal(self.tenths) / 10


Quantity = Volume | Mass | Energy
