"""Idempotency keys: the same request again has the first answer and no second effect."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from fleetcore import Core
from fleetcore.fuel.model import ListFills
from fleetcore.fuel.service import list_fills, record_fill
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, Rejected
from fleetcore.testing.builders import a_fill, a_vehicle, join_fleet, km, litres, new_vehicle
from fleetcore.vehicles.model import ListVehicles, PurgeVehicles
from fleetcore.vehicles.service import add_vehicle, list_vehicles, purge_vehicles

THREADS = 8


def test_a_replay_has_the_first_answer(shared_core: Core, resident: Actor) -> None:
    """The second run of a request returns an equal fact, and records nothing."""
    vehicle = new_vehicle(shared_core, resident)
    command = a_fill(vehicle.id, odometer=km("10000.1"), latitude=48.1, longitude=11.5, tags=("a",))
    first = shared_core.run(resident, record_fill, command, idempotency_key="k")
    second = shared_core.run(resident, record_fill, command, idempotency_key="k")

    assert first == second
    assert (first,) == shared_core.read(resident, list_fills, ListFills()).items


def test_an_answer_of_many_is_replayed(shared_core: Core, resident: Actor) -> None:
    """An answer that is no single fact comes back as it was."""
    first = shared_core.run(resident, purge_vehicles, PurgeVehicles(), idempotency_key="k")

    assert first == shared_core.run(resident, purge_vehicles, PurgeVehicles(), idempotency_key="k")


def test_another_body_is_a_conflict(shared_core: Core, resident: Actor) -> None:
    """A key that was used for another request is refused, whether the body differs or the operation."""
    vehicle = new_vehicle(shared_core, resident)
    shared_core.run(resident, record_fill, a_fill(vehicle.id), idempotency_key="k")
    with pytest.raises(Conflict, match="another request"):
        shared_core.run(resident, record_fill, a_fill(vehicle.id, volume=litres(41)), idempotency_key="k")
    with pytest.raises(Conflict, match="another request"):
        shared_core.run(resident, add_vehicle, a_vehicle(), idempotency_key="k")


def test_a_failed_request_frees_its_key(shared_core: Core, resident: Actor) -> None:
    """A request that was refused may be repeated under the same key, corrected."""
    with pytest.raises(Rejected):
        shared_core.run(resident, add_vehicle, a_vehicle(name=""), idempotency_key="k")

    assert "Polo" == shared_core.run(resident, add_vehicle, a_vehicle(), idempotency_key="k").name


def test_keys_are_each_users_own(shared_core: Core) -> None:
    """Two users, and two fleets, may use the same key for requests of their own."""
    owners = [shared_core.create_fleet(name) for name in ("One", "Two")]
    for actor in owners:
        shared_core.run(actor, add_vehicle, a_vehicle(), idempotency_key="k")
    manager = join_fleet(shared_core, owners[0], f"Mia-{owners[0].fleet_id}", "fleet_manager")
    shared_core.run(manager, add_vehicle, a_vehicle(), idempotency_key="k")

    assert [2, 1] == [len(shared_core.read(actor, list_vehicles, ListVehicles())) for actor in owners]


def test_threads_with_one_key_have_one_effect(shared_core: Core, resident: Actor) -> None:
    """Of 8 threads that send one request at once, one takes effect and all get its answer."""
    act = partial(shared_core.run, resident, add_vehicle, a_vehicle(), idempotency_key="k")
    with ThreadPoolExecutor(THREADS) as pool:
        answers = [future.result() for future in [pool.submit(act) for _ in range(THREADS)]]

    assert {answers[0].id} == {answer.id for answer in answers}
    assert (answers[0],) == shared_core.read(resident, list_vehicles, ListVehicles())


@pytest.mark.parametrize("key", ["", "k" * 201, "k\x00"])
@pytest.mark.parametrize("name", ["idempotency_key", "correlation_id"])
def test_odd_labels_are_refused(shared_core: Core, resident: Actor, name: str, key: str) -> None:
    """A key or correlation id that no database column takes is refused by name."""
    with pytest.raises(Rejected) as caught:
        shared_core.run(resident, add_vehicle, a_vehicle(), **{name: key})  # type: ignore[arg-type]

    assert [name] == [problem.field for problem in caught.value.problems]
