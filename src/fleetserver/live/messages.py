"""The messages of a live connection: what a client may say, read strictly, and how an event is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson
from attrs import define, frozen

from fleetcore.live.model import ToldEvent
from fleetcore.live.service import says_its_vehicle
from fleetcore.reminders.model import Urgency

__all__ = ["FLEET_TOPIC", "Ask", "Letter", "NotUnderstood", "read_ask", "read_topics", "topics_of", "written"]

FLEET_TOPIC = "fleet"
ABOUT = ("vehicle", "record")
REF_LENGTH_MAX = 64
SHOWN_MAX = 80
FIELDS: Mapping[str, frozenset[str]] = {
    "subscribe": frozenset({"topics", "after"}),
    "unsubscribe": frozenset({"topics"}),
    "renew": frozenset({"ticket"}),
    "ping": frozenset(),
}
URGENCIES = tuple(str(each) for each in Urgency)  # from the least to the most urgent


class NotUnderstood(Exception):
    """A message says nothing that is known here; *code* is stable, the text tells what to do."""

    def __init__(self, code: str, detail: str, ref: str | None = None) -> None:
        super().__init__(detail)
        self.code, self.ref = code, ref


@frozen(kw_only=True)
class Ask:
    """A message of a client; *ref* comes back in the answer."""

    type: str
    topics: tuple[str, ...] = ()
    after: UUID | None = None
    ticket: str = ""
    ref: str | None = None


def written(type_: str, **values: Any) -> bytes:
    """Return a message as JSON, without what is None."""
    return orjson.dumps({"type": type_, **{name: value for name, value in values.items() if value is not None}})


def read_ask(text: str, topics_max: int) -> Ask:
    """Read a client's message. Raises NotUnderstood."""
    try:
        said = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        raise NotUnderstood("message.malformed", "the message is not JSON") from None
    if not isinstance(said, dict):
        raise NotUnderstood("message.malformed", "the message must be a JSON object")
    ref = said.pop("ref", None)
    if ref is not None and not (isinstance(ref, str) and len(ref) <= REF_LENGTH_MAX):
        raise NotUnderstood("ref.invalid", f"ref must be a text of at most {REF_LENGTH_MAX} characters")
    try:
        return _read(said, ref, topics_max)
    except NotUnderstood as error:
        error.ref = ref
        raise


def _read(said: dict[str, Any], ref: str | None, topics_max: int) -> Ask:
    type_ = said.pop("type", None)
    if not isinstance(type_, str) or type_ not in FIELDS:
        raise NotUnderstood("type.unknown", f"type must be one of {', '.join(FIELDS)}")
    if unknown := sorted(said.keys() - FIELDS[type_]):
        raise NotUnderstood("field.unknown", f"{type_} has no field {unknown[0][:SHOWN_MAX]!r}")
    if type_ == "ping":
        return Ask(type=type_, ref=ref)
    if type_ == "renew":
        ticket = said.get("ticket")
        if not isinstance(ticket, str):
            raise NotUnderstood("ticket.missing", "ticket must be the text of a new ticket")
        return Ask(type=type_, ticket=ticket, ref=ref)
    topics = said.get("topics")
    if not isinstance(topics, list) or not topics:
        raise NotUnderstood("topics.missing", "topics must be a list of at least one topic")
    return Ask(type=type_, topics=read_topics(topics, topics_max), after=_event_id(said.get("after")), ref=ref)


def _event_id(value: Any) -> UUID | None:
    if value is None:
        return None
    if (found := _uuid(value)) is None:
        raise NotUnderstood("after.invalid", "after must be the id of an event that you were told")
    return found


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) and len(value) == len(str(UUID(int=0))) else None
    except ValueError:
        return None


def read_topics(topics: Iterable[Any], topics_max: int) -> tuple[str, ...]:
    """Return *topics* in their one spelling. Raises NotUnderstood for one that is none, and for too many."""
    found = dict.fromkeys(_topic(each) for each in topics)
    if len(found) > topics_max:
        raise NotUnderstood("topics.too_many", f"a connection may have {topics_max} topics: subscribe to the fleet")
    return tuple(found)


def _topic(said: Any) -> str:
    if said == FLEET_TOPIC:
        return FLEET_TOPIC
    if isinstance(said, str):
        about, _, key = said.partition(":")
        if about in ABOUT and (found := _uuid(key)) is not None:
            return f"{about}:{found}"
    shown = str(said)[:SHOWN_MAX]
    raise NotUnderstood("topic.unknown", f"{shown!r} is no topic: say fleet, vehicle:ID or record:ID")


def topics_of(event: ToldEvent) -> tuple[str, ...]:
    """Return the topics of *event*; none where its record says of which vehicle it is, not its payload."""
    return _topics(event, event.payload.get("vehicle_id")) if says_its_vehicle(event.name) else ()


def _topics(event: ToldEvent, vehicle_id: UUID | str | None) -> tuple[str, ...]:
    about = () if vehicle_id is None else (f"vehicle:{vehicle_id}",)
    return (FLEET_TOPIC, *about, f"record:{event.key}")


@define(slots=False)
class Letter:
    """An event on its way to clients, written once for all of them."""

    event: ToldEvent
    vehicle_id: UUID | None
    told_to: frozenset[int]

    @property
    def sequence(self) -> int:
        """Where the event stands in the order."""
        return self.event.sequence

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """Every topic under which the event is told."""
        return _topics(self.event, self.vehicle_id)

    @cached_property
    def type(self) -> str:
        """The type of its message: ``event``, or the name under which clients know a few of them."""
        if self.event.name == "vehicles.vehicle_state_changed":
            return "vehicleStatusUpdate"
        if self.event.name == "reminders.state_changed" and _is_more_urgent(self.event.payload):
            return "reminderNotification"
        return "event"

    @cached_property
    def body(self) -> bytes:
        """The message."""
        event = self.event
        return written(
            self.type,
            id=event.id,
            event=event.name,
            version=event.version,
            at=event.at,
            actor_id=event.actor_id,
            vehicle_id=self.vehicle_id,
            record_id=event.key,
            payload=event.payload,
        )

    @cached_property
    def stream_part(self) -> bytes:
        """The message as a server-sent event."""
        return b"id: %b\nevent: %b\ndata: %b\n\n" % (str(self.event.id).encode(), self.type.encode(), self.body)


def _is_more_urgent(payload: Mapping[str, Any]) -> bool:
    old, new = payload.get("old_urgency"), payload.get("new_urgency")
    return old in URGENCIES and new in URGENCIES and URGENCIES.index(new) > URGENCIES.index(old)
