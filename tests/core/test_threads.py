"""One Core serves several threads at once, as its documentation says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import fleetcore
from fleetcore import Core
from fleetcore.fuel.model import ListFills
from fleetcore.fuel.service import list_fills, record_fill
from fleetcore.kernel.actor import Actor
from fleetcore.ledger.model import CheckLedger
from fleetcore.ledger.queries import check_ledger
from fleetcore.testing.builders import NOON, a_fill, new_vehicle
from fleetcore.vehicles.model import ListVehicles
from fleetcore.vehicles.service import list_vehicles

THREADS, EACH = 8, 5


def work(core: Core, owner: Actor) -> tuple[int, bool]:
    """Record and read fills of one vehicle from several threads; returns what is stored, and that it is sound."""
    vehicle = new_vehicle(core, owner)

    def fill_and_read(number: int) -> int:
        for index in range(EACH):
            core.run(owner, record_fill, a_fill(vehicle.id, at=NOON.replace(minute=number, second=index)))
        return len(core.read(owner, list_vehicles, ListVehicles()))

    with ThreadPoolExecutor(THREADS) as pool:
        assert [1] * THREADS == list(pool.map(fill_and_read, range(THREADS)))
    check = core.read(owner, check_ledger, CheckLedger())
    return len(core.read(owner, list_fills, ListFills(limit=1000)).items), check.is_sound


def test_threads_share_a_core(shared_core: Core, resident: Actor) -> None:
    """8 threads that write and read through one Core lose and mix up nothing."""
    assert (THREADS * EACH, True) == work(shared_core, resident)


def test_threads_share_a_database_in_memory() -> None:
    """A database in memory, which is one connection, serves threads in turn."""
    with fleetcore.open("sqlite://", installed_plugins=False) as core:
        assert (THREADS * EACH, True) == work(core, core.create_fleet("Home"))


def test_threads_of_two_fleets_stay_apart(shared_core: Core) -> None:
    """Threads that work for different fleets on one Core each see their own fleet only."""
    owners = [shared_core.create_fleet(f"Fleet {number}") for number in range(THREADS)]

    def add_and_list(number: int) -> list[str]:
        for index in range(number + 1):
            new_vehicle(shared_core, owners[number], name=f"{number}-{index}")
        return [v.name for v in shared_core.read(owners[number], list_vehicles, ListVehicles())]

    with ThreadPoolExecutor(THREADS) as pool:
        listed = list(pool.map(add_and_list, range(THREADS)))

    assert [[f"{number}-{index}" for index in range(number + 1)] for number in range(THREADS)] == listed


def test_the_promise_is_documented() -> None:
    """The documentation of Core says that threads may share it."""
    assert "Safe to share between threads" in (Core.__doc__ or "")
