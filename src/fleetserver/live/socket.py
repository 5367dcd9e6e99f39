"""A WebSocket as a client's end: reads what it asks, writes what it is told."""

from __future__ import annotations

import asyncio

from aiohttp import WSMsgType, web

from fleetcore.kernel.errors import FleetError
from fleetcore.live import service
from fleetcore.live.model import Known

from .hub import Hub
from .messages import Ask, Letter, NotUnderstood, read_ask, written
from .outlet import POLICY, Outlet

__all__ = ["PROTOCOL", "SocketOutlet", "talk"]

PROTOCOL = "fleet.v1"
NOT_NOW = "the server cannot do that now: try again"


class SocketOutlet(Outlet):
    """A client on a WebSocket."""

    __slots__ = ("_socket", "_transport")

    def __init__(self, known: Known, hub: Hub, socket: web.WebSocketResponse, request: web.Request) -> None:
        super().__init__(known, hub.settings)
        self._socket = socket
        self._transport = request.transport

    def form(self, letter: Letter) -> bytes:
        """Return an event as a message."""
        return letter.body

    async def write(self, data: bytes) -> None:
        """Write a message."""
        await self._socket.send_frame(data, WSMsgType.TEXT)

    async def finish(self, code: int, reason: str) -> None:
        """Close with *code*, and wait for the client's farewell."""
        await self._socket.close(code=code, message=reason.encode())

    def abort(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()


class _Conversation:
    """What is said on one WebSocket."""

    def __init__(self, hub: Hub, outlet: SocketOutlet) -> None:
        self.hub, self.outlet = hub, outlet
        self._resuming: asyncio.Task[None] | None = None
        self._heard = 0
        self._heard_since = asyncio.get_running_loop().time()

    def is_flooded(self) -> bool:
        """Count a message; says whether the client sends too many."""
        now, settings = asyncio.get_running_loop().time(), self.hub.settings
        if now - self._heard_since > settings.heard_per_s:
            self._heard, self._heard_since = 0, now
        self._heard += 1
        return self._heard > settings.heard_max

    async def answer(self, text: str) -> None:
        """Do what a message asks; what cannot be done is answered by an error."""
        try:
            ask = read_ask(text, self.hub.settings.topics_max)
            await self._do(ask)
        except NotUnderstood as error:
            self.outlet.push(written("error", code=error.code, detail=str(error), ref=error.ref))

    async def _do(self, ask: Ask) -> None:
        match ask.type:
            case "ping":
                self.outlet.push(written("pong", ref=ask.ref))
            case "renew":
                await self._renew(ask)
            case "unsubscribe":
                self.hub.subscribe(self.outlet, self.outlet.topics - frozenset(ask.topics))
                self.outlet.push(written("unsubscribed", topics=sorted(ask.topics), ref=ask.ref))
            case _:
                self._subscribe(ask)

    def _subscribe(self, ask: Ask) -> None:
        if self._resuming is not None and not self._resuming.done():
            raise NotUnderstood("busy", "you are being told what you missed: wait for the answer", ask.ref)
        topics = self.outlet.topics | frozenset(ask.topics)
        if len(topics) > self.hub.settings.topics_max:
            detail = f"a connection may have {self.hub.settings.topics_max} topics: subscribe to the fleet"
            raise NotUnderstood("topics.too_many", detail, ask.ref)
        if ask.after is None:
            self.hub.subscribe(self.outlet, topics)
            self.outlet.push(written("subscribed", topics=sorted(ask.topics), ref=ask.ref))
        elif self.outlet.topics:
            raise NotUnderstood("after.late", "say after with the first topics of a connection only", ask.ref)
        else:
            self._resuming = asyncio.get_running_loop().create_task(self._resume(ask, topics))

    async def _resume(self, ask: Ask, topics: frozenset[str]) -> None:
        if ask.after is None:
            return
        try:
            has_resumed = await self.hub.resume(self.outlet, topics, ask.after)
        except FleetError:
            self.outlet.push(written("error", code="unavailable", detail=NOT_NOW, ref=ask.ref))
            return
        if not has_resumed:
            self.hub.subscribe(self.outlet, topics)
            self.outlet.push(written("reset", detail="events are missing since then: read anew", ref=ask.ref))
        self.outlet.push(written("subscribed", topics=sorted(ask.topics), ref=ask.ref))

    async def _renew(self, ask: Ask) -> None:
        core, before = self.hub.source.core, self.outlet.known
        try:
            known = await self.hub.source.ask(lambda: service.use_ticket(core, ask.ticket))
        except FleetError:
            raise NotUnderstood("unavailable", NOT_NOW, ask.ref) from None
        same = known is not None and (known.actor.user_id, known.actor.fleet_id) == (
            before.actor.user_id,
            before.actor.fleet_id,
        )
        if known is None or not same:
            raise NotUnderstood("ticket.refused", "the ticket is not valid: get a new one as the same user", ask.ref)

        def change() -> None:
            self.outlet.known = known

        self.hub.change(self.outlet, change)
        self.outlet.push(written("renewed", expires_at=known.bearer.expires_at, ref=ask.ref))

    def stop(self) -> None:
        """Stop what is being told still."""
        if self._resuming is not None:
            self._resuming.cancel()


async def talk(hub: Hub, outlet: SocketOutlet, socket: web.WebSocketResponse) -> None:
    """Hold the conversation until either side ends it. Never raises but for cancellation."""
    conversation = _Conversation(hub, outlet)
    bearer, actor = outlet.known.bearer, outlet.known.actor
    outlet.push(written("welcome", fleet_id=actor.fleet_id, user_id=actor.user_id, expires_at=bearer.expires_at))
    try:
        async for message in socket:
            if outlet.is_ended:
                break
            if conversation.is_flooded():
                outlet.end(POLICY, "too many messages")
            elif message.type is WSMsgType.TEXT:
                await conversation.answer(message.data)
            else:
                detail = "send messages as text, not as binary"
                outlet.push(written("error", code="message.malformed", detail=detail))
        await outlet.ended()
    finally:
        conversation.stop()
        hub.leave(outlet)
