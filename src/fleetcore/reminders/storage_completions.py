"""The table of how reminders were answered."""

from __future__ import annotations

from typing import Any

import attrs
from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    String,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from fleetcore.kernel.quantities import EngineHours
from fleetcore.storage.types import Id, Instant, fleet_table

from .model import Completion, CompletionKind, MeterBasis

__all__ = [
    "ANSWERS",
    "ANSWER_COLUMNS",
    "INSERT_ANSWER",
    "MOVED",
    "RECORDS_DONE",
    "RELEASE",
    "REMOVE_ANSWER",
    "REPLACE_ANSWER",
    "answer_from_row",
    "answer_row",
    "completions",
]

completions = fleet_table(
    "reminders_completions",
    Column("reminder_id", Id, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("done_on", Date, nullable=False),
    Column("total_m", BigInteger),
    Column("engine_tenths", BigInteger),
    Column("total_from", String(10), nullable=False, server_default="said"),
    Column("hours_from", String(10), nullable=False, server_default="said"),
    Column("record_id", Id),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    ForeignKeyConstraint(["fleet_id", "reminder_id"], ["reminders_reminders.fleet_id", "reminders_reminders.id"]),
    in_fleet=False,  # its reminder is in the fleet already
)
_of_record = completions.c.record_id.is_not(None)
Index(
    "uq_reminders_completions_record",
    *(completions.c.fleet_id, completions.c.reminder_id, completions.c.record_id),
    unique=True,
    sqlite_where=_of_record,
    postgresql_where=_of_record,
)
Index("ix_reminders_completions_reminder", completions.c.fleet_id, completions.c.reminder_id)
ANSWER_COLUMNS = tuple(column.name for column in completions.c)

ANSWERS = select(completions).where(
    completions.c.fleet_id == bindparam("in_fleet"), completions.c.reminder_id == bindparam("of_reminder")
)
RECORDS_DONE = (
    select(completions.c.reminder_id, completions.c.record_id)
    .where(completions.c.fleet_id == bindparam("in_fleet"), _of_record)
    .order_by(completions.c.done_on, completions.c.id)
)
INSERT_ANSWER = insert(completions)
MOVED = ("done_on", "total_m", "engine_tenths", "total_from", "hours_from")
REPLACE_ANSWER = (
    update(completions)
    .where(completions.c.fleet_id == bindparam("in_fleet"), completions.c.id == bindparam("by_id"))
    .values({name: bindparam(f"new_{name}") for name in MOVED})
)
REMOVE_ANSWER = delete(completions).where(
    completions.c.fleet_id == bindparam("in_fleet"), completions.c.id == bindparam("by_id")
)
RELEASE = delete(completions).where(
    completions.c.fleet_id == bindparam("in_fleet"),
    completions.c.reminder_id.in_(bindparam("named", expanding=True, type_=Id)),
    completions.c.record_id == bindparam("of_record", type_=Id),
)


def answer_row(fact: Completion) -> dict[str, Any]:
    """Write an answer as a row, without its fleet."""
    row = attrs.asdict(fact, recurse=False)
    hours = row.pop("engine_hours")
    words = {name: getattr(fact, name).value for name in ("kind", "total_from", "hours_from")}
    return row | words | {"engine_tenths": hours and hours.tenths}


def answer_from_row(row: Any) -> Completion:
    """Read an answer."""
    values = {name: value for name, value in row.items() if name != "fleet_id"}
    hours = values.pop("engine_tenths")
    values["kind"] = CompletionKind(values["kind"])
    values |= {name: MeterBasis(values[name]) for name in ("total_from", "hours_from")}
    return Completion(engine_hours=None if hours is None else EngineHours(hours), **values)
