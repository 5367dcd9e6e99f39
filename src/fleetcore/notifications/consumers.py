"""What is told of which event. Consumers hear it after the commit, each event once; see ``fleetcore.kernel.work``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid5

from attrs import frozen

from fleetcore.documents.ports import DOCUMENTS
from fleetcore.kernel.errors import NotFound
from fleetcore.kernel.events import CommittedEvent
from fleetcore.kernel.languages import Language
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.wire import unstructure
from fleetcore.kernel.work import Consumer
from fleetcore.maintenance.events import MaintenanceCancelled, MaintenanceCompleted, MaintenanceScheduled
from fleetcore.maintenance.ports import JOBS
from fleetcore.people.events import MemberAdded, MemberEdited
from fleetcore.people.model import Fleet, Units, User
from fleetcore.people.ports import USERS
from fleetcore.people.roles import matrix
from fleetcore.reminders.due import reason_of
from fleetcore.reminders.events import (
    ReminderDeleted,
    ReminderDone,
    ReminderSkipped,
    ReminderStateChanged,
)
from fleetcore.reminders.model import Metric, Reminder, Urgency
from fleetcore.reminders.ports import REMINDERS
from fleetcore.vehicles.events import VehicleEdited, VehicleRemoved, VehicleStateChanged
from fleetcore.vehicles.model import Vehicle, VehicleState
from fleetcore.vehicles.ports import VEHICLES
from fleetcore.worker.events import (
    DeadLetterDiscarded,
    DeadLetterReplayed,
    EventSetAside,
    JobDied,
    JobDiscarded,
    JobRetried,
)

from .events import TestRequested
from .model import Kind
from .ports import NOTIFICATIONS, RECALL
from .telling import News, Writer, members_told, owners, planners, tell, watchers
from .texts import (
    Text,
    due_text,
    failure_text,
    job_text,
    paper_name,
    renewal_text,
    security_text,
    test_text,
    welcome_text,
)

__all__ = ["Teller"]

LEVELS = tuple(Urgency)
PAPERS = "documents."  # how the source of a reminder begins that a paper brings
FAILURES = UUID("6f1e0d0a-2c1b-5e52-9b6e-6a1f4c7d9e30")  # a namespace of ids that stand for a kind of failure


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
                JobDied: self.job_died,
                JobRetried: self.job_retried,
                JobDiscarded: self.job_retried,
                EventSetAside: self.event_set_aside,
                DeadLetterReplayed: self.letter_replayed,
                DeadLetterDiscarded: self.letter_replayed,
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
        kind = Kind.RENEWALS if (reminder.source or "").startswith(PAPERS) else Kind.DUE
        try:
            vehicle = _vehicle(uow, event.vehicle_id)
            write = (_renewal_writer if kind is Kind.RENEWALS else _due_writer)(uow, event, reminder, vehicle)
        except NotFound:  # purged meanwhile, or the paper is
            return
        news = News(
            kind=kind,
            event_id=committed.id,
            at=committed.at,
            write=write,
            urgency=event.new_urgency.value,
            vehicle_id=event.vehicle_id,
            subject_id=event.reminder_id,
            occurrence=event.occurrence,
            data=unstructure(event),
        )
        tell(uow, news, _concerned(uow, reminder, kind), self.usual())

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

    def job_died(self, uow: UnitOfWork, committed: CommittedEvent) -> None:
        """Tell the owners that a background job failed for good."""
        event: Any = committed.event
        self._tell_failure(uow, committed, "job", event.kind)

    def event_set_aside(self, uow: UnitOfWork, committed: CommittedEvent) -> None:
        """Tell the owners that an event is a dead letter."""
        event: Any = committed.event
        self._tell_failure(uow, committed, "event", event.consumer)

    def job_retried(self, uow: UnitOfWork, committed: CommittedEvent) -> None:
        """Settle that jobs of this kind failed: should one fail again, it is told again."""
        event: Any = committed.event
        uow[NOTIFICATIONS].settle(_failure_id("job", event.kind), uow.now)

    def letter_replayed(self, uow: UnitOfWork, committed: CommittedEvent) -> None:
        """Settle that this consumer could not take an event."""
        event: Any = committed.event
        uow[NOTIFICATIONS].settle(_failure_id("event", event.consumer), uow.now)

    def _tell_failure(self, uow: UnitOfWork, committed: CommittedEvent, what: str, name: str) -> None:
        """Tell once of all that fails alike: what fails every quarter of an hour would fill the inbox."""
        subject = _failure_id(what, name)
        if uow[NOTIFICATIONS].is_open(subject):
            return
        command = "fleet jobs list --state dead" if what == "job" else "fleet jobs dead"

        def write(language: Language, _user: User, _fleet: Fleet) -> Text:
            return failure_text(language, what, name, command)

        news = News(
            kind=Kind.JOBS,
            event_id=committed.id,
            at=committed.at,
            write=write,
            subject_id=subject,
            data={**unstructure(committed.event), "what": "failed"},
        )
        tell(uow, news, owners(uow), self.usual())

    def _tell_member(self, uow: UnitOfWork, committed: CommittedEvent, kind: Kind, write: Writer) -> None:
        event: Any = committed.event
        news = News(kind=kind, event_id=committed.id, at=committed.at, write=write)
        tell(uow, news, members_told(uow, [event.user_id]), self.usual())


def _failure_id(what: str, name: str) -> UUID:
    """Return what stands for all failures of one kind."""
    return uuid5(FAILURES, f"{what} {name}")


def _concerned(uow: UnitOfWork, reminder: Reminder, kind: Kind) -> list[UUID]:
    """Return who is told of a reminder: of a paper only who may see papers, of a licence also whose it is."""
    permission = "documents.read" if kind is Kind.RENEWALS else "reminders.read"
    if reminder.vehicle_id is not None:
        return watchers(uow, reminder.vehicle_id, permission=permission)
    own = members_told(uow, [reminder.person_id or reminder.created_by])
    return list(dict.fromkeys((*planners(uow, permission), *own)))


def _vehicle(uow: UnitOfWork, vehicle_id: UUID | None) -> Vehicle | None:
    if vehicle_id is None:
        return None
    known = uow[RECALL].vehicles
    if vehicle_id not in known:
        known[vehicle_id] = uow[VEHICLES].get(vehicle_id)
    return known[vehicle_id]


def _reason(event: Any, reminder: Reminder, vehicle: Vehicle | None, language: Language, units: Units) -> str:
    unit = (None if vehicle is None else vehicle.distance_unit) or units.distance_unit
    return reason_of(reminder, event.looked_on, unit, language)


def _due_writer(uow: UnitOfWork, event: Any, reminder: Reminder, vehicle: Vehicle | None) -> Writer:
    about = "" if vehicle is None else vehicle.name
    if vehicle is None and reminder.person_id is not None:
        about = uow[USERS].get(reminder.person_id).name

    def write(language: Language, user: User, fleet: Fleet) -> Text:
        reason = _reason(event, reminder, vehicle, language, user.units or fleet.units)
        return due_text(language, event.new_urgency, about or fleet.name, reminder.title, reason)

    return write


def _renewal_writer(uow: UnitOfWork, event: Any, reminder: Reminder, vehicle: Vehicle | None) -> Writer:
    """Return what names the paper and its end; raises NotFound when the paper is gone."""
    if reminder.source_id is None:
        return _due_writer(uow, event, reminder, vehicle)
    paper = uow[DOCUMENTS].get(reminder.source_id)
    if vehicle is not None:
        whose = vehicle.name
    else:
        whose = "" if paper.person_id is None else uow[USERS].get(paper.person_id).name

    def write(language: Language, user: User, fleet: Fleet) -> Text:
        ends_on = paper.ends_on if event.metric is Metric.DATE else None
        return renewal_text(
            language,
            whose=whose or fleet.name,
            paper=paper_name(language, paper.kind.value, paper.issuer),
            day="" if ends_on is None else language.day(ends_on),
            is_over=event.new_urgency is Urgency.OVERDUE,
            reason=_reason(event, reminder, vehicle, language, user.units or fleet.units),
        )

    return write
