"""What can be asked of the reports, and what they answer."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.consumption import ConsumptionUnit
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.quantities import Distance, Energy, Mass, Quantity, Volume
from fleetcore.vehicles.carriers import Carrier

__all__ = [
    "Consumed",
    "ConsumptionTrend",
    "CostPart",
    "CostReport",
    "CostRow",
    "CostSummary",
    "CostsBy",
    "Depreciation",
    "EconomyInterval",
    "EconomyReport",
    "EconomyRow",
    "MileageReport",
    "MileageRow",
    "MileageSummary",
    "PurposeShare",
    "Rates",
    "TripTaxReport",
    "TripTaxRow",
    "VehicleReport",
    "VehicleSummary",
]


@frozen(kw_only=True)
class EconomyReport:
    """Ask for the consumption of every vehicle and energy carrier that the actor may see.

    *since* and *until*, both included, choose fills by their day in the fleet's time zone.
    """

    vehicle_id: UUID | None = None
    carrier: Carrier | None = None
    since: date | None = None
    until: date | None = None
    with_intervals: bool = False


@frozen(kw_only=True)
class Consumed:
    """A quantity and the distance it took the vehicle; exactly one of *volume*, *mass* and *energy* is set.

    The consumption of the same unit is unrounded, and None where it cannot be known; the other two are None.
    """

    volume: Volume | None = None
    mass: Mass | None = None
    energy: Energy | None = None
    distance: Distance
    consumption_l_per_100km: float | None = None
    consumption_kg_per_100km: float | None = None
    consumption_kwh_per_100km: float | None = None

    @property
    def quantity(self) -> Quantity:
        """The one quantity that is set."""
        return self.volume or self.mass or self.energy or Volume(0)

    @property
    def consumption_per_100km(self) -> float | None:
        """The consumption in :attr:`consumption_unit`."""
        if self.mass is not None:
            return self.consumption_kg_per_100km
        return self.consumption_l_per_100km if self.energy is None else self.consumption_kwh_per_100km

    @property
    def consumption_unit(self) -> ConsumptionUnit:
        """The unit of the consumption, which :func:`fleetcore.kernel.consumption.consumption_in` converts from."""
        if self.mass is not None:
            return ConsumptionUnit.KG_PER_100KM
        return ConsumptionUnit.L_PER_100KM if self.energy is None else ConsumptionUnit.KWH_PER_100KM


@frozen(kw_only=True)
class EconomyInterval(Consumed):
    """What was used between two equal tank levels; it belongs to the fill that closes it."""

    opening_fill_id: UUID
    closing_fill_id: UUID
    opened_at: datetime
    closed_at: datetime
    fills: int
    method: str
    costs: tuple[Money, ...]


@frozen(kw_only=True)
class ConsumptionTrend:
    """Whether consumption rises: *direction* is rising, steady, falling or unknown, *sentence* says it in metric."""

    direction: str
    per_100km_per_year: float | None = None
    sentence: str


@frozen(kw_only=True)
class EconomyRow(Consumed):
    """The economy of one vehicle on one carrier.

    *fills*, the quantity and *costs* are of all chosen fills; *distance* is driven between the first and the
    last of them. Consumption is that of the *intervals_closed* intervals together, over *distance_closed*;
    *costs_per_100km* are of these intervals too, *average_prices* are per l, kg or kWh of all fills, per
    currency. *course* is the consumption of at most 40 stretches of equally many intervals, oldest first, for a
    small chart; the *intervals* themselves are there when asked for.
    """

    vehicle_id: UUID
    name: str
    carrier: Carrier
    fills: int
    costs: tuple[Money, ...]
    costs_per_100km: tuple[UnitPrice, ...]
    average_prices: tuple[UnitPrice, ...]
    distance_closed: Distance
    intervals_closed: int
    first_fill_at: datetime
    last_fill_at: datetime
    best: EconomyInterval | None = None
    worst: EconomyInterval | None = None
    trend: ConsumptionTrend
    course: tuple[float, ...] = ()
    intervals: tuple[EconomyInterval, ...] = ()


class CostsBy(StrEnum):
    """By what costs are split into rows; currencies always are."""

    MONTH = "month"
    YEAR = "year"
    CATEGORY = "category"
    VEHICLE = "vehicle"


@frozen(kw_only=True)
class CostReport:
    """Ask for the costs of one vehicle, or of all that the actor may see; *since* and *until* are both included.

    Rates per kilometre and per day come with one vehicle and with ``by=vehicle``. For the whole fleet by
    month, year or category *with_rates* asks for them, as they take a look at every odometer. *with_parts* splits
    each row by kind of cost: fuel, service, insurance.
    """

    vehicle_id: UUID | None = None
    by: CostsBy = CostsBy.MONTH
    since: date | None = None
    until: date | None = None
    with_rates: bool = False
    with_parts: bool = False


@frozen(kw_only=True)
class Depreciation:
    """What a vehicle lost between purchase and sale (negative: gained), in the asked range, day by day alike.

    *per_km* is None when no distance is known.
    """

    amount: Money
    per_km: UnitPrice | None
    per_day: UnitPrice | None


@frozen(kw_only=True)
class Rates:
    """Costs over what they were spent for, per currency; a divisor of 0 gives no rate.

    *distance* is what the meters and trips of the range show. *days* run from the purchase, else the first fill
    or reading, else the first booking, to the sale or today, within the range. For several vehicles distances
    are added, days are those on which the fleet had any of them.
    """

    distance: Distance
    since: date | None
    until: date | None
    days: int
    costs_per_km: tuple[UnitPrice, ...]
    costs_per_day: tuple[UnitPrice, ...]
    depreciation: tuple[Depreciation, ...] = ()


@frozen(kw_only=True)
class CostPart:
    """The part of a row's costs that is of one kind: *key* is stable ("fuel"), *label* is for people."""

    key: str
    label: str
    costs: tuple[Money, ...]


