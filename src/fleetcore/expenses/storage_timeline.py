"""What expenses put on a vehicle's timeline."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from fleetcore.kernel.timeline import TimelineQuestion
from fleetcore.storage.timeline import TimelineTable, timeline_store

from .storage import expenses

__all__ = ["EXPENSE_TIMELINE_STORE"]


def _words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    category = row.category.replace("_", " ")
    detail = ", ".join(filter(None, (category if row.title else "", row.place, row.notes)))
    return row.title or category, detail


EXPENSE_TIMELINE_STORE = timeline_store(
    TimelineTable(
        kind="expense",
        table=expenses,
        moment=expenses.c.spent_on,
        by_day=True,
        words=_words,
        others=tuple(expenses.c[name] for name in ("category", "title", "place", "notes")),
        text=tuple(expenses.c[name] for name in ("category", "title", "place", "notes", "tags")),
        money=(expenses.c.amount_minor, expenses.c.currency),
        odometer=expenses.c.odometer_m,
        own=(expenses.c.created_by,),
        where=(expenses.c.deleted_at.is_(None),),
    )
)
