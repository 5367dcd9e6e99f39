"""Work in the background that failed for good is told to the owners, once."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from fleetcore import hookimpl
from fleetcore.kernel.area import Area
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.work import QUEUE, Consumer, GiveUp, JobKind
from fleetcore.testing.builders import an_edit_of, join_fleet
from fleetcore.vehicles.events import VehicleEdited
from fleetcore.vehicles.model import GetVehicle
from fleetcore.vehicles.service import edit_vehicle, get_vehicle
from fleetcore.worker.events import JobDied
from fleetcore.worker.model import ListDeadLetters, ListJobs, Replay, RetryJob
from fleetcore.worker.service import list_dead_letters, list_jobs, replay, retry_job

from .conftest import Build
from .post import House, Post


@define
class Trouble:
    """A plugin whose job and consumer fail for good while it is broken."""

    is_broken: bool = True
    done: list[str] = field(factory=list)

    @hookimpl
    def fleetcore_areas(self) -> list[Area]:
        """Bring both."""
        consumer = Consumer(name="trouble.consumer", hears={VehicleEdited: self.fail})
        return [Area(name="trouble", consumers=(consumer,), jobs=(JobKind(name="trouble.job", run=self.fail),))]

    def fail(self, _uow: UnitOfWork, _told: Any) -> None:
        """Give up."""
        if self.is_broken:
            raise GiveUp("Ada's secret wish broke it")
        self.done.append("done")


def enqueue(house: House) -> None:
    """Leave the job to the worker and let it work."""
    house.core.work(house.owner.fleet_id, "test", lambda uow: uow[QUEUE].enqueue("trouble.job", now=uow.now))
    house.work()


def rename(house: House, name: str) -> None:
    """Make the event that the consumer hears, and let the worker work."""
    car = house.core.read(house.owner, get_vehicle, GetVehicle(id=house.car.id))
    house.core.run(house.owner, edit_vehicle, an_edit_of(car, name=name))
    house.work()


def test_a_dead_job_is_told_to_owners_once(house_with: Build) -> None:
    """However many die alike, there is one message, for owners only, that does not quote the error."""
    house = house_with(Post(), Trouble())
    join_fleet(house.core, house.owner, "Mia", "manager")
    house.work()
    house.post.sent.clear()
    for _ in range(3):
        enqueue(house)

    assert [("ada@example.org", "A background job failed for good: trouble.job")] == house.post.told
    assert ["jobs"] == [found.kind for found in house.inbox()]
    body = house.post.sent[0][0].body
    assert "fleet jobs list --state dead" in body
    assert "wish" not in body


def test_after_a_retry_it_is_told_again(house_with: Build) -> None:
    """Trying again settles it; when it fails again, that is news."""
    house = house_with(Post(), Trouble())
    enqueue(house)
    (job,) = [each for each in house.core.read(house.owner, list_jobs, ListJobs()).items if each.kind == "trouble.job"]
    house.core.run(house.owner, retry_job, RetryJob(id=job.id))
    house.work()

    assert 2 == house.post.titles.count("A background job failed for good: trouble.job")
    assert 1 == len(house.inbox())


def test_a_dead_letter_is_told_and_settled(house_with: Build) -> None:
    """An event that a consumer cannot take is told; sent again with success, the inbox is clear."""
    trouble = Trouble()
    house = house_with(Post(), trouble)
    rename(house, "Golf")
    rename(house, "Passat")
    assert [("ada@example.org", "An event could not be processed: trouble.consumer")] == house.post.told

    trouble.is_broken = False
    for letter in house.core.read(house.owner, list_dead_letters, ListDeadLetters()).items:
        house.core.run(house.owner, replay, Replay(id=letter.id))
    house.work()
    assert ((), ["done"] * 2) == (house.inbox(), trouble.done)


def test_a_failure_that_cannot_be_told_goes_not_round(house_with: Build) -> None:
    """When the message of a failure fails itself, that is a dead letter and no more."""
    house = house_with(Post(), Trouble())
    hears: Any = house.core.consumers["notifications"].hears
    hears[JobDied] = _raise
    enqueue(house)
    letters = house.core.read(house.owner, list_dead_letters, ListDeadLetters()).items

    assert ["worker.job_died"] == [letter.name for letter in letters]
    assert [] == house.post.sent


def _raise(_uow: UnitOfWork, _committed: Any) -> None:
    raise GiveUp("not today")
