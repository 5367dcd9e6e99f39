"""What a document must obey, when it is paid, when it ends and when to remind of that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import count
from types import MappingProxyType

from attrs import frozen

from fleetcore.kernel.days import NOT_BEFORE, text_problems
from fleetcore.kernel.errors import Problem
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance
from fleetcore.kernel.when import Period, add_months, occurrence

from .model import Allowance, Document, DocumentFields, DocumentKind, PaymentSchedule

__all__ = [
    "ACCOUNTS",
    "FILED_LATE",
    "Notice",
    "allowed_metres",
    "cancellation_problems",
    "document_problems",
    "dues",
    "end_of",
    "next_term",
    "notice_of",
    "schedule_of",
]

NOT_AFTER = date(2199, 12, 31)
_CANCELLED = "leaves out {on}, the day on which the document was cancelled: take the cancellation back first"
LINE_LENGTH_MAX = 200
NOTES_LENGTH_MAX = 10_000
CLASSES_MAX = 30
CLASS_LENGTH_MAX = 10
PAYMENTS_MAX = 1200
METRES_MAX = 10_000_000_000
FILED_LATE = timedelta(days=60)  # what ended longer ago when it was filed is history, not a duty
DAYS_IN_YEAR = 365.2425

INSURANCE, REGISTRATION, INSPECTION = DocumentKind.INSURANCE, DocumentKind.REGISTRATION, DocumentKind.INSPECTION
WARRANTY, LEASE, LICENCE = DocumentKind.WARRANTY, DocumentKind.LEASE, DocumentKind.LICENCE
ACCOUNTS: Mapping[DocumentKind, str] = MappingProxyType(
    {
        INSURANCE: "expenses.insurance",
        REGISTRATION: "expenses.registration",
        INSPECTION: "expenses.inspection",
        WARRANTY: "expenses.maintenance",
        LEASE: "expenses.lease",
        LICENCE: "expenses.other",
    }
)
SPECIAL: Mapping[str, frozenset[DocumentKind]] = MappingProxyType(
    {
        "cover": frozenset({INSURANCE}),
        "excess": frozenset({INSURANCE}),
        "result": frozenset({INSPECTION}),
        "until_odometer": frozenset({WARRANTY}),
        "start_odometer": frozenset({LEASE}),
        "allowed_distance": frozenset({LEASE}),
        "allowance": frozenset({LEASE}),
        "excess_fee_per_km": frozenset({LEASE}),
        "classes": frozenset({LICENCE}),
    }
)
MONTHS: Mapping[PaymentSchedule, int] = MappingProxyType(
    {
        PaymentSchedule.MONTHLY: 1,
        PaymentSchedule.QUARTERLY: 3,
        PaymentSchedule.HALF_YEARLY: 6,
        PaymentSchedule.YEARLY: 12,
    }
)
USUAL_SCHEDULES = {INSURANCE: PaymentSchedule.YEARLY, LEASE: PaymentSchedule.MONTHLY}


@frozen
class Notice:
    """What to remind of, and how many days before."""

    title: str
    soon_days: int
    very_soon_days: int


# Early enough to give notice, to get an appointment, or to look for another vehicle.
NOTICES: Mapping[DocumentKind, Notice] = MappingProxyType(
    {
        INSURANCE: Notice("Renew the insurance", 60, 30),
        REGISTRATION: Notice("Renew the registration", 30, 7),
        INSPECTION: Notice("Roadworthiness inspection", 45, 14),
        WARRANTY: Notice("The warranty ends", 60, 14),
        LEASE: Notice("The lease ends", 120, 60),
        LICENCE: Notice("Renew the driving licence", 90, 30),
    }
)


def schedule_of(document: DocumentFields) -> PaymentSchedule:
    """Return how often the amount of *document* is paid."""
    return document.schedule or USUAL_SCHEDULES.get(document.kind, PaymentSchedule.ONCE)


def document_problems(document: DocumentFields, today: date) -> Iterator[Problem]:
    """Yield everything that is wrong with *document* by itself."""
    yield from _owner_problems(document)
    for name, kinds in SPECIAL.items():
        if getattr(document, name) not in {None, ()} and document.kind not in kinds:
            fits = " or ".join(sorted(kinds))
            yield Problem(_wire(name), f"is not said of this kind of document, only of {fits}", "document.field")
    yield from text_problems((("issuer", document.issuer), ("number", document.number)), LINE_LENGTH_MAX)
    yield from text_problems((("contact", document.contact),), LINE_LENGTH_MAX)
    yield from text_problems((("notes", document.notes),), NOTES_LENGTH_MAX)
    yield from _class_problems(document.classes)
    yield from _day_problems(document, today)
    yield from _money_problems(document)
    yield from _distance_problems(document)
    if document.amount is not None and document.starts_on is not None:
        yield from _payment_problems(document, today)


def _wire(name: str) -> str:
    return f"{name}_km" if name in {"until_odometer", "start_odometer", "allowed_distance"} else name


def _owner_problems(document: DocumentFields) -> Iterator[Problem]:
    if document.kind is LICENCE:
        if document.person_id is None:
            yield Problem("person_id", "is needed: whose licence is it?", "required")
        if document.vehicle_id is not None:
            yield Problem("vehicle_id", "does not fit: a licence belongs to a person")
        return
    if document.vehicle_id is None:
        yield Problem("vehicle_id", "is needed: which vehicle is it about?", "required")
    if document.person_id is not None:
        yield Problem("person_id", "does not fit: only a licence belongs to a person")


def _class_problems(classes: tuple[str, ...]) -> Iterator[Problem]:
    if len(classes) > CLASSES_MAX:
        yield Problem("classes", f"are more than {CLASSES_MAX}", "too_long")
    for index, each in enumerate(classes):
        if not each.strip():
            yield Problem(f"classes.{index}", "must not be empty")
        yield from text_problems(((f"classes.{index}", each),), CLASS_LENGTH_MAX)


def _day_problems(document: DocumentFields, today: date) -> Iterator[Problem]:
    starts_on, ends_on, kind = document.starts_on, document.ends_on, document.kind
    wrong = False
    for name, day in (("starts_on", starts_on), ("ends_on", ends_on)):
        if isinstance(day, datetime):
            wrong = True
            yield Problem(name, "is a day without a time")
        elif day is not None and not NOT_BEFORE <= day <= NOT_AFTER:
            yield Problem(name, f"must lie between {NOT_BEFORE} and {NOT_AFTER}")
    if wrong:
        return
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        yield Problem("ends_on", f"lies before it starts, on {starts_on}", "document.ends_before_start")
    if starts_on is None and (kind in {INSPECTION, LEASE} or document.amount is not None):
        why = "the day of the inspection" if kind is INSPECTION else "payments are counted from it"
        yield Problem("starts_on", f"is needed: {why}", "required")
    if kind is LEASE and ends_on is None:
        yield Problem("ends_on", "is needed for a lease", "required")
    if kind is WARRANTY and ends_on is None and document.until_odometer is None:
        yield Problem("ends_on", "is needed, or until_odometer_km, whichever comes first", "required")
    if kind is INSPECTION and starts_on is not None and starts_on > today + timedelta(days=1):
        yield Problem("starts_on", "lies in the future: plan a job, and file the inspection when it is done")


def _money_problems(document: DocumentFields) -> Iterator[Problem]:
    for name in ("amount", "excess"):
        money = getattr(document, name)
        if money is not None and money.minor < 0:
            yield Problem(name, "must not be negative")
    fee = document.excess_fee_per_km
    if fee is not None and fee.micros < 0:
        yield Problem("excess_fee_per_km", "must not be negative")
    if document.schedule is not None and document.amount is None:
        yield Problem("amount", "is needed beside the schedule", "required")
    said = {m.currency for m in (document.amount, document.excess, fee) if m is not None}
    if len(said) > 1:
        yield Problem("amount", f"must be in one currency; there are {' and '.join(sorted(said))}", "currency.mixed")


def _distance_problems(document: DocumentFields) -> Iterator[Problem]:
    for name in ("until_odometer", "start_odometer", "allowed_distance"):
        distance: Distance | None = getattr(document, name)
        if distance is None:
            continue
        if distance.metres < 0 or (distance.metres == 0 and name != "start_odometer"):
            yield Problem(_wire(name), "must be more than zero")
        elif distance.metres > METRES_MAX:
            yield Problem(_wire(name), f"{distance.km} km is too far to be real", "absurd")
    if document.allowed_distance is None:
        for name in ("allowance", "excess_fee_per_km"):
            if getattr(document, name) is not None:
                yield Problem("allowed_distance_km", f"is needed beside {name}", "required")


def _payment_problems(document: DocumentFields, today: date) -> Iterator[Problem]:
    last = max(today, document.ends_on or today)
    if (months := MONTHS.get(schedule_of(document))) and document.starts_on is not None:
        length = (last.year - document.starts_on.year) * 12 + last.month - document.starts_on.month
        if length // months > PAYMENTS_MAX:
            yield Problem("starts_on", f"would make more than {PAYMENTS_MAX} payments: is the year right?")


def cancellation_problems(document: DocumentFields, cancelled_on: date | None) -> Iterator[Problem]:
    """Yield why *document* cannot be what was cancelled on a day: a cancellation lies within the term."""
    if cancelled_on is None:
        return
    if document.starts_on is not None and cancelled_on < document.starts_on:
        yield Problem("starts_on", _CANCELLED.format(on=cancelled_on), "document.cancelled")
    if document.ends_on is not None and cancelled_on > document.ends_on:
        yield Problem("ends_on", _CANCELLED.format(on=cancelled_on), "document.cancelled")


def end_of(document: Document, successor_starts_on: date | None = None) -> date | None:
    """Return the day on which *document* ends: as said, when it was cancelled, or when its successor starts."""
    ends_on = document.ends_on
    if ends_on is None and successor_starts_on is not None:
        ends_on = successor_starts_on
    if document.cancelled_on is not None:
        ends_on = min(document.cancelled_on, ends_on or document.cancelled_on)
    return ends_on


def dues(document: Document, ends_on: date | None, sold_on: date | None) -> Iterator[tuple[int, date, Money]]:
    """Yield number, day and amount of each payment of *document*; without an end they never stop.

    The first falls due on the day that it starts, none on the day that it ends or later, and none from the day
    that the vehicle was sold.
    """
    amount, starts_on = document.amount, document.starts_on
    if amount is None or not amount.minor or starts_on is None:
        return
    months = MONTHS.get(schedule_of(document))
    for number in count():
        due_on = starts_on if months is None else occurrence(starts_on, Period.MONTH, months, number)
        over = number > 0 and (months is None or (ends_on is not None and due_on >= ends_on))
        over = over or (document.cancelled_on is not None and due_on >= document.cancelled_on)
        if over or due_on > NOT_AFTER or (sold_on is not None and due_on >= sold_on):
            return
        yield number, due_on, amount


def next_term(starts_on: date | None, ends_on: date) -> tuple[date, date | None]:
    """Return the days of a successor that goes on from *ends_on* and is as long.

    A year from 1 January to 31 December is followed by one from 1 January; one that is said to end on the day on
    which the next begins, by one from that day.
    """
    after = ends_on + timedelta(days=1)
    if starts_on is None:
        return after, None
    if starts_on < ends_on and (months := _whole_months(starts_on, ends_on)):
        return ends_on, add_months(ends_on, months)
    if months := _whole_months(starts_on, after):
        return after, add_months(after, months) - timedelta(days=1)
    return after, after + (ends_on - starts_on)


def _whole_months(start: date, end: date) -> int | None:
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if months > 0 and add_months(start, months) == end else None


def notice_of(document: Document, filed_on: date) -> Notice | None:
    """Return what to remind of; None for what is renewed, cancelled, deleted, not wanted, or history when filed."""
    over = (document.deleted_at, document.cancelled_on, document.renewed_by_id) != (None, None, None)
    if over or not document.remind or (document.ends_on is None and document.until_odometer is None):
        return None
    if document.ends_on is not None and document.ends_on < filed_on - FILED_LATE:
        return None
    return NOTICES[document.kind]


def allowed_metres(lease: Document, until: date) -> int:
    """Return how many metres *lease* allows from its start to *until*; each year's share by the day."""
    if lease.allowed_distance is None or lease.starts_on is None or lease.ends_on is None:
        return 0
    gone = max((until - lease.starts_on).days, 0)
    if lease.allowance is Allowance.TOTAL:
        return lease.allowed_distance.metres * gone // max((lease.ends_on - lease.starts_on).days, 1)
    for end in (until, until + timedelta(days=1)):  # whole years are whole, leap days or not
        if months := _whole_months(lease.starts_on, end):
            return lease.allowed_distance.metres * months // 12
    return int(lease.allowed_distance.metres * gone / DAYS_IN_YEAR)
