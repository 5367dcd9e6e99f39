"""Commands, facts and events as JSON: strict on the way in, the same after a round trip, true to their schemas."""

from __future__ import annotations

import os
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleetcore.areas import built_in_areas
from fleetcore.fuel.model import RecordFill
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.schema import SchemaBook, inline_schema
from fleetcore.kernel.wire import from_json, structure, to_json
from fleetcore.people.commands import DefineRole
from fleetcore.vehicles.model import AddVehicle, Vehicle

from .validation import faults, values_of

OPERATIONS = [found for area in built_in_areas() for found in area.operations]
EVENTS = [kind for area in built_in_areas() for kind in area.events]
ROUNDS = int(os.environ.get("FLEET_DRILL_ROUNDS", "0"))
EXAMPLES = settings(max_examples=ROUNDS or 6, deadline=None, suppress_health_check=list(HealthCheck))
FILL = {"vehicle_id": "00000000-0000-7000-8000-000000000000", "at": "2026-05-01T12:00:00Z"}


def has_json(declared: Any) -> bool:
    """Say whether the type has a JSON form: streams and functions have none."""
    try:
        values_of(declared)
    except TypeError:
        return False
    return True


COMMANDS = [found for found in OPERATIONS if has_json(found.command_type)]
RESULTS = [found for found in OPERATIONS if has_json(found.result_type)]


def named(found: Any) -> str:
    """Return the name of an operation or event."""
    return str(found.name)


@EXAMPLES
@pytest.mark.parametrize("found", COMMANDS, ids=named)
@given(data=st.data())
def test_commands_survive_a_round_trip(found: Any, data: st.DataObject) -> None:
    """A command written as JSON keeps to its schema and reads back as it was."""
    command = data.draw(values_of(found.command_type))
    written = to_json(command)

    assert [] == list(faults(orjson.loads(written), inline_schema(found.command_type)))
    assert command == from_json(written, found.command_type)


@EXAMPLES
@pytest.mark.parametrize("found", RESULTS, ids=named)
@given(data=st.data())
def test_results_survive_a_round_trip(found: Any, data: st.DataObject) -> None:
    """A result written as JSON keeps to its schema and, as for a replay, reads back as it was."""
    result = data.draw(values_of(found.result_type))
    written = to_json(result)

    assert [] == list(faults(orjson.loads(written), inline_schema(found.result_type, complete=True)))
    assert result == from_json(written, found.result_type)


@EXAMPLES
@pytest.mark.parametrize("kind", EVENTS, ids=named)
@given(data=st.data())
def test_events_keep_to_their_schemas(kind: Any, data: st.DataObject) -> None:
    """A payload has every field of its schema, its key among them, and reads back as it was."""
    told = data.draw(values_of(kind))
    written = to_json(told)
    schema = inline_schema(kind, complete=True)

    assert [] == list(faults(orjson.loads(written), schema))
    assert kind.key in schema["properties"]
    assert told == from_json(written, kind)