@frozen(kw_only=True)
class CostRow:
    """The costs of one month, year, category or vehicle.

    *key* is stable ("2026-03", "2026", an account code, a vehicle's id, "" for costs of no vehicle), *label*
    is for people. *rates* are there when the rows are vehicles, *parts*, by their labels, when asked for.
    """

    key: str
    label: str
    vehicle_id: UUID | None = None
    costs: tuple[Money, ...]
    income: tuple[Money, ...] = ()
    rates: Rates | None = None
    parts: tuple[CostPart, ...] = ()


@frozen(kw_only=True)
class CostSummary:
    """Costs in rows and their sums per currency; *income* is other money that came in, not taken off the costs."""

    by: CostsBy
    rows: tuple[CostRow, ...]
    costs: tuple[Money, ...]
    income: tuple[Money, ...] = ()
    rates: Rates | None = None


@frozen(kw_only=True)
class VehicleReport:
    """Ask what a vehicle's owner asks: how far, how much, at what cost, and whether the consumption rises."""

    vehicle_id: UUID
    since: date | None = None
    until: date | None = None
    with_intervals: bool = False


@frozen(kw_only=True)
class VehicleSummary:
    """The answers in one: consumption per carrier, costs by category, and rates."""

    vehicle_id: UUID
    name: str
    economy: tuple[EconomyRow, ...]
    costs: CostSummary


@frozen(kw_only=True)
class MileageReport:
    """Ask what trips earn by the mileage rates; *since* and *until* are both included, by the day a trip began.

    No *purposes* means every one. *driver_id* narrows to one driver, *vehicle_id* to one vehicle.
    """

    vehicle_id: UUID | None = None
    driver_id: UUID | None = None
    purposes: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


@frozen(kw_only=True)
class MileageRow:
    """The trips of one driver with one vehicle for one purpose, and what they earn.

    *amounts* follow from the rates, per currency; *unrated* is the distance for which there is no rate. *tolls* and
    *parking* were paid on these trips.
    """

    driver_id: UUID | None
    driver_name: str
    vehicle_id: UUID
    name: str
    purpose: str
    trips: int
    distance: Distance
    amounts: tuple[Money, ...]
    unrated: Distance
    tolls: tuple[Money, ...]
    parking: tuple[Money, ...]


@frozen(kw_only=True)
class MileageSummary:
    """What trips earn in rows, by driver, vehicle and purpose, and their sums."""

    rows: tuple[MileageRow, ...]
    trips: int
    distance: Distance
    amounts: tuple[Money, ...]
    unrated: Distance
    tolls: tuple[Money, ...]
    parking: tuple[Money, ...]


@frozen(kw_only=True)
class TripTaxReport:
    """Ask for the business share of each vehicle and its costs; *purposes* are those that count as business."""

    vehicle_id: UUID | None = None
    purposes: tuple[str, ...] = ("business",)
    since: date | None = None
    until: date | None = None


@frozen(kw_only=True)
class PurposeShare:
    """The trips of one purpose; *share* is of all that the vehicle drove, None where that is nothing."""

    purpose: str
    trips: int
    distance: Distance
    share: float | None


@frozen(kw_only=True)
class TripTaxRow:
    """The business share of one vehicle.

    *driven* is what the odometer shows, or the trips together where that is more; *unlogged* is what no trip tells,
    which never counts as business. *business_costs* are that share of *costs*, all that was booked for the vehicle;
    *allowance* is what the business trips earn by the mileage rates instead.
    """

    vehicle_id: UUID
    name: str
    driven: Distance
    unlogged: Distance
    purposes: tuple[PurposeShare, ...]
    business_distance: Distance
    business_share: float | None
    costs: tuple[Money, ...]
    business_costs: tuple[Money, ...]
    allowance: tuple[Money, ...]
