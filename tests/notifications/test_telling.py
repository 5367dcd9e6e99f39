"""Who is told what, and when it is settled."""

from __future__ import annotations

from datetime import date, timedelta

from fleetcore.kernel.events import CommittedEvent
from fleetcore.maintenance.commands import ScheduleJob
from fleetcore.maintenance.jobs import schedule_job
from fleetcore.notifications.consumers import Teller
from fleetcore.notifications.model import Digest
from fleetcore.people.commands import DisableUser, EditMember, RemoveMember
from fleetcore.people.members import edit_member, remove_member
from fleetcore.people.service import disable_user
from fleetcore.reminders.model import DeleteReminder, FinishReminder, SnoozeReminder
from fleetcore.reminders.service import delete_reminder, finish_reminder, snooze_reminder
from fleetcore.testing.builders import join_fleet
from fleetcore.vehicles.model import GrantVehicle, PurgeVehicles, RemoveVehicle
from fleetcore.vehicles.service import grant_vehicle, purge_vehicles, remove_vehicle

from .post import House

TODAY = date(2026, 6, 1)


def days(count: int) -> date:
    """Return the day that many days ahead."""
    return TODAY + timedelta(days=count)


def test_a_reminder_that_becomes_due_is_told(house: House) -> None:
    """The owner finds it in the inbox and in the post, with the reason, and the log has a row for each."""
    house.remind(days(20))
    house.work()

    (found,) = house.inbox()
    assert ("Polo: Oil is due soon", "Due in 20 days, on 21 June.", "due") == (found.title, found.body, found.kind)
    assert [("ada@example.org", "Polo: Oil is due soon")] == house.post.told
    row = house.log()[-1]
    assert ("delivered", 1, "taken") == (row.state, row.attempts, row.ref)
    assert ["delivered"] == [row.state for row in house.log(channel="inbox")][1:]


def test_each_state_is_told_once(house: House) -> None:
    """From soon to overdue there are four messages, however often anybody looks; the inbox keeps the last."""
    house.remind(days(20))
    for day in range(25):
        for _ in range(2):
            house.core.perform(house.owner, "reminders.tick", {})
            house.work()
        house.clock.advance(days=1)
        assert day >= 0

    words = [title.removeprefix("Polo: Oil is ") for title in house.post.titles]
    assert ["due soon", "due very soon", "due", "overdue"] == words
    assert ["overdue"] == [found.urgency for found in house.inbox()]


def test_what_is_not_due_is_not_told(house: House) -> None:
    """A reminder far ahead tells nobody."""
    house.remind(days(200))
    house.work()

    assert [] == house.post.sent


def test_the_work_is_done_and_the_inbox_is_clear(house: House) -> None:
    """When it is done, what was told of it is archived, and nothing new is told."""
    reminder = house.remind(days(3), every_months=12)
    house.work()
    house.core.run(house.owner, finish_reminder, FinishReminder(id=reminder.id))
    house.work()

    assert (1, ()) == (len(house.post.sent), house.inbox())
    assert ["very_soon", ""] == [found.urgency for found in house.inbox(archived=True)]


def test_the_next_time_is_told_when_it_is_as_urgent_as_the_last(house: House) -> None:
    """A fixed weekly chore that is done is settled, though its next time is soon as well."""
    reminder = house.remind(days(9), every_days=7, is_fixed=True)
    house.work()
    house.core.run(house.owner, finish_reminder, FinishReminder(id=reminder.id))
    house.work()

    assert () == house.inbox()


def test_a_snoozed_reminder_is_told_again_when_it_wakes(house: House) -> None:
    """Snoozing settles what was told; on its day the reminder is told anew."""
    reminder = house.remind(days(3))
    house.work()
    house.core.run(house.owner, snooze_reminder, SnoozeReminder(id=reminder.id, until=days(5)))
    house.work()
    assert () == house.inbox()

    house.clock.advance(days=5)
    house.core.perform(house.owner, "reminders.tick", {})
    house.work()
    assert ["Polo: Oil is due very soon", "Polo: Oil is overdue"] == house.post.titles


def test_what_is_gone_is_settled(house: House) -> None:
    """Deleting a reminder or removing its vehicle clears the inbox; purging the vehicle erases what was told."""
    first = house.remind(days(3))
    house.remind(days(3), title="Brakes")
    house.work()
    house.core.run(house.owner, delete_reminder, DeleteReminder(id=first.id))
    house.work()
    assert ["Polo: Brakes is due very soon"] == [found.title for found in house.inbox()]

    house.core.run(house.owner, remove_vehicle, RemoveVehicle(id=house.car.id))
    house.work()
    assert () == house.inbox()

    house.core.run(house.owner, purge_vehicles, PurgeVehicles(after_days=0))
    assert ["welcome"] == [found.kind for found in house.inbox(archived=True)]
    assert ["welcome"] == [row.kind for row in house.log()]


def test_what_is_settled_before_it_is_sent_is_not_sent(house: House) -> None:
    """A message that waits for the morning is suppressed when the work is done in the evening."""
    house.prefer(quiet_from="11:00", quiet_until="13:00")
    reminder = house.remind(days(3))
    house.work()
    house.core.run(house.owner, finish_reminder, FinishReminder(id=reminder.id))
    house.work()
    house.clock.advance(hours=3)
    house.work()

    assert [] == house.post.sent
    assert ("suppressed", "it was settled before it was sent") == (house.log()[-1].state, house.log()[-1].error)


