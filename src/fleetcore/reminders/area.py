"""What the reminders area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area
from fleetcore.kernel.work import QUEUE
from fleetcore.vehicles.access import record_finder
from fleetcore.vehicles.events import (
    MetersMoved,
    VehicleEdited,
    VehiclePurged,
    VehicleRemoved,
    VehicleRestored,
    VehicleStateChanged,
)
from fleetcore.vehicles.ports import READINGS, VEHICLES

from . import due, keeping, reactions, service, tick
from .events import EVENTS
from .ports import COMPLETION_TIMELINE, REMINDER_FIGURES, REMINDERS
from .storage import SqlReminderStore
from .storage_figures import SqlReminderFigures
from .storage_timeline import COMPLETION_TIMELINE_STORE

__all__ = ["AREA"]

AREA = Area(
    name="reminders",
    stores={
        COMPLETION_TIMELINE: COMPLETION_TIMELINE_STORE,
        REMINDERS: SqlReminderStore,
        REMINDER_FIGURES: SqlReminderFigures,
    },
    operations=(
        service.add_reminder,
        service.edit_reminder,
        service.finish_reminder,
        service.skip_reminder,
        service.reopen_reminder,
        service.snooze_reminder,
        service.delete_reminder,
        service.restore_reminder,
        service.get_reminder,
        service.list_reminders,
        due.list_due,
        tick.tick,
    ),
    events=EVENTS,
    jobs=(tick.TICK,),
    needs=(QUEUE, READINGS, VEHICLES),
    reactions={
        MetersMoved: reactions.remeasure,
        VehicleEdited: reactions.reconsider,
        VehicleRemoved: reactions.reconsider,
        VehicleRestored: reactions.reconsider,
        VehicleStateChanged: reactions.reconsider,
        VehiclePurged: reactions.purge_reminders,
    },
    records={keeping.ENTITY: record_finder(REMINDERS, keeping.READ, keeping.WRITE)},
)
