"""Where reminders and their completions are kept, and what they are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey
from fleetcore.kernel.timeline import TimelineStore

from .model import Completion, ListReminders, Reminder

__all__ = ["COMPLETION_TIMELINE", "REMINDERS", "REMINDER_FIGURES", "ReminderFigures", "ReminderStore", "Sight"]


@frozen(kw_only=True)
class Sight:
    """What an actor may see: of *vehicle_ids* (None: of every vehicle), all or only what they set themselves.

    What is about the person *user_id* is always in sight.
    """

    user_id: UUID
    vehicle_ids: frozenset[UUID] | None
    own_only: bool


class ReminderStore(Protocol):
    """The reminders of one fleet; those of removed vehicles are out of sight."""

    def add(self, reminder: Reminder) -> None:
        """Store *reminder*; a taken id raises Conflict."""
        ...

    def get(self, reminder_id: UUID, *, lock: bool = False, deleted: bool = False) -> Reminder:
        """Return the reminder; raises NotFound. Deleted ones only with *deleted*; *lock* holds it until commit."""
        ...

    def replace(self, reminder: Reminder, *, old_version: int) -> None:
        """Write *reminder* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def advance(self, reminders: Sequence[Reminder]) -> None:
        """Write where *reminders* stand; that is no new version of what people said."""
        ...

    def page(
        self,
        question: ListReminders,
        sight: Sight,
        after: Position | None,
        limit: int,
    ) -> Sequence[Reminder]:
        """Return up to *limit* reminders, newest first."""
        ...

    def of_source(self, source: str, source_id: UUID) -> Reminder | None:
        """Return the reminder that a record brought, locked until commit, deleted or not; None if it has none."""
        ...

    def open(self, sight: Sight, vehicle_id: UUID | None) -> Sequence[Reminder]:
        """Return the reminders that are neither finished, deleted nor silent."""
        ...

    def of_vehicle(self, vehicle_id: UUID) -> Sequence[Reminder]:
        """Return the unfinished reminders of a vehicle, removed or not, locked until commit."""
        ...

    def with_answers(self, vehicle_id: UUID, named: frozenset[UUID]) -> Sequence[tuple[Reminder, Sequence[Completion]]]:
        """Return the unfinished reminders of a vehicle, locked, and the *named* ones in whatever state.

        Beside the named ones, and those that a meter makes recur, stands how they were answered.
        """
        ...

    def settle(
        self, reminders: Sequence[Reminder], record_id: UUID, stale: Sequence[UUID], answers: Sequence[Completion]
    ) -> None:
        """Write locked *reminders* as they are now, and the *answers* of a record.

        They come in the place of those that it gave to the *stale* reminders.
        """
        ...

    def claim(self, today: date, limit: int) -> Sequence[Reminder]:
        """Return up to *limit* reminders to look at by *today*, locked, passing over those another worker holds."""
        ...

    def waiting_anywhere(self, latest: date) -> Sequence[tuple[UUID, str, date, int]]:
        """Return (fleet, its time zone, day, how many) of what is to be looked at up to *latest* in any fleet."""
        ...

    def completions(self, reminder_id: UUID) -> Sequence[Completion]:
        """Return how the reminder was answered."""
        ...

    def records_done(self) -> Sequence[tuple[UUID, UUID]]:
        """Return (reminder id, record id) of every time that a record did the work, oldest first."""
        ...

    def add_completion(self, completion: Completion) -> None:
        """Store *completion*."""
        ...

    def remove_completion(self, completion_id: UUID) -> None:
        """Erase one answer."""
        ...

    def replace_completions(self, completions: Sequence[Completion]) -> None:
        """Write each of *completions* over the one with its id."""
        ...

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every reminder of a vehicle."""
        ...


class ReminderFigures(Protocol):
    """How reminders stand, across fleets, for those who run the host."""

    def by_urgency(self) -> Mapping[str, int]:
        """Count the reminders that are neither finished nor deleted, by their urgency."""
        ...


REMINDER_FIGURES: StoreKey[ReminderFigures] = StoreKey("reminders.figures")
REMINDERS: StoreKey[ReminderStore] = StoreKey("reminders.reminders")
COMPLETION_TIMELINE: StoreKey[TimelineStore] = StoreKey("reminders.timeline")