def test_who_is_told_of_a_vehicle(house: House) -> None:
    """Owners and managers are told, and whom the vehicle is granted to; nobody else, and nobody disabled."""
    members = {
        name: join_fleet(house.core, house.owner, name, role)
        for name, role in {
            "Mia": "manager",
            "Granted": "family",
            "Stranger": "family",
            "Agent": "rental_agent",
            "Off": "manager",
            "Books": "accountant",
        }.items()
    }
    house.core.run(
        house.owner, grant_vehicle, GrantVehicle(vehicle_id=house.car.id, user_id=members["Granted"].user_id)
    )
    house.core.run(house.owner, disable_user, DisableUser(user_id=members["Off"].user_id))
    house.work()
    house.post.sent.clear()
    house.remind(days(3))
    house.work()

    names = ["ada", "granted", "mia"]
    assert [f"{name}@example.org" for name in names] == [address for address, _ in house.post.told]


def test_an_expired_grant_is_none(house: House) -> None:
    """Whose grant has ended is not told."""
    bob = join_fleet(house.core, house.owner)
    grant = GrantVehicle(vehicle_id=house.car.id, user_id=bob.user_id, ends_at=house.clock.now() + timedelta(days=1))
    house.core.run(house.owner, grant_vehicle, grant)
    house.work()
    house.post.sent.clear()
    house.clock.advance(days=1)
    house.remind(days(5))
    house.work()

    assert ["ada@example.org"] == [address for address, _ in house.post.told]


def test_a_relay_that_delivers_twice_tells_once(house: House) -> None:
    """The same event heard again changes nothing, not even what was archived by it."""
    heard: list[CommittedEvent] = []

    def hear(committed: CommittedEvent) -> None:
        if committed.event.name == "reminders.state_changed":
            heard.append(committed)

    house.core.plugins.event_committed = hear  # type: ignore[method-assign]
    house.remind(days(3))
    teller = Teller(lambda: house.core.channels.usual)
    for _ in range(2):
        house.core.work(house.owner.fleet_id, "test", lambda uow: teller.reminder_changed(uow, heard[0]))
    house.work()

    assert (1, 1, 1) == (len(house.inbox()), len(house.post.sent), len(house.log()) - 1)


def test_planned_work_is_told_to_the_others(house: House) -> None:
    """Who plans a job knows of it; the manager is told."""
    join_fleet(house.core, house.owner, "Mia", "manager")
    house.work()
    house.post.sent.clear()
    house.core.run(house.owner, schedule_job, ScheduleJob(vehicle_id=house.car.id, title="Brakes", planned_on=days(30)))
    house.work()

    assert [("mia@example.org", "Polo: Brakes was planned")] == house.post.told
    assert house.post.sent[0][0].body.startswith("It is planned for 1 July 2026.")


def test_members_are_greeted_and_told_of_their_rights(house: House) -> None:
    """A new member is welcomed; whose role is changed is told, whatever they have switched off."""
    bob = join_fleet(house.core, house.owner)
    house.work()
    house.prefer(bob, channels=dict.fromkeys(("due", "renewals", "invitations", "jobs", "welcome"), ()))
    house.core.run(house.owner, edit_member, EditMember(user_id=bob.user_id, roles=("manager",), version=1))
    house.work()

    assert ["Welcome to Home", "Your role in Home was changed"] == house.post.titles
    assert "Fleet manager" in house.post.sent[1][0].body


def test_who_leaves_gets_nothing_more(house: House) -> None:
    """What waits for a member who leaves is suppressed."""
    bob = join_fleet(house.core, house.owner)
    house.core.run(house.owner, grant_vehicle, GrantVehicle(vehicle_id=house.car.id, user_id=bob.user_id))
    house.work()
    house.prefer(bob, digest=Digest.DAILY)
    house.remind(days(3))
    house.work()
    house.core.run(house.owner, remove_member, RemoveMember(user_id=bob.user_id))
    house.clock.advance(days=2)
    house.work()

    assert ["ada@example.org"] == [target.address for message, target in house.post.sent if message.type == "due"]


def test_a_user_in_two_fleets_is_told_of_each(house: House) -> None:
    """Each fleet tells by its own preferences, and says which fleet it is."""
    office = house.core.create_fleet("Office", owner_name="Ada", owner_email="ada@example.org")
    house.work()
    house.post.sent.clear()
    house.prefer(office, channels={"due": ()})
    from fleetcore.testing.builders import new_vehicle

    van = new_vehicle(house.core, office, name="Van")
    house.core.perform(office, "reminders.add", {"vehicle_id": str(van.id), "title": "Oil", "on": str(days(3))})
    house.remind(days(3))
    house.work()

    assert ["Polo: Oil is due very soon"] == house.post.titles
    assert "belong to Home" in house.post.sent[0][0].body
    assert (["Polo: Oil is due very soon"], ["Van: Oil is due very soon"]) == (
        [found.title for found in house.inbox()],
        [found.title for found in house.inbox(office) if found.kind == "due"],
    )
