"""A post office for tests: a channel that does as it is told and keeps what it was given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from attrs import define, evolve, field

from fleetcore import Core, hookimpl
from fleetcore.kernel.actor import Actor
from fleetcore.notifications.channels import (
    Addressing,
    ChannelSpec,
    Delivered,
    Limits,
    Message,
    Outcome,
    Target,
)
from fleetcore.notifications.model import (
    Delivery,
    GetPreferences,
    ListDeliveries,
    ListedDelivery,
    ListNotifications,
    Notification,
    SetPreferences,
)
from fleetcore.notifications.service import get_preferences, list_deliveries, list_notifications, set_preferences
from fleetcore.people.commands import EditUser, GetUser
from fleetcore.people.service import edit_user, get_user
from fleetcore.reminders.model import AddReminder, Reminder
from fleetcore.reminders.service import add_reminder
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import Vehicle
from fleetcore.worker.loop import Worker
from fleetcore.worker.relay import deliver, fan_out

ROOMY = Limits(per_second=1000, per_target=1000, burst=1000, timeout=timedelta(seconds=60))


def _take(_message: Message, _target: Target) -> Outcome:
    return Delivered("taken")


@define
class Post:
    """What was posted, and what is answered; a plugin with the one channel ``post``."""

    sent: list[tuple[Message, Target]] = field(factory=list)
    answer: Callable[[Message, Target], Any] = _take
    spec: ChannelSpec = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.spec = ChannelSpec(
            name="post",
            factory=lambda _settings: _Counter(self),
            limits=ROOMY,
            formats=frozenset({"text", "html"}),
            addressing=Addressing.EMAIL,
            is_default=True,
        )

    @hookimpl
    def fleetcore_notification_channels(self) -> list[ChannelSpec]:
        """Bring the channel."""
        return [self.spec]

    @property
    def titles(self) -> list[str]:
        """The titles of what was posted, in order."""
        return [message.title for message, _ in self.sent]

    @property
    def told(self) -> list[tuple[str | None, str]]:
        """Addresses and titles of what was posted, sorted."""
        return sorted((target.address, message.title) for message, target in self.sent)  # type: ignore[type-var]


@define
class _Counter:
    post: Post

    async def open(self) -> None:
        pass

    async def send(self, message: Message, target: Target) -> Outcome:
        answer = self.post.answer(message, target)
        if asyncio.iscoroutine(answer):
            answer = await answer
        self.post.sent.append((message, target))
        return answer  # type: ignore[no-any-return]

    async def close(self) -> None:
        pass


@define
class House:
    """A Core with a post office, its owner and a car."""

    core: Core
    post: Post
    clock: FixedClock
    owner: Actor
    car: Vehicle

    def work(self) -> None:
        """Let a worker do all that is due."""
        Worker(self.core).drain()

    def at(self, moment: str) -> None:
        """Set the clock to *moment*, in UTC, and let a worker do what is due then."""
        self.clock.set(datetime.fromisoformat(f"{moment}+00:00"))
        self.work()

    def remind(self, on: Any, title: str = "Oil", **more: Any) -> Reminder:
        """Set a reminder of the car for a day."""
        return self.core.run(self.owner, add_reminder, AddReminder(vehicle_id=self.car.id, title=title, on=on, **more))

    def prefer(self, actor: Actor | None = None, **fields: Any) -> None:
        """Say how the actor, or the owner, wants to be told."""
        who = actor or self.owner
        version = self.core.read(who, get_preferences, GetPreferences()).version
        self.core.run(who, set_preferences, SetPreferences(version=version, **fields))

    def live(self, timezone: str | None = None, locale: str | None = None, **more: Any) -> None:
        """Change where the owner lives, or their language or address."""
        user = self.core.read(self.owner, get_user, GetUser())
        fields = {"name": user.name, "email": user.email, "timezone": timezone, "locale": locale} | more
        self.core.run(self.owner, edit_user, EditUser(user_id=user.id, version=user.version, **fields))

    def inbox(self, actor: Actor | None = None, **question: Any) -> tuple[Notification, ...]:
        """Return what is in the inbox of the actor or the owner, newest first."""
        return self.core.read(actor or self.owner, list_notifications, ListNotifications(**question)).items

    def log(self, actor: Actor | None = None, channel: str = "post", **question: Any) -> list[ListedDelivery]:
        """Return the delivery log of one channel, oldest first."""
        rows = self.core.read(actor or self.owner, list_deliveries, ListDeliveries(**question)).items
        return [row for row in reversed(rows) if row.channel == channel]

    def relay(self) -> None:
        """Bring events to their consumers, and send nothing."""
        fan_out(self.core, lambda _: None)
        deliver(self.core, lambda _: None)

    def claimed(self) -> list[Delivery]:
        """Take what is to be sent, as a worker does that then dies."""
        sender = self.core.sender
        batch = self.core.work(self.owner.fleet_id, "test", sender.claim)
        return [each for parcel in batch.parcels for each in parcel.deliveries]


def with_limits(post: Post, **limits: Any) -> Post:
    """Return the post office with other limits."""
    post.spec = evolve(post.spec, limits=evolve(post.spec.limits, **limits))
    return post


__all__ = ["ROOMY", "House", "Post", "with_limits"]
