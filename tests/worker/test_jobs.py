"""Jobs: done once, tried again when they fail, taken over from workers that fall silent."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.work import WORKER_ID, Found, GiveUp, JobContext, JobKind, LostLease, Payload, Retries
from fleetcore.testing.clock import FixedClock
from fleetcore.worker.jobs import finishing
from fleetcore.worker.loop import Worker
from fleetcore.worker.model import GetJob, JobState, RetryJob
from fleetcore.worker.ports import CLAIMS
from fleetcore.worker.service import get_job, retry_job

from .bench import Bench, Desk, Rang, note
from .conftest import Open


def test_a_job_is_done_once(desk: Desk) -> None:
    """What was enqueued is run with its payload, once, and says so."""
    desk.enqueue("bench.run", {"number": 1})
    desk.work().work()
    [job] = desk.jobs

    assert [{"number": 1}] == desk.ran
    assert (JobState.DONE, 1, None) == (job.state, job.attempts, job.next_at)


def test_a_job_of_a_rolled_back_transaction_does_not_exist(desk: Desk) -> None:
    """Enqueueing is part of the transaction."""
    from fleetcore.kernel.work import QUEUE

    def body(uow: UnitOfWork) -> None:
        uow[QUEUE].enqueue("bench.run", now=uow.now)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        desk.core.work(desk.actor.fleet_id, "bench.enqueue", body)

    assert [] == desk.work().jobs


def test_a_job_waits_for_its_time(desk: Desk, clock: FixedClock) -> None:
    """A job is not run before its run_at."""
    desk.enqueue("bench.run", run_at=clock.now() + timedelta(hours=1))
    clock.advance(minutes=59)
    assert [] == desk.work().ran
    clock.advance(minutes=1)

    assert 1 == len(desk.work().ran)


def test_an_open_job_is_there_only_once_under_its_key(desk: Desk) -> None:
    """A second one with the key is refused while the first is open, and welcome afterwards; other keys are free."""
    assert [True, False, True] == [desk.enqueue("bench.run", dedupe_key=key) for key in ("a", "a", "b")]
    desk.work()

    assert desk.enqueue("bench.run", dedupe_key="a")
    assert 3 == len(desk.work().ran)


def test_a_failed_job_keeps_nothing_and_is_tried_again(desk_with: Open, clock: FixedClock) -> None:
    """Its effect is rolled back with it, it rests ever longer, and after the last attempt it is dead."""

    def on_run(uow: UnitOfWork, _payload: Payload) -> None:
        note(uow, "bench.half", new_id())
        raise ValueError("broken")

    desk = desk_with(Bench(on_run=on_run))
    desk.enqueue("bench.run")
    states = []
    for seconds in (0, 10, 20):
        clock.advance(seconds=seconds)
        states.append((desk.work().jobs[0].state.value, desk.jobs[0].attempts))
    [job] = desk.jobs

    assert [("waiting", 1), ("waiting", 2), ("dead", 3)] == states
    assert [] == desk.said("bench.half")
    assert "ValueError: broken" in (job.last_error or "")
    assert "in on_run" in (job.last_error or "")


def test_a_job_that_gives_up_is_dead_at_once(desk_with: Open) -> None:
    """GiveUp spares the attempts that cannot help."""

    def on_run(_uow: UnitOfWork, _payload: Payload) -> None:
        raise GiveUp("no such address")

    desk = desk_with(Bench(on_run=on_run))
    desk.enqueue("bench.run")

    assert JobState.DEAD is desk.work().jobs[0].state


def test_a_dead_job_can_be_retried(desk_with: Open) -> None:
    """Retrying starts from the first attempt; a job that is done is not retried, nor one whose key is taken again."""
    broken = [1]

    def on_run(_uow: UnitOfWork, _payload: Payload) -> None:
        if broken:
            raise GiveUp("broken")

    desk = desk_with(Bench(on_run=on_run))
    desk.enqueue("bench.run", dedupe_key="a")
    [job] = desk.work().jobs
    desk.enqueue("bench.run", dedupe_key="a")
    with pytest.raises(Conflict):
        desk.core.run(desk.actor, retry_job, RetryJob(id=job.id))
    broken.clear()
    desk.work()
    retried = desk.core.run(desk.actor, retry_job, RetryJob(id=job.id))
    desk.work()

    assert (JobState.WAITING, 0) == (retried.state, retried.attempts)
    assert [JobState.DONE, JobState.DONE] == [each.state for each in desk.jobs]
    with pytest.raises(Conflict):
        desk.core.run(desk.actor, retry_job, RetryJob(id=job.id))


def test_jobs_are_a_fleets_own(desk: Desk) -> None:
    """Another fleet neither sees nor retries a job, and its work is done as the worker of its own fleet."""
    neighbour = desk.core.create_fleet("Next door")
    desk.enqueue("bench.run")
    [job] = desk.jobs
    for operation, command in ((get_job, GetJob(id=job.id)),):
        with pytest.raises(NotFound):
            desk.core.read(neighbour, operation, command)
    with pytest.raises(NotFound):
        desk.core.run(neighbour, retry_job, RetryJob(id=job.id))

    assert [] == Desk(desk.core, neighbour).jobs
    assert 1 == len(desk.work().ran)
    assert [] == Desk(desk.core, neighbour).ran


def _taken(desk: Desk, minutes: int = 5) -> None:
    """Take what is due, as a worker does that is killed right afterwards."""
    with desk.core.across_fleets() as uow:
        uow[CLAIMS].claim(dict.fromkeys(desk.core.jobs, timedelta(minutes=minutes)), uow.now, 10)


def test_the_job_of_a_silent_worker_is_taken_over(desk: Desk, clock: FixedClock) -> None:
    """Until its lease runs out nobody else takes it; then another worker does."""
    desk.enqueue("bench.run")
    _taken(desk)
    assert [] == desk.work().ran
    clock.advance(minutes=5)

    assert 1 == len(desk.work().ran)
    assert 2 == desk.jobs[0].attempts


def test_a_job_that_kills_its_workers_dies(desk: Desk, clock: FixedClock) -> None:
    """When every attempt ended in silence the job is dead, and says so."""
    desk.enqueue("bench.run")
    for _ in range(3):
        _taken(desk)
        clock.advance(minutes=5)
    [job] = desk.work().jobs

    assert (JobState.DEAD, []) == (job.state, desk.ran)
    assert "silent" in (job.last_error or "")


@pytest.mark.parametrize("how", ["transact", "finish"])
def test_a_lost_lease_never_completes(desk_with: Open, clock: FixedClock, how: str) -> None:
    """A worker that was silent for too long keeps nothing: whoever took the job over did it."""
    seen = []

    def slow(context: JobContext, _payload: Payload) -> None:
        if context.attempt == 1:
            clock.advance(minutes=5)
            desk.work()
            try:
                getattr(context, how)(lambda uow: note(uow, "bench.late", new_id()))
            except LostLease:
                seen.append("lost")
                raise
        context.finish(lambda uow: note(uow, "bench.sent", new_id(), context.attempt))

    desk = desk_with(Bench(on_outside=slow))
    desk.enqueue("bench.outside")
    desk.work()

    assert ["lost"] == seen
    assert ([2], []) == (desk.said("bench.sent"), desk.said("bench.late"))
    assert JobState.DONE is desk.jobs[0].state
    assert "lost" in {happening.what for happening in desk.told}


def test_a_job_that_was_taken_over_is_not_done_again(desk: Desk, clock: FixedClock) -> None:
    """A worker that comes back after another has done its job finds the lease gone, and its work is undone."""
    desk.enqueue("bench.run")
    with desk.core.across_fleets() as uow:
        [claim] = uow[CLAIMS].claim({"bench.run": timedelta(minutes=5)}, uow.now, 1)
    clock.advance(minutes=5)
    desk.work()
    late = finishing(desk.core.jobs["bench.run"], claim, lambda uow: note(uow, "bench.late", new_id()))
    with pytest.raises(LostLease):
        desk.core.work(desk.actor.fleet_id, "bench.run", late)

    assert ([], 1) == (desk.said("bench.late"), len(desk.ran))


def test_a_job_outside_renews_its_lease(desk_with: Open, clock: FixedClock) -> None:
    """A job that keeps talking keeps its lease, however long it takes, and nobody else runs it."""
    bench = Bench(on_outside=lambda context, _payload: _talk(context))

    def _talk(context: JobContext) -> None:
        for _ in range(4):
            clock.advance(minutes=4)
            context.renew()
            desk.work()

    desk = desk_with(bench)
    desk.enqueue("bench.outside")
    desk.work()

    assert (1, JobState.DONE) == (bench.tallies["outside"], desk.jobs[0].state)


def test_a_job_outside_knows_who_it_is(desk_with: Open) -> None:
    """Its id stays the same through its attempts, and it knows when it has its last one."""
    seen: list[tuple[UUID, int, bool]] = []

    def talk(context: JobContext, _payload: Payload) -> None:
        seen.append((context.job_id, context.attempt, context.is_last))
        raise ConnectionError("no route")

    desk = desk_with(Bench(on_outside=talk, retries=Retries(attempts_max=3, first=timedelta(0), jitter=0)))
    desk.enqueue("bench.outside")
    desk.work()

    assert [(1, False), (2, False), (3, True)] == [each[1:] for each in seen]
    assert {desk.jobs[0].id} == {each[0] for each in seen}


def test_what_a_job_emits_is_heard(desk_with: Open) -> None:
    """A job's events go the way of all events, and carry the worker as who did it."""
    desk = desk_with(Bench(on_run=lambda uow, _payload: uow.emit(Rang(bell_id=new_id(), number=4))))
    desk.enqueue("bench.run")

    assert [4] == desk.work().heard


