"""From the log to the outside and back: outcomes, attempts, digests, quiet hours, and what goes wrong."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from fleetcore.kernel.languages import Language, language_for
from fleetcore.notifications.channels import Delivered, Gone, Message, Outcome, Rejected, Retry, Target
from fleetcore.notifications.model import Digest, Kind
from fleetcore.notifications.service import notify_address, notify_user
from fleetcore.notifications.telling import watchers
from fleetcore.notifications.texts import Text
from fleetcore.people.commands import AddMember
from fleetcore.people.members import add_member
from fleetcore.people.model import Fleet, User

from .conftest import Build
from .post import House, Post, with_limits

TODAY = date(2026, 6, 1)
SOON = date(2026, 6, 4)


def answering(*outcomes: Any) -> Post:
    """Return a post office that answers with *outcomes* in turn, then takes everything."""
    left = list(outcomes)

    def answer(_message: Message, _target: Target) -> Any:
        found = left.pop(0) if left else Delivered()
        if isinstance(found, BaseException):
            raise found
        return found

    return Post(answer=answer)


def state_of(house: House) -> tuple[str, int, str]:
    """Return how the newest delivery stands."""
    row = house.log()[-1]
    return (row.state, row.attempts, row.error)


def spoil(house: House, *outcomes: Any) -> None:
    """Let the post office answer with *outcomes* from now on."""
    house.post.answer = answering(*outcomes).answer


def test_a_failure_is_tried_again_under_the_same_id(house: House) -> None:
    """After a retry the same message goes out again, once its time has come."""
    spoil(house, Retry(None, "busy"))
    house.remind(SOON)
    house.work()
    assert ("retry", 1, "busy") == state_of(house)

    house.clock.advance(seconds=59)
    house.work()
    assert 1 == len(house.post.sent)

    house.clock.advance(seconds=1)
    house.work()
    assert ("delivered", 2, "") == state_of(house)
    assert 1 == len({message.id for message, _ in house.post.sent})


def test_the_other_side_says_how_long_to_wait(house: House) -> None:
    """A longer wait that was asked for is kept."""
    spoil(house, Retry(timedelta(hours=2), "slow down"))
    house.remind(SOON)
    house.work()

    assert house.clock.now() + timedelta(hours=2) == house.log()[-1].next_attempt_at


def test_what_never_works_is_given_up(house: House) -> None:
    """When the waits are used up the message is rejected, with the last reason."""
    waits = house.post.spec.retry.waits
    spoil(house, *[Retry(None, "busy")] * (len(waits) + 1))
    house.remind(date(2026, 12, 1), soon_days=365, very_soon_days=300)
    house.work()
    while (next_at := house.log()[-1].next_attempt_at) is not None:
        house.clock.set(next_at)
        house.work()

    assert ("rejected", 10, "given up after 10 attempts: busy") == state_of(house)
    house.clock.advance(days=1)
    house.work()
    assert 10 == len(house.post.sent)


@pytest.mark.parametrize(
    ("outcome", "state", "error"),
    [
        (Rejected("no such box"), "rejected", "no such box"),
        (Gone("moved"), "gone", "moved"),
        (ValueError("oops"), "retry", "ValueError: oops"),
        (asyncio.CancelledError(), "retry", "the channel cancelled itself"),
        ("fine", "retry", "post answered str, which is no outcome"),
    ],
)
def test_every_outcome_is_in_the_log(house: House, outcome: Outcome, state: str, error: str) -> None:
    """Refusals end a delivery; whatever a channel raises or makes up is a retry."""
    spoil(house, outcome)
    house.remind(SOON)
    house.work()

    assert (state, 1, error) == state_of(house)


def test_an_address_that_is_gone_is_not_used_again(house: House) -> None:
    """After Gone nothing is sent there, until the user has another address."""
    spoil(house, Gone("moved"))
    house.remind(SOON)
    house.remind(SOON, "Tyres")
    house.work()
    house.remind(SOON, "Brakes")
    house.work()
    assert ("suppressed", 0, "the address is gone; another one is needed") == state_of(house)

    house.live(email="ada@new.example.org")
    house.remind(SOON, "Lights")
    house.work()
    assert "delivered" == state_of(house)[0]


def test_a_channel_that_hangs_is_left_alone(house_with: Build) -> None:
    """What takes too long is a retry, and other channels are not kept waiting."""

    async def hang() -> Outcome:
        await asyncio.sleep(3600)
        return Delivered()

    def answer(_message: Message, _target: Target) -> Any:
        return hang()

    post = with_limits(Post(), timeout=timedelta(milliseconds=50))
    house = house_with(post)
    post.answer = answer
    house.prefer(channels={"due": ("post", "console")})
    house.remind(SOON)
    house.work()

    assert ("retry", 1, "post did not answer within 0.05 s") == state_of(house)
    assert ["delivered"] == [row.state for row in house.log(channel="console")]


def test_a_worker_that_dies_after_sending(house: House) -> None:
    """Its lease ends and another sends again under the same id: the log has one row, which ends once."""
    house.remind(SOON)
    claimed = _claim_unsent(house)
    house.work()
    assert ([], "waiting") == (house.post.sent, house.log()[-1].state)

    house.clock.advance(minutes=11)
    house.work()
    assert ("delivered", 2, "") == state_of(house)
    assert [claimed] == [message.id for message, _ in house.post.sent]


def _claim_unsent(house: House) -> Any:
    """Let the events be heard, then take the delivery and die."""
    house.relay()
    (row,) = house.claimed()
    return row.message_id


def test_a_worker_that_was_thought_dead(house: House) -> None:
    """Who comes back after another has taken over writes nothing: the log keeps what the other wrote."""
    house.remind(SOON)
    house.relay()
    sender = house.core.sender
    fleet = house.owner.fleet_id
    batch = house.core.work(fleet, "test", sender.claim)
    house.clock.advance(minutes=11)
    house.work()
    written = house.core.work(fleet, "test", lambda uow: sender.write(uow, batch, [Rejected("late")]))

    assert ({}, "delivered") == (dict(written), house.log()[-1].state)


def test_a_user_without_an_address(house: House) -> None:
    """Is told in the inbox; the log says why nothing was sent."""
    bob = house.core.run(house.owner, add_member, AddMember(name="Bob", roles=("manager",)))
    house.work()
    actor = house.core.actor(user_id=bob.user_id, fleet_id=house.owner.fleet_id)

    assert ["welcome"] == [found.kind for found in house.inbox(actor)]
    assert ["the user has no address for this channel"] == [row.error for row in house.log(actor)]


def test_quiet_hours_hold_messages_back(house: House) -> None:
    """What happens at night by the user's clock is sent in the morning; the inbox has it at once."""
    house.live("Europe/Berlin")
    house.prefer(quiet_from="13:00", quiet_until="18:00")
    house.remind(SOON)
    house.work()
    assert (1, []) == (len(house.inbox()), house.post.sent)

    house.at("2026-06-01 15:59")
    assert [] == house.post.sent
    house.at("2026-06-01 16:00")
    assert 1 == len(house.post.sent)


