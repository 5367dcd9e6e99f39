"""Many at once post and reverse the same records: each has one effect."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict
from fleetcore.ledger.model import ListEntries, Posting
from fleetcore.ledger.queries import list_entries
from fleetcore.ledger.service import post, post_many, reverse

from .words import BANK, PETROL, a_posting, balances, check, within

RACERS = 8


def test_the_same_postings_from_all_sides_post_once(core: Core, owner: Actor) -> None:
    """Racers with the same keys, one by one and in bulk, leave one entry per key and agree on its id."""
    postings = [a_posting("1 EUR") for _ in range(20)]
    start = Barrier(RACERS)

    def race(number: int) -> list[object]:
        start.wait()
        ordered = postings if number % 2 else postings[::-1]
        if number % 4 == 0:
            try:
                within(core, owner, lambda uow: post_many(uow, ordered))
            except Conflict:
                return []
        return [ids(posting) for posting in ordered]

    def ids(posting: Posting) -> tuple[object, object]:
        entry = within(core, owner, lambda uow: post(uow, posting))
        assert entry is not None
        return posting.source_id, entry.id

    with ThreadPoolExecutor(RACERS) as pool:
        told = {pair for pairs in pool.map(race, range(RACERS)) for pair in pairs}

    assert 20 == len(told)
    assert 20 == len(core.read(owner, list_entries, ListEntries()).items)
    assert {PETROL: "20.00 EUR", BANK: "-20.00 EUR"} == balances(core, owner)


def test_an_entry_is_reversed_by_one_of_many(core: Core, owner: Actor) -> None:
    """Of all who reverse an entry at the same time, one does; the others are told so or find nothing."""
    posting = a_posting()
    within(core, owner, lambda uow: post(uow, posting))
    start = Barrier(RACERS)

    def race(_number: int) -> bool:
        start.wait()
        try:
            return within(core, owner, lambda uow: reverse(uow, posting.source, posting.source_id)) is not None
        except Conflict:
            return False

    with ThreadPoolExecutor(RACERS) as pool:
        won = sum(pool.map(race, range(RACERS)))

    assert 1 == won
    assert {} == balances(core, owner)
    assert check(core, owner).is_sound
