"""A house with a post office on each engine in turn, settled: nobody is told anything yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import fleetcore
from fleetcore.notifications.model import ArchiveNotifications, ReadNotifications
from fleetcore.notifications.service import archive_notifications, read_notifications
from fleetcore.testing.builders import new_vehicle
from fleetcore.testing.clock import FixedClock

from .post import House, Post

Build = Callable[..., House]


@pytest.fixture
def house_with(database_url: str, clock: FixedClock) -> Iterator[Build]:
    """Builds the house with a post office of one's own."""
    opened = []

    def build(post: Post, *plugins: object) -> House:
        core = fleetcore.open(database_url, plugins=[post, *plugins], installed_plugins=False, clock=clock)
        opened.append(core)
        owner = core.create_fleet(
            "Home", currency="EUR", timezone="UTC", owner_name="Ada", owner_email="ada@example.org"
        )
        house = House(core, post, clock, owner, new_vehicle(core, owner))
        house.work()
        core.run(owner, read_notifications, ReadNotifications(all=True))
        core.run(owner, archive_notifications, ArchiveNotifications(all_read=True))
        post.sent.clear()
        return house

    yield build
    for core in opened:
        core.close()


@pytest.fixture
def house(house_with: Build) -> House:
    """The house."""
    return house_with(Post())
