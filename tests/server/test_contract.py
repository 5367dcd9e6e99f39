"""What every route of the API keeps: statuses, validators, preconditions, problems, idempotency."""

from __future__ import annotations

import gzip
import json

import attrs
import pytest

from fleetcore.kernel.ids import new_id

from .serving import Client, Reply

GOLF = {"name": "Golf", "make": "VW", "carriers": ["petrol"]}


def faults(reply: Reply) -> list[tuple[str, str]]:
    """Return where the faults of a problem are, and their codes."""
    found = reply.value["errors"]
    return sorted((fault.get("pointer", fault.get("parameter", fault.get("header"))), fault["code"]) for fault in found)


def test_a_created_record_is_found_at_its_address(client: Client) -> None:
    """201 tells the id and where the record is."""
    reply = client.post("/vehicles", GOLF)
    assert (201, f"/api/v1/vehicles/{reply.value['id']}") == (reply.status, reply.headers["location"])
    again = client.get(f"/vehicles/{reply.value['id']}")
    assert (200, reply.value) == (again.status, again.value)


def test_an_unchanged_record_is_not_sent_again(client: Client) -> None:
    """If-None-Match with the present ETag is answered by 304 without a body."""
    path = f"/vehicles/{client.made('/vehicles', GOLF)['id']}"
    reply = client.get(path, If_None_Match=client.get(path).tag)
    assert (304, b"") == (reply.status, reply.body)
    assert 200 == client.get(path, If_None_Match='"0.other"').status


def test_a_list_is_items_and_a_cursor(client: Client) -> None:
    """Pages follow each other by the cursor until it is null."""
    vehicle = client.made("/vehicles", GOLF)
    for day in ("01", "02", "03"):
        fill = {"vehicle_id": vehicle["id"], "at": f"2026-05-{day}T12:00:00Z", "volume_l": 40}
        client.made("/fuel", {**fill, "total": {"amount": "60.00", "currency": "EUR"}, "odometer_km": 1000 + int(day)})
    first = client.get("/fuel?limit=2").value
    rest = client.get(f"/fuel?limit=2&cursor={first['next']}").value
    assert [1003, 1002, 1001] == [fill["odometer_km"] for fill in first["items"] + rest["items"]]
    assert rest["next"] is None


def test_a_change_names_the_version_it_was_made_of(client: Client) -> None:
    """Without If-Match 428, with an old one 412, with the present one the change is made."""
    made = client.post("/vehicles", GOLF)
    path = f"/vehicles/{made.value['id']}"
    assert 428 == client.ask("PATCH", path, {"model": "VII"}).status
    changed = client.ask("PATCH", path, {"model": "VII"}, headers={"If-Match": made.tag})
    assert (200, "VII", "VW") == (changed.status, changed.value["model"], changed.value["make"])
    assert 412 == client.ask("PATCH", path, {"model": "VIII"}, headers={"If-Match": made.tag}).status
    assert 412 == client.ask("DELETE", path, headers={"If-Match": made.tag}).status
    assert 200 == client.ask("DELETE", path, headers={"If-Match": changed.tag}).status
    assert 404 == client.get(path).status


def test_what_is_not_there_is_404_before_anything_else(client: Client) -> None:
    """404 comes before 428 and 412."""
    path = f"/vehicles/{new_id()}"
    statuses = [client.ask("PATCH", path, {"model": "x"}, headers=sent).status for sent in ({}, {"If-Match": '"7.x"'})]
    assert [404, 404] == statuses


def test_put_replaces_and_patch_merges(client: Client) -> None:
    """PUT empties what it does not say, PATCH keeps it, and null empties."""
    made = client.post("/vehicles", {**GOLF, "colour": "red", "year": 2015})
    path = f"/vehicles/{made.value['id']}"
    merged = client.ask("PATCH", path, {"year": None}, headers={"If-Match": made.tag})
    assert ("red", None) == (merged.value["colour"], merged.value["year"])
    replaced = client.ask("PUT", path, GOLF, headers={"If-Match": merged.tag})
    assert ("", "Golf") == (replaced.value["colour"], replaced.value["name"])


