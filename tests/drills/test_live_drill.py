"""Whatever somebody says that they listen to, and goes on from, they hear only of what they may read.

FLEET_DRILL_LIVE says how many connections are drawn for each of three people on each engine: a stranger with a fleet
of their own, a guest to whom one car is lent and another was lent until lately, and a driver without a car.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from contextlib import AsyncExitStack, ExitStack
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.live.conftest import Served, started
from tests.live.listening import Socket, Stream

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.testing.builders import join_fleet, new_fill, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import GrantScope, GrantVehicle, Vehicle
from fleetcore.vehicles.service import grant_vehicle

COUNT = int(os.environ.get("FLEET_DRILL_LIVE", "15"))
NAMED = st.tuples(st.sampled_from(["fleet", "vehicle", "record", "record"]), st.integers(0, 15))
GRACE_S = 0.05


class Scene:
    """A fleet in which something happens, its owner who hears of all, and somebody who tries to listen."""

    def __init__(self, core: Core, owner: Actor, served: Served, golf: Vehicle, known: list[str]) -> None:
        self.core, self.owner, self.served, self.golf = core, owner, served, golf
        self.always = known
        self.lately: deque[str] = deque(maxlen=12)
        self.secrets: list[str] = [str(golf.id)]
        self.control: Socket | None = None

    def name(self, drawn: tuple[str, int]) -> str:
        """Return the topic that was drawn."""
        known = [*self.always, *self.lately]
        return "fleet" if drawn[0] == "fleet" else f"{drawn[0]}:{known[drawn[1] % len(known)]}"

    async def happen(self) -> None:
        """Let something happen, and wait until the owner hears of it: whoever else hears of it has heard by then."""
        fill = new_fill(self.core, self.owner, self.golf)
        assert self.control is not None
        while (told := await self.control.next_event())["record_id"] != str(fill.id):
            pass
        self.lately.extend((str(fill.id), told["id"]))
        self.secrets.append(str(fill.id))

    async def listen(self, who: str, topics: list[str], after: str | None, *, is_stream: bool) -> None:
        """Listen as *who*, while something happens; it must not be heard."""
        client = self.served.as_(who)
        if is_stream:
            more = {} if after is None else {"Last-Event-ID": after}
            async with client.stream("?topics=" + ",".join(topics), **more) as stream:
                await self.happen()
                found: Any = await _all_parts(stream)
        else:
            async with client.socket(*topics, after=after) as socket:
                await self.happen()
                await socket.ask(type="ping")
                found = [each for each in socket.told if each["type"] not in {"welcome", "subscribed"}]
        assert [] == [each for each in self.secrets if each in str(found)]


async def _all_parts(stream: Stream) -> list[Any]:
    found = []
    try:
        while True:
            found.append(await stream.part(GRACE_S))
    except TimeoutError:
        return found


@pytest.mark.parametrize("who", ["stranger", "guest", "driver"])
def test_nothing_leaks(core: Core, owner: Actor, clock: FixedClock, who: str) -> None:
    """Over sockets and streams, for topics and places of others' vehicles, records, events, users and fleets."""
    golf, lent = (new_vehicle(core, owner, name=name, plate=None, vin=None) for name in ("Golf", "Lent"))
    guest = join_fleet(core, owner, "Gus", role="guest")
    for vehicle, ends_at in ((lent, None), (golf, clock.now() + timedelta(seconds=1))):
        command = GrantVehicle(vehicle_id=vehicle.id, user_id=guest.user_id, scope=GrantScope.DRIVE, ends_at=ends_at)
        core.run(owner, grant_vehicle, command)
    clock.advance(minutes=1)
    others = {"stranger": core.create_fleet("Elsewhere"), "guest": guest, "driver": join_fleet(core, owner)}
    with ExitStack() as stack, asyncio.Runner() as runner:
        served = started(stack, core, {"owner": owner, **others}, connections_per_user_max=1000)
        scene = Scene(core, owner, served, golf, [str(golf.id), str(owner.fleet_id), str(owner.user_id), str(uuid4())])
        control = AsyncExitStack()
        scene.control = runner.run(control.enter_async_context(served.as_("owner").socket("fleet")))

        @settings(max_examples=COUNT)
        @given(drawn=st.lists(NAMED, min_size=1, max_size=8), after=st.none() | st.integers(0, 15), is_stream=...)
        def leaks_nothing(drawn: list[tuple[str, int]], after: int | None, is_stream: bool) -> None:
            goes_on = None if after is None else scene.name(("record", after)).partition(":")[2]
            runner.run(scene.listen(who, [scene.name(each) for each in drawn], goes_on, is_stream=is_stream))

        leaks_nothing()
        assert len(scene.secrets) > COUNT // 2
        runner.run(control.aclose())