def test_quiet_hours_that_come_later(house: House) -> None:
    """A retry that falls into quiet hours waits for their end."""
    house.prefer(quiet_from="13:00", quiet_until="18:00")
    spoil(house, Retry(timedelta(minutes=70), "busy"))
    house.remind(SOON)
    house.work()
    house.at("2026-06-01 13:10")
    assert 1 == len(house.post.sent)
    house.at("2026-06-01 18:00")

    assert ("delivered", 2, "") == state_of(house)


def test_a_digest_collects(house: House) -> None:
    """What happens over the day comes in one message in the morning, in the order in which it happened."""
    house.prefer(digest=Digest.DAILY, digest_hour=7)
    house.remind(SOON, "Oil")
    house.work()
    house.clock.advance(hours=2)
    house.remind(SOON, "Brakes")
    house.work()
    assert [] == house.post.sent

    house.at("2026-06-02 07:00")
    ((message, _),) = house.post.sent
    assert ("2 messages from Home", "digest") == (message.title, message.type)
    assert message.body.index("Polo: Oil") < message.body.index("Polo: Brakes")
    assert 2 == len(message.data["notifications"])
    assert ["delivered"] * 2 == [row.state for row in house.log() if row.is_digest]


def test_a_digest_that_failed_stays_the_same_message(house: House) -> None:
    """A digest is tried again with the same id, and what came later is in the next one."""
    house.prefer(digest=Digest.DAILY, digest_hour=7)
    spoil(house, Retry(timedelta(hours=30), "busy"))
    for title in ("Oil", "Brakes"):
        house.remind(SOON, title)
    house.work()
    house.at("2026-06-02 07:00")
    house.remind(SOON, "Tyres")
    house.work()
    house.at("2026-06-03 13:00")

    ids = [message.id for message, _ in house.post.sent]
    assert ["2 messages from Home", "Polo: Tyres is due very soon", "2 messages from Home"] == house.post.titles
    assert (ids[0], 2) == (ids[2], len(set(ids)))