def test_racing_workers_do_each_job_once(desk_with: Open) -> None:
    """Four workers with connections of their own share a hundred jobs, none left and none doubled."""
    desk = desk_with(Bench())
    for number in range(100):
        desk.enqueue("bench.run", {"number": number})
    others = [desk_with(Bench()) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Desk.work, [desk, *others]))

    assert list(range(100)) == sorted(ran["number"] for ran in desk.work().ran)


def test_a_worker_of_several_threads_does_each_job_once(desk: Desk) -> None:
    """Threads of one worker share a Core."""
    for number in range(40):
        desk.enqueue("bench.run", {"number": number})
    desk.worker(threads=4).drain()

    assert list(range(40)) == sorted(ran["number"] for ran in desk.work().ran)


def test_what_a_worker_does_not_begin_is_given_back(desk_with: Open) -> None:
    """A worker that is told to stop finishes the job in hand; what it had taken besides is there for others at once."""
    stop: list[Worker] = []

    def on_run(_uow: UnitOfWork, payload: Payload) -> None:
        if payload["number"] == 1:  # the first of two that are taken together
            stop[0].stop()

    desk = desk_with(Bench(on_run=on_run))
    for number in range(3):
        desk.enqueue("bench.run", {"number": number})
    stop.append(desk.worker())
    stop[0].drain()

    assert [0, 1] == [ran["number"] for ran in desk.ran]
    assert [("done", 1), ("done", 1), ("waiting", 0)] == [(job.state.value, job.attempts) for job in desk.jobs]
    assert 3 == len(desk.work().ran)


