"""What is coming: the questions and answers about dues and about the costs of the next months."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.reminders.model import DueReminder, Urgency
from fleetcore.vehicles.model import Vehicle

__all__ = [
    "CostKind",
    "DueReport",
    "DueSummary",
    "ExpectedCost",
    "Horizon",
    "UpcomingCosts",
    "UpcomingMonth",
    "UpcomingReport",
    "UpcomingSource",
    "UpcomingVehicle",
    "UrgencyCount",
]


@frozen(kw_only=True)
class DueReport:
    """Ask what is due, narrowed by urgency (none means every one), vehicle, the vehicles' tag, and days ahead."""

    vehicle_id: UUID | None = None
    tag: str | None = None
    urgencies: tuple[Urgency, ...] = ()
    within: int | None = None


@frozen(kw_only=True)
class UrgencyCount:
    """How many dues are so urgent."""

    urgency: Urgency
    count: int


@frozen(kw_only=True)
class DueSummary:
    """What is due, soonest first, and how much of each urgency, the most urgent first."""

    dues: tuple[DueReminder, ...]
    counts: tuple[UrgencyCount, ...]


@frozen(kw_only=True)
class UpcomingReport:
    """Ask what the next *months*, from today on, will cost: of one vehicle, or of all that the actor may see."""

    vehicle_id: UUID | None = None
    months: int = 12


class CostKind(StrEnum):
    """Where an expected cost comes from."""

    REMINDER = "reminder"
    RECURRING = "recurring"
    FUEL = "fuel"
    DOCUMENT = "document"
    OTHER = "other"


@frozen(kw_only=True)
class ExpectedCost:
    """A cost that will probably come *on* a day.

    *amount* is None where nobody knows it; *basis* says where it comes from. *is_projected* says that the day or
    the amount rests on recent use, or on a renewal at the last price, instead of on what was said.
    """

    on: date
    vehicle_id: UUID | None
    kind: CostKind
    title: str
    amount: Money | None
    basis: str
    is_projected: bool = False


@frozen(kw_only=True)
class Horizon:
    """What a source of upcoming costs is asked: the days, both included, and the vehicles by their ids.

    *with_fleet* asks also for costs of no vehicle.
    """

    since: date
    until: date
    vehicles: Mapping[UUID, Vehicle]
    with_fleet: bool


@frozen(kw_only=True)
class UpcomingSource:
    """A source of upcoming costs: an area's function, and the permission without which it is left out.

    *speaks_for* names the sources of reminders (``Reminder.source``) whose costs it knows better: these reminders
    are not counted too.
    """

    name: str
    permission: str
    find: Callable[[UnitOfWork, Horizon], Iterable[ExpectedCost]] = field(repr=False)
    speaks_for: tuple[str, ...] = ()


@frozen(kw_only=True)
class UpcomingMonth:
    """The costs of one month, "2027-03"; *projected* is the part that nobody said."""

    month: str
    costs: tuple[Money, ...]
    projected: tuple[Money, ...]
    items: int


@frozen(kw_only=True)
class UpcomingVehicle:
    """The costs of one vehicle, or of none."""

    vehicle_id: UUID | None
    name: str
    costs: tuple[Money, ...]
    projected: tuple[Money, ...]


@frozen(kw_only=True)
class UpcomingCosts:
    """What the days *since* to *until* will probably cost, per currency, by month and by vehicle.

    *items* are the single costs by day, *unknown* those without an amount, which no sum contains. *notes* say what
    could not be foreseen.
    """

    since: date
    until: date
    items: tuple[ExpectedCost, ...]
    unknown: tuple[ExpectedCost, ...]
    months: tuple[UpcomingMonth, ...]
    vehicles: tuple[UpcomingVehicle, ...]
    costs: tuple[Money, ...]
    projected: tuple[Money, ...]
    notes: tuple[str, ...]
