"""Secret addresses of calendars: who has one sees what is due, until it is taken back."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from fleetcore.calendars.model import ListFeeds, MakeFeed, NewFeed, ReadCalendar, RevokeFeed
from fleetcore.calendars.service import list_feeds, make_feed, read_calendar, revoke_feed
from fleetcore.calendars.storage import feeds
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Forbidden, NotFound, Rejected
from fleetcore.people.commands import AddMember, DisableUser, RemoveMember
from fleetcore.people.members import add_member, remove_member
from fleetcore.people.service import disable_user
from fleetcore.testing.builders import join_fleet, new_vehicle
from fleetcore.vehicles.model import GrantVehicle, ListVehicles
from fleetcore.vehicles.service import grant_vehicle, list_vehicles

from .conftest import Diary


def token_of(diary: Diary, name: str = "Phone") -> NewFeed:
    """Make an address for the calendar of the diary's actor."""
    return diary.core.run(diary.actor, make_feed, MakeFeed(name=name))


def test_the_token_shows_the_calendar(diary: Diary) -> None:
    """Who comes with the token reads the same calendar as its owner."""
    diary.add(on=date(2026, 9, 30))

    visitor = diary.core.feed_actor(diary.token())

    assert diary.calendar() == diary.core.read(visitor, read_calendar, ReadCalendar())


def test_the_token_opens_nothing_else(diary: Diary) -> None:
    """Under the address one sees what is due: no vehicles, no records, nothing to change."""
    visitor = diary.core.feed_actor(diary.token())

    assert {"reminders.read": Scope.ALL} == visitor.permissions
    with pytest.raises(Forbidden):
        diary.core.read(visitor, list_vehicles, ListVehicles())


def test_the_token_reaches_no_further_than_its_user(diary: Diary) -> None:
    """A driver's address shows the dues of the vehicles granted to them, as they are granted now."""
    driver = join_fleet(diary.core, diary.actor)
    diary.add(on=date(2026, 9, 30))
    visitor = diary.core.feed_actor(diary.as_actor(driver).token())
    before = diary.as_actor(visitor).calendar().entries
    diary.core.run(diary.actor, grant_vehicle, GrantVehicle(vehicle_id=diary.vehicle_id, user_id=driver.user_id))

    assert (0, 1) == (before, diary.as_actor(visitor).calendar().entries)


def test_a_token_that_was_taken_back_opens_nothing(diary: Diary) -> None:
    """After revoking, the address is unknown; other addresses go on."""
    phone, desk = token_of(diary), token_of(diary, "Desk")
    diary.core.run(diary.actor, revoke_feed, RevokeFeed(id=phone.id))

    with pytest.raises(Forbidden, match="not known, or was taken back"):
        diary.core.feed_actor(phone.token)
    assert diary.actor.user_id == diary.core.feed_actor(desk.token).user_id
    assert ["Desk"] == [feed.name for feed in diary.core.read(diary.actor, list_feeds, ListFeeds())]


@pytest.mark.parametrize("token", ["", "fleetcal_", "fleetcal_AAAA", "x" * 95, "fleetcal_" + "A" * 86, "fleetcal_é"])
def test_made_up_tokens_open_nothing(diary: Diary, token: str) -> None:
    """What is no token, or no token of ours, is refused with one and the same sentence."""
    with pytest.raises(Forbidden, match="not known, or was taken back"):
        diary.core.feed_actor(token)


def test_a_token_with_another_secret_opens_nothing(diary: Diary) -> None:
    """Knowing fleet and feed is not enough: the secret of another feed does not open this one."""
    first, second = diary.token(), diary.token()
    ids, secret = len("fleetcal_") + 42, len("fleetcal_") + 44  # 32 bytes end within the 43rd character

    with pytest.raises(Forbidden):
        diary.core.feed_actor(first[:ids] + second[ids:secret] + second[secret:])


def test_the_secret_is_not_stored(diary: Diary) -> None:
    """The database holds a hash: nothing in the row is part of the token."""
    made = token_of(diary)
    with diary.core.database.read(diary.actor.fleet_id) as connection:
        (row,) = connection.execute(select(feeds)).mappings().all()

    assert row["secret_hash"] not in made.token
    assert made.token not in repr(made)


def test_a_repeated_request_tells_no_secret(diary: Diary) -> None:
    """The same request again, by its key, names the same feed without the token: that was stored nowhere."""
    first, again = (diary.core.run(diary.actor, make_feed, MakeFeed(), idempotency_key="once") for _ in range(2))

    assert (first.id, None) == (again.id, again.token)
    assert first.token is not None


def test_who_left_has_no_address_any_more(diary: Diary) -> None:
    """Leaving the fleet takes the addresses back, and coming again does not revive them."""
    driver = join_fleet(diary.core, diary.actor)
    token = diary.as_actor(driver).token()
    diary.core.run(diary.actor, remove_member, RemoveMember(user_id=driver.user_id))
    with pytest.raises(Forbidden):
        diary.core.feed_actor(token)
    diary.core.run(diary.actor, add_member, AddMember(email="bob@example.org", roles=("driver",)))

    with pytest.raises(Forbidden):
        diary.core.feed_actor(token)


def test_who_is_disabled_is_shut_out(diary: Diary) -> None:
    """A disabled user's address is closed."""
    driver = join_fleet(diary.core, diary.actor)
    token = diary.as_actor(driver).token()
    diary.core.run(diary.actor, disable_user, DisableUser(user_id=driver.user_id))

    with pytest.raises(Forbidden):
        diary.core.feed_actor(token)


def test_one_takes_back_only_ones_own(diary: Diary) -> None:
    """The address of another member, or of another fleet, does not exist."""
    driver = join_fleet(diary.core, diary.actor)
    feed_id = token_of(diary.as_actor(driver)).id
    neighbour = diary.core.create_fleet("Next door")

    for actor in (diary.actor, neighbour):
        with pytest.raises(NotFound):
            diary.core.run(actor, revoke_feed, RevokeFeed(id=feed_id))
        assert () == diary.core.read(actor, list_feeds, ListFeeds())


def test_another_fleets_dues_are_not_in_the_calendar(diary: Diary) -> None:
    """The neighbours' calendar is theirs; a vehicle of theirs does not exist here."""
    neighbour = diary.core.create_fleet("Next door")
    theirs = new_vehicle(diary.core, neighbour)
    diary.add(on=date(2026, 9, 30))

    assert 0 == diary.as_actor(neighbour).calendar().entries
    with pytest.raises(NotFound):
        diary.calendar(vehicle_id=theirs.id)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_an_address_needs_a_name(diary: Diary, name: str) -> None:
    """The name says which program has it."""
    with pytest.raises(Rejected):
        token_of(diary, name)


def test_addresses_are_few(sqlite_diary: Diary) -> None:
    """Nobody has more than twenty."""
    for number in range(20):
        token_of(sqlite_diary, f"Device {number}")

    with pytest.raises(Rejected, match="take one back first"):
        token_of(sqlite_diary)
