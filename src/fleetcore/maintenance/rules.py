"""What service records, jobs and providers must obey, and what a service costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from types import MappingProxyType

from attrs import frozen

from fleetcore.kernel.days import NOT_BEFORE, Calendar, day_problems, tag_problems, text_problems
from fleetcore.kernel.errors import Problem
from fleetcore.kernel.money import Money
from fleetcore.kernel.quantities import Distance
from fleetcore.kernel.when import local_date

from .commands import JobFields, JobStatus
from .model import Part, ProviderFields, ServiceCategory, WorkFields

__all__ = [
    "ACCOUNTS",
    "REFUND_ACCOUNT",
    "Costs",
    "change_problems",
    "costs_of",
    "day_of",
    "distance_problems",
    "job_problems",
    "part_problems",
    "provider_problems",
    "reason_problems",
    "reopening_problems",
    "transition_problems",
    "work_problems",
]

ACCOUNTS = MappingProxyType(
    {
        ServiceCategory.ROUTINE: "expenses.service",
        ServiceCategory.REPAIR: "expenses.repair",
        ServiceCategory.UPGRADE: "expenses.accessory",
        ServiceCategory.INSPECTION: "expenses.inspection",
        ServiceCategory.RECALL: "expenses.repair",
    }
)
REFUND_ACCOUNT = "income.refund"
TRANSITIONS = MappingProxyType(
    {
        JobStatus.SCHEDULED: frozenset({JobStatus.IN_PROGRESS, JobStatus.CANCELLED}),
        JobStatus.IN_PROGRESS: frozenset({JobStatus.COMPLETED, JobStatus.CANCELLED}),
        JobStatus.COMPLETED: frozenset(),
        JobStatus.CANCELLED: frozenset(),
    }
)
OVER = frozenset({JobStatus.COMPLETED, JobStatus.CANCELLED})
NOT_AFTER = date(2199, 12, 31)
ODOMETER_METRES_MAX = 10_000_000_000  # ten million kilometres: three times the record
ENGINE_TENTHS_MAX = 10_000_000
QUANTITY_MAX = Decimal(1_000_000)
LABOUR_HOURS_MAX = Decimal(100_000)
LINE_LENGTH_MAX = 200
EMAIL_LENGTH_MAX = 254
NOTES_LENGTH_MAX = 10_000
PARTS_MAX = 200
ATTACHMENTS_MAX = 100
REMINDERS_MAX = 100


@frozen(kw_only=True)
class Costs:
    """What a service cost in all, and how much of it were parts and labour."""

    parts: Money
    labour: Money
    total: Money


def day_of(work: WorkFields, timezone: str) -> date:
    """Return the day of *work*, in which :func:`work_problems` found nothing."""
    if work.done_on is not None:
        return work.done_on
    if work.at is None:
        raise ValueError("the day is missing; check the work with work_problems first")
    return local_date(work.at, timezone)


def costs_of(work: WorkFields, currency: str) -> Costs:
    """Return what *work*, in which nothing is wrong, cost; in *currency* where it names none.

    Each part is rounded by itself, half to even, as a printed invoice does.
    """
    currency = next((money.currency for _, money in _moneys(work)), currency)
    parts = sum(_times(part.unit_cost, part.quantity) for part in work.parts if part.unit_cost is not None)
    labour = 0
    if work.labour_cost is not None:
        labour = work.labour_cost.minor
    elif work.labour_hours is not None and work.labour_rate is not None:
        labour = _times(work.labour_rate, work.labour_hours)
    total = parts + labour if work.total is None else work.total.minor
    return Costs(parts=Money(parts, currency), labour=Money(labour, currency), total=Money(total, currency))


def _times(price: Money, quantity: Decimal) -> int:
    return int((price.minor * quantity).to_integral_value(rounding=ROUND_HALF_EVEN))


def _moneys(work: WorkFields) -> Iterator[tuple[str, Money]]:
    for index, part in enumerate(work.parts):
        if part.unit_cost is not None:
            yield f"parts.{index}.unit_cost", part.unit_cost
    for name in ("labour_rate", "labour_cost", "total"):
        money = getattr(work, name)
        if money is not None:
            yield name, money


def work_problems(work: WorkFields, calendar: Calendar) -> Iterator[Problem]:
    """Yield everything that is wrong with *work* by itself."""
    yield from day_problems("done_on", work.done_on, work.at, calendar)
    if not work.title.strip():
        yield Problem("title", "is needed: what was done?", "required")
    yield from text_problems((("title", work.title), ("place", work.place)), LINE_LENGTH_MAX)
    yield from text_problems((("notes", work.notes),), NOTES_LENGTH_MAX)
    yield from tag_problems(work.tags)
    if len(work.attachment_ids) > ATTACHMENTS_MAX:
        yield Problem("attachment_ids", f"are more than {ATTACHMENTS_MAX}", "too_long")
    if len(work.reminder_ids) > REMINDERS_MAX:
        yield Problem("reminder_ids", f"are more than {REMINDERS_MAX}", "too_long")
    yield from distance_problems("odometer_km", work.odometer)
    if work.engine_hours is not None and not 0 <= work.engine_hours.tenths <= ENGINE_TENTHS_MAX:
        yield Problem("engine_hours", f"must lie between 0 and {ENGINE_TENTHS_MAX // 10}")
    yield from part_problems(work.parts)
    yield from _cost_problems(work)
    yield from _warranty_problems(work, calendar)


def distance_problems(field: str, distance: Distance | None) -> Iterator[Problem]:
    """Yield what is wrong with an odometer, called *field*."""
    if distance is None:
        return
    if distance.metres < 0:
        yield Problem(field, "must not be negative")
    elif distance.metres > ODOMETER_METRES_MAX:
        yield Problem(field, f"{distance.km} km is too far to be real", "absurd")


def part_problems(parts: tuple[Part, ...], prefix: str = "") -> Iterator[Problem]:
    """Yield what is wrong with *parts*; *prefix* stands before their fields."""
    if len(parts) > PARTS_MAX:
        yield Problem(f"{prefix}parts", f"are more than {PARTS_MAX}", "too_long")
    for index, part in enumerate(parts):
        where = f"{prefix}parts.{index}"
        if not part.name.strip():
            yield Problem(f"{where}.name", "is needed", "required")
        texts = ((f"{where}.name", part.name), (f"{where}.part_number", part.part_number))
        yield from text_problems(texts, LINE_LENGTH_MAX)
        yield from _number_problems(f"{where}.quantity", part.quantity, QUANTITY_MAX, 3)


def _number_problems(field: str, number: Decimal, largest: Decimal, places: int) -> Iterator[Problem]:
    if not number.is_finite() or not 0 < number <= largest:
        yield Problem(field, f"must be more than 0 and at most {largest:,}")
    elif number != round(number, places):
        yield Problem(field, f"has more than {places} decimal places")


def _cost_problems(work: WorkFields) -> Iterator[Problem]:
    moneys = tuple(_moneys(work))
    for field, money in moneys:
        if money.minor < 0 and field != "total":
            yield Problem(field, "must not be negative; a discount belongs in the total")
    currencies = sorted({money.currency for _, money in moneys})
    if len(currencies) > 1:
        yield Problem("total", f"must be in one currency; there are {' and '.join(currencies)}", "currency.mixed")
    if work.labour_hours is not None:
        yield from _number_problems("labour_hours", work.labour_hours, LABOUR_HOURS_MAX, 2)
    if work.labour_rate is not None and work.labour_hours is None:
        yield Problem("labour_hours", "are needed beside the rate", "required")
    if work.labour_rate is not None and work.labour_cost is not None:
        yield Problem("labour_cost", "is either given, or follows from hours and rate: give one of them")


def _warranty_problems(work: WorkFields, calendar: Calendar) -> Iterator[Problem]:
    until = work.warranty_until
    yield from distance_problems("warranty_odometer_km", work.warranty_odometer)
    if isinstance(until, datetime):
        yield Problem("warranty_until", "is a day without a time")
    elif until is not None:
        done_on = work.done_on or (None if work.at is None else local_date(work.at, calendar.timezone))
        if done_on is not None and until < done_on:
            yield Problem("warranty_until", "lies before the work was done")
        elif until > NOT_AFTER:
            yield Problem("warranty_until", f"lies after {NOT_AFTER}")
    if work.warranty_odometer is not None and work.odometer is not None and work.warranty_odometer < work.odometer:
        yield Problem("warranty_odometer_km", "is lower than the odometer at which the work was done")


def job_problems(job: JobFields) -> Iterator[Problem]:
    """Yield everything that is wrong with a job by itself."""
    if not job.title.strip():
        yield Problem("title", "is needed: what is to be done?", "required")
    yield from text_problems((("title", job.title),), LINE_LENGTH_MAX)
    yield from text_problems((("notes", job.notes),), NOTES_LENGTH_MAX)
    yield from tag_problems(job.tags)
    if isinstance(job.planned_on, datetime):
        yield Problem("planned_on", "is a day without a time")
    elif job.planned_on is not None and not NOT_BEFORE <= job.planned_on <= NOT_AFTER:
        yield Problem("planned_on", f"must lie between {NOT_BEFORE} and {NOT_AFTER}")
    if job.estimated_cost is not None and job.estimated_cost.minor < 0:
        yield Problem("estimated_cost", "must not be negative")


def reason_problems(reason: str) -> Iterator[Problem]:
    """Yield what is wrong with the reason of a cancellation."""
    yield from text_problems((("reason", reason),), LINE_LENGTH_MAX)


def transition_problems(old: JobStatus, new: JobStatus) -> Iterator[Problem]:
    """Yield a problem when a job may not move from *old* to *new*."""
    if new not in TRANSITIONS[old]:
        message = f"a job that is {_words(old)} cannot become {_words(new)}"
        hint = (
            "reopen it first" if old in OVER else "it can become " + " or ".join(sorted(map(_words, TRANSITIONS[old])))
        )
        yield Problem("status", f"{message}; {hint}", "job.transition")


def change_problems(status: JobStatus) -> Iterator[Problem]:
    """Yield a problem when what is planned of a job can no longer be changed."""
    if status in OVER:
        yield Problem("status", f"a job that is {_words(status)} cannot be changed; reopen it first", "job.over")


def reopening_problems(status: JobStatus) -> Iterator[Problem]:
    """Yield a problem when a job cannot be taken up again because it never ended."""
    if status not in OVER:
        yield Problem("status", f"is {_words(status)}: only a completed or cancelled job can be reopened", "job.open")


def _words(status: JobStatus) -> str:
    return status.replace("_", " ")


def provider_problems(provider: ProviderFields) -> Iterator[Problem]:
    """Yield everything that is wrong with a provider."""
    if not provider.name.strip():
        yield Problem("name", "is needed", "required")
    lines: Iterable[tuple[str, str]] = (
        (name, getattr(provider, name)) for name in ("name", "address", "phone", "website")
    )
    yield from text_problems(lines, LINE_LENGTH_MAX)
    yield from text_problems((("email", provider.email),), EMAIL_LENGTH_MAX)
    yield from text_problems((("notes", provider.notes),), NOTES_LENGTH_MAX)
    if provider.email and "@" not in provider.email.strip("@"):
        yield Problem("email", "is not an e-mail address")
