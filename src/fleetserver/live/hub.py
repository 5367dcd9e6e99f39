"""Brings committed events to the clients of this process: read once, judged once for all who may do the same."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import count, groupby
from uuid import UUID

from fleetcore.kernel.actor import Actor
from fleetcore.live import service
from fleetcore.live.model import Place, ToldEvent
from fleetcore.live.service import Judged

from .messages import Letter, topics_of
from .outlet import GOING_AWAY, Outlet
from .settings import LiveSettings
from .source import Source
from .watch import Watch

__all__ = ["Hub", "Room"]

log = logging.getLogger("fleetserver.live")
EVENTS_AT_ONCE = 500
WINDOW = 5000  # positions that are looked through at once for a client that was away
REST_S = 1.0
RESUMES_AT_ONCE = 2


class Room:
    """The clients of one fleet: by topic, and the distinct actors among them, each by a number."""

    def __init__(self, numbers: count[int]) -> None:
        self.members: dict[str, set[Outlet]] = {}
        self.actors: dict[int, Actor] = {}
        self._numbers = numbers
        self._views: dict[Actor, int] = {}
        self._uses: Counter[int] = Counter()

    def enter(self, outlet: Outlet) -> None:
        """Let *outlet* hear its topics, as the actor it is now."""
        actor = outlet.known.actor
        if (view := self._views.get(actor)) is None:
            view = self._views[actor] = next(self._numbers)
            self.actors[view] = actor
        outlet.view = view
        self._uses[view] += 1
        for topic in outlet.topics:
            self.members.setdefault(topic, set()).add(outlet)

    def leave(self, outlet: Outlet) -> None:
        """Let *outlet* hear nothing any more."""
        for topic in outlet.topics:
            if (members := self.members.get(topic)) is not None:
                members.discard(outlet)
                if not members:
                    del self.members[topic]
        self._uses[outlet.view] -= 1
        if self._uses[outlet.view] <= 0:
            del self._uses[outlet.view]
            del self._views[self.actors.pop(outlet.view)]
        outlet.view = -1

    def views_of(self, topics: Iterable[str]) -> frozenset[int]:
        """Return the numbers of the actors who hear any of *topics*."""
        return frozenset(outlet.view for outlet in self.listeners(topics))

    def listeners(self, topics: Iterable[str]) -> Iterable[Outlet]:
        """Return who hears any of *topics*, each once."""
        found = [members for topic in topics if (members := self.members.get(topic))]
        return found[0] if len(found) == 1 else set().union(*found)


class Hub:
    """All clients of one process. Everything but the reading happens in the event loop."""

    def __init__(self, source: Source, settings: LiveSettings) -> None:
        self.source, self.settings = source, settings
        self.outlets: set[Outlet] = set()
        self.by_user: Counter[UUID] = Counter()
        self._rooms: dict[UUID, Room] = {}
        self._numbers = count()
        self._top = 0  # events up to here were read
        self._joining = asyncio.Lock()
        self._resuming = asyncio.Semaphore(RESUMES_AT_ONCE)
        self._has_members = asyncio.Event()
        self._watch = Watch(self)
        self._tasks: list[asyncio.Task[None]] = []
        is_sqlite = source.core.database.dialect == "sqlite"
        self._poll_s = settings.sqlite_poll_s if is_sqlite else settings.postgres_poll_s

    def start(self) -> None:
        """Begin to read and to watch."""
        self._tasks = [asyncio.create_task(self._read_on()), asyncio.create_task(self._watch.keep())]

    async def close(self) -> None:
        """End every connection: the server goes away."""
        reason = "the server is being stopped: come back and go on after the last event you have"
        closing = [outlet.end(GOING_AWAY, reason) for outlet in list(self.outlets)]
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *(task for task in closing if task is not None), return_exceptions=True)
        await self.source.close()

    # --- who listens ---

    async def join(self, outlet: Outlet) -> None:
        """Take *outlet* in; it hears nothing yet. Raises Unavailable."""
        async with self._joining:
            if not self.outlets:
                self.source.listen()
                self._top = max(self._top, await self.source.read(self._newest))
            self.outlets.add(outlet)
        self.by_user[outlet.known.actor.user_id] += 1
        self.source.is_silent = False
        self._has_members.set()

    def _newest(self) -> int:
        self.source.settle()
        return service.newest(self.source.core)

    def leave(self, outlet: Outlet) -> None:
        """Let *outlet* go."""
        if outlet not in self.outlets:
            return
        self.outlets.discard(outlet)
        self._step_out(outlet)
        user_id = outlet.known.actor.user_id
        self.by_user[user_id] -= 1
        if self.by_user[user_id] <= 0:
            del self.by_user[user_id]
        if not self.outlets:
            self.source.is_silent = True
            self._has_members.clear()

    def _step_out(self, outlet: Outlet) -> None:
        if outlet.view >= 0:
            room = self._rooms[outlet.fleet_id]
            room.leave(outlet)
            if not room.actors:
                del self._rooms[outlet.fleet_id]

    def _step_in(self, outlet: Outlet) -> None:
        if outlet.topics and not outlet.is_ended and outlet in self.outlets:
            self._rooms.setdefault(outlet.fleet_id, Room(self._numbers)).enter(outlet)

    def change(self, outlet: Outlet, change: Callable[[], None]) -> None:
        """Change the topics of *outlet*, or who it is; at once, so no event is lost on the way."""
        self._step_out(outlet)
        change()
        self._step_in(outlet)

    def subscribe(self, outlet: Outlet, topics: frozenset[str]) -> None:
        """Let *outlet* hear *topics* from now on, in the place of others."""
        if outlet.view < 0:
            outlet.since = max(outlet.since, self._top)
        self._set_topics(outlet, topics)

    async def resume(self, outlet: Outlet, topics: frozenset[str], after: UUID) -> bool:
        """Tell *outlet* what came after an event, then let it hear *topics*.

        Says no, and does nothing, when the event is unknown or too old to go on from. Raises Unavailable.
        """
        place = await self.source.ask(lambda: self._place(outlet.fleet_id, after))
        if place is None:
            return False
        async with self._resuming:
            reached = place.sequence
            while reached < self._top and not outlet.is_ended:
                until = min(self._top, reached + WINDOW)
                for letter in await self._missed(outlet, reached, until):
                    if not topics.isdisjoint(letter.topics) and letter.told_to:
                        await outlet.tell_patiently(letter)
                reached = until
            outlet.since = reached  # nothing was read since the loop looked: from here on it hears as the others do
            self._set_topics(outlet, topics)
        return True

    def _set_topics(self, outlet: Outlet, topics: frozenset[str]) -> None:
        def change() -> None:
            outlet.topics = topics

        self.change(outlet, change)

    def _place(self, fleet_id: UUID, event_id: UUID) -> Place | None:
        self.source.settle()
        return service.place_of(self.source.core, fleet_id, event_id)

    async def _missed(self, outlet: Outlet, after: int, until: int) -> list[Letter]:
        fleet_id, actor = outlet.fleet_id, outlet.known.actor
        core = self.source.core

        def look() -> list[Letter]:
            events = service.events_between(core, fleet_id, after, until)
            return [_letter(each) for each in service.judge(core, fleet_id, events, {0: actor})]

        return await self.source.ask(look)

    # --- what they hear ---

    async def _read_on(self) -> None:
        while True:
            await self._has_members.wait()
            is_unsettled = await self.source.wait(self._poll_s)
            try:
                has_more = True
                while has_more:
                    await self._watch.look_if_due()
                    has_more = await self._deliver_next(is_unsettled)
                    is_unsettled = False
            except asyncio.CancelledError:
                raise
            except Exception:  # the database may be away for a while, and that must not end the telling
                log.exception("live events cannot be read; trying again in %s s", REST_S)
                await asyncio.sleep(REST_S)

    async def _deliver_next(self, is_unsettled: bool) -> bool:
        """Deliver some of what is new; says whether there may be more."""
        top, core = self._top, self.source.core

        def look() -> Sequence[ToldEvent]:
            if is_unsettled:
                self.source.settle()
            return service.events_after(core, top, EVENTS_AT_ONCE)

        events = await self.source.read(look)
        if not events:
            return False
        self._top = max(self._top, events[-1].sequence)
        new = sorted((event for event in events if event.fleet_id in self._rooms), key=lambda event: event.fleet_id)
        for fleet_id, group in groupby(new, key=lambda event: event.fleet_id):
            await self._deliver(fleet_id, list(group))
        return len(events) == EVENTS_AT_ONCE

    async def _deliver(self, fleet_id: UUID, events: Sequence[ToldEvent]) -> None:
        if (room := self._rooms.get(fleet_id)) is None:
            return
        actors, core = dict(room.actors), self.source.core
        wanted = [room.views_of(topics) if (topics := topics_of(event)) else actors.keys() for event in events]

        def look() -> list[Letter]:
            letters = [_letter(each) for each in service.judge(core, fleet_id, events, actors, wanted)]
            for letter in letters:
                if letter.told_to:
                    _ = letter.topics, letter.body  # written here, not in the loop
            return letters

        for letter in await self.source.read(look):
            if letter.told_to:
                self._tell(fleet_id, letter)

    def _tell(self, fleet_id: UUID, letter: Letter) -> None:
        if (room := self._rooms.get(fleet_id)) is None:
            return
        for outlet in room.listeners(letter.topics):
            if letter.sequence > outlet.since and outlet.view in letter.told_to:
                outlet.tell(letter)


def _letter(judged: Judged) -> Letter:
    return Letter(judged.event, judged.vehicle_id, judged.told_to)
