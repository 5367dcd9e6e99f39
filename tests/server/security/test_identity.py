"""No answer lets anybody tell an id of another fleet from an id that there is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen
from tests.server.security.asking import request_of
from tests.server.security.estates import Estate
from tests.server.security.rows import row_of
from tests.server.security.town import OTHER, OWN, Town
from tests.server.serving import Reply

from fleetcore.kernel.wire import bare_type
from fleetserver.app import api_routes
from fleetserver.web.requests import CommandFields, fields_of
from fleetserver.web.routing import Route

ROUTES = api_routes()
ANY_ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ANY_TOKEN = re.compile(rb'"token":"[^"]+"')
DIFFERENT = {"date", "x-correlation-id", "etag", "content-length", "location"}
# Which record of the estate a field names, where it is not the one that the operation is about.
NAMED = {
    "vehicle_id": "vehicle",
    "vehicle_ids": "vehicle",
    "user_id": "friend",
    "actor_id": "friend",
    "person_id": "friend",
    "driver_id": "friend",
    "inspector_id": "friend",
    "station_id": "station",
    "provider_id": "provider",
    "attachment_ids": "attachment",
    "reminder_ids": "reminder",
    "record_id": "service",
    "retest_of": "inspection",
    "entity_id": "fill",
    "source_id": "fill",
    "recurring_id": "recurring",
    "set_id": "tyres",
    "new_id": "document",
    "ids": "fill",
}
MADE = {  # what a client may choose the id of
    "vehicles.add": "vehicle",
    "vehicles.record_reading": "reading",
    "vehicles.assign_driver": "assignment",
    "people.define_role": "role",
    "sharing.invite": "invitation",
    "attachments.add": "attachment",
    "fuel.record_fill": "fill",
    "fuel.add_station": "station",
    "expenses.record": "expense",
    "expenses.add_recurring": "recurring",
    "maintenance.record_service": "service",
    "maintenance.schedule_job": "job",
    "maintenance.add_provider": "provider",
    "maintenance.add_plan_item": "plan",
    "maintenance.add_template": "template",
    "maintenance.add_checklist": "checklist",
    "maintenance.record_inspection": "inspection",
    "maintenance.add_tyre_set": "tyres",
    "maintenance.measure_tread": "tread check",
    "reminders.add": "reminder",
    "documents.add": "document",
    "trips.record": "trip",
    "trips.start": "trip",
    "trips.add_rate": "rate",
}


# A user belongs to no fleet: an id that somebody chooses for a new one can be taken, as an e-mail address can.
OF_THE_PLATFORM = {("people.add_member", "user_id")}


@frozen
class Probe:
    """A request that is one's own but for one field, which names a record of another fleet."""

    route: Route
    field: str

    def said(self, own: Estate, other: Estate, fields: CommandFields) -> dict[str, Any]:
        """Return what is said, with the field of *other*."""
        said = dict(row_of(self.route).says(own))
        if self.field == "driver_id":  # a driver is told by id or by name
            said.pop("driver_name", None)
        key = self.key_of(own, said, other)
        return said | {self.field: [key] if "tuple" in str(fields.types[self.field]) else key}

    def key_of(self, own: Estate, said: dict[str, Any], other: Estate) -> str:
        """Return the id of the record of *other* that the field would name."""
        ids = {**other.ids, "vehicle": other.vehicle}
        if self.field in said and not isinstance(said[self.field], list):
            names = {key: name for name, key in {**own.ids, "vehicle": own.vehicle}.items()}
            return ids[names.get(said[self.field], "fill")]
        return ids[MADE.get(self.route.operation, "fill") if self.field == "id" else NAMED[self.field]]


def is_id(declared: Any) -> bool:
    """Say whether a field of the type *declared* names records."""
    return bare_type(declared) is UUID or str(UUID) in str(declared) or "UUID" in str(declared)


def probes(town: Town) -> Iterator[Probe]:
    """Yield a probe for each field of each route in which an id can be said."""
    for route in ROUTES:
        fields = fields_of(town.core.operations[route.operation].command_type)
        named = [name for name, declared in fields.types.items() if is_id(declared)]
        yield from (Probe(route, name) for name in named if (route.operation, name) not in OF_THE_PLATFORM)


def alike(reply: Reply) -> tuple[int, dict[str, str], bytes]:
    """Return what does not differ between any two answers."""
    body = reply.body.replace(reply.headers["x-correlation-id"].encode(), b"")
    headers = {name: text for name, text in reply.headers.items() if name not in DIFFERENT}
    return reply.status, headers, ANY_TOKEN.sub(b"<token>", ANY_ID.sub(b"<id>", body))


@pytest.mark.parametrize("role", ["owner", "family", "guest"])
def test_an_id_of_another_fleet_is_like_none(town: Town, role: str) -> None:
    """In path, query and body each field of each route answers to both alike, byte for byte but for ids."""
    own, other = town.estates[role, OWN], town.estates[role, OTHER]
    nowhere, told = other.elsewhere(), []
    with closing(town.visitor(role)) as visitor:
        for probe in probes(town):
            operation = town.core.operations[probe.route.operation]
            fields = fields_of(operation.command_type)
            replies = [
                visitor.send(request_of(probe.route, operation, probe.said(own, estate, fields)))
                for estate in (other, nowhere)
            ]
            if alike(replies[0]) != alike(replies[1]) or other.mark.encode() in replies[0].body:
                told.append((f"{probe.route.method} {probe.route.path}", probe.field, *(r.body[:300] for r in replies)))
    assert [] == told, "\n".join(map(str, told))


def test_the_judge_tells_apart_what_is_there(town: Town) -> None:
    """Negative control: to the owner an id of the own fleet and one that there is not are two answers."""
    own = town.estates["owner", OWN]
    with closing(town.visitor("owner")) as owner:
        there, nowhere = (owner.ask("GET", f"/api/v1/fuel/{e.ids['fill']}") for e in (own, own.elsewhere()))
    assert alike(there) != alike(nowhere)
