"""The same request again, with the same key: each way to change something answers as it did, and does nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fleetserver.app import api_routes
from fleetserver.web.routing import Shape

from .serving import Client, Reply

GOLF = {"name": "Golf", "make": "VW", "carriers": ["petrol"]}
ASKS = {Shape.READ, Shape.CONTENT, Shape.DOWNLOAD}
Send = Callable[[Client, dict[str, Any], dict[str, str]], Reply]
# For each shape of route that changes something: a request about a car, with its version.
CHANGES: dict[Shape, Send] = {
    Shape.CREATE: lambda client, _car, key: client.ask("POST", "/stations", {"name": "Aral"}, headers=key),
    Shape.REPLACE: lambda client, car, key: client.ask(
        "PUT", f"/vehicles/{car['id']}", {**GOLF, "model": "VII"}, headers={**key, "If-Match": '"1.x"'}
    ),
    Shape.MERGE: lambda client, car, key: client.ask(
        "PATCH", f"/vehicles/{car['id']}", {"model": "VII"}, headers={**key, "If-Match": '"1.x"'}
    ),
    Shape.REMOVE: lambda client, car, key: client.ask(
        "DELETE", f"/vehicles/{car['id']}", headers={**key, "If-Match": '"1.x"'}
    ),
    Shape.ACT: lambda client, car, key: client.ask(
        "POST", f"/vehicles/{car['id']}/transitions", {"version": 1, "state": "under_maintenance"}, headers=key
    ),
    Shape.BATCH: lambda client, _car, key: client.ask(
        "POST", "/stations/batch", {"items": [{"name": "Aral"}, {"name": "Jet"}]}, headers=key
    ),
    Shape.UPLOAD: lambda client, car, key: client.ask(
        "POST",
        f"/attachments?entity=vehicles.vehicle&entity_id={car['id']}&name=receipt.txt",
        raw=b"paid",
        headers={**key, "Content-Type": "text/plain"},
    ),
}


def test_every_way_to_change_something_is_tried() -> None:
    """A new shape of route is tried here too."""
    assert set(CHANGES) == {route.shape for route in api_routes()} - ASKS


@pytest.mark.parametrize("shape", CHANGES)
def test_a_repeated_change_has_its_first_answer(client: Client, shape: Shape) -> None:
    """Status, body and ETag are the same, and the history of changes is no longer than after the first."""
    car = client.made("/vehicles", GOLF)
    first = CHANGES[shape](client, car, {"Idempotency-Key": "once"})
    assert first.status in {200, 201}, first.body
    changes = client.get("/audit").value["items"]
    again = CHANGES[shape](client, car, {"Idempotency-Key": "once"})
    assert (first.status, first.body, first.headers.get("etag")) == (
        again.status,
        again.body,
        again.headers.get("etag"),
    )
    assert changes == client.get("/audit").value["items"]
