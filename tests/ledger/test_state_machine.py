"""Any sequence of postings, edits and reversals leaves what a plain model says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import attrs
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import fleetcore
from fleetcore import Core
from fleetcore.kernel.errors import Conflict
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.money import Money
from fleetcore.ledger.model import JournalLine, Posting, TrialBalance
from fleetcore.ledger.queries import trial_balance
from fleetcore.ledger.service import post, post_many, repost, reverse, reverse_many

from .words import BANK, CASH, PETROL, TOLL, check, within

Held = Counter[tuple[str, str]]
VEHICLES = (None, new_id(), new_id())
AMOUNTS = st.integers(-(10**6), 10**6) | st.sampled_from([0, 1, -1, 10**15])
LEGS = st.lists(
    st.tuples(
        st.sampled_from([PETROL, TOLL, CASH]),
        AMOUNTS,
        st.sampled_from(["EUR", "JPY", "KWD"]),
        st.sampled_from(VEHICLES),
    ),
    min_size=1,
    max_size=4,
)
DAYS = st.dates(date(2025, 12, 30), date(2026, 1, 3))


def lines_of(legs: list[tuple[str, int, str, object]]) -> tuple[JournalLine, ...]:
    """Make balanced lines: each leg is paid from the bank."""
    return tuple(
        JournalLine(account_code=code, amount=Money(minor, currency), vehicle_id=vehicle)
        for account, amount, currency, vehicle in legs
        for code, minor in ((account, amount), (BANK, -amount))
    )


class LedgerMachine(RuleBasedStateMachine):
    """The ledger beside a model: what each version of each record says, and which version is live."""

    core: Core

    def __init__(self) -> None:
        super().__init__()
        self.posted: dict[tuple[object, int], Posting] = {}
        self.newest: dict[object, int] = {}
        self.live: dict[object, Posting] = {}

    @initialize()
    def found(self) -> None:
        """Every run has a fleet of its own."""
        self.actor = self.core.create_fleet("Machine")

    def a_posting(self, day: date, legs: list[tuple[str, int, str, object]]) -> Posting:
        """Make the first version of a new record."""
        return Posting(entry_date=day, description="", source="tests", source_id=new_id(), lines=lines_of(legs))

    def remember(self, posting: Posting) -> None:
        """Tell the model of an accepted version."""
        self.newest[posting.source_id] = posting.source_version
        self.live.pop(posting.source_id, None)
        if any(line.amount.minor for line in posting.lines):
            self.posted[posting.source_id, posting.source_version] = posting
            self.live[posting.source_id] = posting

    @rule(day=DAYS, legs=LEGS)
    def post_one(self, day: date, legs: list[tuple[str, int, str, object]]) -> None:
        """A new record posts."""
        posting = self.a_posting(day, legs)
        within(self.core, self.actor, lambda uow: post(uow, posting))
        self.remember(posting)

    @rule(many=st.lists(st.tuples(DAYS, LEGS), max_size=5), data=st.data())
    def post_some(self, many: list[tuple[date, list[tuple[str, int, str, object]]]], data: st.DataObject) -> None:
        """New records post in bulk, together with some that are posted already."""
        new = [self.a_posting(day, legs) for day, legs in many]
        old = data.draw(st.lists(st.sampled_from(list(self.posted.values())), max_size=2)) if self.posted else []
        effective = sum(any(line.amount.minor for line in posting.lines) for posting in new)

        assert effective == within(self.core, self.actor, lambda uow: post_many(uow, [*new, *old]))
        for posting in new:
            self.remember(posting)

    @precondition(lambda self: self.newest)
    @rule(data=st.data(), day=DAYS, legs=LEGS)
    def edit(self, data: st.DataObject, day: date, legs: list[tuple[str, int, str, object]]) -> None:
        """A record posts its next version instead of the live one."""
        source_id = data.draw(st.sampled_from(list(self.newest)))
        version = self.newest[source_id] + data.draw(st.integers(1, 3))
        posting = attrs.evolve(self.a_posting(day, legs), source_id=source_id, source_version=version)
        within(self.core, self.actor, lambda uow: repost(uow, posting))
        self.remember(posting)

    @precondition(lambda self: self.newest)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        """A record is reversed; without a live entry that does nothing."""
        source_id = data.draw(st.sampled_from(list(self.newest)))
        reversal = within(self.core, self.actor, lambda uow: reverse(uow, "tests", source_id))

        assert (source_id in self.live) == (reversal is not None)
        self.live.pop(source_id, None)

    @precondition(lambda self: self.newest)
    @rule(data=st.data())
    def take_back_some(self, data: st.DataObject) -> None:
        """Several records are reversed at once, as the undo of an import does."""
        chosen = data.draw(st.lists(st.sampled_from(list(self.newest)), max_size=4))

        expected = len(self.live.keys() & set(chosen))
        assert expected == within(self.core, self.actor, lambda uow: reverse_many(uow, "tests", chosen))
        for source_id in chosen:
            self.live.pop(source_id, None)

    @precondition(lambda self: self.posted)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """A retry of any accepted version returns it and changes nothing."""
        posting = data.draw(st.sampled_from(list(self.posted.values())))
        entry = within(self.core, self.actor, lambda uow: post(uow, posting))

        assert entry is not None
        assert (posting.source_id, posting.source_version) == (entry.source_id, entry.source_version)

    @precondition(lambda self: self.posted)
    @rule(data=st.data())
    def contradict(self, data: st.DataObject) -> None:
        """Other content for an accepted version is refused."""
        posting = data.draw(st.sampled_from(list(self.posted.values())))
        other = attrs.evolve(posting, lines=lines_of([(PETROL, 123, "CHF", None)]))

        for attempt in (post, lambda uow, p: post_many(uow, [p])):
            with pytest.raises(Conflict):
                within(self.core, self.actor, lambda uow, attempt=attempt: attempt(uow, other))

    @invariant()
    def balances_are_the_models(self) -> None:
        """Every account holds what the live versions say, in all, per vehicle, and as of each day."""
        if not hasattr(self, "actor"):
            return
        for wanted in (TrialBalance(), TrialBalance(vehicle_id=VEHICLES[1]), TrialBalance(as_of=date(2026, 1, 1))):
            model: Held = Counter()
            for line in self.lines(wanted):
                model[line.account_code, line.amount.currency] += line.amount.minor
            rows = self.core.read(self.actor, trial_balance, wanted)

            assert {key: total for key, total in model.items() if total} == {
                (row.account_code, row.balance.currency): row.balance.minor for row in rows
            }

    @invariant()
    def the_journal_is_sound(self) -> None:
        """The check finds nothing, and counts what the model counts."""
        if not hasattr(self, "actor"):
            return
        found = check(self.core, self.actor)

        assert () == found.problems
        assert 2 * len(self.posted) - len(self.live) == found.entries

    def lines(self, wanted: TrialBalance) -> Iterator[JournalLine]:
        """Yield the lines of the live versions that *wanted* counts."""
        for posting in self.live.values():
            if wanted.as_of is None or posting.entry_date <= wanted.as_of:
                for line in posting.lines:
                    if wanted.vehicle_id is None or line.vehicle_id == wanted.vehicle_id:
                        yield line


@pytest.mark.parametrize(
    ("engine", "runs", "steps"), [("sqlite", 25, 20), pytest.param("postgres", 8, 12, marks=pytest.mark.postgres)]
)
def test_any_sequence_agrees_with_the_model(request: pytest.FixtureRequest, engine: str, runs: int, steps: int) -> None:
    """Post, bulk, edit, reverse and retry in any order, on both engines."""
    with fleetcore.open(request.getfixturevalue(f"{engine}_url"), installed_plugins=False) as core:
        machine = type("Machine", (LedgerMachine,), {"core": core})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=runs,
                stateful_step_count=steps,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
