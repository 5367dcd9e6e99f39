"""One posting becomes one balanced entry, once."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, Rejected
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.money import Money
from fleetcore.ledger.model import GetEntry, ListEntries, cost_lines
from fleetcore.ledger.queries import get_entry, list_entries
from fleetcore.ledger.service import post, post_many, repost

from .words import BANK, CASH, PETROL, TOLL, a_posting, balances, line, statements_of, within


def test_a_cost_moves_money_from_the_bank(core: Core, owner: Actor) -> None:
    """A posted cost debits its account and credits the bank."""
    within(core, owner, lambda uow: post(uow, a_posting("67.09 EUR")))

    assert {PETROL: "67.09 EUR", BANK: "-67.09 EUR"} == balances(core, owner)


def test_an_entry_is_read_back_as_it_was_accepted(core: Core, owner: Actor) -> None:
    """The stored entry equals the one that post returned, with its lines in order."""
    posting = a_posting(lines=(line(PETROL, "40 EUR", new_id()), line(CASH, "-30 EUR"), line(BANK, "-10 EUR")))
    entry = within(core, owner, lambda uow: post(uow, posting))

    assert entry is not None
    assert posting.lines == entry.lines
    assert entry == core.read(owner, get_entry, GetEntry(id=entry.id))


def test_the_same_version_again_returns_the_first_entry(core: Core, owner: Actor) -> None:
    """A retry of the same posting writes nothing and returns what was written."""
    posting = a_posting()
    first = within(core, owner, lambda uow: post(uow, posting))
    second = within(core, owner, lambda uow: post(uow, posting))

    assert first == second
    assert {PETROL: "50.00 EUR", BANK: "-50.00 EUR"} == balances(core, owner)


@pytest.mark.parametrize("change", [{"entry_date": date(2026, 3, 11)}, {"lines": a_posting("50.01 EUR").lines}])
def test_the_same_version_with_other_content_is_a_conflict(core: Core, owner: Actor, change: dict[str, object]) -> None:
    """One version of a record cannot say two things."""
    posting = a_posting()
    within(core, owner, lambda uow: post(uow, posting))

    with pytest.raises(Conflict, match="needs a new version"):
        within(core, owner, lambda uow: post(uow, attrs.evolve(posting, **change)))


def test_nothing_but_zeros_posts_nothing(core: Core, owner: Actor) -> None:
    """A fill that cost nothing has no entry."""
    assert None is within(core, owner, lambda uow: post(uow, a_posting("0 EUR")))
    assert 0 == within(core, owner, lambda uow: post_many(uow, [a_posting("0 EUR")]))
    assert () == core.read(owner, list_entries, ListEntries()).items


def test_lines_of_zero_are_left_out(core: Core, owner: Actor) -> None:
    """An entry holds only the lines that move money."""
    posting = a_posting(lines=(line(PETROL, "5 EUR"), line(TOLL, "0 EUR"), line(BANK, "-5 EUR")))
    entry = within(core, owner, lambda uow: post(uow, posting))

    assert entry is not None
    assert [PETROL, BANK] == [found.account_code for found in entry.lines]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": (line(PETROL, "5 EUR"), line(BANK, "-4.99 EUR"))}, "lines"),
        ({"lines": (line(PETROL, "5 EUR"), line(BANK, "-5 USD"))}, "lines"),
        ({"lines": (line(PETROL, "5 EUR"),)}, "lines"),
        ({"entry_date": date(1899, 12, 31)}, "entry_date"),
        ({"entry_date": date(2100, 1, 1)}, "entry_date"),
        ({"description": "x" * 501}, "description"),
        ({"description": "a\0b"}, "description"),
        ({"source": ""}, "source"),
        ({"source": "ledger.reversal"}, "source"),
        ({"source_version": 0}, "source_version"),
    ],
)
def test_a_posting_that_breaks_a_rule_is_rejected(
    sqlite_core: Core, sqlite_owner: Actor, change: dict[str, object], field: str
) -> None:
    """Each broken rule names its field, one by one and in bulk."""
    posting = a_posting(**change)

    with pytest.raises(Rejected) as one:
        within(sqlite_core, sqlite_owner, lambda uow: post(uow, posting))
    assert field in {problem.field for problem in one.value.problems}
    with pytest.raises(Rejected) as many:
        within(sqlite_core, sqlite_owner, lambda uow: post_many(uow, [a_posting(), posting]))
    assert {f"1.{problem.field}" for problem in one.value.problems} == {p.field for p in many.value.problems}


def test_an_account_outside_the_chart_is_rejected(core: Core, owner: Actor) -> None:
    """A posting to an unknown account says which, and nothing of it stays."""
    posting = a_posting(lines=cost_lines("expenses.yacht", Money.of("5", "EUR"), None))

    for attempt in (post, repost, lambda uow, p: post_many(uow, [a_posting(), p])):
        with pytest.raises(Rejected, match=r"expenses\.yacht") as refusal:
            within(core, owner, lambda uow, attempt=attempt: attempt(uow, posting))
        assert refusal.value.has_code("account.unknown")
    assert {} == balances(core, owner)


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "1500"), ("KWD", "12.345"), ("EUR", "0.01")])
def test_amounts_keep_the_decimals_of_their_currency(core: Core, owner: Actor, currency: str, amount: str) -> None:
    """Yen have no decimals and dinars three."""
    within(core, owner, lambda uow: post(uow, a_posting(f"{amount} {currency}")))

    assert f"{amount} {currency}" == balances(core, owner)[PETROL]


def test_an_entry_in_two_currencies_balances_in_each(core: Core, owner: Actor) -> None:
    """Currencies are never added to each other."""
    lines = (
        line(PETROL, "5 EUR"),
        line(BANK, "-5 EUR"),
        line(TOLL, "7 CHF"),
        line(CASH, "-7 CHF"),
    )
    within(core, owner, lambda uow: post(uow, a_posting(lines=lines)))

    assert {PETROL: "5.00 EUR", BANK: "-5.00 EUR", TOLL: "7.00 CHF", CASH: "-7.00 CHF"} == balances(core, owner)


def test_amounts_up_to_the_largest_are_kept_exactly(core: Core, owner: Actor) -> None:
    """Sums of the largest amounts pass 64 bits on the way and come out exact."""
    largest = Money(10**17 - 1, "JPY")

    def work(uow: object) -> None:
        for _ in range(100):
            post(uow, a_posting(lines=cost_lines(PETROL, largest, None)))
        for _ in range(99):
            post(uow, a_posting(lines=cost_lines(PETROL, -largest, None)))

    within(core, owner, work)

    assert str(largest) == balances(core, owner)[PETROL]


def test_an_entry_of_many_lines_is_kept(core: Core, owner: Actor) -> None:
    """An entry may have as many lines as a collective invoice has."""
    lines = (*(line(PETROL, "1 EUR", new_id()) for _ in range(999)), line(BANK, "-999 EUR"))
    entry = within(core, owner, lambda uow: post(uow, a_posting(lines=lines)))

    assert entry is not None
    assert lines == core.read(owner, get_entry, GetEntry(id=entry.id)).lines


@pytest.mark.parametrize(("engine", "limit"), [("sqlite", 2), ("postgres", 1)])
def test_a_post_takes_one_statement(request: pytest.FixtureRequest, engine: str, limit: int) -> None:
    """Posting is the hot path: one statement on PostgreSQL, two on SQLite."""
    import fleetcore

    with fleetcore.open(request.getfixturevalue(f"{engine}_url"), installed_plugins=False) as core:
        actor = core.create_fleet("Home")

        def work(uow: object) -> int:
            with statements_of(uow.connection.engine) as sent:
                post(uow, a_posting())
            return len(sent)

        assert limit == within(core, actor, work)


def test_another_fleet_sees_nothing_of_it(core: Core, owner: Actor) -> None:
    """Entries belong to one fleet, and the same source id may live in another."""
    other = core.create_fleet("Other")
    posting = a_posting()
    within(core, owner, lambda uow: post(uow, posting))
    within(core, other, lambda uow: post(uow, attrs.evolve(posting, lines=a_posting("1 EUR").lines)))

    assert "50.00 EUR" == balances(core, owner)[PETROL]
    assert "1.00 EUR" == balances(core, other)[PETROL]
