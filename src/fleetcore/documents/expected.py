"""What documents will cost: payments that are not booked yet, and renewals at the price of the last term."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs
from attrs import frozen

from fleetcore.kernel.money import Money
from fleetcore.kernel.ports import UnitOfWork

from .commands import ListDocuments
from .model import Document, DocumentKind
from .ports import DOCUMENTS
from .rules import FILED_LATE, dues, end_of, next_term
from .service import sight_of

__all__ = ["ExpectedPayment", "expected_payments"]

DOCUMENTS_MAX = 100_000
TERM_DAYS_MIN = 28  # who insures a journey of a week does not do it again the week after
RENEWED = frozenset({DocumentKind.INSURANCE, DocumentKind.REGISTRATION, DocumentKind.INSPECTION, DocumentKind.LICENCE})


@frozen(kw_only=True)
class ExpectedPayment:
    """A payment that will fall due *on* a day; *amount* is None where nobody said it, *due_on* its own day.

    *is_renewal* says that it belongs to a term that nobody has filed yet.
    """

    document: Document
    on: date
    due_on: date
    amount: Money | None
    is_renewal: bool


def expected_payments(uow: UnitOfWork, since: date, until: date) -> Iterator[ExpectedPayment]:
    """Yield what the documents that the actor may see will cost from *since* to *until*, both included.

    What is due and not booked yet counts on *since*. Policies, registrations, inspections and licences go on after
    their end at the same price; leases and warranties end.
    """
    found = {each.id: each for each in uow[DOCUMENTS].page(ListDocuments(), sight_of(uow), None, None, DOCUMENTS_MAX)}
    for document in found.values():
        successor = found.get(document.renewed_by_id) if document.renewed_by_id is not None else None
        yield from _scheduled(document, successor, since, until)
        if document.kind in RENEWED:
            yield from _renewals(document, since, until)


def _scheduled(document: Document, successor: Document | None, since: date, until: date) -> Iterator[ExpectedPayment]:
    """Yield what *document* itself still costs."""
    if document.next_payment_on is None:
        return
    ends_on = end_of(document, None if successor is None else successor.starts_on)
    for _, due_on, amount in dues(document, ends_on, None):
        if due_on > until:
            return
        if due_on >= document.next_payment_on:
            yield ExpectedPayment(
                document=document, on=max(due_on, since), due_on=due_on, amount=amount, is_renewal=False
            )


def _renewals(document: Document, since: date, until: date) -> Iterator[ExpectedPayment]:
    """Yield what the terms after *document* will cost; a late one starts on *since*."""
    ends_on, amount = document.ends_on, document.amount
    over = document.renewed_by_id is not None or document.cancelled_on is not None
    if over or ends_on is None or ends_on > until or ends_on < document.created_at.date() - FILED_LATE:
        return
    if amount is None or document.starts_on is None:
        if document.remind:
            yield ExpectedPayment(
                document=document, on=max(ends_on, since), due_on=ends_on, amount=None, is_renewal=True
            )
        return
    if (ends_on - document.starts_on).days < TERM_DAYS_MIN:
        return
    starts_on, ends_on = _following(document.starts_on, ends_on, since)
    while ends_on is not None and starts_on <= until:
        term = attrs.evolve(document, starts_on=starts_on, ends_on=ends_on)
        for _, due_on, each in dues(term, term.ends_on, None):
            if due_on > until:
                break
            yield ExpectedPayment(document=document, on=due_on, due_on=due_on, amount=each, is_renewal=True)
        starts_on, ends_on = _following(starts_on, ends_on, since)


def _following(starts_on: date, ends_on: date, since: date) -> tuple[date, date | None]:
    """Return the days of the next term, as long as this one; it begins on *since* if it should have begun before."""
    after, until = next_term(starts_on, ends_on)
    if after < since and until is not None:
        return since, since + (until - after)
    return after, until
