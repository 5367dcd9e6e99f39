"""Where the report of upcoming costs takes them from: reminders, documents, recurring expenses, fuel by recent use.

``SOURCES`` is the list; an area below adds one line with a function ``(uow, horizon) -> expected costs``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from statistics import median_low
from uuid import UUID

from fleetcore.documents.expected import ExpectedPayment, expected_payments
from fleetcore.documents.service import ENTITY as DOCUMENT
from fleetcore.expenses.model import ListRecurring, Recurring
from fleetcore.expenses.ports import RECURRING
from fleetcore.fuel.queries import distances
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.money import Money
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import add_months, local_date, occurrences
from fleetcore.ledger.model import AccountType, Dimension, SumLines
from fleetcore.ledger.queries import sum_lines
from fleetcore.maintenance.ports import SERVICES
from fleetcore.people.service import fleet_of
from fleetcore.reminders.forecast import days_ahead
from fleetcore.reminders.keeping import sight_of
from fleetcore.reminders.model import Reminder
from fleetcore.reminders.ports import REMINDERS
from fleetcore.vehicles.access import reachable_vehicles

from .foreseen import CostKind, ExpectedCost, Horizon, UpcomingSource
from .rules import divided

__all__ = ["SOURCES"]

REMINDERS_READ, EXPENSES_READ, REPORTS_READ = "reminders.read", "expenses.read", "reports.read"
DOCUMENTS_READ = "documents.read"
RECURRING_MAX = 100_000
LOOK_BACK_DAYS = 365
DAYS_MIN = 28  # of fuel bought: less says nothing about a year
FUEL = ("expenses.fuel.", "expenses.consumables.")


def _in_sight(horizon: Horizon, vehicle_id: UUID | None) -> bool:
    return horizon.with_fleet if vehicle_id is None else vehicle_id in horizon.vehicles


def reminder_costs(uow: UnitOfWork, horizon: Horizon) -> Iterator[ExpectedCost]:
    """Yield what reminders will cost: as was said of them, else as the middle one of what was done for them."""
    known = {name for source in SOURCES for name in source.speaks_for}
    found = [
        reminder
        for reminder in uow[REMINDERS].open(sight_of(uow, REMINDERS_READ), None)
        if _in_sight(horizon, reminder.vehicle_id) and reminder.source not in known
    ]
    typical = _typical_costs(uow, [reminder.id for reminder in found if reminder.expected_cost is None])
    for reminder in found:
        amount, basis = _cost_of(reminder, typical)
        for foreseen in days_ahead(reminder, horizon.since, horizon.until):
            yield ExpectedCost(
                on=foreseen.day,
                vehicle_id=reminder.vehicle_id,
                kind=CostKind.REMINDER,
                title=reminder.title,
                amount=amount,
                basis=basis,
                is_projected=foreseen.is_projected,
            )


def _cost_of(reminder: Reminder, typical: Mapping[UUID, Sequence[Money]]) -> tuple[Money | None, str]:
    if reminder.expected_cost is not None:
        return reminder.expected_cost, "as said of the reminder"
    paid = typical.get(reminder.id, ())
    if not paid:
        return None, "nobody said what it costs, and no record says what it did"
    if len(paid) == 1:
        return _typical(paid), "as was paid for it the last time"
    return _typical(paid), f"typical of what was paid for it, {len(paid)} times"


def _typical(paid: Sequence[Money]) -> Money:
    """Return the middle one of what was *paid* last in one currency."""
    currency = paid[-1].currency
    return Money(median_low([each.minor for each in paid if each.currency == currency]), currency)


def _typical_costs(uow: UnitOfWork, reminder_ids: Collection[UUID]) -> dict[UUID, list[Money]]:
    """Return what the records that did the work of reminders cost, oldest first; free ones say nothing."""
    wanted = set(reminder_ids)
    records = [(of, record) for of, record in uow[REMINDERS].records_done() if of in wanted] if wanted else []
    totals = uow[SERVICES].totals([record for _, record in records])
    paid: dict[UUID, list[Money]] = {}
    for reminder_id, record in records:
        if (total := totals.get(record)) is not None and total.minor:
            paid.setdefault(reminder_id, []).append(total)
    return paid


def document_costs(uow: UnitOfWork, horizon: Horizon) -> Iterator[ExpectedCost]:
    """Yield premiums, instalments and fees on their days; a term that nobody has filed yet is projected."""
    for payment in expected_payments(uow, horizon.since, horizon.until):
        document = payment.document
        if _in_sight(horizon, document.vehicle_id):
            kind = str(document.kind).capitalize()
            yield ExpectedCost(
                on=payment.on,
                vehicle_id=document.vehicle_id,
                kind=CostKind.DOCUMENT,
                title=f"{kind}: {document.issuer}" if document.issuer else kind,
                amount=payment.amount,
                basis=_basis_of(payment),
                is_projected=payment.is_renewal,
            )


def _basis_of(payment: ExpectedPayment) -> str:
    if not payment.is_renewal:
        return f"of the {payment.document.kind}, due on {payment.due_on}"
    until = payment.document.ends_on
    if payment.amount is None:
        return f"nobody said what it costs to go on after {until}"
    return f"as before, if it goes on after {until}"


def recurring_costs(uow: UnitOfWork, horizon: Horizon) -> Iterator[ExpectedCost]:
    """Yield what recurring expenses will cost; those that are due and not recorded yet count today."""
    own = uow.actor.user_id if uow.actor.scope(EXPENSES_READ) is Scope.OWN else None
    found = uow[RECURRING].page(ListRecurring(), reachable_vehicles(uow, EXPENSES_READ), own, None, RECURRING_MAX)
    for recurring in found:
        if not _in_sight(horizon, recurring.vehicle_id):
            continue
        for on in _days_of(recurring, horizon.until):
            yield ExpectedCost(
                on=max(on, horizon.since),
                vehicle_id=recurring.vehicle_id,
                kind=CostKind.RECURRING,
                title=recurring.title or recurring.category.replace("_", " ").capitalize(),
                amount=recurring.amount,
                basis=f"recurring, due on {on}",
            )


def _days_of(recurring: Recurring, until: date) -> Iterator[date]:
    """Yield the days on which *recurring* falls due and is not recorded yet."""
    last = until if recurring.ends_on is None else min(until, recurring.ends_on)
    for index, on in occurrences(recurring.starts_on, recurring.period, recurring.every, last):
        if index >= recurring.next_index:
            yield on


def fuel_costs(uow: UnitOfWork, horizon: Horizon) -> Iterator[ExpectedCost]:
    """Yield what each vehicle will burn in each month, by what it burnt in the last 365 days."""
    ids = list(horizon.vehicles)
    first = horizon.since - timedelta(days=LOOK_BACK_DAYS)
    last = horizon.since - timedelta(days=1)
    wanted = SumLines(
        by=(Dimension.VEHICLE, Dimension.ACCOUNT),
        types=(AccountType.EXPENSE,),
        since=first,
        until=last,
        vehicle_ids=frozenset(ids),
    )
    burnt: dict[UUID, dict[str, int]] = {}
    for found in sum_lines(uow, wanted):
        if found.vehicle_id is not None and str(found.account_code).startswith(FUEL):
            sums, amount = burnt.setdefault(found.vehicle_id, {}), found.amount
            sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
    timezone, driven = fleet_of(uow).timezone, distances(uow, list(burnt))
    for vehicle_id, sums in burnt.items():
        began = local_date(driven[vehicle_id].began_at, timezone) if vehicle_id in driven else first
        days = (last - max(first, began)).days + 1
        if days < DAYS_MIN:
            continue
        for currency, minor in sorted(sums.items()):
            for on, share in _months(horizon.since, horizon.until):
                yield ExpectedCost(
                    on=on,
                    vehicle_id=vehicle_id,
                    kind=CostKind.FUEL,
                    title="Fuel",
                    amount=Money(divided(minor * share, days), currency),
                    basis=f"{Money(minor, currency)} in the last {days} days",
                    is_projected=True,
                )


def _months(since: date, until: date) -> Iterator[tuple[date, int]]:
    """Yield the first day of each month from *since* to *until*, and how many of its days lie between them."""
    day = since
    while day <= until:
        following = add_months(day.replace(day=1), 1)
        yield day, (min(following - timedelta(days=1), until) - day).days + 1
        day = following


SOURCES: tuple[UpcomingSource, ...] = (
    UpcomingSource(name="reminders", permission=REMINDERS_READ, find=reminder_costs),
    UpcomingSource(name="documents", permission=DOCUMENTS_READ, find=document_costs, speaks_for=(DOCUMENT,)),
    UpcomingSource(name="recurring expenses", permission=EXPENSES_READ, find=recurring_costs),
    UpcomingSource(name="fuel", permission=REPORTS_READ, find=fuel_costs),
)
