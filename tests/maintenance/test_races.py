"""Jobs started and completed, and tyres mounted, by several processes at once."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from uuid import UUID

import pytest

import fleetcore
from fleetcore.kernel.errors import FleetError
from fleetcore.maintenance.fittings import mount_tyres
from fleetcore.maintenance.tyre_model import AddTyreSet, GetTyreSet, MountTyres, TyreKind
from fleetcore.maintenance.tyres import add_tyre_set, get_tyre_set
from fleetcore.testing.builders import euros, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import VehicleState

from .conftest import TODAY, Desk

PROCESSES = 2


def act(url: str, vehicle_id: UUID, job: object, word: str) -> str:
    """Do *word* with the job as a process of its own; returns what came of it."""
    with fleetcore.open(url, installed_plugins=False, clock=FixedClock()) as core:
        desk = Desk(core, core.actor(), vehicle_id)
        try:
            getattr(desk, word)(job, **({"total": euros(50)} if word == "complete" else {}))
        except FleetError as error:
            return type(error).__name__
        return "done"


@pytest.mark.parametrize("word", ["start", "complete"])
def test_one_of_two_processes_wins(database_url: str, word: str) -> None:
    """Of two processes that start or complete one job at once, exactly one does it, and it is booked once."""
    with fleetcore.open(database_url, installed_plugins=False, clock=FixedClock()) as core:
        owner = core.create_fleet("Home")
        desk = Desk(core, owner, new_vehicle(core, owner).id)
        job = desk.schedule() if word == "start" else desk.start(desk.schedule())
        with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
            tasks = [pool.submit(act, database_url, desk.vehicle_id, job, word) for _ in range(PROCESSES)]
            outcomes = sorted(task.result() for task in tasks)

        assert ["Conflict", "done"] == outcomes
        assert (desk.state() is VehicleState.UNDER_MAINTENANCE) is (word == "start")
        assert ({} if word == "start" else {"expenses.service": 5000, "assets.bank": -5000}) == desk.balances()


def mount(url: str, set_id: UUID, vehicle_id: UUID) -> str:
    """Mount a set as a process of its own; returns what came of it."""
    with fleetcore.open(url, installed_plugins=False, clock=FixedClock()) as core:
        try:
            core.run(core.actor(), mount_tyres, MountTyres(set_id=set_id, vehicle_id=vehicle_id, on=TODAY))
        except FleetError as error:
            return type(error).__name__
        return "done"


def test_a_set_is_on_one_vehicle_whoever_is_first(database_url: str) -> None:
    """Of two processes that put one set on two vehicles at once, exactly one does it."""
    with fleetcore.open(database_url, installed_plugins=False, clock=FixedClock()) as core:
        owner = core.create_fleet("Home")
        vehicles = [new_vehicle(core, owner, name=name).id for name in ("A", "B")]
        winter = AddTyreSet(vehicle_id=vehicles[0], name="Winter", kind=TyreKind.WINTER)
        tyre_set = core.run(owner, add_tyre_set, winter)
        with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
            tasks = [pool.submit(mount, database_url, tyre_set.id, vehicle_id) for vehicle_id in vehicles]
            outcomes = sorted(task.result() for task in tasks)

        assert ["Rejected", "done"] == outcomes
        assert core.read(owner, get_tyre_set, GetTyreSet(id=tyre_set.id)).mounted_on in vehicles