def test_every_fault_of_a_body_is_listed_with_its_pointer(client: Client) -> None:
    """Unknown, missing and malformed fields are told at once."""
    reply = client.post("/fuel", {"at": "yesterday", "total": {"amount": 5}, "colour": "red"})
    assert 422 == reply.status
    expected = [("/at", "invalid"), ("/colour", "unknown"), ("/total", "invalid"), ("/vehicle_id", "required")]
    assert expected == faults(reply)


def test_every_fault_of_a_query_is_listed_with_its_parameter(client: Client) -> None:
    """Unknown and doubled parameters, and values of another type."""
    assert [("colour", "unknown"), ("limit", "doubled")] == faults(client.get("/fuel?limit=1&limit=2&colour=red"))
    assert [("limit", "invalid"), ("since", "invalid")] == faults(client.get("/fuel?limit=many&since=soon"))


@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b"\xff\xfe", "application/json", 400),
        (b"name=Golf", "application/x-www-form-urlencoded", 415),
        (b'{"name": "' + b"x" * 2_000_000 + b'"}', "application/json", 413),
    ],
)
def test_a_malformed_body_is_a_problem(client: Client, raw: bytes, content_type: str, status: int) -> None:
    """What is no JSON object of a decent size is refused with a status that says why."""
    reply = client.ask("POST", "/vehicles", raw=raw, headers={"Content-Type": content_type})
    assert (status, "application/problem+json") == (reply.status, reply.headers["content-type"].partition(";")[0])
    assert status == reply.value["status"]


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b'{"name": "Golf", "name": "Polo"}', 400),
        (b'{"name": "Golf", "custom_fields": {"a": "1", "a": "2"}}', 400),
        (b'{"name": "Golf", "year": NaN}', 400),
        (b'{"name": "Golf", "year": Infinity}', 400),
        (b'{"name": "Golf", "year": 1e999}', 400),
        (b'{"name": "Golf", "year": 99999999999999999999}', 422),
        (b'{"name": "Golf", "year": 2015.5}', 422),
        (b'{"name": "\\ud800"}', 400),
        (b'{"name": "Go\\u0000lf"}', 422),
        (b'{"name": "Golf", "purchased_on": "2026-02-30"}', 422),
        (b'{"name": "Golf", "purchased_on": "0000-01-01"}', 422),
        (b'{"name": ["Golf"]}', 422),
        (b'"Golf"', 422),
        (b"null", 422),
    ],
)
def test_odd_json_is_refused(client: Client, raw: bytes, status: int) -> None:
    """Keys said twice, numbers that are none, broken text and days that are none never get into the core."""
    reply = client.ask("POST", "/vehicles", raw=raw)
    assert (status, status) == (reply.status, reply.value["status"]), reply.body
    assert [] == client.get("/vehicles").value["items"]


def test_a_text_that_looks_like_keys_is_text(client: Client) -> None:
    """What stands between quotes is no key, whatever it looks like."""
    notes = 'a": 1, "a": 2'
    assert notes == client.made("/vehicles", {**GOLF, "notes": notes})["notes"]


@pytest.mark.parametrize("field", ["name", "notes", "colour"])
def test_a_text_has_an_end(client: Client, field: str) -> None:
    """What is longer than the description of the API says is refused, with a pointer to it."""
    reply = client.post("/vehicles", {**GOLF, field: "x" * 10_001})
    assert (422, [(f"/{field}", "too_long")]) == (reply.status, faults(reply))


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-05-01T24:30:00Z"])
def test_an_instant_at_the_ends_of_time_is_no_error_of_ours(client: Client, when: str) -> None:
    """Where the calendar ends the answer is 422."""
    vehicle = client.made("/vehicles", GOLF)
    reply = client.post(f"/vehicles/{vehicle['id']}/odometer", {"at": when, "odometer_km": 1})
    assert (422, "/at") == (reply.status, faults(reply)[0][0])


