"""The relay: every committed event reaches each of its consumers once, those of one key in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event as Signal
from uuid import UUID

import pytest

from fleetcore.kernel.errors import Conflict, Forbidden, NotFound
from fleetcore.kernel.events import CommittedEvent
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.work import WORKER_ID, GiveUp, RetryLater
from fleetcore.testing.builders import join_fleet
from fleetcore.testing.clock import FixedClock
from fleetcore.worker.model import ListDeadLetters, Replay
from fleetcore.worker.service import list_dead_letters, replay

from .bench import Bench, Desk, Rang, open_bench
from .conftest import Open

BELL, OTHER = new_id(), new_id()


def breaks_on(*numbers: int) -> Callable[[UnitOfWork, CommittedEvent], None]:
    """Return what fails when it hears one of *numbers*."""

    def on_ring(_uow: UnitOfWork, committed: CommittedEvent) -> None:
        assert isinstance(committed.event, Rang)
        if committed.event.number in numbers:
            raise ValueError(f"cannot hear {committed.event.number}")

    return on_ring


def test_each_event_is_heard_once(desk: Desk) -> None:
    """However often workers look, an event is heard once."""
    desk.ring(BELL, 1, 2)
    desk.work().work()

    assert [1, 2] == desk.heard


def test_what_was_rolled_back_is_not_heard(desk: Desk) -> None:
    """An event of a transaction that failed is never told."""

    def body(uow: UnitOfWork) -> None:
        uow.emit(Rang(bell_id=BELL))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        desk.core.work(desk.actor.fleet_id, "bench.ring", body)
    desk.work()

    assert [] == desk.heard


def test_the_worker_hears_in_the_fleet_of_the_event(desk: Desk) -> None:
    """A consumer acts as the worker, in the event's fleet alone, under the event's correlation id."""
    seen = []
    neighbour = desk.core.create_fleet("Next door")
    desk.ring(BELL, 7, correlation_id="request-1")
    bench = Bench(on_ring=lambda uow, committed: seen.append((uow.actor.user_id, uow.fleet_id, committed)))
    with open_bench(desk.core.database.url, desk.core.clock, bench, desk.actor).core as core:
        Desk(core, desk.actor).work()
    [(by, fleet_id, committed)] = seen

    assert (WORKER_ID, desk.actor.fleet_id) == (by, fleet_id)
    assert (Rang(bell_id=BELL, number=7), "request-1") == (committed.event, committed.correlation_id)
    assert [] == Desk(desk.core, neighbour).heard


def test_a_poison_event_is_tried_again_then_set_aside(desk_with: Open, clock: FixedClock) -> None:
    """A failing event rests ever longer, and after the last attempt it is a dead letter with all of its error."""
    desk = desk_with(Bench(on_ring=breaks_on(1)))
    desk.ring(BELL, 1)
    rests = []
    for seconds in (0, 9, 1, 19, 1):
        clock.advance(seconds=seconds)
        before = len(desk.told)
        desk.work()
        rests.append([happening.what for happening in desk.told[before:] if happening.name == "bench.listener"])
    [letter] = desk.letters

    assert [["failed"], [], ["failed"], [], ["dead"]] == rests
    assert (3, "bench.rang", str(BELL)) == (letter.attempts, letter.name, letter.key)
    assert "ValueError: cannot hear 1" in letter.error
    assert "in on_ring" in letter.error


def test_later_events_of_a_key_wait_while_one_is_tried_again(desk_with: Open, clock: FixedClock) -> None:
    """The order of a key holds through retries; other keys, also of the same transaction, do not wait."""
    broken = [2]

    def on_ring(uow: UnitOfWork, committed: CommittedEvent) -> None:
        breaks_on(*broken)(uow, committed)

    desk = desk_with(Bench(on_ring=on_ring))
    desk.ring(BELL, 1, 2, 3)
    desk.ring(OTHER, 10)
    desk.work()
    desk.ring(BELL, 4)
    desk.work()
    assert [1, 10] == sorted(desk.heard)
    broken.clear()
    clock.advance(seconds=10)
    desk.work()

    assert [1, 2, 3, 4] == [number for number in desk.heard if number < 10]


def test_later_events_go_on_once_one_is_dead(desk_with: Open, clock: FixedClock) -> None:
    """A dead letter holds nothing up."""
    desk = desk_with(Bench(on_ring=breaks_on(1)))
    desk.ring(BELL, 1, 2)
    for _ in range(4):
        desk.work()
        clock.advance(minutes=1)

    assert [2] == desk.heard
    assert 1 == len(desk.letters)


def test_a_poison_event_does_not_take_its_neighbours_along(desk_with: Open) -> None:
    """Of a batch in one transaction only the one that fails is put off."""
    desk = desk_with(Bench(on_ring=breaks_on(5)))
    for number in range(10):
        desk.ring(UUID(int=number + 10), number)
    desk.work()

    assert [0, 1, 2, 3, 4, 6, 7, 8, 9] == sorted(desk.heard)


def test_a_failure_at_the_commit_is_the_consumers(desk_with: Open, clock: FixedClock) -> None:
    """What only the end of the transaction refuses is found by halving the batch, and set aside like any other."""

    def on_ring(uow: UnitOfWork, committed: CommittedEvent) -> None:
        assert isinstance(committed.event, Rang)
        if committed.event.number == 2:
            uow.record_change("bench", BELL, None, {object()})

    desk = desk_with(Bench(on_ring=on_ring))
    desk.ring(BELL, 0, 1, 2, 3)
    for _ in range(3):
        desk.work()
        clock.advance(minutes=1)
    desk.work()

    assert [0, 1, 3] == desk.heard
    assert 1 == len(desk.letters)


def test_a_consumer_may_give_up_or_say_when(desk_with: Open, clock: FixedClock) -> None:
    """GiveUp makes a dead letter at once; RetryLater rests as long as it says."""

    def on_ring(_uow: UnitOfWork, committed: CommittedEvent) -> None:
        assert isinstance(committed.event, Rang)
        if committed.event.number == 1:
            raise GiveUp("never")
        if clock.now().hour == 12:
            raise RetryLater("busy", timedelta(hours=1))

    desk = desk_with(Bench(on_ring=on_ring))
    desk.ring(BELL, 1)
    desk.ring(OTHER, 2)
    desk.work()
    assert (1, []) == (len(desk.letters), desk.heard)
    clock.advance(minutes=59, seconds=59)
    assert [] == desk.work().heard
    clock.advance(seconds=1)

    assert [2] == desk.work().heard


def test_a_dead_letter_can_be_sent_again(desk_with: Open) -> None:
    """Once its cause is mended, the event is heard, once; sending it twice is refused."""
    broken = [1]

    def on_ring(_uow: UnitOfWork, _committed: CommittedEvent) -> None:
        if broken:
            raise GiveUp("broken")

    desk = desk_with(Bench(on_ring=on_ring))
    desk.ring(BELL, 1)
    desk.work()
    [letter] = desk.letters
    broken.clear()
    sent = desk.core.run(desk.actor, replay, Replay(id=letter.id))
    desk.work().work()

    assert [1] == desk.heard
    assert [] == desk.letters
    assert desk.actor.user_id == sent.replayed_by
    with pytest.raises(Conflict):
        desk.core.run(desk.actor, replay, Replay(id=letter.id))
    assert [sent] == list(desk.core.read(desk.actor, list_dead_letters, ListDeadLetters(include_replayed=True)).items)


def test_a_dead_letter_outlives_the_clean_up(desk_with: Open, clock: FixedClock) -> None:
    """An event that was cleaned up long ago is sent again from its dead letter alone."""
    broken = [1]

    def on_ring(_uow: UnitOfWork, _committed: CommittedEvent) -> None:
        if broken:
            raise GiveUp("broken")

    desk = desk_with(Bench(on_ring=on_ring))
    desk.ring(BELL, 1)
    desk.work()
    clock.advance(days=30)
    desk.work()
    broken.clear()
    desk.core.run(desk.actor, replay, Replay(id=desk.letters[0].id))

    assert [1] == desk.work().heard


def test_dead_letters_are_a_fleets_own(desk_with: Open) -> None:
    """Another fleet sees none, sends none again; nor does a member without the permission."""
    desk = desk_with(Bench(on_ring=breaks_on(1), retries=Bench().retries.__class__(attempts_max=1)))
    desk.ring(BELL, 1)
    desk.work()
    [letter] = desk.letters
    neighbour = desk.core.create_fleet("Next door")
    bob = join_fleet(desk.core, desk.actor)

    assert [] == Desk(desk.core, neighbour).letters
    with pytest.raises(NotFound):
        desk.core.run(neighbour, replay, Replay(id=letter.id))
    with pytest.raises(Forbidden):
        desk.core.run(bob, replay, Replay(id=letter.id))


def test_an_event_that_commits_late_is_heard(desk: Desk) -> None:
    """A transaction that drew its position early and commits late is not passed over."""
    if desk.core.database.dialect == "sqlite":
        pytest.skip("SQLite has one writer: no transaction commits after a later one")
    drawn, go_on = Signal(), Signal()

    def late(uow: UnitOfWork) -> None:
        from fleetcore.storage.outbox import write_outbox

        uow.emit(Rang(bell_id=BELL, number=1))
        write_outbox(uow.connection, uow.events)  # type: ignore[attr-defined]  # it is an SqlUnitOfWork
        uow.events.clear()  # type: ignore[attr-defined]
        drawn.set()
        assert go_on.wait(30)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(desk.core.work, desk.actor.fleet_id, "bench.ring", late)
        assert drawn.wait(30)
        desk.ring(OTHER, 2)
        desk.work()
        assert [2] == desk.heard
        go_on.set()
        running.result()

    assert [2, 1] == desk.work().heard


def test_workers_share_the_work_and_keep_the_order(desk_with: Open) -> None:
    """Four workers with connections of their own bring every event once, and each bell's in order."""
    desk = desk_with(Bench())
    bells = [new_id() for _ in range(10)]
    for number in range(30):
        for bell in bells:
            desk.ring(bell, number)
    others = [desk_with(Bench()) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Desk.work, [desk, *others]))
    desk.work()
    heard = Counter(desk.heard)

    assert dict.fromkeys(range(30), 10) == heard
    assert all(numbers == sorted(numbers) for numbers in _by_bell(desk).values())


def _by_bell(desk: Desk) -> dict[UUID, list[int]]:
    found: dict[UUID, list[int]] = {}
    for bell, number in desk.noted("bench.heard"):
        found.setdefault(bell, []).append(number)
    return found


def test_an_event_of_an_unknown_version_is_set_aside(desk: Desk) -> None:
    """What this version cannot read is a dead letter at once, and stops nobody."""
    from sqlalchemy import update

    from fleetcore.storage.outbox import outbox

    desk.ring(BELL, 1)
    with desk.core.database.system() as connection:
        connection.execute(update(outbox).where(outbox.c.name == Rang.name).values(version=9))
    desk.ring(BELL, 2)
    desk.work()

    assert [2] == desk.heard
    assert "version 9" in desk.letters[0].error
