"""What the logs say of requests, and what they never say."""

from __future__ import annotations

import io
import json
import logging
import os
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from sqlalchemy import select

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Rejected
from fleetcore.storage.outbox import outbox
from fleetserver.logs import LogSettings, configure_logs, log_request

from .serving import API_ROOT, HOST, Client, running
from .test_accounts import bearing, served

CANARY = "canary-4f1d"
GOLF = {"name": "Golf", "carriers": ["petrol"]}
REQUESTS = int(os.environ.get("FLEET_DRILL_REQUESTS", "60"))


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged as JSON, from the level DEBUG."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    configure_logs(LogSettings(format="json", level="DEBUG"), stream)
    logging.getLogger("asyncio").setLevel("WARNING")
    yield stream
    root.handlers = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Read every line that was written; one that is no JSON object fails."""
    for handler in logging.getLogger().handlers:
        handler.flush()
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def requests_in(stream: io.StringIO) -> list[dict[str, Any]]:
    """Return the lines of requests."""
    return [line for line in lines(stream) if line["event"] == "request"]


def test_a_request_is_one_line(written: io.StringIO, client: Client, owner: Actor) -> None:
    """It tells method, template, status, time, correlation id, fleet and actor."""
    vehicle = client.made("/vehicles", GOLF)
    client.ask("GET", f"/vehicles/{vehicle['id']}", headers={"X-Correlation-Id": "mine-1"})
    made, read = requests_in(written)

    assert ("POST", "/api/v1/vehicles", 201) == (made["method"], made["route"], made["status"])
    assert ("/api/v1/vehicles/{id}", "mine-1") == (read["route"], read["correlation_id"])
    assert read["duration_ms"] > 0


def test_lines_of_requests_stay_before_what_is_written_later(written: io.StringIO, client: Client) -> None:
    """They are gathered for an instant, and written with the next line of anybody, in order, without being flushed."""
    client.made("/vehicles", GOLF)
    logging.getLogger("fleetserver.somewhere").warning("later")
    told = [json.loads(line)["event"] for line in written.getvalue().splitlines()]
    assert ["request", "later"] == told[-2:]


def test_a_line_where_no_loop_runs_is_written_at_once(written: io.StringIO) -> None:
    """Nobody would write it later."""
    log_request(method="GET", route="/somewhere", status=200)
    assert "/somewhere" in written.getvalue()


def test_lines_from_threads_belong_to_the_request(written: io.StringIO, core: Core, owner: Actor) -> None:
    """What is written in the pool, and what goes wrong there, carries the correlation id of who asked."""

    def broken(*_given: object, **_named: object) -> None:
        logging.getLogger("fleetcore.somewhere").warning("looking")
        raise RuntimeError(CANARY)

    with running(core, {"owner": owner}) as port:
        core.read = broken  # type: ignore[assignment]  # a fault of ours
        reply = Client(port).get("/vehicles", X_Correlation_Id="mine-2")
    told = {line["event"]: line for line in lines(written)}

    assert (500, "mine-2") == (reply.status, reply.value["correlation_id"])
    assert {"mine-2"} == {told[event]["correlation_id"] for event in ("looking", "unexpected error", "request")}
    assert ["RuntimeError"] == told["unexpected error"]["error"]
    assert CANARY not in written.getvalue() + reply.body.decode()


def test_probes_that_go_well_are_not_logged(written: io.StringIO, client: Client) -> None:
    """What asks every few seconds would hide the rest."""
    for path in ("livez", "readyz", "metrics"):
        client.get(f"//{path}")
    assert [] == requests_in(written)


def plant(client: Client, port: int) -> list[bytes]:
    """Write the canary wherever a client can write; returns what was answered."""
    secret = f"{CANARY}/secret value"
    headers = {
        "Authorization": f"Bearer {secret}",
        "Cookie": f"session={secret}",
        "X-Correlation-Id": secret,
        "traceparent": secret,
        "Idempotency-Key": f"{CANARY} key",
        "If-Match": f'"{CANARY}"',
        "Accept": f"text/{CANARY}",
        "User-Agent": secret,
        "Referer": secret,
        "X-Forwarded-For": secret,
        f"X-{CANARY}": secret,
    }
    bodies: list[Any] = [
        {"name": CANARY, "notes": f"{CANARY}@example.org", "carriers": ["petrol"]},
        {"name": "x", "custom_fields": {CANARY: CANARY}, "carriers": ["petrol"]},
        [CANARY],
        CANARY,
    ]
    replies = [client.ask("POST", "/vehicles", body, headers=headers) for body in bodies]
    replies.append(client.ask("POST", "/vehicles", raw=b'{"name": "' + CANARY.encode(), headers=headers))
    replies.append(client.ask("GET", f"/vehicles?limit={CANARY}", headers=headers))
    replies.append(client.ask("GET", f"/vehicles/{CANARY}?token={CANARY}", headers=headers))
    replies.append(client.ask("GET", f"//{CANARY}/{CANARY}?q={CANARY}", headers=headers))
    replies.append(client.ask("BREW", f"/vehicles?{CANARY}", headers=headers))
    for head in (f"GET /{CANARY} HTTP/{CANARY}\r\n\r\n", f"{CANARY}\x01 / HTTP/1.1\r\nHost: x\r\n\r\n"):
        with socket.create_connection((HOST, port), timeout=300) as raw:
            raw.sendall(head.encode())
            raw.recv(65_536)
    return [reply.body for reply in replies if reply.status >= 400]


def test_canaries_are_nowhere(written: io.StringIO, client: Client, port: int) -> None:
    """What is planted in headers, body, query, path and method is in no log line and no figure."""
    plant(client, port)
    logging.getLogger("some.library").error("sent %s to %s", CANARY, "ada@example.org")

    assert CANARY not in written.getvalue()
    assert CANARY not in client.get("//metrics").body.decode()
    assert all(line["correlation_id"] for line in lines(written))
    assert len(requests_in(written)) >= 8


def test_secrets_of_accounts_are_nowhere(written: io.StringIO, core: Core, tmp_path: Path) -> None:
    """No password, token, code, e-mail address or name of who registers, signs in or fails to is in the log."""
    person = {"email": f"{CANARY}@example.org", "password": f"{CANARY} lanterns", "name": f"Ada {CANARY}"}
    with served(core, tmp_path) as client:
        tokens = client.post("/auth/register", person).value
        problems = [
            client.post("/auth/login", {"email": person["email"], "password": "quite another one"}),
            client.post("/auth/login", {"email": f"x{CANARY}@example.org", "password": person["password"]}),
            client.post("/auth/refresh", {"refresh_token": CANARY}),
            client.post("/auth/register", person),
            client.ask("GET", "/vehicles", headers=bearing(f"eyJ.{CANARY}.x")),
            client.ask("GET", "/vehicles", headers=bearing(f"fk_{CANARY}_{CANARY}")),
        ]
        client.ask("GET", "/auth/me", headers=bearing(tokens["access_token"]))
        metrics = client.get("//metrics").body.decode()
    log = written.getvalue()
    secrets = (CANARY, tokens["access_token"], tokens["refresh_token"])

    assert not [secret for secret in secrets if secret in log or secret in metrics]
    assert all(reply.status >= 400 and person["password"].encode() not in reply.body for reply in problems)
    assert any(line.get("actor_id") for line in requests_in(written))


def test_problems_do_not_repeat_secrets(client: Client, port: int) -> None:
    """No answer of 400 and above repeats a credential: only fields of the client's own body and query are quoted."""
    headers = {"Authorization": f"Bearer {CANARY}", "Cookie": CANARY, "X-Test-User": CANARY}
    for method, path, body in (("GET", "/vehicles", None), ("POST", "/vehicles", {"nmae": "x"}), ("GET", "/no", None)):
        connection = HTTPConnection(HOST, port, timeout=300)
        sent = None if body is None else json.dumps(body).encode()
        connection.request(method, API_ROOT + path, body=sent, headers={**headers, "Content-Type": "application/json"})
        reply = connection.getresponse()
        said = reply.read() + str(reply.getheaders()).encode()
        connection.close()
        assert (True, False) == (reply.status >= 400, CANARY.encode() in said)


