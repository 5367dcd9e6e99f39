"""Processes that record overlapping trips of one vehicle at once: exactly one of them wins."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.testing.builders import new_vehicle
from fleetcore.trips.model import ListTrips
from fleetcore.trips.queries import list_trips

from .racing import PROCESSES, ROUNDS, race


def test_one_of_several_overlapping_trips_is_kept(core: Core, owner: Actor) -> None:
    """In each round one process records its trip and the others are told of the overlap."""
    vehicle = new_vehicle(core, owner)
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        start = manager.Barrier(PROCESSES)
        url = core.database.url
        runs = [pool.submit(race, number, url, vehicle.id, start) for number in range(PROCESSES)]
        won = sorted(index for run in runs for index in run.result())

    assert list(range(ROUNDS)) == won
    assert len(core.read(owner, list_trips, ListTrips()).items) == ROUNDS