def test_jobs_of_an_unknown_kind_wait_for_who_knows_them(desk: Desk) -> None:
    """A worker without the plugin leaves its jobs alone."""
    desk.enqueue("elsewhere.run")

    assert [] == desk.work().ran
    desk.work()


def test_periodic_work_is_found_once_a_period(desk_with: Open, clock: FixedClock) -> None:
    """However many workers look, each period finds its work once; a long rest is caught up with in one step."""
    fleets: list[Actor] = []

    def find(_uow: UnitOfWork, now: datetime) -> Iterator[Found]:
        yield Found(fleet_id=fleets[0].fleet_id, payload={"at": now.isoformat()})

    desk = desk_with(Bench(find=find))
    fleets.append(desk.actor)
    others = [desk_with(Bench(find=find)) for _ in range(2)]
    for minutes in (0, 30, 30, 60, 600):
        clock.advance(minutes=minutes)
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(Desk.work, [desk, *others]))
    hours = [datetime.fromisoformat(ran["at"]).hour for ran in desk.ran]

    assert [12, 13, 14, 0] == hours


def test_periodic_work_that_cannot_look_tries_again(desk_with: Open, clock: FixedClock) -> None:
    """A kind that fails to look for its work rests, and stops neither itself nor the others."""
    broken = [1]

    def find(_uow: UnitOfWork, _now: datetime) -> Iterator[Found]:
        if broken:
            raise ValueError("cannot look")
        return iter(())

    desk = desk_with(Bench(find=find))
    desk.enqueue("bench.run")
    assert 1 == len(desk.work().ran)
    assert ["bench.found"] == [happening.name for happening in desk.told if happening.what == "failed"]
    broken.clear()
    clock.advance(minutes=1)
    before = len(desk.told)
    desk.work()

    assert [] == [happening for happening in desk.told[before:] if happening.what == "failed"]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"run": print, "outside": print},
        {"run": print, "every": timedelta(1)},
        {"run": print, "find": print},
        {"outside": print, "every": timedelta(1), "across_fleets": True},
    ],
)
def test_a_kind_must_make_sense(said: dict[str, object]) -> None:
    """A kind without work, with two, or periodic without anything to find is refused when it is made."""
    with pytest.raises(ValueError, match="job kind"):
        JobKind(name="odd", **said)  # type: ignore[arg-type]


def test_rests_grow_up_to_a_limit() -> None:
    """Each rest is twice the last, up to the longest, give or take a fifth."""
    retries = Retries(first=timedelta(seconds=10), longest=timedelta(seconds=60))

    assert [10, 20, 40, 60, 60] == [retries.wait(n, 0.5).total_seconds() for n in range(1, 6)]
    assert (8, 12) == tuple(retries.wait(1, chance).total_seconds() for chance in (0, 1))


def test_the_worker_is_named_in_audit(desk: Desk) -> None:
    """What a job changed is audited under the worker and the kind of the job."""
    from fleetcore.audit.model import ListAudit
    from fleetcore.audit.service import list_audit

    desk.enqueue("bench.run")
    desk.work()
    entry = desk.core.read(desk.actor, list_audit, ListAudit()).items[0]

    assert (WORKER_ID, "bench.run") == (entry.actor_id, entry.operation)