def test_an_error_is_told_by_its_kind_and_place(written: io.StringIO) -> None:
    """Its message may quote what somebody wrote, so it is left out, also of the errors that caused it."""
    log = structlog.get_logger("fleetserver.test")
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as error:
            raise ValueError(CANARY) from error
    except ValueError:
        log.exception("it failed", password=CANARY, note="ask ada@example.org?x=1", deep={"token": CANARY})
        logging.getLogger("asyncio").error("Task failed\nfuture: %s", CANARY, exc_info=True)
    ours, theirs = lines(written)

    assert ["ValueError", "KeyError"] == ours["error"] == theirs["error"]
    assert "test_logs.py" in ours["at_fault"][0]
    assert "Task failed" == theirs["event"]
    assert not any(word in written.getvalue() for word in (CANARY, "ada@"))


@pytest.mark.parametrize("with_correlation_id", [False, True])
def test_a_trace_is_followed_to_the_outbox(
    written: io.StringIO, client: Client, core: Core, with_correlation_id: bool
) -> None:
    """The trace of traceparent is on the log line and on the outbox row of every request, and in its answer."""
    traces = {uuid4().hex: f"request-{number}" for number in range(REQUESTS)}
    for trace_id, correlation_id in traces.items():
        headers = {"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"}
        if with_correlation_id:
            headers["X-Correlation-Id"] = correlation_id
        reply = client.ask("POST", "/vehicles", GOLF, headers=headers)
        assert (201, headers["traceparent"]) == (reply.status, reply.headers["traceparent"])
    wanted = {(each, correlation_id if with_correlation_id else each) for each, correlation_id in traces.items()}
    with core.database.system() as connection:
        chosen = select(outbox.c.trace_id, outbox.c.correlation_id).where(outbox.c.name == "vehicles.vehicle_added")
        stored = {tuple(row) for row in connection.execute(chosen)}

    assert wanted == stored
    assert wanted == {(line["trace_id"], line["correlation_id"]) for line in requests_in(written)}


