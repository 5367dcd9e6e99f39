"""What reminders do when something happens to their vehicle, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from fleetcore.kernel.ports import UnitOfWork
from fleetcore.vehicles.events import (
    MetersMoved,
    VehicleEdited,
    VehiclePurged,
    VehicleRemoved,
    VehicleRestored,
    VehicleStateChanged,
)
from fleetcore.vehicles.ports import VEHICLES

from .keeping import tell_change, today_of
from .links import remeasured
from .model import Reminder
from .outlook import assessed, moved
from .ports import REMINDERS
from .rules import is_silenced

__all__ = ["purge_reminders", "reconsider", "remeasure"]

Lives = VehicleEdited | VehicleRemoved | VehicleRestored | VehicleStateChanged


def remeasure(uow: UnitOfWork, event: MetersMoved) -> None:
    """Judge the reminders of a vehicle by its readings, and move on those that the record of the readings answers."""
    remeasured(uow, event.vehicle_id, event.work)


def reconsider(uow: UnitOfWork, event: Lives) -> None:
    """Silence the reminders of a vehicle that is removed, sold or decommissioned; wake them when it is back."""
    if not (before := uow[REMINDERS].of_vehicle(event.vehicle_id)):
        return
    silent = is_silenced(uow[VEHICLES].get(event.vehicle_id))
    if any(reminder.is_silent is not silent for reminder in before):
        _advance(uow, before, lambda reminder: attrs.evolve(reminder, is_silent=silent))


def _advance(uow: UnitOfWork, before: Sequence[Reminder], change: Callable[[Reminder], Reminder]) -> None:
    today = today_of(uow)
    after = [moved(reminder, assessed(change(reminder), today), uow.now) for reminder in before]
    uow[REMINDERS].advance(after)
    for old, new in zip(before, after, strict=True):
        tell_change(uow, old.urgency, new)


def purge_reminders(uow: UnitOfWork, event: VehiclePurged) -> None:
    """Erase the reminders of a purged vehicle."""
    uow[REMINDERS].purge(event.vehicle_id)
