"""Tyre sets, when they were on a vehicle, how deep their tread was, and what one can ask to be done with them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance

__all__ = [
    "AddTyreSet",
    "EditTyreSet",
    "Fitting",
    "FittingReport",
    "GetTyreSet",
    "ListTyreSets",
    "MeasureTread",
    "MountTyres",
    "RemoveFitting",
    "RemoveTreadCheck",
    "RemoveTyreSet",
    "ReportTyres",
    "RotateTyres",
    "TreadCheck",
    "TreadDepth",
    "Tyre",
    "TyreKind",
    "TyreMove",
    "TyrePosition",
    "TyreReport",
    "TyreSet",
    "TyreSetFields",
    "TyreWear",
    "UnmountTyres",
]

LEGAL_LIMIT_MM = Decimal("1.6")  # directive 89/459/EEC, and most of the world


class TyreKind(StrEnum):
    """For which season a set is made."""

    SUMMER = "summer"
    WINTER = "winter"
    ALL_SEASON = "all_season"


class TyrePosition(StrEnum):
    """Where a tyre sits; a motorcycle has a front and a rear, a lorry has inner ones beside."""

    FRONT_LEFT = "front_left"
    FRONT_RIGHT = "front_right"
    REAR_LEFT = "rear_left"
    REAR_RIGHT = "rear_right"
    REAR_LEFT_INNER = "rear_left_inner"
    REAR_RIGHT_INNER = "rear_right_inner"
    FRONT = "front"
    REAR = "rear"
    SPARE = "spare"


@frozen(kw_only=True)
class Tyre:
    """One tyre of a set: its *number* within the set, where it sits, and its own DOT code if it differs."""

    number: int
    position: TyrePosition
    dot: str = ""


FOUR = tuple(
    Tyre(number=number, position=position)
    for number, position in enumerate(
        (TyrePosition.FRONT_LEFT, TyrePosition.FRONT_RIGHT, TyrePosition.REAR_LEFT, TyrePosition.REAR_RIGHT), 1
    )
)


@frozen(kw_only=True)
class TyreSetFields:
    """What is said of a set of tyres: it belongs to a vehicle, which bears its cost.

    *dot* is the week and year of making, as the last four digits of the DOT code say ("3523"). At *limit_mm*
    of tread a tyre is worn out. A set that was thrown away has *retired_on*.
    """

    vehicle_id: UUID
    name: str
    kind: TyreKind
    brand: str = ""
    model: str = ""
    size: str = ""
    dot: str = ""
    tyres: tuple[Tyre, ...] = FOUR
    purchased_on: date | None = None
    cost: Money | None = None
    storage_place: str = ""
    limit_mm: Decimal = LEGAL_LIMIT_MM
    retired_on: date | None = None
    notes: str = ""


@frozen(kw_only=True)
class AddTyreSet(TyreSetFields):
    """Add a set of tyres; *id* may come from the client."""

    id: UUID | None = None


@frozen(kw_only=True)
class EditTyreSet(TyreSetFields):
    """Replace what was said of tyre set *id*, as long as it still has *version*."""

    id: UUID
    version: int


@frozen(kw_only=True)
class RemoveTyreSet:
    """Remove tyre set *id* as if it had never been bought, its cost too; a worn one is retired instead."""

    id: UUID
    version: int


@frozen(kw_only=True)
class TyreSet(TyreSetFields):
    """A set of tyres as kept; *mounted_on* names the vehicle that it is on now."""

    id: UUID
    mounted_on: UUID | None = None
    deleted_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    created_by: UUID
    updated_by: UUID
    version: int = 1


@frozen(kw_only=True)
class GetTyreSet:
    """Ask for one set of tyres."""

    id: UUID


@frozen(kw_only=True)
class ListTyreSets:
    """Ask for sets of tyres by name; retired ones only with *retired*."""

    vehicle_id: UUID | None = None
    retired: bool = False


@frozen(kw_only=True)
class MountTyres:
    """Put a set on its vehicle, or on another; what is on it comes off at the same odometer.

    With *until* a stretch of the past is entered, which may overlap no other.
    """

    set_id: UUID
    on: date
    vehicle_id: UUID | None = None
    odometer: Distance | None = None
    until: date | None = None
    until_odometer: Distance | None = None
    accept_odometer_jump: bool = False


@frozen(kw_only=True)
class UnmountTyres:
    """Take a set off the vehicle that it is on; with *storage_place*, note where it lies."""

    set_id: UUID
    on: date
    odometer: Distance | None = None
    storage_place: str | None = None
    accept_odometer_jump: bool = False


@frozen(kw_only=True)
class RemoveFitting:
    """Take a stretch on a vehicle back that was entered by mistake, with its readings."""

    id: UUID


@frozen(kw_only=True)
class Fitting:
    """A stretch of time in which a set was on a vehicle; open while it is on."""

    id: UUID
    set_id: UUID
    vehicle_id: UUID
    mounted_on: date
    mounted_at: datetime
    mounted_odometer: Distance | None = None
    mounted_reading_id: UUID | None = None
    unmounted_on: date | None = None
    unmounted_at: datetime | None = None
    unmounted_odometer: Distance | None = None
    unmounted_reading_id: UUID | None = None
    created_at: datetime
    updated_at: datetime
    created_by: UUID
    updated_by: UUID
    version: int = 1


@frozen(kw_only=True)
class TyreMove:
    """The tyre *number* goes to *position*."""

    number: int
    position: TyrePosition


@frozen(kw_only=True)
class RotateTyres:
    """Let tyres of a set change their places, as long as the set still has *version*."""

    id: UUID
    version: int
    moves: tuple[TyreMove, ...]


@frozen(kw_only=True)
class TreadDepth:
    """How deep the tread of tyre *number* is, in millimetres, to the tenth."""

    number: int
    depth_mm: Decimal


@frozen(kw_only=True)
class MeasureTread:
    """Note how deep the tread of a set is; *new_tyres* numbers those that are new since the last time.

    Tread that has grown on an old tyre is asked about: *accept_growth* says that the number is right.
    """

    set_id: UUID
    on: date
    depths: tuple[TreadDepth, ...]
    new_tyres: tuple[int, ...] = ()
    accept_growth: bool = False
    id: UUID | None = None


@frozen(kw_only=True)
class RemoveTreadCheck:
    """Take a measurement back."""

    id: UUID


@frozen(kw_only=True)
class TreadCheck:
    """The tread of a set as it was measured on a day."""

    id: UUID
    set_id: UUID
    on: date
    depths: tuple[TreadDepth, ...]
    new_tyres: tuple[int, ...] = ()
    created_at: datetime
    created_by: UUID


@frozen(kw_only=True)
class ReportTyres:
    """Ask how far a set has gone and how worn it is."""

    id: UUID


@frozen(kw_only=True)
class FittingReport:
    """A stretch on a vehicle and how far it went; None where no odometer tells."""

    fitting: Fitting
    vehicle_name: str
    distance: Distance | None


@frozen(kw_only=True)
class TyreWear:
    """One tyre: its age, its last measured tread, how fast it wears, and when it reaches the limit.

    *wear_mm_per_10000_km* needs two measurements with distance between them; *projected_on* a set that is on.
    """

    number: int
    position: TyrePosition
    made_on: date | None
    age_years: float | None
    depth_mm: Decimal | None = None
    measured_on: date | None = None
    wear_mm_per_10000_km: float | None = None
    remaining: Distance | None = None
    projected_on: date | None = None
    is_worn_out: bool = False


@frozen(kw_only=True)
class TyreReport:
    """A set with its stretches on vehicles, its measurements, its tyres, and advice in words."""

    tyre_set: TyreSet
    distance: Distance
    fittings: tuple[FittingReport, ...]
    checks: tuple[TreadCheck, ...]
    tyres: tuple[TyreWear, ...]
    advice: tuple[str, ...]
