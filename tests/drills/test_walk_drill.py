"""A list is walked by its cursor while rows come and go: nothing is told twice, and nothing that stayed is missed.

FLEET_DRILL_LIST_ROWS sets how many rows; the times of the first pages and of the last are printed, and not judged.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from fleetcore import Core
from fleetcore.fuel.model import Fill, ListFills
from fleetcore.fuel.ports import FILLS
from fleetcore.fuel.service import list_fills
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Volume
from fleetcore.vehicles.carriers import Carrier

ROWS = int(os.environ.get("FLEET_DRILL_LIST_ROWS", "2000"))
PAGE = 100
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
SEED = 20_261_121


def fill(uow: UnitOfWork, vehicle_id: UUID, number: int) -> Fill:
    """Return fill *number*; some share their instant and many their cost, so that the id must decide."""
    return Fill(
        id=uow.new_id(),
        vehicle_id=vehicle_id,
        at=FIRST + timedelta(minutes=number // 3),
        carrier=Carrier.PETROL,
        volume=Volume(40_000),
        total=Money(6000 + number % 50, "EUR"),
        unit_price=UnitPrice(1_500_000, "EUR"),
        created_at=uow.now,
        updated_at=uow.now,
        created_by=uow.actor.user_id,
        updated_by=uow.actor.user_id,
    )


class Walk:
    """A list that is read page by page, with others at work between the pages."""

    def __init__(self, core: Core, owner: Actor, vehicle_id: UUID) -> None:
        self.core, self.owner, self.vehicle_id = core, owner, vehicle_id
        self.chance = random.Random(SEED)  # noqa: S311 - the same rows each time, no secret
        self.gone: set[UUID] = set()
        self.seconds: list[float] = []
        self.there = self.add(range(ROWS))

    def add(self, numbers: Any) -> list[UUID]:
        """Store fills and return their ids."""

        def work(uow: UnitOfWork) -> list[UUID]:
            made = [fill(uow, self.vehicle_id, number) for number in numbers]
            uow[FILLS].add_many(made)
            return [each.id for each in made]

        return self.core.work(self.owner.fleet_id, "drill", work)

    def disturb(self) -> None:
        """Delete some of the rows, wherever they are, and add others anywhere."""
        for fill_id in self.chance.sample(self.there, 2):
            if fill_id not in self.gone:
                self.core.perform(self.owner, "fuel.delete_fill", {"id": str(fill_id), "version": 1})
                self.gone.add(fill_id)
        self.add([self.chance.randrange(ROWS) for _ in range(3)])

    def read(self, sort: str) -> list[UUID]:
        """Return every id that the walk was told, in order."""
        told: list[UUID] = []
        cursor = None
        while True:
            began = time.perf_counter()
            page = self.core.read(self.owner, list_fills, ListFills(sort=sort, limit=PAGE, cursor=cursor))
            self.seconds.append(time.perf_counter() - began)
            told += [each.id for each in page.items]
            if (cursor := page.next) is None:
                return told
            self.disturb()


@pytest.mark.parametrize("sort", ["-at", "total"])
def test_a_walk_tells_every_row_once(core: Core, owner: Actor, sort: str) -> None:
    """Each row that stayed all the time is told, and no row twice; a deleted one not after it was deleted."""
    vehicle = core.perform(owner, "vehicles.add", {"name": "Golf", "carriers": ["petrol"]})
    walk = Walk(core, owner, vehicle.id)
    told = walk.read(sort)
    assert len(told) == len(set(told))
    assert set(walk.there) - walk.gone <= set(told)
    first, last = (1000 * statistics.median(part) for part in (walk.seconds[:10], walk.seconds[-11:-1]))
    sys.stdout.write(
        f"{core.database.dialect}, {sort}: {len(told):,} rows; a page took {first:.1f} ms, at the end {last:.1f} ms\n"
    )
