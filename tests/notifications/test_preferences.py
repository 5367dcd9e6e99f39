"""How members say how they are told, and switch messages off by a link."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.notifications.model import (
    ArchiveNotifications,
    CountUnread,
    Digest,
    GetPreferences,
    ListDeliveries,
    ReadNotifications,
    SendTest,
    SetPreferences,
    Unsubscribe,
)
from fleetcore.notifications.rules import Claim, read_token, sign_token
from fleetcore.notifications.service import (
    archive_notifications,
    count_unread,
    get_preferences,
    list_deliveries,
    read_notifications,
    send_test,
    set_preferences,
    unsubscribe,
    unsubscriber,
)
from fleetcore.people.commands import RemoveMember
from fleetcore.people.members import remove_member
from fleetcore.testing.builders import join_fleet

from .post import House

SOON = date(2026, 6, 4)


def token_of(house: House) -> str:
    """Let something be due and return the token in the message."""
    house.remind(SOON)
    house.work()
    found = house.post.sent[-1][0].unsubscribe
    assert found is not None
    return found.token


def test_who_says_nothing_has_the_usual_channels(house: House) -> None:
    """Without a word everything is told, by every usual channel, at once."""
    found = house.core.read(house.owner, get_preferences, GetPreferences())

    assert (0, {}, Digest.NONE) == (found.version, found.channels, found.digest)


def test_preferences_are_kept(house: House) -> None:
    """What was said is read back, per member and fleet."""
    fields = {
        "channels": {"due": ("post", "console"), "jobs": ()},
        "quiet_from": "22:00",
        "quiet_until": "06:30",
        "digest": Digest.WEEKLY,
        "digest_hour": 18,
        "digest_weekday": 4,
        "addresses": {"ntfy": "https://ntfy.example/ada"},
    }
    said = house.core.run(house.owner, set_preferences, SetPreferences(**fields))  # type: ignore[arg-type]

    assert said == house.core.read(house.owner, get_preferences, GetPreferences())
    assert fields == {name: getattr(said, name) for name in fields}
    bob = join_fleet(house.core, house.owner)
    assert 0 == house.core.read(bob, get_preferences, GetPreferences()).version


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"channels": {"weather": ()}}, "channels.weather"),
        ({"channels": {"security": ()}}, "channels.security"),
        ({"switched_off": {"security": ("post",)}}, "switched_off.security"),
        ({"channels": {"due": ("No Channel",)}}, "channels.due"),
        ({"channels": {"due": ("x",) * 21}}, "channels.due"),
        ({"quiet_from": "22:00"}, "quiet_until"),
        ({"quiet_from": "25:00", "quiet_until": "07:00"}, "quiet_from"),
        ({"quiet_from": "07:00", "quiet_until": "07:00"}, "quiet_until"),
        ({"digest_hour": 24}, "digest_hour"),
        ({"digest_weekday": 7}, "digest_weekday"),
        ({"addresses": {"ntfy": "a\nb"}}, "addresses.ntfy"),
        ({"addresses": {"ntfy": ""}}, "addresses.ntfy"),
    ],
)
def test_what_cannot_be_preferred(house: House, fields: dict[str, Any], field: str) -> None:
    """Unknown kinds, times, hours and names of channels are refused by their field."""
    with pytest.raises(Rejected) as refused:
        house.core.run(house.owner, set_preferences, SetPreferences(**fields))

    assert [field] == [problem.field for problem in refused.value.problems]


def test_a_stale_version_is_a_conflict(house: House) -> None:
    """Two screens do not write over each other."""
    house.prefer(digest_hour=7)

    with pytest.raises(Conflict):
        house.core.run(house.owner, set_preferences, SetPreferences(version=0))


def test_opting_out_of_a_kind(house: House) -> None:
    """A kind that has no channels is told in the inbox alone."""
    house.prefer(channels={"due": ()})
    house.remind(SOON)
    house.work()

    assert ([], 1) == (house.post.sent, len(house.inbox()))


def test_the_link_switches_off_what_it_names(house: House) -> None:
    """The token needs no log-in and ends exactly this kind by this channel for this reader; twice is fine."""
    bob = join_fleet(house.core, house.owner, "Bob", "manager")
    house.work()
    house.post.sent.clear()
    token = token_of(house)
    for _ in range(2):
        actor = unsubscriber(token)
        house.core.run(actor, unsubscribe, Unsubscribe(token=token))
    reader = actor.user_id
    house.remind(SOON, "Brakes")
    house.core.run(house.owner, send_test, SendTest(channel="post"))
    house.work()

    names = {house.owner.user_id: "ada@example.org", bob.user_id: "bob@example.org"}
    told = [(address, title) for address, title in house.post.told if "Brakes" in title]
    assert [(name, "Polo: Brakes is due very soon") for key, name in names.items() if key != reader] == told
    assert "A test from Home" in house.post.titles
    assert 2 == len(house.inbox(house.owner)) - 1


@pytest.mark.parametrize("spoil", ["", "x", "x.y", "é.ü", "....", "A" * 500])
def test_what_is_no_token(house: House, spoil: str) -> None:
    """Made-up tokens find nothing."""
    with pytest.raises(NotFound):
        house.core.run(house.owner, unsubscribe, Unsubscribe(token=spoil))
    with pytest.raises(NotFound):
        unsubscriber(spoil)


def test_a_token_cannot_be_forged_or_bent(house: House) -> None:
    """Another kind, channel, reader or fleet needs another signature, and a token of another fleet finds nothing."""
    token = token_of(house)
    claim = read_token(token)
    assert claim is not None
    other = house.core.create_fleet("Next door")
    bent = [
        sign_token(claim, b"x" * 32),
        sign_token(Claim(other.fleet_id, claim.user_id, claim.kinds, claim.channel), b""),
        token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB"),
        sign_token(claim, b"y" * 32).split(".")[0] + "." + token.split(".")[1][:-1],
    ]
    for each in bent:
        with pytest.raises(NotFound):
            house.core.run(unsubscriber(each), unsubscribe, Unsubscribe(token=each))
    with pytest.raises(NotFound):
        house.core.run(other, unsubscribe, Unsubscribe(token=token))
    assert {} == house.core.read(house.owner, get_preferences, GetPreferences()).switched_off


def test_the_token_is_not_told_by_accident(house: House) -> None:
    """Neither a message's repr nor the fleet's events show the token."""
    token = token_of(house)
    message = house.post.sent[-1][0]

    assert token in message.body
    assert token not in repr(message.unsubscribe)


def test_who_left_has_no_token(house: House) -> None:
    """A token of somebody who left the fleet finds nothing."""
    bob = join_fleet(house.core, house.owner, "Bob", "manager")
    house.work()
    (token,) = [
        message.unsubscribe.token
        for message, target in house.post.sent
        if target.address == "bob@example.org" and message.unsubscribe
    ]
    house.core.run(house.owner, remove_member, RemoveMember(user_id=bob.user_id))

    with pytest.raises(NotFound):
        house.core.run(unsubscriber(token), unsubscribe, Unsubscribe(token=token))


def test_reading_and_archiving_the_inbox(house: House) -> None:
    """Notifications are unread, then read, then archived; each step by name or for all."""
    for title in ("Oil", "Brakes", "Tyres"):
        house.remind(SOON, title)
    house.work()
    newest, *rest = house.inbox()
    run, me = house.core.run, house.owner

    assert 3 == house.core.read(me, count_unread, CountUnread()).unread
    assert 1 == run(me, read_notifications, ReadNotifications(ids=(newest.id,))).changed
    assert 0 == run(me, read_notifications, ReadNotifications(ids=(newest.id,))).changed
    assert {each.id for each in rest} == {each.id for each in house.inbox(unread_only=True)}
    assert 1 == run(me, archive_notifications, ArchiveNotifications(all_read=True)).changed
    assert 2 == run(me, read_notifications, ReadNotifications(all=True)).changed
    assert 1 == run(me, archive_notifications, ArchiveNotifications(ids=(rest[0].id,))).changed
    assert [rest[1].id] == [each.id for each in house.inbox()]


def test_the_inbox_of_others_is_out_of_reach(house: House) -> None:
    """Nobody reads, marks or lists what another was told; the whole log is for those who see the audit log."""
    bob = join_fleet(house.core, house.owner)
    stranger = house.core.create_fleet("Next door")
    house.remind(SOON)
    house.work()
    (mine,) = house.inbox()

    assert "due" not in [found.kind for found in house.inbox(bob)]
    for actor in (bob, stranger):
        with pytest.raises(NotFound):
            house.core.run(actor, read_notifications, ReadNotifications(ids=(mine.id,)))
        with pytest.raises(NotFound):
            house.core.run(actor, archive_notifications, ArchiveNotifications(ids=(mine.id,)))
    with pytest.raises(Forbidden):
        house.core.read(bob, list_deliveries, ListDeliveries(whole_fleet=True))
    everyone = house.core.read(house.owner, list_deliveries, ListDeliveries(whole_fleet=True)).items
    assert {house.owner.user_id, bob.user_id} == {row.user_id for row in everyone}


@pytest.mark.parametrize(
    ("operation", "command"),
    [
        (read_notifications, ReadNotifications()),
        (archive_notifications, ArchiveNotifications()),
        (send_test, SendTest(channel="inbox")),
        (send_test, SendTest(channel="No Such")),
    ],
)
def test_questions_that_make_no_sense(house: House, operation: Any, command: Any) -> None:
    """Nothing named, or a channel that cannot be tested, is refused."""
    with pytest.raises(Rejected):
        house.core.run(house.owner, operation, command)


def test_only_members_are_told(house: House) -> None:
    """An actor without a place in the fleet can set nothing."""
    nobody = Actor(user_id=house.car.id, fleet_id=house.owner.fleet_id)

    with pytest.raises(Forbidden):
        house.core.run(nobody, set_preferences, SetPreferences())
    with pytest.raises(Forbidden):
        house.core.run(nobody, send_test, SendTest(channel="post"))


def test_a_test_message_arrives(house: House) -> None:
    """It goes by the one channel that was named, at once, in spite of digest and night."""
    house.prefer(digest=Digest.WEEKLY, quiet_from="11:00", quiet_until="13:00", channels={"due": ()})
    house.core.run(house.owner, send_test, SendTest(channel="post"))
    house.work()

    assert ["A test from Home"] == house.post.titles
