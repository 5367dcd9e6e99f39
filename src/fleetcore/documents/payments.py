"""Book what documents cost: each payment is one journal entry, on the day that it falls due, exactly once.

What is booked is worked out from the document and today alone, and compared with what is stored: so an edit, a
cancellation, a deletion or a sale leaves the books as if the document had always said what it says now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import attrs

from fleetcore.kernel.errors import Problem, Rejected
from fleetcore.kernel.money import Money
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import LONGEST_LEAD, local_date
from fleetcore.kernel.work import QUEUE, Found, JobKind, Payload
from fleetcore.ledger.model import Posting, cost_lines
from fleetcore.ledger.service import post_many, repost, reverse_many
from fleetcore.operations import operation
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.access import require_whole_fleet
from fleetcore.vehicles.model import Vehicle, VehicleState
from fleetcore.vehicles.ports import VEHICLES

from .commands import RunPremiums
from .events import PaymentBooked, PaymentReversed
from .model import Document, Payment, PaymentRun
from .ports import DOCUMENTS, PAYMENTS
from .rules import ACCOUNTS, dues, end_of

__all__ = ["BOOK_DUE", "SOURCE", "run_premiums", "settled", "today_of"]

SOURCE = "documents.payment"
LIMIT_MAX = 10_000


def today_of(uow: UnitOfWork) -> date:
    """Return the present day of the fleet."""
    return local_date(uow.now, fleet_of(uow).timezone)


def _posting(document: Document, payment: Payment) -> Posting:
    """Return the journal entry of a payment; its description is the kind of document alone."""
    return Posting(
        entry_date=payment.due_on,
        description=str(document.kind),
        source=SOURCE,
        source_id=payment.id,
        source_version=payment.version,
        lines=cost_lines(ACCOUNTS[document.kind], payment.amount, document.vehicle_id),
    )


def settled(uow: UnitOfWork, document: Document) -> tuple[Document, list[Payment]]:
    """Make the books say what *document* cost until today; returns it with its next payment, and what is new.

    The caller holds the lock of the document, or of its vehicle.
    """
    wanted, next_on = _wanted(uow, document)
    stored = {payment.number: payment for payment in uow[PAYMENTS].of_document(document.id)}
    if document.deleted_at is None and _waits(uow, document):
        wanted = {number: due for number, due in wanted.items() if number in stored}
        next_on = None
    _take_back(uow, document, [payment for number, payment in stored.items() if number not in wanted])
    new = []
    for number, (due_on, amount) in wanted.items():
        if (before := stored.get(number)) is None:
            new.append(Payment(id=uow.new_id(), document_id=document.id, number=number, due_on=due_on, amount=amount))
        elif (before.due_on, before.amount) != (due_on, amount):
            after = attrs.evolve(before, due_on=due_on, amount=amount, version=before.version + 1)
            uow[PAYMENTS].replace(after)
            repost(uow, _posting(document, after))
            _tell(uow, document, after)
    if new:
        uow[PAYMENTS].add_many(new)
        post_many(uow, [_posting(document, payment) for payment in new])
        for payment in new:
            _tell(uow, document, payment)
    return attrs.evolve(document, next_payment_on=next_on), new


def _tell(uow: UnitOfWork, document: Document, payment: Payment) -> None:
    uow.emit(
        PaymentBooked(
            document_id=document.id,
            payment_id=payment.id,
            vehicle_id=document.vehicle_id,
            due_on=payment.due_on,
            amount=payment.amount,
        )
    )


def _wanted(uow: UnitOfWork, document: Document) -> tuple[dict[int, tuple[date, Money]], date | None]:
    """Return what has fallen due until today, by number, and the first day after today on which more will."""
    wanted: dict[int, tuple[date, Money]] = {}
    if document.deleted_at is not None:
        return wanted, None
    vehicle, today = _vehicle(uow, document), today_of(uow)
    starts_on = None
    if document.renewed_by_id is not None and document.ends_on is None:
        starts_on = uow[DOCUMENTS].get(document.renewed_by_id).starts_on
    sold_on = None if vehicle is None else vehicle.sold_on
    for number, due_on, amount in dues(document, end_of(document, starts_on), sold_on):
        if due_on > today:
            return wanted, due_on
        wanted[number] = (due_on, amount)
    return wanted, None


def _vehicle(uow: UnitOfWork, document: Document) -> Vehicle | None:
    return None if document.vehicle_id is None else uow[VEHICLES].get(document.vehicle_id)


def _waits(uow: UnitOfWork, document: Document) -> bool:
    """Say whether nothing more is booked for now: the vehicle is out of service."""
    vehicle = _vehicle(uow, document)
    return vehicle is not None and vehicle.state is VehicleState.DECOMMISSIONED


def _take_back(uow: UnitOfWork, document: Document, payments: Sequence[Payment]) -> None:
    if not payments:
        return
    ids = [payment.id for payment in payments]
    reverse_many(uow, SOURCE, ids)
    uow[PAYMENTS].remove(ids)
    for payment_id in ids:
        uow.emit(PaymentReversed(document_id=document.id, payment_id=payment_id, vehicle_id=document.vehicle_id))


@operation("documents.run_premiums", permission="documents.write")
def run_premiums(uow: UnitOfWork, command: RunPremiums) -> PaymentRun:
    """Book the premiums, instalments and fees that have fallen due up to today, each on its day, exactly once.

    Also after years, and when several runs race. In bounded steps, for a worker: run it again while there is more.
    Nothing is booked from the day that a vehicle was sold, nor while it is removed or decommissioned. Raises
    Forbidden unless documents.write reaches the whole fleet, Rejected.
    """
    require_whole_fleet(uow, "documents.write")
    if not 1 <= command.limit <= LIMIT_MAX:
        raise Rejected([Problem("limit", f"must lie between 1 and {LIMIT_MAX}")])
    today = today_of(uow)
    due = uow[DOCUMENTS].due(today, command.limit)
    booked: list[Payment] = []
    for before in due:
        after, new = settled(uow, before)
        uow[DOCUMENTS].advance(after)
        booked += new
    return PaymentRun(ran_on=today, documents=len(due), payments=tuple(booked), has_more=len(due) == command.limit)


def find_due(uow: UnitOfWork, now: datetime) -> Iterator[Found]:
    """Yield each fleet in which a payment has fallen due by its own calendar."""
    for fleet_id, timezone, on in uow[DOCUMENTS].due_anywhere((now + LONGEST_LEAD).date()):
        if on <= local_date(now, timezone):
            yield Found(fleet_id=fleet_id, dedupe_key="")


def book_due(uow: UnitOfWork, payload: Payload) -> None:
    """Book what has fallen due in the fleet, and leave the rest to a job of its own."""
    if run_premiums(uow, RunPremiums()).has_more:
        uow[QUEUE].enqueue(BOOK_DUE.name, payload, now=uow.now, dedupe_key="")


BOOK_DUE = JobKind(name="documents.run_premiums", run=book_due, every=timedelta(hours=1), find=find_due)
