"""Many postings at once say the same as one by one."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, Rejected
from fleetcore.ledger.model import ListEntries
from fleetcore.ledger.queries import list_entries
from fleetcore.ledger.service import post, post_many, reverse_many

from .words import BANK, PETROL, a_posting, balances, check, statements_of, within


def test_postings_in_bulk_are_entries(core: Core, owner: Actor) -> None:
    """Each posting becomes an entry of its own."""
    assert 1500 == within(core, owner, lambda uow: post_many(uow, [a_posting("2 EUR") for _ in range(1500)]))
    assert {PETROL: "3000.00 EUR", BANK: "-3000.00 EUR"} == balances(core, owner)


def test_what_is_posted_already_is_counted_once(core: Core, owner: Actor) -> None:
    """A repeated bulk adds only what is new, whichever part of it was posted before."""
    postings = [a_posting(f"{number} EUR") for number in range(1, 6)]
    within(core, owner, lambda uow: post(uow, postings[2]))

    assert 4 == within(core, owner, lambda uow: post_many(uow, postings))
    assert 0 == within(core, owner, lambda uow: post_many(uow, postings))
    assert {PETROL: "15.00 EUR", BANK: "-15.00 EUR"} == balances(core, owner)


def test_one_posting_twice_in_a_bulk_is_one_entry(core: Core, owner: Actor) -> None:
    """A bulk that repeats a posting writes it once; one that contradicts itself is rejected."""
    posting = a_posting()

    assert 1 == within(core, owner, lambda uow: post_many(uow, [posting, posting]))
    other = attrs.evolve(a_posting("1 EUR"), source_id=(first := a_posting()).source_id)
    with pytest.raises(Rejected, match="other content"):
        within(core, owner, lambda uow: post_many(uow, [first, other]))


def test_other_content_of_a_posted_version_refuses_the_bulk(core: Core, owner: Actor) -> None:
    """A conflict in one posting keeps the whole bulk out."""
    posting = a_posting()
    within(core, owner, lambda uow: post(uow, posting))
    changed = attrs.evolve(posting, lines=a_posting("1 EUR").lines)

    with pytest.raises(Conflict, match="needs a new version"):
        within(core, owner, lambda uow: post_many(uow, [a_posting(), changed]))
    assert "50.00 EUR" == balances(core, owner)[PETROL]


def test_many_are_reversed_at_once(core: Core, owner: Actor) -> None:
    """Reversing many records mirrors their live entries, each on its own date, once."""
    postings = [a_posting("3 EUR") for _ in range(1200)]
    within(core, owner, lambda uow: post_many(uow, [*postings, a_posting("7 EUR")]))
    ids = [posting.source_id for posting in postings]

    assert 1200 == within(core, owner, lambda uow: reverse_many(uow, "fuel.fill", [*ids, ids[0]]))
    assert 0 == within(core, owner, lambda uow: reverse_many(uow, "fuel.fill", ids))
    assert 0 == within(core, owner, lambda uow: reverse_many(uow, "other.source", ids))
    assert {PETROL: "7.00 EUR", BANK: "-7.00 EUR"} == balances(core, owner)
    assert check(core, owner).is_sound
    newest = core.read(owner, list_entries, ListEntries(source="ledger.reversal", limit=1)).items[0]
    assert (postings[0].entry_date, "Fill") == (newest.entry_date, newest.description)


def test_a_bulk_takes_statements_by_the_thousand(core: Core, owner: Actor) -> None:
    """The number of statements does not grow with each posting."""

    def work(uow: object) -> int:
        with statements_of(uow.connection.engine) as sent:
            post_many(uow, [a_posting() for _ in range(999)])
        return len(sent)

    assert 8 >= within(core, owner, work)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(-10_000, 10_000), max_size=8), st.integers(0, 8), st.randoms())
def test_cutting_and_shuffling_a_bulk_changes_nothing(
    sqlite_core: Core, amounts: list[int], cut: int, random: object
) -> None:
    """However postings are split and ordered, the balances are the same."""
    one, two = sqlite_core.create_fleet("One"), sqlite_core.create_fleet("Two")
    postings = [a_posting(f"{amount} EUR") for amount in amounts]
    within(sqlite_core, one, lambda uow: post_many(uow, postings))
    random.shuffle(postings)
    within(sqlite_core, two, lambda uow: post_many(uow, postings[:cut]) + post_many(uow, postings[cut:]))

    assert balances(sqlite_core, one) == balances(sqlite_core, two)