def test_a_foreign_etag_is_told_after_what_is_worse(client: Client) -> None:
    """An If-Match that we never wrote is 412; a record that is not there is 404, a broken body 422 all the same."""
    path, foreign = f"/vehicles/{client.made('/vehicles', GOLF)['id']}", {"If-Match": '"theirs"'}
    told = [
        client.ask("PUT", path, GOLF, headers=foreign).status,
        client.ask("PUT", path, {"colour": 1}, headers=foreign).status,
        client.ask("PUT", f"/vehicles/{new_id()}", GOLF, headers=foreign).status,
    ]
    assert [412, 422, 404] == told


def test_a_wrong_method_is_told_the_right_ones(client: Client) -> None:
    """405 names what the address takes, to OPTIONS too."""
    for method in ("DELETE", "OPTIONS"):
        reply = client.ask(method, "/vehicles")
        assert (405, "GET,HEAD,POST") == (reply.status, reply.headers["allow"])


def test_an_address_that_another_could_stand_for_answers_for_itself(client: Client) -> None:
    """``/documents/run-premiums`` is not the document of that name."""
    reply = client.get("/documents/run-premiums")
    assert (405, "POST") == (reply.status, reply.headers["allow"])


def test_a_text_in_an_address_has_an_end(client: Client) -> None:
    """In a query and in a path; the fault names the parameter."""
    assert [("tag", "too_long")] == faults(client.get(f"/vehicles?tag={'x' * 501}"))
    assert [("vin", "too_long")] == faults(client.get(f"/vins/{'x' * 501}"))


def test_streamed_answers_have_the_headers_too(client: Client) -> None:
    """A download carries its correlation id and what keeps a browser from guessing."""
    reply = client.get("/exports/fleet", X_Correlation_Id="abc-2")
    assert ("abc-2", "nosniff") == (reply.headers["x-correlation-id"], reply.headers["x-content-type-options"])


def test_what_only_python_can_say_is_unknown_here(client: Client) -> None:
    """A function cannot come by a query."""
    assert [("progress", "unknown")] == faults(client.get("/exports/fleet?progress=1"))


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/fuel", 405), ("BREW", "/fuel", 400)]
)
def test_the_frameworks_errors_are_problems_too(client: Client, method: str, path: str, status: int) -> None:
    """Unknown addresses and methods are answered like everything else."""
    reply = client.ask(method, path)
    assert (status, "application/problem+json") == (reply.status, reply.headers["content-type"].partition(";")[0])
    assert reply.headers["x-correlation-id"] == reply.value["correlation_id"]


def test_whole_numbers_may_be_written_with_a_point(client: Client) -> None:
    """1964.0 is an integer to JSON Schema, and so it is here."""
    assert 1964 == client.made("/vehicles", {**GOLF, "year": 1964.0})["year"]


def test_the_same_key_does_it_once(client: Client) -> None:
    """The second answer is the first one, byte for byte; another body under the key is refused."""
    key = {"Idempotency-Key": str(new_id())}
    first, again = (client.ask("POST", "/vehicles", GOLF, headers=key) for _ in range(2))
    assert (201, first.status, first.body, first.tag) == (again.status, again.status, again.body, again.tag)
    assert 1 == len(client.get("/vehicles").value["items"])
    assert 422 == client.ask("POST", "/vehicles", {**GOLF, "name": "Polo"}, headers=key).status


def test_correlation_ids_come_back(client: Client) -> None:
    """A client's id is taken, a trace's id is the next best, nonsense is replaced."""
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert "abc-1" == client.get("/vehicles", X_Correlation_Id="abc-1").headers["x-correlation-id"]
    assert "4bf92f3577b34da6a3ce929d0e0e4736" == client.get("/vehicles", traceparent=trace).headers["x-correlation-id"]
    assert "<script>" != client.get("/vehicles", X_Correlation_Id="<script>").headers["x-correlation-id"]


