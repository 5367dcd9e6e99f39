"""Entries never change: a correction is a reversal and a new entry."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict
from fleetcore.ledger.model import REVERSAL, ListEntries
from fleetcore.ledger.queries import list_entries
from fleetcore.ledger.service import post, repost, reverse

from .words import BANK, PETROL, TOLL, a_posting, balances, check, line, within


def test_a_reversal_restores_every_balance(core: Core, owner: Actor) -> None:
    """After posting and reversing, all accounts hold what they held before, on every date."""
    within(core, owner, lambda uow: post(uow, a_posting("7 EUR")))
    before = balances(core, owner), balances(core, owner, as_of=date(2026, 3, 10))
    posting = a_posting()
    within(core, owner, lambda uow: post(uow, posting))
    within(core, owner, lambda uow: reverse(uow, posting.source, posting.source_id))

    assert before == (balances(core, owner), balances(core, owner, as_of=date(2026, 3, 10)))


def test_a_reversal_is_an_entry_that_names_the_other(core: Core, owner: Actor) -> None:
    """Both entries stay, and the reversal says what it reverses."""
    posting = a_posting()
    entry = within(core, owner, lambda uow: post(uow, posting))
    reversal = within(core, owner, lambda uow: reverse(uow, posting.source, posting.source_id))

    assert entry is not None
    assert reversal is not None
    assert (REVERSAL, entry.id, entry.id) == (reversal.source, reversal.source_id, reversal.reverses_id)
    assert entry.entry_date == reversal.entry_date
    assert {entry, reversal} == set(core.read(owner, list_entries, ListEntries()).items)


def test_a_reversal_may_have_a_date_of_its_own(core: Core, owner: Actor) -> None:
    """What must not change a past period is reversed today."""
    posting = a_posting()
    within(core, owner, lambda uow: post(uow, posting))
    within(core, owner, lambda uow: reverse(uow, posting.source, posting.source_id, on=date(2026, 6, 1)))

    assert "50.00 EUR" == balances(core, owner, as_of=date(2026, 5, 31))[PETROL]
    assert {} == balances(core, owner)


def test_nothing_is_reversed_twice(core: Core, owner: Actor) -> None:
    """A record without a live entry has nothing to reverse."""
    posting = a_posting()
    within(core, owner, lambda uow: post(uow, posting))

    assert None is not within(core, owner, lambda uow: reverse(uow, posting.source, posting.source_id))
    assert None is within(core, owner, lambda uow: reverse(uow, posting.source, posting.source_id))
    assert {} == balances(core, owner)


def test_an_edit_replaces_the_effect(core: Core, owner: Actor) -> None:
    """The new version counts instead of the old one, which stays readable."""
    posting = a_posting()
    within(core, owner, lambda uow: post(uow, posting))
    edited = attrs.evolve(posting, source_version=2, lines=(line(TOLL, "8 EUR"), line(BANK, "-8 EUR")))
    within(core, owner, lambda uow: repost(uow, edited))

    assert {TOLL: "8.00 EUR", BANK: "-8.00 EUR"} == balances(core, owner)
    assert 3 == len(core.read(owner, list_entries, ListEntries()).items)


def test_an_edit_repeated_is_one_edit(core: Core, owner: Actor) -> None:
    """The same version reposted returns its entry; with other content it is a conflict."""
    posting = a_posting()
    first = within(core, owner, lambda uow: repost(uow, posting))

    assert first == within(core, owner, lambda uow: repost(uow, posting))
    for changed in ("50.01 EUR", "0 EUR"):
        other = attrs.evolve(posting, lines=a_posting(changed).lines)
        with pytest.raises(Conflict):
            within(core, owner, lambda uow, other=other: repost(uow, other))


def test_an_edit_to_nothing_and_back(core: Core, owner: Actor) -> None:
    """A price of zero takes the effect away, a later price brings one again."""
    posting = a_posting()
    within(core, owner, lambda uow: post(uow, posting))
    free = attrs.evolve(posting, source_version=2, lines=a_posting("0 EUR").lines)

    assert None is within(core, owner, lambda uow: repost(uow, free))
    assert {} == balances(core, owner)
    within(core, owner, lambda uow: repost(uow, attrs.evolve(posting, source_version=3)))
    assert "50.00 EUR" == balances(core, owner)[PETROL]
    assert check(core, owner).is_sound


def test_a_reversed_version_cannot_come_back(core: Core, owner: Actor) -> None:
    """A record that is restored after deletion posts under a new version."""
    posting = a_posting()
    within(core, owner, lambda uow: post(uow, posting))
    within(core, owner, lambda uow: reverse(uow, posting.source, posting.source_id))
    within(core, owner, lambda uow: post(uow, posting))

    assert {} == balances(core, owner)
    within(core, owner, lambda uow: post(uow, attrs.evolve(posting, source_version=2)))
    assert "50.00 EUR" == balances(core, owner)[PETROL]
