"""What a client hears on a WebSocket, and what it is answered."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.live.conftest import Served
from tests.live.listening import run

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.reminders.model import AddReminder, EditReminder, Tick
from fleetcore.reminders.service import add_reminder, edit_reminder
from fleetcore.reminders.tick import tick
from fleetcore.testing.builders import new_fill, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import ChangeState, VehicleState
from fleetcore.vehicles.service import change_state


def test_what_is_committed_is_told(core: Core, owner: Actor, served: Served) -> None:
    """Who listens to the fleet hears every event of it, in order, with its payload."""

    async def scenario() -> None:
        async with served.as_("owner").socket("fleet") as socket:
            vehicle = new_vehicle(core, owner)
            fill = new_fill(core, owner, vehicle)
            added = await socket.next_event()
            assert ("event", "vehicles.vehicle_added") == (added["type"], added["event"])
            assert str(vehicle.id) == added["vehicle_id"] == added["record_id"] == added["payload"]["vehicle_id"]
            last = await socket.next_event()
            assert "fuel.fill_recorded" == last["event"]
            assert str(fill.id) == last["record_id"]

    run(scenario())


def test_topics_narrow_what_is_told(core: Core, owner: Actor, served: Served) -> None:
    """Who listens to a vehicle, or to one record, hears of nothing else, and of each event once."""
    mine, other = new_vehicle(core, owner), new_vehicle(core, owner, name="Other", plate=None, vin=None)

    async def scenario() -> None:
        async with served.as_("owner").socket(f"vehicle:{mine.id}", f"record:{mine.id}") as socket:
            new_fill(core, owner, other)
            new_fill(core, owner, mine)
            told = await socket.all_until_quiet()
            assert {str(mine.id)} == {event["vehicle_id"] for event in told}
            assert 1 == [event["event"] for event in told].count("fuel.fill_recorded")
            assert len(told) == len({event["id"] for event in told})

    run(scenario())


def test_a_vehicle_that_changes_its_state_has_a_message_of_its_own(core: Core, owner: Actor, served: Served) -> None:
    """The message is called vehicleStatusUpdate and says both states."""
    vehicle = new_vehicle(core, owner)

    async def scenario() -> None:
        async with served.as_("owner").socket(f"vehicle:{vehicle.id}") as socket:
            command = ChangeState(id=vehicle.id, version=vehicle.version, state=VehicleState.UNDER_MAINTENANCE)
            core.run(owner, change_state, command)
            told = await socket.next_event()
            assert "vehicleStatusUpdate" == told["type"]
            assert "under_maintenance" == told["payload"]["new_state"]

    run(scenario())


def test_a_reminder_that_falls_due_has_a_message_of_its_own(
    core: Core, owner: Actor, served: Served, clock: FixedClock
) -> None:
    """It is called reminderNotification; one that becomes less urgent is an event like any other."""
    vehicle = new_vehicle(core, owner)
    due = clock.now().date() + timedelta(days=60)
    reminder = core.run(owner, add_reminder, AddReminder(vehicle_id=vehicle.id, title="Oil", on=due))

    async def scenario() -> None:
        async with served.as_("owner").socket(f"record:{reminder.id}") as socket:
            clock.advance(days=61)
            core.run(owner, tick, Tick())
            told = await socket.next_event()
            assert ("reminderNotification", "reminders.state_changed") == (told["type"], told["event"])
            assert "overdue" == told["payload"]["new_urgency"]
            command = EditReminder(
                id=reminder.id,
                version=reminder.version,
                vehicle_id=vehicle.id,
                title="Oil",
                on=due + timedelta(days=400),
            )
            core.run(owner, edit_reminder, command)
            assert {"event"} == {each["type"] for each in await socket.all_until_quiet()}

    run(scenario())


def test_who_unsubscribes_hears_no_more(core: Core, owner: Actor, served: Served) -> None:
    """After the answer nothing of the topic comes; other topics go on."""
    vehicle = new_vehicle(core, owner)

    async def scenario() -> None:
        async with served.as_("owner").socket("fleet", f"vehicle:{vehicle.id}") as socket:
            answer = await socket.ask(type="unsubscribe", topics=["fleet"])
            assert ("unsubscribed", ["fleet"]) == (answer["type"], answer["topics"])
            new_vehicle(core, owner, name="Other", plate=None, vin=None)
            new_fill(core, owner, vehicle)
            assert {str(vehicle.id)} == {event["vehicle_id"] for event in await socket.all_until_quiet()}

    run(scenario())


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("{", "message.malformed"),
        ("[]", "message.malformed"),
        ("\ud800", "message.malformed"),
        ("[" * 9000, "message.malformed"),
        ("{}", "type.unknown"),
        ('{"type": 7}', "type.unknown"),
        ('{"type": "subscribe"}', "topics.missing"),
        ('{"type": "subscribe", "topics": []}', "topics.missing"),
        ('{"type": "subscribe", "topics": {"fleet": 1}}', "topics.missing"),
        ('{"type": "subscribe", "topics": ["fleet:x"]}', "topic.unknown"),
        ('{"type": "subscribe", "topics": [null]}', "topic.unknown"),
        ('{"type": "subscribe", "topics": ["vehicle:1"]}', "topic.unknown"),
        ('{"type": "subscribe", "topics": ["fleet"], "after": "x"}', "after.invalid"),
        ('{"type": "subscribe", "topics": ["fleet"], "since": 1}', "field.unknown"),
        ('{"type": "ping", "ref": 1}', "ref.invalid"),
        ('{"type": "renew", "ticket": null}', "ticket.missing"),
        ('{"type": "renew", "ticket": "x"}', "ticket.refused"),
    ],
)
def test_a_bad_message_is_answered_by_an_error(said: str, code: str, shared_served: Served) -> None:
    """The error has a code and a text; the connection goes on."""

    async def scenario() -> None:
        async with shared_served.as_("owner").socket("fleet") as socket:
            await socket.raw.send_bytes(b"x") if said == "\ud800" else await socket.raw.send_str(said)
            answer = await socket.hear()
            assert ("error", code) == (answer["type"], answer["code"])
            assert answer["detail"]
            assert "pong" == (await socket.ask(type="ping"))["type"]

    run(scenario())


def test_a_connection_has_so_many_topics_and_no_more(shared_served: Served) -> None:
    """A thousand topics are refused, at once or one by one; what was there before stays."""

    async def scenario() -> None:
        async with shared_served.as_("owner").socket("fleet") as socket:
            many = [f"record:{uuid4()}" for _ in range(300)]
            assert "topics.too_many" == (await socket.ask(type="subscribe", topics=many))["code"]
            assert "subscribed" == (await socket.ask(type="subscribe", topics=many[:99]))["type"]
            assert "topics.too_many" == (await socket.ask(type="subscribe", topics=many[99:100]))["code"]

    run(scenario())