def test_a_strangers_records_do_not_exist(client: Client) -> None:
    """Reading and changing another fleet's record is 404."""
    path = f"/vehicles/{client.made('/vehicles', GOLF)['id']}"
    stranger = attrs.evolve(client, name="stranger")
    assert 404 == stranger.get(path).status
    assert 404 == stranger.ask("PUT", path, GOLF, headers={"If-Match": '"1.x"'}).status
    assert [] == stranger.get("/vehicles").value["items"]


def test_nobody_is_let_in_unknown(client: Client) -> None:
    """Without a user the answer is 401."""
    assert 401 == attrs.evolve(client, name="nobody").get("/vehicles").status


def test_a_contradiction_is_refused(client: Client) -> None:
    """A body that names another id than the address is a mistake, not a choice."""
    made = client.post("/vehicles", GOLF)
    body = {**GOLF, "id": str(new_id())}
    reply = client.ask("PUT", f"/vehicles/{made.value['id']}", body, headers={"If-Match": made.tag})
    assert (422, [("/id", "contradicts")]) == (reply.status, faults(reply))


def test_figures_come_in_the_readers_units_too(client: Client) -> None:
    """Miles stand beside kilometres when they are asked for; unknown units are refused."""
    vehicle = client.made("/vehicles", GOLF)
    reading = {"vehicle_id": vehicle["id"], "at": "2026-05-01T12:00:00Z", "odometer_km": 1609.344}
    client.made(f"/vehicles/{vehicle['id']}/odometer", reading)
    plain, told = (client.get(f"/vehicles/{vehicle['id']}/odometer{query}").value for query in ("", "?units=us"))
    assert "odometer_mi" not in plain
    assert (plain["odometer_km"], 1000) == (told["odometer_km"], told["odometer_mi"])
    assert [("units", "invalid")] == faults(client.get("/vehicles?units=furlongs"))


def test_a_list_comes_as_csv_when_asked(client: Client) -> None:
    """Accept: text/csv gives a table with a heading; what a spreadsheet would run is made harmless."""
    client.made("/stations", {"name": "=cmd|'/c calc'!A0", "brand": "Aral"})
    reply = client.get("/stations", Accept="text/csv")
    heading, row = reply.body.decode().splitlines()
    assert ("text/csv; charset=utf-8", "name,brand") == (reply.headers["content-type"], heading[:10])
    assert row.startswith("'=cmd")


def test_large_answers_are_compressed(client: Client) -> None:
    """A long list is sent with gzip to who takes it, and says on what it depends."""
    for number in range(10):
        client.made("/vehicles", {**GOLF, "name": f"Golf {number}"})
    reply = client.get("/vehicles", Accept_Encoding="gzip")
    assert 10 == len(json.loads(gzip.decompress(reply.body))["items"])
    assert "Accept-Encoding" in reply.headers["vary"]


def test_head_answers_like_get_without_a_body(client: Client) -> None:
    """HEAD tells the headers that GET would."""
    client.made("/vehicles", GOLF)
    head, got = client.ask("HEAD", "/vehicles"), client.get("/vehicles")
    assert (200, b"", got.tag) == (head.status, head.body, head.tag)


def test_a_repeated_patch_has_its_first_answer(client: Client) -> None:
    """Also when the record has changed since, or is gone; with other words the key is refused, not the version."""
    made = client.post("/vehicles", GOLF)
    path, keyed = f"/vehicles/{made.value['id']}", {"Idempotency-Key": str(new_id()), "If-Match": made.tag}
    first = client.ask("PATCH", path, {"model": "VII"}, headers=keyed)
    changed = client.ask("PATCH", path, {"colour": "red"}, headers={"If-Match": first.tag})
    again = client.ask("PATCH", path, {"model": "VII"}, headers=keyed)
    assert (200, first.body, first.tag) == (again.status, again.body, again.tag)
    assert 422 == client.ask("PATCH", path, {"model": "VIII"}, headers=keyed).status
    client.ask("DELETE", path, headers={"If-Match": changed.tag})
    assert first.body == client.ask("PATCH", path, {"model": "VII"}, headers=keyed).body
