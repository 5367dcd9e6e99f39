"""Balances, sums and lists are computed from the lines alone."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import NotFound, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.ledger.model import (
    AccountType,
    Dimension,
    GetEntry,
    LineSum,
    ListEntries,
    SumLines,
    TrialBalance,
    cost_lines,
)
from fleetcore.ledger.queries import get_entry, list_entries, sum_lines, trial_balance
from fleetcore.ledger.service import post_many
from fleetcore.operations import Query

from .words import BANK, CASH, PETROL, TOLL, a_posting, balances, line, within

VAN, CAR = new_id(), new_id()


@pytest.fixture
def booked(core: Core, owner: Actor) -> Core:
    """Costs of two vehicles and of none, in two currencies, in two years."""
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1)]
    postings = [
        a_posting(
            entry_date=day,
            source=source,
            lines=cost_lines(code, line(code, f"{10**index}.01 {currency}").amount, vehicle, paid),
        )
        for index, day in enumerate(days)
        for code, currency, vehicle, source, paid in (
            (PETROL, "EUR", VAN, "fuel.fill", BANK),
            (PETROL, "CHF", CAR, "fuel.fill", BANK),
            (TOLL, "EUR", None, "expenses.expense", CASH),
        )
    ]
    within(core, owner, lambda uow: post_many(uow, postings))
    return core


def sums(core: Core, actor: Actor, *by: Dimension, **wanted: object) -> list[LineSum]:
    """Return sums of lines as another area's report gets them."""
    query: Query[SumLines, list[LineSum]] = Query("tests.sums", None, lambda uow, c: list(sum_lines(uow, c)))
    return core.read(actor, query, SumLines(by=by, **wanted))


def test_balances_are_dated(booked: Core, owner: Actor) -> None:
    """A balance as of a day includes that day; a movement includes both ends."""
    assert "11.02 EUR" == balances(booked, owner, as_of=date(2026, 1, 1))[TOLL]
    assert "110.02 EUR" == balances(booked, owner, since=date(2026, 1, 1), as_of=date(2026, 1, 31))[TOLL]
    assert {} == balances(booked, owner, as_of=date(2025, 12, 30))


def test_a_balance_is_what_was_before_and_what_moved(booked: Core, owner: Actor) -> None:
    """For any day, the total is the balance until it and the movement after it."""
    whole: Counter[tuple[str, str]] = Counter()
    parts: Counter[tuple[str, str]] = Counter()
    for command, into in (
        (TrialBalance(), whole),
        (TrialBalance(as_of=date(2026, 1, 15)), parts),
        (TrialBalance(since=date(2026, 1, 16)), parts),
    ):
        for row in booked.read(owner, trial_balance, command):
            into[row.account_code, row.balance.currency] += row.balance.minor

    assert whole == parts


def test_every_currency_sums_to_zero(booked: Core, owner: Actor) -> None:
    """Debits equal credits, in all and for each vehicle."""
    for vehicle_id in (None, VAN, CAR):
        total: Counter[str] = Counter()
        for row in booked.read(owner, trial_balance, TrialBalance(vehicle_id=vehicle_id)):
            total[row.balance.currency] += row.balance.minor
        assert {0} == set(total.values())


def test_balances_by_vehicle_sum_to_the_balance(booked: Core, owner: Actor) -> None:
    """Vehicles, and what belongs to none, are a partition of the books."""
    by_vehicle: Counter[tuple[str, str]] = Counter()
    for found in sums(booked, owner, Dimension.ACCOUNT, Dimension.VEHICLE):
        by_vehicle[str(found.account_code), found.amount.currency] += found.amount.minor
    whole = {
        (row.account_code, row.balance.currency): row.balance.minor
        for row in booked.read(owner, trial_balance, TrialBalance())
    }

    assert whole == by_vehicle
    assert {PETROL: "1111.04 EUR", BANK: "-1111.04 EUR"} == balances(booked, owner, vehicle_id=VAN)


def test_costs_by_month(booked: Core, owner: Actor) -> None:
    """Sums by month have the month's first day, per currency, and only of the types asked for."""
    found = sums(booked, owner, Dimension.MONTH, types=(AccountType.EXPENSE,))

    assert [
        (date(2025, 12, 1), "1.01 CHF"),
        (date(2025, 12, 1), "2.02 EUR"),
        (date(2026, 1, 1), "110.02 CHF"),
        (date(2026, 1, 1), "220.04 EUR"),
        (date(2026, 2, 1), "1000.01 CHF"),
        (date(2026, 2, 1), "2000.02 EUR"),
    ] == [(row.month, str(row.amount)) for row in found]


def test_costs_by_month_account_and_vehicle(booked: Core, owner: Actor) -> None:
    """Dimensions combine, in the order they were asked for."""
    wanted = {"types": (AccountType.EXPENSE,), "since": date(2026, 1, 1), "until": date(2026, 1, 31), "vehicle_id": VAN}
    found = sums(booked, owner, Dimension.VEHICLE, Dimension.MONTH, Dimension.ACCOUNT, **wanted)

    assert [(VAN, date(2026, 1, 1), PETROL, "110.02 EUR")] == [
        (row.vehicle_id, row.month, row.account_code, str(row.amount)) for row in found
    ]


def test_sums_without_a_dimension_are_totals(booked: Core, owner: Actor) -> None:
    """No dimension gives one sum per currency."""
    found = sums(booked, owner, types=(AccountType.EXPENSE,))

    assert ["1111.04 CHF", "2222.08 EUR"] == [str(row.amount) for row in found]


def test_pages_hold_every_entry_once(booked: Core, owner: Actor) -> None:
    """Following the cursor visits all entries, newest first."""
    seen, cursor = [], None
    while True:
        page = booked.read(owner, list_entries, ListEntries(limit=5, cursor=cursor))
        seen += page.items
        if (cursor := page.next) is None:
            break

    assert 12 == len({entry.id for entry in seen}) == len(seen)
    assert seen == sorted(seen, key=lambda entry: (entry.entry_date, entry.id), reverse=True)
    assert all(2 == len(entry.lines) for entry in seen)


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"account_code": TOLL}, 4),
        ({"vehicle_id": CAR}, 4),
        ({"account_code": TOLL, "vehicle_id": CAR}, 0),
        ({"source": "fuel.fill"}, 8),
        ({"since": date(2026, 1, 1), "until": date(2026, 1, 31)}, 6),
        ({"source_id": new_id()}, 0),
    ],
)
def test_a_list_is_narrowed(booked: Core, owner: Actor, wanted: dict[str, object], count: int) -> None:
    """By account, vehicle, source and dates."""
    assert count == len(booked.read(owner, list_entries, ListEntries(**wanted)).items)


def test_what_is_not_there_is_not_found(core: Core, owner: Actor) -> None:
    """An unknown entry, an impossible limit and a foreign cursor are refused."""
    with pytest.raises(NotFound):
        core.read(owner, get_entry, GetEntry(id=new_id()))
    with pytest.raises(Rejected):
        core.read(owner, list_entries, ListEntries(limit=0))
    with pytest.raises(Rejected):
        core.read(owner, list_entries, ListEntries(cursor="nonsense"))


def test_a_unit_of_work_sees_what_it_posted(core: Core, owner: Actor) -> None:
    """Sums inside the transaction include its own entries."""

    def work(uow: UnitOfWork) -> list[str]:
        post_many(uow, [a_posting("3 EUR"), a_posting("4 EUR")])
        return [str(row.amount) for row in sum_lines(uow, SumLines(by=(), types=(AccountType.EXPENSE,)))]

    assert ["7.00 EUR"] == within(core, owner, work)