def test_a_kind_that_was_switched_off_meanwhile(house: House) -> None:
    """Preferences count when a message is sent, not only when it was written."""
    house.prefer(digest=Digest.DAILY)
    house.remind(SOON)
    house.work()
    house.prefer(channels={"due": ()})
    house.at("2026-06-03 12:00")

    assert ([], ("suppressed", 0, "the user switched it off")) == (house.post.sent, state_of(house))


def test_old_news_is_not_sent(house: House) -> None:
    """What could not be sent for two weeks is not sent any more."""
    house.prefer(digest=Digest.WEEKLY)
    house.remind(date(2026, 7, 15), soon_days=60)
    house.work()
    house.at("2026-06-16 12:00")

    assert ("suppressed", 0, "it is too old to be news") == state_of(house)


def test_texts_are_in_the_users_language_and_units(house: House) -> None:
    """A German user reads German, with German numbers and the reason."""
    house.live("Europe/Berlin", "de_DE")
    house.remind(date(2026, 6, 20))
    house.work()
    ((message, _),) = house.post.sent

    assert ("Polo: Oil ist bald fällig", "de") == (message.title, message.language)
    assert message.body.startswith("Fällig in 19 Tagen, am 20. Juni.")
    assert 'lang="de"' in (message.html or "")
    assert "1.234,5" == language_for("de-AT").number(1234.5, 1)  # type: ignore[arg-type]


def test_what_people_write_breaks_nothing(house: House) -> None:
    """Mark-up is escaped in HTML, and no line break gets into a title."""
    house.remind(SOON, "<script>alert(1)</script> & {oil} %s")
    house.work()
    ((message, _),) = house.post.sent

    assert "Polo: <script>alert(1)</script> & {oil} %s is due very soon" == message.title
    assert "<script" not in (message.html or "")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; {oil} %s" in (message.html or "")
    forged = Message(id=message.id, type="due", title="a\r\nBcc: eve@example.org\u2028b", body="", at=message.at)
    assert "a Bcc: eve@example.org b" == forged.title


def test_an_address_without_an_account(house: House) -> None:
    """An invitation goes to an address, once, without a link to switch it off."""

    def invite(uow: Any) -> bool:
        text = Text("Join us", "Come")
        return notify_address(uow, Kind.INVITATIONS, "eve@example.org", text, event_id=house.car.id)

    told = [house.core.work(house.owner.fleet_id, "test", invite) for _ in range(2)]
    house.work()

    assert ([True, False], [("eve@example.org", "Join us")]) == (told, house.post.told)
    assert house.post.sent[0][0].unsubscribe is None
    assert "somebody of Home asked for it" in house.post.sent[0][0].body


def test_one_member_is_told_at_once(house: House) -> None:
    """Whoever looks after accounts tells a member in the transaction at hand, whatever they have switched off."""
    house.prefer(quiet_from="00:00", quiet_until="23:59")
    stranger = house.core.create_fleet("Office", owner_name="Eve", owner_email="eve@example.org").user_id

    def warn(uow: Any) -> list[bool]:
        def write(language: Language, user: User, fleet: Fleet) -> Text:
            return Text(language.text("A test from {fleet}", fleet=fleet.name), f"{user.name}, was that you?")

        return [notify_user(uow, each, Kind.SECURITY, write) for each in (house.owner.user_id, stranger)]

    assert [True, False] == house.core.work(house.owner.fleet_id, "test", warn)
    house.work()
    assert ("ada@example.org", "A test from Home") in house.post.told
    assert ["security"] == [found.kind for found in house.inbox()]


def test_a_message_costs_few_statements(house: House) -> None:
    """Telling one reader of one event takes a bounded number of statements."""
    for name in ("Bo", "Cy"):
        house.core.run(house.owner, add_member, AddMember(name=name, roles=("manager",)))
    house.work()
    seen: list[str] = []
    event.listen(house.core.database.engine, "before_cursor_execute", lambda _c, _cur, text, *_: seen.append(text))
    house.core.work(house.owner.fleet_id, "test", lambda uow: watchers(uow, house.car.id))

    assert len([text for text in seen if "set_config" not in text]) <= 3
