"""What a reminder and its answers took from readings follows them, when readings are added, corrected or voided."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from attrs import frozen

from fleetcore.kernel.ports import UnitOfWork

from .keeping import scheduled, today_of
from .model import Completion, MeterBasis, Reminder
from .outlook import Outlook, assessed, measured
from .ports import REMINDERS

__all__ = ["Followed", "follow", "remeasure_one", "replayed"]


@frozen(kw_only=True)
class Followed:
    """A reminder and its answers by the readings of now; *moved* are the answers that are not what they were."""

    reminder: Reminder
    answers: list[Completion]
    moved: list[Completion]
    is_moved: bool


def follow(reminder: Reminder, answers: Sequence[Completion], outlook: Outlook) -> Followed:
    """Return *reminder* and *answers* by *outlook*: its origin, and what no one said of their meters.

    A first due counts from the meter that was known when it was set, while that reading stands. What lies before
    the readings that an outlook knows stays as it is.
    """
    origin: Reminder = attrs.evolve(
        reminder,
        origin_total_m=outlook.total_by(MeterBasis.PRESENT, reminder.origin_on, reminder.origin_total_m),
        origin_engine_hours=outlook.hours_by(MeterBasis.PRESENT, reminder.origin_on, reminder.origin_engine_hours),
    )
    after = [
        attrs.evolve(
            answer,
            total_m=outlook.total_by(answer.total_from, answer.done_on, answer.total_m),
            engine_hours=outlook.hours_by(answer.hours_from, answer.done_on, answer.engine_hours),
        )
        for answer in answers
    ]
    moved = [new for old, new in zip(answers, after, strict=True) if new != old]
    return Followed(reminder=origin, answers=after, moved=moved, is_moved=bool(moved) or origin != reminder)


def remeasure_one(uow: UnitOfWork, found: Followed, outlook: Outlook) -> Reminder:
    """Return the reminder as it stands today by *outlook*; its due is worked out anew where it counts from moved."""
    if found.is_moved:
        return scheduled(uow, found.reminder, found.answers, outlook)
    return assessed(measured(found.reminder, outlook), today_of(uow))


def replayed(uow: UnitOfWork, reminder: Reminder, outlook: Outlook) -> Reminder:
    """Return *reminder* with the due that its rule and its answers ask for, which follow the readings first."""
    found = follow(reminder, uow[REMINDERS].completions(reminder.id), outlook)
    uow[REMINDERS].replace_completions(found.moved)
    return scheduled(uow, found.reminder, found.answers, outlook)
