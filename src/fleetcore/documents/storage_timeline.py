"""What documents put on a vehicle's timeline: filed or renewed, at an end, and each payment; numbers stay out."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Row, and_, exists, func, or_

from fleetcore.kernel.timeline import TimelineQuestion
from fleetcore.storage.timeline import TimelineTable, timeline_store

from .storage import documents
from .storage_payments import payments

__all__ = ["DOCUMENT_TIMELINE_STORE"]

ISSUED = tuple(documents.c[name] for name in ("kind", "cover", "issuer"))


def _named(row: Row[Any]) -> str:
    return f"{row.cover.replace('_', ' ')} insurance" if row.cover else row.kind


def _filed_words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    title = f"{_named(row)} {'filed' if row.renews_id is None else 'renewed'}"
    term = " ".join(
        f"{word} {day}" for word, day in (("from", row.starts_on), ("until", row.ends_on)) if day is not None
    )
    result = (row.result or "").replace("_", " ")
    return title, ", ".join(filter(None, (row.issuer, result, term, row.notes)))


def _end_words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    return f"{_named(row)} {'ended' if row.cancelled_on is None else 'cancelled'}", row.issuer


def _payment_words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    return f"{_named(row)} paid", row.issuer


_kept = documents.c.deleted_at.is_(None)
_successors = documents.alias("successors")
_is_renewed = exists().where(
    _successors.c.fleet_id == documents.c.fleet_id,
    _successors.c.renews_id == documents.c.id,
    _successors.c.deleted_at.is_(None),
)


def _is_over(today: date) -> ColumnElement[bool]:
    cancelled, ends = documents.c.cancelled_on, documents.c.ends_on
    return or_(cancelled <= today, and_(cancelled.is_(None), ends < today, ~_is_renewed))  # renewed, it goes on


TEXT = (*ISSUED, documents.c.result, documents.c.notes)

DOCUMENT_TIMELINE_STORE = timeline_store(
    TimelineTable(
        kind="document",
        table=documents,
        moment=documents.c.created_at,
        words=_filed_words,
        others=(*ISSUED, *(documents.c[name] for name in ("starts_on", "ends_on", "result", "renews_id", "notes"))),
        text=TEXT,
        own=(documents.c.created_by,),
        where=(_kept,),
    ),
    TimelineTable(
        kind="document_end",
        table=documents,
        moment=func.coalesce(documents.c.cancelled_on, documents.c.ends_on, type_=Date()),
        by_day=True,
        by_then=_is_over,
        words=_end_words,
        others=(*ISSUED, documents.c.cancelled_on),
        text=TEXT,
        own=(documents.c.created_by,),
        where=(_kept,),
    ),
    TimelineTable(
        kind="payment",
        table=payments,
        source=payments.join(
            documents, and_(documents.c.fleet_id == payments.c.fleet_id, documents.c.id == payments.c.document_id)
        ),
        of_vehicle=lambda vehicle_id: documents.c.vehicle_id == vehicle_id,
        moment=payments.c.due_on,
        by_day=True,
        words=_payment_words,
        others=ISSUED,
        text=ISSUED,
        money=(payments.c.amount_minor, payments.c.currency),
        own=(documents.c.created_by,),
        where=(_kept,),
    ),
)
