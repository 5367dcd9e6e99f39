"""Whole lists as CSV: every row, a page at a time, so that memory does not grow with the list."""

from __future__ import annotations

import csv
import io
import os
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, IncompleteRead
from typing import Any
from uuid import UUID

import pytest

from fleetcore import Core
from fleetcore.fuel.model import Fill
from fleetcore.fuel.ports import FILLS
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Unavailable
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.paging import PAGE_LIMIT_MAX
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import Volume
from fleetcore.vehicles.carriers import Carrier

from .serving import HOST, Client, running
from .test_contract import GOLF, faults

ROWS = int(os.environ.get("FLEET_DRILL_LIST_ROWS", "2500"))
BLOCK = 64 * 1024
FIRST = datetime(2020, 1, 1, tzinfo=UTC)


def fills(uow: UnitOfWork, vehicle_id: UUID, count: int, begin: int = 0) -> Iterator[Fill]:
    """Yield *count* fills, an hour apart."""
    for number in range(begin, begin + count):
        yield Fill(
            id=uow.new_id(),
            vehicle_id=vehicle_id,
            at=FIRST + timedelta(hours=number),
            carrier=Carrier.PETROL,
            volume=Volume(40_000),
            total=Money(6000, "EUR"),
            unit_price=UnitPrice(1_500_000, "EUR"),
            notes="=1+1",
            created_at=uow.now,
            updated_at=uow.now,
            created_by=uow.actor.user_id,
            updated_by=uow.actor.user_id,
        )


def fill_up(core: Core, owner: Actor, count: int, begin: int = 0) -> None:
    """Give the first vehicle *count* fills, without books and audit."""
    (vehicle, *_rest) = core.perform(owner, "vehicles.list", {})
    core.work(owner.fleet_id, "test", lambda uow: uow[FILLS].add_many(fills(uow, vehicle.id, count, begin)))


@pytest.fixture
def served(sqlite_core: Core) -> Iterator[tuple[Core, Actor, Client]]:
    """A served fleet with a vehicle, on SQLite."""
    owner = sqlite_core.create_fleet("Home")
    with running(sqlite_core, {"owner": owner}) as port:
        client = Client(port)
        client.made("/vehicles", GOLF)
        yield sqlite_core, owner, client


def streamed(client: Client, path: str) -> Iterator[bytes]:
    """Yield the answer bit by bit, keeping nothing."""
    connection = HTTPConnection(HOST, client.port, timeout=300)
    try:
        connection.request("GET", f"/api/v1{path}", headers={"X-Test-User": client.name, "Accept": "text/csv"})
        reply = connection.getresponse()
        assert (200, "chunked") == (reply.status, reply.getheader("Transfer-Encoding"))
        while part := reply.read1(BLOCK):
            yield part
    finally:
        connection.close()


def rows_of(text: bytes) -> list[dict[str, str]]:
    """Return the rows of a table."""
    return list(csv.DictReader(io.StringIO(text.decode(), newline="")))


def test_a_whole_list_is_streamed(served: tuple[Core, Actor, Client]) -> None:
    """Without a limit every row comes, each once, in the order of the list; texts are harmless in a spreadsheet."""
    core, owner, client = served
    fill_up(core, owner, PAGE_LIMIT_MAX * 2 + 5)
    rows = rows_of(b"".join(streamed(client, "/fuel?sort=at&units=us")))
    times = [row["at"] for row in rows]
    assert (PAGE_LIMIT_MAX * 2 + 5, sorted(set(times))) == (len(rows), times)
    assert ("10.567", "'=1+1", "60.00", "EUR") == tuple(
        rows[0][name] for name in ("volume_gal", "notes", "total", "total_currency")
    )


def test_a_page_of_a_list_says_where_it_goes_on(served: tuple[Core, Actor, Client]) -> None:
    """With a limit one page comes, and Link names the next, as JSON does by its cursor."""
    core, owner, client = served
    fill_up(core, owner, 5)
    path, seen = "/fuel?limit=2&sort=at", []
    while path:
        reply = client.get(path, Accept="text/csv")
        seen += [row["id"] for row in rows_of(reply.body)]
        link = reply.headers.get("link", "")
        path = link.partition("<")[2].partition(">")[0].removeprefix("/api/v1")
        assert link.endswith('>; rel="next"') or not link
    assert seen == [fill["id"] for fill in client.get("/fuel?sort=at").value["items"]]