def test_a_connection_forgets_the_trace_of_its_last_request(port: int, core: Core) -> None:
    """The next request of the connection, which names none, belongs to none."""
    connection = HTTPConnection(HOST, port, timeout=300)
    said = {"X-Test-User": "owner", "Content-Type": "application/json"}
    for more in ({"traceparent": f"00-{uuid4().hex}-b7ad6b7169203331-01"}, {}):
        connection.request("POST", f"{API_ROOT}/vehicles", body=json.dumps(GOLF).encode(), headers={**said, **more})
        reply = connection.getresponse()
        reply.read()
        assert 201 == reply.status
    connection.close()
    with core.database.system() as connection_to_database:
        chosen = select(outbox.c.trace_id).where(outbox.c.name == "vehicles.vehicle_added").order_by(outbox.c.position)
        first, second = connection_to_database.execute(chosen).scalars()

    assert (True, None) == (first is not None, second)


def test_the_form_depends_on_who_reads() -> None:
    """Lines for people on a terminal, JSON elsewhere; wrong words are told, all at once."""
    assert "json" == LogSettings.from_environment({}, io.StringIO()).format
    assert "console" == LogSettings.from_environment({"FLEET_LOG_FORMAT": "console"}, io.StringIO()).format
    with pytest.raises(Rejected) as refused:
        LogSettings.from_environment({"FLEET_LOG_FORMAT": "xml", "FLEET_LOG_LEVEL": "loud"}, io.StringIO())
    assert ["FLEET_LOG_FORMAT", "FLEET_LOG_LEVEL"] == [each.field for each in refused.value.problems]
