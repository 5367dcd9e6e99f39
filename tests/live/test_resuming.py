"""A client that was away goes on right after the last event it has: nothing is left out, nothing comes twice."""

from __future__ import annotations

import asyncio
import threading
from contextlib import ExitStack
from uuid import uuid4

from tests.live.conftest import Served, started
from tests.live.listening import ids, run

import fleetcore
from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.testing.builders import new_fill, new_vehicle
from fleetcore.testing.clock import FixedClock


def test_a_client_goes_on_where_it_was(core: Core, owner: Actor, served: Served) -> None:
    """What was committed while it was away comes first, then what is new, each once and in order."""

    async def scenario() -> None:
        ada = served.as_("owner")
        async with ada.socket("fleet") as socket:
            vehicle = new_vehicle(core, owner)
            last = await socket.next_event()
        missed = [new_fill(core, owner, vehicle) for _ in range(5)]
        async with ada.socket() as socket:
            answer = await socket.ask(type="subscribe", topics=["fleet"], after=last["id"])
            assert "subscribed" == answer["type"]
            fresh = new_fill(core, owner, vehicle)
            await socket.all_until_quiet()
            told = [event["record_id"] for event in socket.told if event.get("event") == "fuel.fill_recorded"]
            assert [str(fill.id) for fill in (*missed, fresh)] == told

    run(scenario())


def test_a_topic_counts_for_what_was_missed_too(core: Core, owner: Actor, served: Served) -> None:
    """Who goes on with a vehicle is told what it missed of that vehicle, and may not say so later."""
    mine, other = new_vehicle(core, owner), new_vehicle(core, owner, name="Other", plate=None, vin=None)

    async def scenario() -> None:
        ada = served.as_("owner")
        async with ada.socket("fleet") as socket:
            new_fill(core, owner, mine)
            last = await socket.next_event()
        new_fill(core, owner, other)
        fill = new_fill(core, owner, mine)
        async with ada.socket(f"vehicle:{mine.id}", after=last["id"]) as socket:
            told = [each["record_id"] for each in socket.told if each.get("event") == "fuel.fill_recorded"]
            assert [str(fill.id)] == told
            answer = await socket.ask(type="subscribe", topics=["fleet"], after=last["id"])
            assert "after.late" == answer["code"]

    run(scenario())


def test_who_was_away_too_long_is_told_to_read_anew(core: Core, owner: Actor, served: Served) -> None:
    """An id that is unknown, or another fleet's, is answered by reset; then what is new comes."""

    async def scenario() -> None:
        async with served.as_("stranger").socket("fleet") as elsewhere:
            new_vehicle(core, served.actors["stranger"])
            theirs = (await elsewhere.next_event())["id"]
        for unknown in (theirs, str(uuid4())):
            async with served.as_("owner").socket("fleet", after=unknown) as socket:
                assert ["welcome", "reset", "subscribed"] == [each["type"] for each in socket.told]
        async with served.as_("owner").socket("fleet", after=theirs) as socket:
            new_vehicle(core, owner)
            assert "vehicles.vehicle_added" == (await socket.next_event())["event"]

    run(scenario())


def test_two_servers_share_events_and_places(
    core: Core, owner: Actor, served: Served, database_url: str, clock: FixedClock
) -> None:
    """An event that is committed through one comes to a client of the other, which can go on at either."""
    with fleetcore.open(database_url, installed_plugins=False, clock=clock) as other_core, ExitStack() as stack:
        other = started(stack, other_core, {"owner": owner})

        async def scenario() -> None:
            async with served.as_("owner").socket("fleet") as here, other.as_("owner").socket("fleet") as there:
                for through in (core, other_core):
                    vehicle = new_vehicle(through, owner, name=str(uuid4()), plate=None, vin=None)
                    for socket in (here, there):
                        assert str(vehicle.id) == (await socket.next_event())["vehicle_id"]
                last = here.told[-1]["id"]
            fill = new_fill(core, owner, vehicle)
            async with other.as_("owner").socket("fleet", after=last) as socket:
                told = [each for each in socket.told if each.get("event") == "fuel.fill_recorded"]
                assert [str(fill.id)] == [each["record_id"] for each in told]

        run(scenario())


def test_nothing_is_lost_between_what_was_missed_and_what_is_new(
    core: Core, owner: Actor, served: Served, database_url: str, clock: FixedClock
) -> None:
    """While several threads write through two cores, clients come and go, and hear everything once."""
    with fleetcore.open(database_url, installed_plugins=False, clock=clock) as other_core, ExitStack() as stack:
        other = started(stack, other_core, {"owner": owner})
        vehicle = new_vehicle(core, owner)
        done: list[str] = []

        def write(through: Core) -> None:
            for _ in range(25):
                done.append(str(new_fill(through, owner, vehicle).id))

        async def listen(turn: int) -> list[str]:
            """Come and go, from server to server, until all is heard."""
            heard: list[str] = []
            async with served.as_("owner").socket(f"vehicle:{vehicle.id}") as socket:
                await ready.wait()
                heard.append((first := await socket.next_event())["record_id"])
                last = first["id"]
            while len(heard) < 100:
                turn += 1
                where = (served, other)[turn % 2].as_("owner")
                async with where.socket() as socket:
                    await socket.say(type="subscribe", topics=[f"vehicle:{vehicle.id}"], after=last)
                    for _ in range(min(9 + turn, 100 - len(heard))):
                        event = await socket.next_event()
                        heard.append(event["record_id"])
                        last = event["id"]
            return heard

        async def scenario() -> None:
            listeners = [asyncio.create_task(listen(turn)) for turn in range(3)]
            await asyncio.sleep(0.5)
            threads = [threading.Thread(target=write, args=(through,)) for through in (core, other_core) * 2]
            for thread in threads:
                thread.start()
            ready.set()
            heard = await asyncio.gather(*listeners)
            for thread in threads:
                thread.join()
            for each in heard:
                assert sorted(done) == sorted(each)
            assert heard[0] == heard[1] == heard[2]

        ready = asyncio.Event()
        run(scenario())


def test_the_stream_is_at_a_short_address_too(core: Core, owner: Actor, served: Served) -> None:
    """/events is the same stream as that of the API."""

    async def scenario() -> None:
        async with served.as_("owner").stream(path="//events") as stream:
            vehicle = new_vehicle(core, owner)
            assert str(vehicle.id) == (await stream.next_event())["record_id"]

    run(scenario())


def test_a_stream_goes_on_after_the_last_event(core: Core, owner: Actor, served: Served) -> None:
    """Last-Event-ID is all that a browser says; one that is unknown is answered by reset."""

    async def scenario() -> None:
        ada = served.as_("owner")
        async with ada.stream() as stream:
            vehicle = new_vehicle(core, owner)
            last = await stream.next_event()
        fills = [new_fill(core, owner, vehicle) for _ in range(3)]
        async with ada.stream(f"?topics=vehicle:{vehicle.id}", **{"Last-Event-ID": last["id"]}) as stream:
            told = [await stream.next_event() for _ in fills]
            assert [str(fill.id) for fill in fills] == [each["record_id"] for each in told]
            assert 3 == len(set(ids(told)))
        for unknown in ("nonsense", str(uuid4())):
            async with ada.stream(**{"Last-Event-ID": unknown}) as stream:
                while (part := await stream.part()).get("event") != "reset":
                    assert "retry" in part

    run(scenario())
