"""Addresses of live events: a ticket, the WebSocket that it opens, and the stream of server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID

from aiohttp import web
from attrs import frozen

from fleetcore import Core
from fleetcore.kernel.wire import to_json
from fleetcore.live import service
from fleetcore.live.model import TICKET_LIFETIME, Bearer, Known
from fleetserver.web.bridge import Bridge
from fleetserver.web.openapi import PlainRoute
from fleetserver.web.problems import Fault, HttpProblem
from fleetserver.web.requests import json_body

from .hub import Hub
from .messages import FLEET_TOPIC, NotUnderstood, read_topics
from .settings import LiveSettings
from .socket import PROTOCOL, SocketOutlet, talk
from .source import Source
from .stream import StreamOutlet

__all__ = ["HUB", "Empty", "LiveRoutes", "TicketAnswer", "described"]

TICKET_MARK = "ticket."
HUB: web.AppKey[Hub] = web.AppKey("live", Hub)
NO_STORE = {"Cache-Control": "no-store"}
BearerOf = Callable[[web.Request], Bearer]
CountFailure = Callable[[web.Request], None]  # a handshake that names nobody counts for its address; may refuse it


@frozen
class Empty:
    """A request that says nothing."""


@frozen(kw_only=True)
class TicketAnswer:
    """A ticket, for how many seconds it is good, and the subprotocol to name beside it."""

    ticket: str
    expires_in: int
    protocol: str = PROTOCOL


def described() -> tuple[PlainRoute, ...]:
    """Return what the description of the API says of these addresses."""
    return (
        PlainRoute(
            method="POST",
            path="/live/tickets",
            summary="Get a ticket that opens one WebSocket within half a minute.",
            takes=Empty,
            status=200,
            is_open=False,
            gives=TicketAnswer,
        ),
        PlainRoute(
            method="GET",
            path="/live",
            summary="Open a WebSocket with a ticket (Sec-WebSocket-Protocol: fleet.v1, ticket.SECRET) and hear events.",
            takes=Empty,
            status=101,
            is_open=False,
        ),
        PlainRoute(
            method="GET",
            path="/events",
            summary="Hear events as a stream (text/event-stream); Last-Event-ID goes on where one was.",
            takes=Empty,
            status=200,
            is_open=False,
            media_type="text/event-stream",
            area="live",
        ),
    )


class LiveRoutes:
    """Serves live events. *bearer_of* says who asks, or refuses; *count_failure* limits guessing. Both in threads.

    The stream beside the pages asks *page_bearer_of*, which may take a cookie; what is below the API never does.
    """

    def __init__(
        self,
        core: Core,
        bridge: Bridge,
        bearer_of: BearerOf,
        settings: LiveSettings,
        *,
        count_failure: CountFailure = lambda _: None,
        page_bearer_of: BearerOf | None = None,
    ) -> None:
        self._core, self._bridge, self._bearer_of, self._settings = core, bridge, bearer_of, settings
        self._page_bearer_of = page_bearer_of or bearer_of
        self._count_failure = count_failure

    def add_to(self, app: web.Application, root: str) -> None:
        """Add the addresses below *root*, and the hub with the life of the application."""
        app.router.add_post(f"{root}/live/tickets", self._give_ticket)
        app.router.add_get(f"{root}/live", self._open_socket, allow_head=False)
        app.router.add_get(f"{root}/events", partial(self._open_stream, self._bearer_of), allow_head=False)
        app.router.add_get("/events", partial(self._open_stream, self._page_bearer_of), allow_head=False)
        app.cleanup_ctx.append(self._live)
        app.on_shutdown.append(self._go_away)

    async def _live(self, app: web.Application) -> AsyncIterator[None]:
        hub = app[HUB] = Hub(Source(self._core), self._settings)
        hub.start()
        yield

    async def _go_away(self, app: web.Application) -> None:
        await app[HUB].close()

    async def _give_ticket(self, request: web.Request) -> web.Response:
        raw = await request.read()

        def give() -> str:
            bearer = self._bearer_of(request)
            if json_body(request, raw):
                raise HttpProblem(status=422, kind="rejected", detail="send no body, or an empty object")
            return service.make_ticket(self._core, bearer).secret

        secret = await self._bridge.call(give)
        answer = TicketAnswer(ticket=secret, expires_in=TICKET_LIFETIME // timedelta(seconds=1))
        return web.Response(body=to_json(answer), content_type="application/json", headers=NO_STORE)

    async def _open_socket(self, request: web.Request) -> web.StreamResponse:
        self._require_origin(request)
        socket = web.WebSocketResponse(
            protocols=(PROTOCOL,),
            heartbeat=self._settings.heartbeat_s,
            max_msg_size=self._settings.message_max,
            compress=False,
        )
        secret = _ticket_of(request)
        if secret and not socket.can_prepare(request).ok:
            detail = "open a WebSocket here, with the subprotocol fleet.v1"
            raise HttpProblem(status=400, kind="malformed", detail=detail)
        known = await self._bridge.call(lambda: self._use_ticket(request, secret))
        if known is None:
            detail = f"get a ticket by POST {request.path}/tickets and say it as the subprotocol ticket.SECRET"
            raise HttpProblem(status=401, kind="unauthenticated", detail=detail, headers={"WWW-Authenticate": "Bearer"})
        hub = request.app[HUB]
        self._require_room(hub, known)
        outlet = SocketOutlet(known, hub, socket, request)
        await hub.join(outlet)
        try:
            await socket.prepare(request)
        except BaseException:
            hub.leave(outlet)
            raise
        await talk(hub, outlet, socket)
        return socket

    async def _open_stream(self, bearer_of: BearerOf, request: web.Request) -> web.StreamResponse:
        self._require_origin(request)
        topics = _topics_of(request, self._settings.topics_max)
        after = _last_event_of(request)
        known = await self._bridge.call(lambda: self._known(bearer_of(request)))
        hub = request.app[HUB]
        self._require_room(hub, known)
        response = web.StreamResponse(
            headers={**NO_STORE, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        )
        outlet = StreamOutlet(known, hub, response, request)
        await hub.join(outlet)
        try:
            await response.prepare(request)
            with contextlib.suppress(ConnectionError):
                await self._tell(hub, outlet, topics, after)
        finally:
            hub.leave(outlet)
        return response

    async def _tell(self, hub: Hub, outlet: StreamOutlet, topics: frozenset[str], after: str | None) -> None:
        lasting = asyncio.create_task(outlet.last())
        try:
            if after is None:
                hub.subscribe(outlet, topics)
            else:
                event_id = _uuid_or_none(after)
                if event_id is None or not await hub.resume(outlet, topics, event_id):
                    outlet.reset()
                    hub.subscribe(outlet, topics)
            await lasting
        finally:
            lasting.cancel()

    def _use_ticket(self, request: web.Request, secret: str | None) -> Known | None:
        known = service.use_ticket(self._core, secret) if secret else None
        if known is None:
            self._count_failure(request)
        return known

    def _known(self, bearer: Bearer) -> Known:
        if (known := service.known_bearers(self._core, [bearer]).get(bearer)) is None:
            raise HttpProblem(status=401, kind="unauthenticated", detail="you are not signed in, or not any more")
        return known

    def _require_origin(self, request: web.Request) -> None:
        """Refuse pages of other sites: a browser says whose page asks, and other clients say nothing."""
        origin = request.headers.get("Origin")
        if origin is None or origin in self._settings.origins:
            return
        if urlsplit(origin).netloc.lower() != request.host.lower() or not urlsplit(origin).netloc:
            raise HttpProblem(status=403, kind="forbidden", detail="pages of that origin may not listen here")

    def _require_room(self, hub: Hub, known: Known) -> None:
        if len(hub.outlets) >= self._settings.connections_max:
            detail = "too many live connections: try again, or ask another server"
            raise HttpProblem(status=503, kind="unavailable", detail=detail, headers={"Retry-After": "5"})
        if hub.by_user[known.actor.user_id] >= self._settings.connections_per_user_max:
            detail = f"a user may have {self._settings.connections_per_user_max} live connections: close one"
            raise HttpProblem(status=429, kind="too-many-requests", detail=detail, headers={"Retry-After": "5"})


def _ticket_of(request: web.Request) -> str | None:
    said = [part.strip() for part in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    tickets = [part.removeprefix(TICKET_MARK) for part in said if part.startswith(TICKET_MARK)]
    return tickets[0] if PROTOCOL in said and len(tickets) == 1 else None


def _topics_of(request: web.Request, topics_max: int) -> frozenset[str]:
    if unknown := [name for name in request.query if name != "topics"]:
        fault = Fault(parameter=unknown[0], detail="is not a parameter of this address", code="unknown")
        raise HttpProblem(status=422, kind="rejected", detail=f"{unknown[0]}: {fault.detail}", faults=(fault,))
    said = [part for text in request.query.getall("topics", []) for part in text.split(",") if part]
    try:
        return frozenset(read_topics(said or [FLEET_TOPIC], topics_max))
    except NotUnderstood as error:
        fault = Fault(parameter="topics", detail=str(error), code=error.code)
        raise HttpProblem(status=422, kind="rejected", detail=f"topics: {error}", faults=(fault,)) from None


def _last_event_of(request: web.Request) -> str | None:
    return request.headers.get("Last-Event-ID") or None


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
