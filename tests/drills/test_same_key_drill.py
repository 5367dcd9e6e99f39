"""Clients that repeat themselves: raced, cut off and answered by a server that was killed meanwhile."""

from __future__ import annotations

import os
import random
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from attrs import define, field
from tests.server.serving import HOST, Reply

from .server_process import GOLF, Caller, Dropped, Household, at_once, moved_in, server_process

KEYS = int(os.environ.get("FLEET_DRILL_KEYS", "40"))
KILLS = int(os.environ.get("FLEET_DRILL_KILLS", "2"))
RACERS, WRITERS = 10, 100
CLIENTS = 6
PATIENCE_S = 120


def insist(caller: Caller, method: str, path: str, body: Any, headers: dict[str, str]) -> Reply:
    """Ask until there is an answer other than 503, as a careful client does: with the same key."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with suppress(Dropped, ConnectionRefusedError):
            reply = caller.ask(method, path, body, headers)
            if reply.status != 503:
                return reply
        time.sleep(0.05)
    raise AssertionError(f"no answer within {PATIENCE_S} s")


def noted(household: Household) -> Counter[str]:
    """Return how often each expense is there, by its notes."""
    with household.caller() as caller:
        return Counter(expense["notes"] for expense in caller.every("/expenses"))


def test_raced_keys_have_one_effect_each(household: Household) -> None:
    """Of ten requests at once with the same key one has an effect, and all have its answer, byte for byte.

    So it is after the server was started again; another body under the key is refused.
    """
    keys = {number: str(uuid4()) for number in range(KEYS)}

    def ask(caller: Caller, number: int) -> tuple[int, int, bytes]:
        reply = insist(caller, "POST", "/expenses", household.parking(number), {"Idempotency-Key": keys[number]})
        return number, reply.status, reply.body

    answers = set(at_once(household, ask, [number for number in keys for _ in range(RACERS)], 2 * RACERS))
    assert {(number, 201) for number in keys} == {(number, status) for number, status, _body in answers}
    assert len(answers) == KEYS
    household.server.stop()
    household.server.start()
    assert answers == set(at_once(household, ask, keys, 2))
    with household.caller() as caller:
        other = caller.ask("POST", "/expenses", household.parking(KEYS), {"Idempotency-Key": keys[0]})
    assert (422, "Idempotency-Key") == (other.status, other.value["errors"][0]["header"])
    assert {f"number {number}": 1 for number in keys} == noted(household)


def test_of_many_writers_of_one_version_one_wins(household: Household) -> None:
    """A hundred changes at once of the same version: one is made, the others are told 412."""
    with household.caller() as caller:
        made = caller.ask("POST", "/vehicles", GOLF)
        path = f"/vehicles/{made.value['id']}"
        assert 428 == caller.ask("PATCH", path, {"model": "VII"}).status
        missing = caller.ask("PATCH", f"/vehicles/{uuid4()}", {"model": "VII"})
    together = threading.Barrier(WRITERS)

    def write(caller: Caller, number: int) -> tuple[int, Any]:
        together.wait(PATIENCE_S)
        reply = insist(caller, "PATCH", path, {"model": f"Mark {number}"}, {"If-Match": made.tag})
        return reply.status, reply.value.get("model")

    answers = at_once(household, write, range(WRITERS), WRITERS)
    assert {200: 1, 412: WRITERS - 1} == Counter(status for status, _model in answers)
    with household.caller() as caller:
        assert [caller.ask("GET", path).value["model"]] == [model for status, model in answers if status == 200]
    assert 404 == missing.status


@define
class Swallower:
    """Hands requests on to a server; of the first answer that comes back it tells nobody but *heard*."""

    port: int
    heard: Any
    listening: socket.socket = field(factory=lambda: socket.create_server((HOST, 0)))

    @property
    def own_port(self) -> int:
        """Where to ask."""
        return int(self.listening.getsockname()[1])

    def serve(self) -> None:
        """Take one connection, hand its request on, and end it when the answer begins."""
        with suppress(OSError):
            taken, _address = self.listening.accept()
            with taken, socket.create_connection((HOST, self.port)) as onward:
                taken.settimeout(PATIENCE_S)
                onward.settimeout(PATIENCE_S)
                request = b""
                while not (b"\r\n\r\n" in request and request.endswith(b"}")):
                    request += taken.recv(65536)
                onward.sendall(request)
                assert onward.recv(1)
                self.heard()


@contextmanager
def swallowing(port: int, heard: Any) -> Iterator[int]:
    """Lend the port of a proxy that keeps one answer to itself."""
    proxy = Swallower(port, heard)
    thread = threading.Thread(target=proxy.serve)
    thread.start()
    try:
        yield proxy.own_port
    finally:
        proxy.listening.close()
        thread.join(PATIENCE_S)


def test_an_answer_that_was_lost_is_given_again(household: Household) -> None:
    """Whoever hears nothing after the commit asks again with the same key: one effect, and the answer of it."""
    before = noted(household)
    for number in range(10_000, 10_000 + min(KEYS, 200)):
        key = {"Idempotency-Key": str(uuid4())}
        with (
            swallowing(household.server.port, lambda: None) as port,
            Caller(port, household.token) as unlucky,
            pytest.raises(Dropped),
        ):
            unlucky.ask("POST", "/expenses", household.parking(number), key)
        with household.caller() as caller:
            again, once_more = (caller.ask("POST", "/expenses", household.parking(number), key) for _ in range(2))
        assert (201, again.body) == (once_more.status, once_more.body)
        assert f"number {number}" == again.value["notes"]
    after = noted(household)
    assert {1} == {after[f"number {number}"] for number in range(10_000, 10_000 + min(KEYS, 200))}
    assert len(before) + min(KEYS, 200) == after.total()


def test_a_killed_server_does_nothing_twice(module_url: str, tmp_path: Path) -> None:
    """Clients write with keys while the server is killed, at any moment or just when an answer begins.

    Each asks again with the same key until it is answered; afterwards every request has had one effect, and every
    answer that was given is given again.
    """
    draw = random.Random(KILLS)  # noqa: S311 - no secret
    with server_process(module_url, tmp_path) as server:
        household = moved_in(server, "killed@example.org")
        answered: dict[int, bytes] = {}
        counter = iter(range(1_000_000))
        keys: dict[int, str] = {}
        is_over = threading.Event()

        def write(_client: int) -> None:
            with household.caller(timeout_s=10) as caller:
                while not is_over.is_set():
                    number = next(counter)
                    keys[number] = str(uuid4())
                    reply = insist(
                        caller, "POST", "/expenses", household.parking(number), {"Idempotency-Key": keys[number]}
                    )
                    assert reply.status == 201, reply.body
                    answered[number] = reply.body

        threads = [threading.Thread(target=write, args=(client,)) for client in range(CLIENTS)]
        lost = []
        for thread in threads:
            thread.start()
        try:
            for turn in range(KILLS):
                time.sleep(draw.uniform(0.05, 0.6))
                if turn % 2:
                    server.kill()
                else:
                    lost.append(_kill_at_answer(household, keys, next(counter)))
                server.start()
        finally:
            is_over.set()
            for thread in threads:
                thread.join()
        for number in lost:
            answered[number] = b""
        with household.caller() as caller:
            for number, body in answered.items():
                again = caller.ask("POST", "/expenses", household.parking(number), {"Idempotency-Key": keys[number]})
                assert (201, body or again.body) == (again.status, again.body)
        assert {f"number {number}": 1 for number in keys} == noted(household)
        assert set(keys) == set(answered)
        assert [] == server.complaints


def _kill_at_answer(household: Household, keys: dict[int, str], number: int) -> int:
    """Send a request, kill the server with SIGKILL when the answer begins, and return the number of the request."""
    keys[number] = str(uuid4())
    with (
        swallowing(household.server.port, lambda: household.server.send(signal.SIGKILL)) as port,
        Caller(port, household.token) as unlucky,
        suppress(Dropped),
    ):
        unlucky.ask("POST", "/expenses", household.parking(number), {"Idempotency-Key": keys[number]})
    household.server.wait()
    return number
