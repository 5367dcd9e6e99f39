"""What a vehicle costs to own, and vehicles side by side: the questions and answers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.quantities import Distance

from .model import Depreciation, EconomyRow

__all__ = ["CompareVehicles", "ComparedVehicle", "CostGroup", "Ownership", "OwnershipReport"]


@frozen(kw_only=True)
class OwnershipReport:
    """Ask what owning costs: of one vehicle, or of every one in sight; *since* and *until* are both included.

    *value_today* is what one vehicle that is still there would fetch: with it the loss of its value is known.
    """

    vehicle_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    value_today: Money | None = None


@frozen(kw_only=True)
class CostGroup:
    """Costs of one kind: all fuels together, service, insurance; with their rates."""

    key: str
    label: str
    costs: tuple[Money, ...]
    costs_per_km: tuple[UnitPrice, ...]


@frozen(kw_only=True)
class Ownership:
    """What one vehicle costs to own, in the asked days that it was there.

    *total* is *costs* and the *depreciation*; *net* is the total less *income*. *months_owned* counts months of
    30.44 days. *missing* says what would change the total if it were known.
    """

    vehicle_id: UUID
    name: str
    since: date | None
    until: date | None
    days: int
    months_owned: float
    distance: Distance
    purchase_price: Money | None
    sale_price: Money | None
    groups: tuple[CostGroup, ...]
    costs: tuple[Money, ...]
    income: tuple[Money, ...]
    depreciation: tuple[Depreciation, ...]
    total: tuple[Money, ...]
    net: tuple[Money, ...]
    total_per_km: tuple[UnitPrice, ...]
    total_per_month: tuple[Money, ...]
    missing: tuple[str, ...]


@frozen(kw_only=True)
class CompareVehicles:
    """Ask for vehicles side by side, in their own order; *since* and *until* are both included."""

    vehicle_ids: tuple[UUID, ...]
    since: date | None = None
    until: date | None = None


@frozen(kw_only=True)
class ComparedVehicle:
    """One of the vehicles: what it costs, what it takes, and how often it broke.

    *repairs_per_10000km* is None where it did not move.
    """

    ownership: Ownership
    economy: tuple[EconomyRow, ...]
    services: int
    repairs: int
    repairs_per_10000km: float | None