@pytest.mark.parametrize(
    ("cls", "value", "field"),
    [
        (AddVehicle, [], ""),
        (AddVehicle, "Polo", ""),
        (AddVehicle, None, ""),
        (AddVehicle, {"nme": "Polo"}, "nme"),
        (AddVehicle, {"name": 5}, "name"),
        (AddVehicle, {"name": None}, "name"),
        (AddVehicle, {"name": "a\x00"}, "name"),
        (AddVehicle, {"name": "\ud800"}, "name"),
        (AddVehicle, {"year": "2020"}, "year"),
        (AddVehicle, {"year": 2020.5}, "year"),
        (AddVehicle, {"year": True}, "year"),
        (AddVehicle, {"tags": "blue"}, "tags"),
        (AddVehicle, {"tags": {"blue": 1}}, "tags"),
        (AddVehicle, {"tags": 5}, "tags"),
        (AddVehicle, {"tags": ["blue", 5]}, "tags.1"),
        (AddVehicle, {"carriers": ["petrol", "wood"]}, "carriers.1"),
        (AddVehicle, {"carriers": [[]]}, "carriers.0"),
        (AddVehicle, {"custom_fields": ["a"]}, "custom_fields"),
        (AddVehicle, {"custom_fields": "a"}, "custom_fields"),
        (AddVehicle, {"custom_fields": {"a": 1}}, "custom_fields.a"),
        (AddVehicle, {"tank_capacity_l": "50"}, "tank_capacity_l"),
        (AddVehicle, {"tank_capacity_l": True}, "tank_capacity_l"),
        (AddVehicle, {"tank_capacity_l": float("nan")}, "tank_capacity_l"),
        (AddVehicle, {"tank_capacity_l": 1e300}, "tank_capacity_l"),
        (AddVehicle, {"tank_capacity": 50}, "tank_capacity"),
        (AddVehicle, {"purchased_on": "20200229"}, "purchased_on"),
        (AddVehicle, {"purchased_on": "2020-02-30"}, "purchased_on"),
        (AddVehicle, {"purchased_on": "2020-02-29T00:00:00Z"}, "purchased_on"),
        (AddVehicle, {"purchase_price": 5}, "purchase_price"),
        (AddVehicle, {"purchase_price": {"amount": 5, "currency": "EUR"}}, "purchase_price"),
        (AddVehicle, {"purchase_price": {"amount": "5"}}, "purchase_price"),
        (AddVehicle, {"purchase_price": {"amount": "5.001", "currency": "EUR"}}, "purchase_price"),
        (AddVehicle, {"purchase_price": {"amount": "5.1", "currency": "JPY"}}, "purchase_price"),
        (AddVehicle, {"purchase_price": {"amount": "5", "currency": "eur"}}, "purchase_price"),
        (AddVehicle, {"purchase_price": {"amount": "1e5", "currency": "EUR"}}, "purchase_price"),
        (AddVehicle, {"purchase_price": {"amount": "1e999999999", "currency": "EUR"}}, "purchase_price"),
        (AddVehicle, {"purchase_price": {"amount": "5_0", "currency": "EUR"}}, "purchase_price"),
        (AddVehicle, {"purchase_price": {"amount": " 5", "currency": "EUR"}}, "purchase_price"),
        (AddVehicle, {"purchase_price": {"amount": "\u0665", "currency": "EUR"}}, "purchase_price"),
        (AddVehicle, {"purchase_price": {"amount": "NaN", "currency": "EUR"}}, "purchase_price"),
        (AddVehicle, {"purchase_price": {"amount": "9" * 30, "currency": "EUR"}}, "purchase_price"),
        (AddVehicle, {"id": "{00000000-0000-7000-8000-000000000000}"}, "id"),
        (AddVehicle, {"id": "0" * 32}, "id"),
        (AddVehicle, {"id": 5}, "id"),
        (RecordFill, {**FILL, "at": "2026-05-01T12:00:00"}, "at"),
        (RecordFill, {**FILL, "at": "2026-05-01"}, "at"),
        (RecordFill, {**FILL, "at": "2026-W18-5T12:00:00Z"}, "at"),
        (RecordFill, {**FILL, "at": "0001-01-01T00:00:00+14:00"}, "at"),
        (RecordFill, {**FILL, "at": 5}, "at"),
        (RecordFill, {**FILL, "is_full": "yes"}, "is_full"),
        (RecordFill, {**FILL, "is_full": 1}, "is_full"),
        (RecordFill, {**FILL, "latitude": "48"}, "latitude"),
        (RecordFill, {"at": FILL["at"]}, "vehicle_id"),
        (DefineRole, {"name": "Guard", "permissions": {"fuel.read": "ALL"}}, "permissions.fuel.read"),
        (DefineRole, {"name": "Guard", "permissions": {"fuel.read": 3}}, "permissions.fuel.read"),
    ],
)
def test_nothing_is_coerced(cls: Any, value: Any, field: str) -> None:
    """A value of another type or form is refused, by the path of the field."""
    with pytest.raises(Rejected) as caught:
        structure(value, cls)

    assert [field] == [problem.field for problem in caught.value.problems]


def test_every_problem_is_told() -> None:
    """All fields that are wrong are named at once, unknown and missing ones too."""
    with pytest.raises(Rejected) as caught:
        structure({"at": 5, "is_full": "yes", "colour": "red", "tags": [1]}, RecordFill)

    assert {"at", "is_full", "colour", "tags.0", "vehicle_id"} == {p.field for p in caught.value.problems}


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a":1}{', b"NaN"])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    """Broken, cut off and bottomless JSON is refused as a whole."""
    with pytest.raises(Rejected, match="is not JSON"):
        from_json(data, AddVehicle)


def test_whole_numbers_may_have_a_point() -> None:
    """JSON knows one kind of number: 2020.0 is a whole one, and 50 is one with places."""
    command = structure({"year": 2020.0, "tank_capacity_l": 50}, AddVehicle)

    assert (2020, 50_000) == (command.year, command.tank_capacity and command.tank_capacity.millilitres)


def test_schemas_are_of_openapi_3_1() -> None:
    """Absence is a type of its own, never `nullable`; classes are defined once and referred to."""
    book = SchemaBook()
    assert {"$ref": "#/$defs/Vehicle"} == book.of(Vehicle)
    assert {"$ref": "#/$defs/Vehicle"} == book.of(Vehicle)
    text = orjson.dumps(book.definitions)

    assert b"nullable" not in text
    assert b'"format":null' not in text
    assert ["integer", "null"] == book.definitions["Vehicle"]["properties"]["year"]["type"]
    assert {"Vehicle", "Carrier", "VehicleState", "DistanceUnit", "VolumeUnit"} == book.definitions.keys()


def test_types_without_a_json_form_are_named() -> None:
    """An event or fact made of more than plain values has no schema, and the type is named."""
    with pytest.raises(TypeError, match="complex"):
        SchemaBook().of(complex)
