"""Many records by one request: all of them, or none and every fault of every item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from fleetcore import Core
from fleetcore.batches import BATCH_SIZE_MAX
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ids import new_id
from fleetcore.testing.builders import join_fleet
from fleetserver.app import api_routes
from fleetserver.web.batch import BATCHED
from fleetserver.web.routing import Shape

from .serving import Client, Reply, running
from .test_contract import GOLF, faults


@pytest.fixture
def vehicle(client: Client) -> str:
    """The id of a vehicle of the owner's."""
    return str(client.made("/vehicles", GOLF)["id"])


def fill(vehicle: str, number: int, **said: Any) -> dict[str, Any]:
    """Return what is said of fill *number*: a day later and 100 km on each time."""
    at = f"2025-{1 + number // 28:02}-{1 + number % 28:02}T12:00:00Z"
    total = {"amount": "60.00", "currency": "EUR"}
    return {"vehicle_id": vehicle, "at": at, "odometer_km": 1000 + 100 * number, "volume_l": 40, "total": total} | said


def batch(client: Client, path: str, items: Any, **headers: str) -> Reply:
    """Send *items* to the batch address of *path*."""
    return client.post(f"{path}/batch", {"items": items}, **headers)


def test_every_batch_stands_beside_a_create() -> None:
    """Batches are made from the routes that record one, of every collection that is said to have one."""
    creates = {route.path: route.operation for route in api_routes() if route.shape is Shape.CREATE}
    batches = {route.path: route.operation for route in api_routes() if route.shape is Shape.BATCH}
    assert {f"{path}/batch": creates[path] for path in BATCHED} == batches


def test_a_batch_is_recorded_in_its_order(client: Client, vehicle: str) -> None:
    """The answer has the records in the order of the items, and they are there."""
    reply = batch(client, "/fuel", [fill(vehicle, number) for number in (2, 0, 1)])
    assert (201, [1200, 1000, 1100]) == (reply.status, [made["odometer_km"] for made in reply.value["items"]])
    assert reply.value["next"] is None
    assert [1200, 1100, 1000] == [found["odometer_km"] for found in client.get("/fuel").value["items"]]


def test_the_address_implies_fields_of_every_item(client: Client, vehicle: str) -> None:
    """Readings are recorded at their vehicle's address without naming it; another one is a contradiction."""
    path = f"/vehicles/{vehicle}/odometer"
    readings = [{"at": f"2025-01-0{day}T12:00:00Z", "odometer_km": day} for day in (1, 2)]
    assert 201 == batch(client, path, readings).status
    odd = [readings[0], {**readings[1], "vehicle_id": str(new_id())}]
    assert [("/items/1/vehicle_id", "contradicts")] == faults(batch(client, path, odd))


def test_every_fault_of_every_item_is_told(client: Client, vehicle: str) -> None:
    """What is malformed is told with the place in the body, and nothing is recorded."""
    items = [fill(vehicle, 0), fill(vehicle, 1, volume_l="much", colour="red"), [], {"at": "soon"}]
    found = faults(batch(client, "/fuel", items))
    expected = {("/items/1/volume_l", "invalid"), ("/items/1/colour", "unknown"), ("/items/2", "invalid")}
    assert expected | {("/items/3/at", "invalid"), ("/items/3/vehicle_id", "required")} == set(found)
    assert [] == client.get("/fuel").value["items"]


def test_every_rule_that_an_item_breaks_is_told(client: Client, vehicle: str) -> None:
    """Items that are well formed are judged as if those which fail were not there."""
    taken = str(new_id())
    items = [
        fill(vehicle, 0, id=taken),
        fill(vehicle, 1, volume_l=-4),
        fill(vehicle, 2),
        fill(vehicle, 3, odometer_km=1),
        fill(str(new_id()), 4),
        fill(vehicle, 5, id=taken),
        fill(vehicle, 6),
    ]
    reply = batch(client, "/fuel", items)
    places = {place.split("/")[2] for place, _code in faults(reply)}
    assert (422, {"1", "3", "4", "5"}) == (reply.status, places)
    assert {("/items/4", "not-found"), ("/items/5", "conflict")} <= set(faults(reply))
    assert [] == client.get("/fuel").value["items"]


def test_a_taken_id_alone_is_a_conflict(client: Client, vehicle: str) -> None:
    """One item that collides is 409, as it is alone."""
    made = client.made("/fuel", fill(vehicle, 0))
    assert 409 == batch(client, "/fuel", [fill(vehicle, 1), fill(vehicle, 2, id=made["id"])]).status
    assert 1 == len(client.get("/fuel").value["items"])


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "/items"),
        ({"items": []}, "/items"),
        ({"items": {}}, "/items"),
        ({"items": [{}] * (BATCH_SIZE_MAX + 1)}, "/items"),
        ({"items": [GOLF], "more": 1}, "/more"),
    ],
)
def test_a_batch_is_a_bounded_list(client: Client, body: Mapping[str, Any], place: str) -> None:
    """No items, too many, and what is no list are refused."""
    reply = client.post("/vehicles/batch", body)
    assert (422, [place]) == (reply.status, [found for found, _code in faults(reply)])


def test_a_key_counts_for_the_whole_batch(client: Client, vehicle: str) -> None:
    """The same batch again is answered byte for byte and recorded once; another under the key is refused."""
    key = {"Idempotency_Key": str(new_id())}
    items = [fill(vehicle, number) for number in range(3)]
    first, again = (batch(client, "/fuel", items, **key) for _ in range(2))
    assert (201, first.body) == (again.status, again.body)
    assert 3 == len(client.get("/fuel").value["items"])
    assert 422 == batch(client, "/fuel", items[:2], **key).status


def test_a_strangers_vehicle_is_an_unknown_one(core: Core, owner: Actor) -> None:
    """A batch tells no more of another fleet's vehicle than of one that never was."""
    actors = {"owner": owner, "stranger": core.create_fleet("Elsewhere")}
    with running(core, actors) as port:
        vehicle = str(Client(port).made("/vehicles", GOLF)["id"])
        unknown = str(new_id())
        replies = [batch(Client(port, "stranger"), "/fuel", [fill(each, 0)]) for each in (vehicle, unknown)]
    told = [
        reply.value["errors"][0]["detail"].replace(each, "ID")
        for reply, each in zip(replies, (vehicle, unknown), strict=True)
    ]
    assert ([422, 422], told[0]) == ([reply.status for reply in replies], told[1])


def test_who_may_not_record_one_may_not_record_many(core: Core, owner: Actor) -> None:
    """The permission is that of the operation."""
    with running(core, {"owner": owner, "accountant": join_fleet(core, owner, role="accountant")}) as port:
        assert 403 == batch(Client(port, "accountant"), "/vehicles", [GOLF]).status


@contextmanager
def counted(core: Core) -> Iterator[list[str]]:
    """Lend the list of the statements that are run on the database."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(core.database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(core.database.engine, "before_cursor_execute", note)


def test_statements_grow_no_faster_than_items(core: Core, client: Client, vehicle: str) -> None:
    """A fill in a batch takes fewer statements than one alone, however long the batch is."""
    items = [fill(vehicle, number) for number in range(111)]
    counts = []
    for part in (items[:1], items[1:11], items[11:111]):
        with counted(core) as seen:
            assert 201 == batch(client, "/fuel", part).status
        counts.append(len(seen) / len(part))
    assert counts[0] > counts[1] > counts[2]
    assert counts[2] < 8
