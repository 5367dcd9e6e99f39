"""Whatever fails, dies or waits, in any order: in the end everything was done once, and each bell heard in order."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fleetcore.kernel.events import CommittedEvent
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.work import JobContext, Payload, Retries
from fleetcore.testing.clock import FixedClock
from fleetcore.testing.databases import SqliteFiles

from .bench import Bench, Desk, Rang, note, open_bench

BELLS = [UUID(int=number) for number in range(1, 4)]
bells = st.sampled_from(BELLS)


class Killed(BaseException):
    """The process is gone: nothing in it goes on, nothing is written down."""


class Workshop(RuleBasedStateMachine):
    """Bells ring, jobs are left, workers fail and die; *files* and *chosen* are set by the test."""

    files: SqliteFiles

    def __init__(self) -> None:
        super().__init__()
        self.broken: set[tuple[UUID, int]] = set()
        self.deadly = 0  # how many more events or jobs are survived; 0 for no death
        self.rung: dict[UUID, int] = defaultdict(int)
        self.left = 0
        self.clock = FixedClock()
        patient = Retries(attempts_max=1000)
        bench = Bench(on_ring=self.on_ring, on_run=self.on_run, on_outside=self.on_outside, retries=patient)
        self.desk = open_bench(self.files.database(), self.clock, bench)

    def _perhaps_die(self) -> None:
        if self.deadly:
            self.deadly -= 1
            if not self.deadly:
                raise Killed

    def on_ring(self, _uow: UnitOfWork, committed: CommittedEvent) -> None:
        """Fail for a ring that cannot be heard."""
        assert isinstance(committed.event, Rang)
        self._perhaps_die()
        if (committed.event.bell_id, committed.event.number) in self.broken:
            raise ValueError("broken")

    def on_run(self, _uow: UnitOfWork, _payload: Payload) -> None:
        """Die, if it is time."""
        self._perhaps_die()

    def on_outside(self, context: JobContext, payload: Payload) -> None:
        """Write in two transactions, and perhaps die between them; the last one finishes the job."""
        context.renew()
        self._perhaps_die()
        context.finish(lambda uow: note(uow, "bench.ran", context.job_id, dict(payload)))

    @initialize()
    def begin(self) -> None:
        """Do what a new installation has to do."""
        self.desk.work()

    @rule(bell=bells, times=st.integers(1, 4))
    def ring(self, bell: UUID, times: int) -> None:
        """Ring a bell some times in one transaction."""
        first = self.rung[bell]
        self.rung[bell] += times
        self.desk.ring(bell, *range(first, first + times))

    @rule(kind=st.sampled_from(["bench.run", "bench.outside"]))
    def leave_a_job(self, kind: str) -> None:
        """Leave a job."""
        self.desk.enqueue(kind, {"number": self.left})
        self.left += 1

    @rule(bell=bells, ahead=st.integers(-2, 3))
    def break_or_mend(self, bell: UUID, ahead: int) -> None:
        """Let the consumer fail for one of a bell's rings, of the last ones or to come, or no longer."""
        self.broken ^= {(bell, self.rung[bell] + ahead)}

    @rule(minutes=st.integers(1, 120))
    def wait(self, minutes: int) -> None:
        """Let time pass."""
        self.clock.advance(minutes=minutes)

    @rule()
    def work(self) -> None:
        """Let a worker do what is due."""
        self.desk.work()

    @rule(after=st.integers(1, 5))
    def work_and_die(self, after: int) -> None:
        """Let a worker die in the middle of the *after*-th thing that it does."""
        self.deadly = after
        with suppress(Killed):
            self.desk.work()
        self.deadly = 0

    @invariant()
    def nothing_is_doubled_or_out_of_order(self) -> None:
        """What each bell's hearers have heard so far is the beginning of what was rung; no job was done twice."""
        for bell, numbers in heard_by_bell(self.desk).items():
            assert numbers == list(range(len(numbers))), bell
        ran = [each["number"] for each in self.desk.ran]
        assert len(ran) == len(set(ran))

    @precondition(lambda self: self.left or self.rung)
    @rule()
    def settle(self) -> None:
        """With everything mended and enough time, all of it is done."""
        self.broken.clear()
        for _ in range(3):
            self.clock.advance(hours=2)
            self.desk.work()
        assert {bell: rung for bell, rung in self.rung.items() if rung} == {
            bell: len(numbers) for bell, numbers in heard_by_bell(self.desk).items()
        }
        assert list(range(self.left)) == sorted(each["number"] for each in self.desk.ran)

    def teardown(self) -> None:
        """Settle once more, and close."""
        self.settle()
        self.desk.core.close()


def heard_by_bell(desk: Desk) -> dict[UUID, list[int]]:
    """Return the numbers that were heard of each bell, in order."""
    found: dict[UUID, list[int]] = defaultdict(list)
    for bell, number in desk.noted("bench.heard"):
        found[bell].append(number)
    return dict(found)


def test_everything_is_done_once_whatever_dies(sqlite_files: SqliteFiles) -> None:
    """Drawn sequences of work, failures, deaths and waiting keep every promise."""
    Workshop.files = sqlite_files
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis leaves it untyped
        Workshop, settings=settings(max_examples=10, stateful_step_count=20, deadline=None)
    )
