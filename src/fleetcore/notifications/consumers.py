"""What is told of which event. Consumers hear it after the commit, each event once; see ``fleetcore.kernel.work``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from attrs import frozen

from fleetcore.kernel.errors import NotFound
from fleetcore.kernel.events import CommittedEvent
from fleetcore.kernel.languages import Language
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.wire import unstructure
from fleetcore.kernel.work import Consumer
from fleetcore.maintenance.events import MaintenanceCancelled, MaintenanceCompleted, MaintenanceScheduled
from fleetcore.maintenance.ports import JOBS
from fleetcore.people.events import MemberAdded, MemberEdited
from fleetcore.people.model import Fleet, User
from fleetcore.people.roles import matrix
from fleetcore.reminders.due import reason_of
from fleetcore.reminders.events import (
    ReminderDeleted,
    ReminderDone,
    ReminderSkipped,
    ReminderStateChanged,
)
from fleetcore.reminders.model import Reminder, Urgency
from fleetcore.reminders.ports import REMINDERS
from fleetcore.vehicles.events import VehicleEdited, VehicleRemoved, VehicleStateChanged
from fleetcore.vehicles.model import Vehicle, VehicleState
from fleetcore.vehicles.ports import VEHICLES

from .events import TestRequested
from .model import Kind
from .ports import NOTIFICATIONS, RECALL
from .telling import News, Writer, members_told, tell, watchers
from .texts import Text, due_text, job_text, security_text, test_text, welcome_text

__all__ = ["Teller"]

LEVELS = tuple(Urgency)


@frozen
class Teller:
    """Tells members of events; *usual* says by which channels those who chose none."""

    usual: Callable[[], tuple[str, ...]]

    def consumer(self) -> Consumer:
        """Return what hears the events."""
        return Consumer(
            name="notifications",
            hears={
                ReminderStateChanged: self.reminder_changed,
                ReminderDone: self.reminder_answered,
                ReminderSkipped: self.reminder_answered,
                ReminderDeleted: self.reminder_deleted,
                VehicleRemoved: self.vehicle_gone,
                VehicleEdited: self.vehicle_changed,
                VehicleStateChanged: self.vehicle_changed,
                MaintenanceScheduled: self.job_changed,
                MaintenanceCompleted: self.job_changed,
                MaintenanceCancelled: self.job_changed,
                MemberAdded: self.member_added,
                MemberEdited: self.member_edited,
                TestRequested: self.test_requested,
            },
        )

    def reminder_changed(self, uow: UnitOfWork, committed: CommittedEvent) -> None:
        """Tell that a reminder became more urgent; when it became less so, settle what was told."""
        event: Any = committed.event
        uow[NOTIFICATIONS].settle(event.reminder_id, uow.now, besides=committed.id)  # what is told now takes its place
        if LEVELS.index(event.new_urgency) <= LEVELS.index(event.old_urgency):
            return
        try:
            reminder = uow[REMINDERS].get(event.reminder_id)
        except NotFound:  # deleted meanwhile, or its vehicle is
            return
        if reminder.occurrence != event.occurrence or reminder.is_silent or reminder.is_finished:
            return  # answered meanwhile
        vehicle = _vehicle(uow, event.vehicle_id)
        news = News(
            kind=Kind.DUE,
            event_id=committed.id,
            at=committed.at,
            write=_due_writer(event, reminder, vehicle),
            urgency=event.new_urgency.value,
            vehicle_id=event.vehicle_id,
            subject_id=event.reminder_id,
            occurrence=event.occurrence,
            data=unstructure(event),
        )
        tell(uow, news, watchers(uow, event.vehicle_id), self.usual())

    def reminder_answered(self, uow: UnitOfWork, committed: CommittedEvent) -> None:
        """Settle what was told of the times before the present one."""
        event: Any = committed.event
        uow[NOTIFICATIONS].settle(event.reminder_id, uow.now, before=event.occurrence)

    def reminder_deleted(self, uow: UnitOfWork, committed: CommittedEvent) -> None:
        """Settle everything that was told of a deleted reminder."""
        event: Any = committed.event
        uow[NOTIFICATIONS].settle(event.reminder_id, uow.now)

    def vehicle_gone(self, uow: UnitOfWork, committed: CommittedEvent) -> None:
        """Settle everything that was told of a vehicle."""
        event: Any = committed.event
        uow[NOTIFICATIONS].settle_vehicle(event.vehicle_id, uow.now)

    def vehicle_changed(self, uow: UnitOfWork, committed: CommittedEvent) -> None:
        """Settle what was told of a vehicle that was sold or taken out of service."""
        event: Any = committed.event
        with suppress(NotFound):  # purged meanwhile, with all that was told of it
            vehicle = uow[VEHICLES].get(event.vehicle_id)
            if vehicle.sold_on is not None or vehicle.state is VehicleState.DECOMMISSIONED:
                uow[NOTIFICATIONS].settle_vehicle(event.vehicle_id, uow.now)

    def job_changed(self, uow: UnitOfWork, committed: CommittedEvent) -> None:
        """Tell that work on a vehicle was planned, finished or cancelled, but not to who did it."""
        event: Any = committed.event
        try:
            job, vehicle = uow[JOBS].get(event.job_id), uow[VEHICLES].get(event.vehicle_id)
        except NotFound:
            return
        words = {MaintenanceScheduled: "scheduled", MaintenanceCompleted: "completed"}
        what = words.get(type(event), "cancelled")

        def write(language: Language, _user: User, _fleet: Fleet) -> Text:
            day = "" if event.planned_on is None else language.day(event.planned_on)
            return job_text(language, what, vehicle.name, job.title or language.text("work"), day)

        news = News(
            kind=Kind.JOBS,
            event_id=committed.id,
            at=committed.at,
            write=write,
            vehicle_id=event.vehicle_id,
            subject_id=event.job_id,
            data={**unstructure(event), "what": what},
        )
        tell(uow, news, watchers(uow, event.vehicle_id, besides=committed.actor_id), self.usual())

    def member_added(self, uow: UnitOfWork, committed: CommittedEvent) -> None:
        """Greet a new member."""

        def write(language: Language, user: User, fleet: Fleet) -> Text:
            return welcome_text(language, user.name, fleet.name)

        self._tell_member(uow, committed, Kind.WELCOME, write)

    def member_edited(self, uow: UnitOfWork, committed: CommittedEvent) -> None:
        """Tell a member that their rights were changed."""
        event: Any = committed.event

        def write(language: Language, _user: User, fleet: Fleet) -> Text:
            titles = (matrix().roles[role].title if role in matrix().roles else role for role in event.roles)
            return security_text(language, fleet.name, ", ".join(titles))

        self._tell_member(uow, committed, Kind.SECURITY, write)

    def test_requested(self, uow: UnitOfWork, committed: CommittedEvent) -> None:
        """Send a test message by the one channel that was named."""
        event: Any = committed.event

        def write(language: Language, _user: User, fleet: Fleet) -> Text:
            return test_text(language, fleet.name)

        news = News(kind=Kind.TEST, event_id=committed.id, at=committed.at, write=write)
        tell(uow, news, members_told(uow, [event.user_id]), (event.channel,))

    def _tell_member(self, uow: UnitOfWork, committed: CommittedEvent, kind: Kind, write: Writer) -> None:
        event: Any = committed.event
        news = News(kind=kind, event_id=committed.id, at=committed.at, write=write)
        tell(uow, news, members_told(uow, [event.user_id]), self.usual())


def _vehicle(uow: UnitOfWork, vehicle_id: UUID) -> Vehicle:
    known = uow[RECALL].vehicles
    if vehicle_id not in known:
        known[vehicle_id] = uow[VEHICLES].get(vehicle_id)
    return known[vehicle_id]


def _due_writer(event: Any, reminder: Reminder, vehicle: Vehicle) -> Writer:
    def write(language: Language, user: User, fleet: Fleet) -> Text:
        unit = vehicle.distance_unit or (user.units or fleet.units).distance_unit
        reason = reason_of(reminder, event.looked_on, unit, language)
        return due_text(language, event.new_urgency, vehicle.name, reminder.title, reason)

    return write