def test_a_table_has_its_columns_without_rows(served: tuple[Core, Actor, Client]) -> None:
    """The heading follows from what a list holds, not from what it holds today."""
    core, owner, client = served
    empty = b"".join(streamed(client, "/fuel"))
    fill_up(core, owner, 1)
    (heading, *_rest) = b"".join(streamed(client, "/fuel")).splitlines(keepends=True)
    assert empty == heading


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("application/json;q=0.4, text/csv;q=0.5", "text/csv"),
        ("text/csv;q=0, */*", "application/json"),
        ("text/html, application/json;q=0.1", "application/json"),
        ("text/csv, application/json", "application/json"),
        ("TEXT/CSV; header=present ; q=1.0", "text/csv"),
        ("nonsense", "application/json"),
        ("text/html", "application/problem+json"),
        ("application/json;q=0", "application/problem+json"),
    ],
)
def test_accept_chooses_the_form(served: tuple[Core, Actor, Client], accept: str, media: str) -> None:
    """What is liked best is sent, JSON among equals; where nothing fits the answer is 406 and names what there is."""
    reply = served[2].get("/fuel", Accept=accept)
    assert media == reply.headers["content-type"].partition(";")[0]
    assert (406 if "problem" in media else 200) == reply.status
    if reply.status == 406:
        assert [("Accept", "not-acceptable")] == faults(reply)


def test_a_single_record_is_no_table(served: tuple[Core, Actor, Client]) -> None:
    """Only lists have rows."""
    (vehicle,) = served[2].get("/vehicles").value["items"]
    assert 406 == served[2].get(f"/vehicles/{vehicle['id']}", Accept="text/csv").status


def test_what_is_wrong_with_the_question_is_told_before_the_first_row(served: tuple[Core, Actor, Client]) -> None:
    """A stream that cannot begin is a problem like any other."""
    reply = served[2].get("/fuel?sort=colour", Accept="text/csv")
    assert (422, [("sort", "choice.unknown")]) == (reply.status, faults(reply))


def test_a_stream_that_breaks_is_not_taken_for_whole(served: tuple[Core, Actor, Client], monkeypatch: Any) -> None:
    """When the database fails in the middle, the connection is cut, and the client notices."""
    core, owner, client = served
    fill_up(core, owner, PAGE_LIMIT_MAX + 1)
    read, calls = core.read, []

    def failing(*asked: Any, **named: Any) -> Any:
        calls.append(asked)
        if len(calls) > 1:
            raise Unavailable("gone")
        return read(*asked, **named)

    monkeypatch.setattr(core, "read", failing)  # a database that goes away
    with pytest.raises((IncompleteRead, ConnectionError)):
        list(streamed(client, "/fuel"))


def test_head_of_a_stream_has_no_body(served: tuple[Core, Actor, Client]) -> None:
    """HEAD tells the headers, the security headers too."""
    reply = served[2].ask("HEAD", "/fuel", headers={"Accept": "text/csv"})
    assert (200, b"", "nosniff") == (reply.status, reply.body, reply.headers["x-content-type-options"])
    assert reply.headers["x-correlation-id"]


def peak_of(client: Client, path: str) -> tuple[int, int]:
    """Return how many lines a stream has, and the peak of memory while it was sent and read, in bytes."""
    tracemalloc.start()
    try:
        lines = sum(part.count(b"\n") for part in streamed(client, path))
        return lines, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_list(served: tuple[Core, Actor, Client]) -> None:
    """Four times the rows take no more memory: a page is held, not the list."""
    core, owner, client = served
    fill_up(core, owner, ROWS)
    b"".join(streamed(client, "/fuel"))  # what is made once is made
    few, low = peak_of(client, "/fuel")
    fill_up(core, owner, 3 * ROWS, begin=ROWS)
    many, high = peak_of(client, "/fuel")
    assert (ROWS + 1, 4 * ROWS + 1) == (few, many)
    assert high < 1.3 * low
