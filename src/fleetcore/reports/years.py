"""A year in figures, the one before beside it: the question and the answer."""

from __future__ import annotations

from uuid import UUID

from attrs import frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance
from fleetcore.vehicles.carriers import Carrier

from .model import Consumed

__all__ = [
    "Co2Factor",
    "YearCosts",
    "YearEnergy",
    "YearFigures",
    "YearMonth",
    "YearlyReport",
    "YearlyRow",
    "YearlySummary",
]


@frozen(kw_only=True)
class YearlyReport:
    """Ask for a calendar year of one vehicle, or of all in sight.

    *grid_g_per_kwh* is what the power station emits for a kilowatt-hour that was charged, in grams of CO2; without
    it electricity has no estimate.
    """

    year: int
    vehicle_id: UUID | None = None
    grid_g_per_kwh: int | None = None


@frozen(kw_only=True)
class Co2Factor:
    """How much CO2 one unit of a carrier stands for: *grams* per l, kg or kWh, and whose figure that is."""

    carrier: Carrier
    grams: int
    unit: str
    source: str


@frozen(kw_only=True)
class YearEnergy(Consumed):
    """What was filled in of one carrier in the year, its consumption, and its CO2 (None: no factor is known)."""

    carrier: Carrier
    fills: int
    costs: tuple[Money, ...]
    co2_kg: float | None


@frozen(kw_only=True)
class YearCosts:
    """The costs of one kind: all fuels together, service, insurance."""

    key: str
    label: str
    costs: tuple[Money, ...]


@frozen(kw_only=True)
class YearMonth:
    """The costs of one month, "2026-03"."""

    month: str
    costs: tuple[Money, ...]


@frozen(kw_only=True)
class YearFigures:
    """One year of a vehicle or of the fleet.

    *business_share* is of all that was driven, None where nobody may see the trips or nothing was driven. *co2_kg*
    is None where the CO2 of a carrier is not known.
    """

    distance: Distance
    energy: tuple[YearEnergy, ...]
    costs: tuple[Money, ...]
    income: tuple[Money, ...]
    groups: tuple[YearCosts, ...]
    months: tuple[YearMonth, ...]
    trips: int
    trip_distance: Distance
    business_distance: Distance
    business_share: float | None
    co2_kg: float | None
    fills: int
    services: int
    repairs: int


@frozen(kw_only=True)
class YearlyRow:
    """A vehicle, or the whole fleet without an id: the year, and the year *before*."""

    vehicle_id: UUID | None
    name: str
    figures: YearFigures
    before: YearFigures


@frozen(kw_only=True)
class YearlySummary:
    """The year of each vehicle that has a record in it, and of all of them together.

    *factors* are those that the estimates of CO2 rest on; *notes* say what is not in the figures.
    """

    year: int
    vehicles: tuple[YearlyRow, ...]
    fleet: YearlyRow
    factors: tuple[Co2Factor, ...]
    notes: tuple[str, ...]
