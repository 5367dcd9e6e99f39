"""Bring committed events to their consumers: each exactly once, those of one key in order."""

from __future__ import annotations

import logging
import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from attrs import define, field, frozen

from fleetcore.kernel.events import CommittedEvent
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.wire import from_json
from fleetcore.kernel.work import Consumer, GiveUp

from .events import EventSetAside, JobDied
from .failures import error_text, next_try
from .model import DeadLetter, Delivery, Happening, Lane
from .ports import INBOX, Host

__all__ = ["deliver", "fan_out"]

Tell = Callable[[Happening], None]
log = logging.getLogger("fleetcore.worker")
EVENTS_AT_ONCE = 2000
DELIVERIES_AT_ONCE = 200
LANE_ROWS = 1000
TURN_SECONDS = 1.0


def hearers_of(consumers: Mapping[str, Consumer]) -> dict[str, Sequence[str]]:
    """Return the names of the consumers that hear each event."""
    found: dict[str, list[str]] = defaultdict(list)
    for consumer in consumers.values():
        for kind in consumer.hears:
            found[kind.name].append(consumer.name)
    return dict(found)


def fan_out(host: Host, tell: Tell) -> bool:
    """Turn committed events into deliveries to their consumers; returns whether there were any."""
    with host.across_fleets() as uow:
        count = uow[INBOX].fan_out(hearers_of(host.consumers), uow.now, EVENTS_AT_ONCE)
    if count:
        tell(Happening(what="relayed", name="outbox", count=count))
    return bool(count)


def deliver(host: Host, tell: Tell) -> bool:
    """Bring what is due to consumers, lane by lane, for about a second; returns whether anything was done."""
    if not host.consumers:
        return False
    with host.across_fleets(snapshot=True) as uow:
        lanes = uow[INBOX].lanes(list(host.consumers), uow.now, LANE_ROWS)
    random.shuffle(lanes)  # so that several workers begin at different ones
    until = time.monotonic() + TURN_SECONDS
    did_any = False
    for lane in lanes:
        while _batch(host, lane, DELIVERIES_AT_ONCE, tell):
            did_any = True
            if time.monotonic() > until:
                return True
    return did_any


@define
class _Progress:
    """How far a transaction came: which delivery the consumer has in hand, and how many it took before."""

    heard: list[Delivery] = field(factory=list)
    in_hand: Delivery | None = None

    @property
    def fewer(self) -> int:
        """How many to try after a failure, to get nearer to its cause; 0 when it is known.

        What was heard before the one in hand is good. What fails at the commit may be any of them.
        """
        return len(self.heard) if self.in_hand is not None else len(self.heard) // 2

    @property
    def suspect(self) -> Delivery | None:
        """The delivery that failed, once it is alone."""
        return self.in_hand or (self.heard[0] if self.heard else None)


@frozen
class _Batch:
    host: Host
    lane: Lane
    limit: int

    def body(self, uow: UnitOfWork, progress: _Progress) -> bool:
        """Bring up to *limit* deliveries to the consumer; returns False when there is nothing to do."""
        consumer = self.host.consumers[self.lane.consumer]
        if not uow[INBOX].enter(self.lane):
            return False
        due = uow[INBOX].due(self.lane, uow.now, self.limit)
        for delivery in due:
            progress.in_hand = delivery
            uow.correlation_id, uow.trace_id = delivery.correlation_id, delivery.trace_id
            self._hear(uow, consumer, delivery)
            progress.heard.append(delivery)
        progress.in_hand = None
        uow[INBOX].heard(self.lane, [delivery.event_id for delivery in due], uow.now)
        return bool(due)

    def _hear(self, uow: UnitOfWork, consumer: Consumer, delivery: Delivery) -> None:
        kind = self.host.events.get(delivery.name)
        if kind is None or kind.version != delivery.version:
            raise GiveUp(f"version {delivery.version} of the event {delivery.name} is not known here")
        if (hearing := consumer.hears.get(kind)) is None:
            return  # it has stopped listening since the event was committed
        event = from_json(delivery.payload, kind)
        committed = CommittedEvent(
            id=delivery.event_id,
            fleet_id=self.lane.fleet_id,
            actor_id=delivery.actor_id,
            at=delivery.at,
            event=event,
            correlation_id=delivery.correlation_id,
            trace_id=delivery.trace_id,
        )
        hearing(uow, committed)


def _batch(host: Host, lane: Lane, limit: int, tell: Tell) -> bool:
    """Bring a batch to the consumer in one transaction; returns whether it is worth looking into the lane again."""
    batch, began = _Batch(host, lane, limit), time.monotonic()
    progress = _Progress()

    def body(uow: UnitOfWork) -> bool:
        progress.heard, progress.in_hand = [], None  # a transaction that lost a race begins anew
        return batch.body(uow, progress)

    try:
        did_any = host.work(lane.fleet_id, lane.consumer, body)
    except Exception as error:  # a consumer is any code: what it raises decides what becomes of the event
        if (fewer := progress.fewer) > 0:
            return _batch(host, lane, fewer, tell)
        if progress.suspect is None:
            raise  # the database, not a consumer
        _fail(host, lane, progress.suspect, error, tell)
        return True
    if progress.heard:
        seconds = time.monotonic() - began
        tell(
            Happening(
                what="heard", name=lane.consumer, fleet_id=lane.fleet_id, count=len(progress.heard), seconds=seconds
            )
        )
    return did_any


def _fail(host: Host, lane: Lane, delivery: Delivery, error: Exception, tell: Tell) -> None:
    """Put the event off, or set it aside when it has failed often enough."""
    consumer, now, text = host.consumers[lane.consumer], host.clock.now(), error_text(error)
    next_at = next_try(error, consumer.retries, delivery.attempts + 1, now)
    if next_at is None:
        is_ours = host.work(lane.fleet_id, lane.consumer, lambda uow: _bury(uow, lane, delivery, text))
    else:
        with host.across_fleets() as uow:
            is_ours = uow[INBOX].fail(lane, delivery, next_at)
    if not is_ours:
        return
    what = "dead" if next_at is None else "failed"
    level = logging.ERROR if next_at is None else logging.WARNING
    log.log(level, "%s could not take the event %s (%s): %s", lane.consumer, delivery.event_id, what, text)
    tell(Happening(what=what, name=lane.consumer, fleet_id=lane.fleet_id, id=delivery.event_id, error=text))


def _bury(uow: UnitOfWork, lane: Lane, delivery: Delivery, text: str) -> bool:
    """Set the event aside, and tell so; not that a failure could not be told, which would go round for ever."""
    letter = _letter(lane, delivery, text, uow)
    if not uow[INBOX].bury(lane, letter):
        return False
    if delivery.name not in {JobDied.name, EventSetAside.name}:
        uow.emit(
            EventSetAside(
                letter_id=letter.id, consumer=lane.consumer, event_id=delivery.event_id, event_name=delivery.name
            )
        )
    return True


def _letter(lane: Lane, delivery: Delivery, text: str, uow: UnitOfWork) -> DeadLetter:
    return DeadLetter(
        id=new_id(),
        consumer=lane.consumer,
        event_id=delivery.event_id,
        position=delivery.position,
        name=delivery.name,
        version=delivery.version,
        key=delivery.key,
        payload=delivery.payload,
        actor_id=delivery.actor_id,
        at=delivery.at,
        correlation_id=delivery.correlation_id,
        attempts=delivery.attempts + 1,
        error=text,
        died_at=uow.now,
    )
