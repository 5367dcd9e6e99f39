"""Reminders in words: their rule, their next due, and how urgent they are."""

from __future__ import annotations

import click

from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.reminders.model import Reminder, Urgency
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.session import Session

__all__ = ["NOTHING_SET", "coloured", "due_words", "rule_words", "urgency_words"]

NOTHING_SET = (
    "No reminders. Set one: fleet reminders add --vehicle NAME --title 'Oil change' --every-km 15000 --every-months 12"
)
COLOURS = {Urgency.OVERDUE: "red", Urgency.DUE: "red", Urgency.VERY_SOON: "yellow", Urgency.SOON: "cyan"}


def urgency_words(urgency: Urgency) -> str:
    """Write an urgency for people; the colour only repeats it."""
    return urgency.value.replace("_", " ")


def coloured(line: str, urgency: Urgency) -> str:
    """Return *line* with its urgency, which it begins with, in colour; terminals only."""
    words = urgency_words(urgency)
    colour = COLOURS.get(urgency)
    if colour is None or not line.startswith(words):
        return line
    return click.style(words, fg=colour, bold=urgency is Urgency.OVERDUE) + line[len(words) :]


def rule_words(session: Session, reminder: Reminder, vehicle: Vehicle | None) -> str:
    """Write how often a reminder comes; nothing for a single one."""
    parts = [
        _distance(session, reminder.every, vehicle),
        _count(reminder.every_months, "month"),
        _count(reminder.every_days, "day"),
        _hours(session, reminder.every_engine_hours),
    ]
    known = [part for part in parts if part]
    if not known:
        return "once"
    return f"every {' or '.join(known)}{', fixed' if reminder.is_fixed else ''}"


def due_words(session: Session, reminder: Reminder, vehicle: Vehicle | None) -> str:
    """Write the next due: on a day, at an odometer, at engine hours."""
    if reminder.is_finished:
        return "finished"
    parts = [
        str(reminder.due_on or ""),
        _distance(session, reminder.due_odometer, vehicle),
        _hours(session, reminder.due_engine_hours),
    ]
    return " or ".join(part for part in parts if part) or "after the first reading"


def _distance(session: Session, distance: Distance | None, vehicle: Vehicle | None) -> str:
    return session.display.distance(distance, vehicle)


def _hours(session: Session, hours: EngineHours | None) -> str:
    return session.display.hours(hours)


def _count(count: int | None, unit: str) -> str:
    if count is None:
        return ""
    return unit if count == 1 else f"{count} {unit}s"
