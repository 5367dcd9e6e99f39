"""Keeps watch over live connections: who is signed out, late, idle, or may do less than before."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from fleetcore.live import service
from fleetcore.live.model import Bearer, Known

from .outlet import POLICY, UNAUTHENTICATED, Outlet

if TYPE_CHECKING:
    from .hub import Hub

__all__ = ["Watch"]

log = logging.getLogger("fleetserver.live")
EVERY_S = 1.0
OVERLAP = timedelta(minutes=1)  # stamps are asked for again this long: clocks differ, and commits come late


class Watch:
    """Looks each second at the clock, and every other at what changed of what somebody may do."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._looked_at: datetime | None = None
        self._next_look = 0.0
        self._seen: dict[UUID, int] = {}

    async def keep(self) -> None:
        """End what is late or idle; never returns."""
        while True:
            await asyncio.sleep(EVERY_S)
            now, loop_now = self._hub.source.core.clock.now(), asyncio.get_running_loop().time()
            for outlet in list(self._hub.outlets):
                expires_at = outlet.known.bearer.expires_at
                if expires_at is not None and expires_at <= now:
                    outlet.end(UNAUTHENTICATED, "what you signed in with has expired: get a new ticket and go on")
                elif not outlet.topics and loop_now - outlet.born_at > self._hub.settings.idle_s:
                    outlet.end(POLICY, "idle: you have subscribed to nothing")

    async def look_if_due(self) -> None:
        """Ask who may do more or less than before, when it is time, and let it count at once. Raises Unavailable."""
        if (now := asyncio.get_running_loop().time()) < self._next_look:
            return
        self._next_look = now + self._hub.settings.look_s
        core = self._hub.source.core
        since = (self._looked_at or core.clock.now()) - OVERLAP
        looked_at, stamps = await self._hub.source.read(lambda: service.stamps_since(core, since))
        is_first = self._looked_at is None
        touched = {each.subject_id for each in stamps if self._seen.get(each.subject_id) != each.version}
        self._looked_at, self._seen = looked_at, {each.subject_id: each.version for each in stamps}
        if is_first:
            touched = {each.subject_id for each in stamps}
        changed = [
            outlet
            for outlet in self._hub.outlets
            if outlet.known.actor.is_guest or not touched.isdisjoint(outlet.known.bearer.subjects)
        ]
        if changed:
            await self._judge_anew(changed)

    async def _judge_anew(self, outlets: list[Outlet]) -> None:
        core = self._hub.source.core
        bearers = {outlet.known.bearer for outlet in outlets}

        def look() -> dict[Bearer, Known]:
            known = service.known_bearers(core, bearers)
            return {each: who for each, who in known.items() if not service.has_nothing(core, who.actor)}

        known = await self._hub.source.read(look)
        for outlet in outlets:
            found = known.get(outlet.known.bearer)
            if found is None:
                outlet.end(UNAUTHENTICATED, "you are not signed in any more, or nothing is open to you")
            elif found != outlet.known:
                self._hub.change(outlet, _becoming(outlet, found))


def _becoming(outlet: Outlet, known: Known) -> Callable[[], None]:
    def change() -> None:
        outlet.known = known

    return change
