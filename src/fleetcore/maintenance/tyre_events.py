"""What is told after tyres changed; personal words stay out."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event
from fleetcore.kernel.quantities import Distance

from .tyre_model import TyreKind

__all__ = [
    "TYRE_EVENTS",
    "TreadCheckRemoved",
    "TreadMeasured",
    "TyreFittingRemoved",
    "TyreSetAdded",
    "TyreSetEdited",
    "TyreSetRemoved",
    "TyresMounted",
    "TyresRotated",
    "TyresUnmounted",
]


@frozen(kw_only=True)
class _SetTold(Event):
    """What a set of tyres tells."""

    set_id: UUID
    vehicle_id: UUID
    kind: TyreKind
    set_version: int


@event("maintenance.tyre_set_added", key="set_id")
@frozen(kw_only=True)
class TyreSetAdded(_SetTold):
    """A set of tyres was added."""


@event("maintenance.tyre_set_edited", key="set_id")
@frozen(kw_only=True)
class TyreSetEdited(_SetTold):
    """What is said of a set of tyres was changed."""


@event("maintenance.tyre_set_removed", key="set_id")
@frozen(kw_only=True)
class TyreSetRemoved(_SetTold):
    """A set of tyres was removed."""


@event("maintenance.tyres_rotated", key="set_id")
@frozen(kw_only=True)
class TyresRotated(_SetTold):
    """Tyres of a set changed their places."""


@frozen(kw_only=True)
class _FittingTold(Event):
    """What a stretch on a vehicle tells."""

    set_id: UUID
    vehicle_id: UUID
    fitting_id: UUID
    on: date
    odometer: Distance | None


@event("maintenance.tyres_mounted", key="set_id")
@frozen(kw_only=True)
class TyresMounted(_FittingTold):
    """A set of tyres was put on a vehicle."""


@event("maintenance.tyres_unmounted", key="set_id")
@frozen(kw_only=True)
class TyresUnmounted(_FittingTold):
    """A set of tyres was taken off a vehicle."""


@event("maintenance.tyre_fitting_removed", key="set_id")
@frozen(kw_only=True)
class TyreFittingRemoved(Event):
    """A stretch on a vehicle was taken back."""

    set_id: UUID
    vehicle_id: UUID
    fitting_id: UUID


@event("maintenance.tread_measured", key="set_id")
@frozen(kw_only=True)
class TreadMeasured(Event):
    """The tread of a set was measured; the least depth of it in tenths of a millimetre."""

    set_id: UUID
    check_id: UUID
    on: date
    least_tenths_mm: int


@event("maintenance.tread_check_removed", key="set_id")
@frozen(kw_only=True)
class TreadCheckRemoved(Event):
    """A measurement of tread was taken back."""

    set_id: UUID
    check_id: UUID


TYRE_EVENTS: tuple[type[Event], ...] = (
    TyreSetAdded,
    TyreSetEdited,
    TyreSetRemoved,
    TyresRotated,
    TyresMounted,
    TyresUnmounted,
    TyreFittingRemoved,
    TreadMeasured,
    TreadCheckRemoved,
)
