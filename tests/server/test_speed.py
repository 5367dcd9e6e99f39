"""What a request may cost, counted: statements, and bytes on the wire."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import AddReminder, ListDue
from fleetcore.reminders.service import add_reminder
from fleetcore.storage.database import Database
from fleetcore.vehicles.model import AddVehicle
from fleetcore.vehicles.service import add_vehicle
from fleetserver.app import create_app
from fleetserver.auth.keys import KeyRing, new_key_set
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings, HashCost
from fleetserver.settings import ServerSettings
from fleetserver.web.compression import takes_gzip

from .serving import Reply, serving

CHEAP = HashCost(memory_kib=8, passes=1)
STATEMENTS_MAX = 2


@contextmanager
def statements_counted() -> Iterator[list[str]]:
    """Yield the statements that go to any database meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _ask(port: int, method: str, path: str, body: object = None, token: str = "", **headers: str) -> Reply:
    connection = HTTPConnection("127.0.0.1", port, timeout=300)
    said = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {}), **headers}
    connection.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), said)
    reply = connection.getresponse()
    found = Reply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
    connection.close()
    return found


def test_reading_one_record_takes_two_statements_at_most(core: Core) -> None:
    """Over HTTP, signed in: a token that is remembered costs no statement, the record at most two."""
    settings = AuthSettings(data_dir=Path(), hash_cost=CHEAP)
    accounts = Accounts(core, settings, keys=KeyRing(new_key_set(core.clock.now()), core.clock))
    with serving(create_app(core, ServerSettings(threads=1), accounts)) as port:
        sent = {"email": "ada@example.org", "password": "four words of ada", "name": "Ada"}
        token = _ask(port, "POST", "/auth/register", sent).value["access_token"]
        made = _ask(port, "POST", "/vehicles", {"name": "Golf"}, token).value
        _ask(port, "GET", f"/vehicles/{made['id']}", token=token)
        with statements_counted() as statements:
            reply = _ask(port, "GET", f"/vehicles/{made['id']}", token=token)
    assert (200, "Golf") == (reply.status, reply.value["name"])
    assert len(statements) <= STATEMENTS_MAX, statements


@pytest.mark.parametrize(
    ("said", "is_taken"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP, br", True),
        ("br;q=1.0, gzip;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("br, identity", False),
    ],
)
def test_answers_are_compressed_for_who_takes_it(said: str | None, is_taken: bool) -> None:
    """Accept-Encoding decides, with its weights."""
    assert is_taken is takes_gzip(said)


def test_what_fits_in_a_packet_is_not_compressed(core: Core) -> None:
    """A short answer stays as it is; a long one is gzip with its length."""
    settings = AuthSettings(data_dir=Path(), hash_cost=CHEAP)
    accounts = Accounts(core, settings, keys=KeyRing(new_key_set(core.clock.now()), core.clock))
    with serving(create_app(core, ServerSettings(), accounts)) as port:
        sent = {"email": "ada@example.org", "password": "four words of ada", "name": "Ada"}
        token = _ask(port, "POST", "/auth/register", sent).value["access_token"]
        takes = {"Accept-Encoding": "gzip"}
        short = _ask(port, "GET", "/vehicles", token=token, **takes)
        for number in range(10):
            _ask(port, "POST", "/vehicles", {"name": f"Golf {number}"}, token)
        long = _ask(port, "GET", "/vehicles", token=token, **takes)
    assert "content-encoding" not in short.headers
    assert "gzip" == long.headers["content-encoding"]
    assert len(long.body) == int(long.headers["content-length"])
    assert 10 == len(json.loads(gzip.decompress(long.body))["items"])


@pytest.mark.postgres
def test_a_connection_that_rested_too_long_is_made_anew(postgres_url: str) -> None:
    """The pool does not lend what may have been cut off on the way."""
    from fleetcore.storage.engines import PoolSettings

    def backend(database: Database) -> int:
        with database.engine.connect() as connection:
            return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())

    resting, eager = Database(postgres_url), Database(postgres_url, PoolSettings(idle_s=0.0))
    assert backend(resting) == backend(resting)
    assert backend(eager) != backend(eager)
    resting.close()
    eager.close()


def test_what_is_due_of_one_vehicle_does_not_list_the_fleet(core: Core, owner: Actor) -> None:
    """A fleet of ten thousand would be read whole, to name one of them."""
    vehicle = core.run(owner, add_vehicle, AddVehicle(name="Golf"))
    reminder = AddReminder(vehicle_id=vehicle.id, title="Oil", every_months=12)
    core.run(owner, add_reminder, reminder)
    with statements_counted() as statements:
        found = core.read(owner, list_due, ListDue(vehicle_id=vehicle.id))
    assert ["Golf"] == [each.vehicle_name for each in found]
    assert [] == [sent for sent in statements if "ORDER BY vehicles_vehicles.name" in sent]
