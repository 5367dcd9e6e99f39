"""What an operator asks: does it live, can it serve, how much does it do."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import attrs
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, text
from tests.worker.letters import a_letter

import fleetcore
from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Rejected, Unavailable
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.work import QUEUE
from fleetcore.storage.engines import PoolSettings
from fleetcore.testing.clock import FixedClock
from fleetcore.worker.loop import Worker
from fleetcore.worker.ports import CLAIMS
from fleetcore.worker.storage_inbox import dead_letters
from fleetserver.settings import ServerSettings, read_settings

from .serving import Client, Reply, running


def test_a_server_lives_and_is_ready(client: Client) -> None:
    """Both answer without a login."""
    assert [200, 200] == [client.get(f"//{path}").status for path in ("livez", "readyz")]
    assert {"stopping": "ok", "database": "ok", "schema": "ok", "disk": "ok"} == client.get("//readyz").value["checks"]


def test_a_server_without_its_database_lives_but_is_not_ready(core: Core, owner: Actor) -> None:
    """The balancer stops sending; nobody restarts a process that could not do better."""
    with running(core, {"owner": owner}) as port:
        core.database.ping = _unreachable  # type: ignore[method-assign]  # a database that went away
        statuses = [Client(port).get(f"//{path}").status for path in ("livez", "readyz")]
    assert [200, 503] == statuses


def _unreachable() -> None:
    raise Unavailable("gone")


def test_requests_are_counted_by_template(client: Client) -> None:
    """Neither ids nor made-up addresses become labels."""
    for path in (f"/vehicles/{new_id()}", f"/vehicles/{new_id()}", "/wp-admin.php"):
        client.get(path)
    families = {family.name: family for family in text_string_to_metric_families(client.get("//metrics").body.decode())}
    counted = {
        (sample.labels["route"], sample.labels["status"]): sample.value
        for sample in families["fleet_http_requests"].samples
        if sample.name.endswith("_total")
    }
    assert 2 == counted["/api/v1/vehicles/{id}", "404"]
    assert 1 == counted["other", "404"]


def test_it_is_told_how_many_are_answered_and_worked_on(client: Client) -> None:
    """The request that asks is one that is being answered; those before it are over."""
    client.get("/vehicles")
    families = {family.name: family for family in text_string_to_metric_families(client.get("//metrics").body.decode())}
    names = ("fleet_http_in_flight", "fleet_pool_running", "fleet_pool_waiting")
    assert [1, 0, 0] == [families[name].samples[0].value for name in names]


def test_too_many_at_once_are_told_so(core: Core, owner: Actor) -> None:
    """Past the bound the answer is 503 with Retry-After, at once."""
    settings = ServerSettings(threads=1, waiting_max=0, patience_s=0.05)
    with running(core, {"owner": owner}, settings) as port:
        replies = _at_once(Client(port), 12)
    assert {200, 503} == {reply.status for reply in replies}
    assert {"1"} == {reply.headers["retry-after"] for reply in replies if reply.status == 503}


def _at_once(client: Client, count: int) -> list[Reply]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _number: client.get("/vehicles"), range(count)))


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "fleet.example.org"])  # noqa: S104 - refused, not bound
def test_single_user_mode_stays_on_this_machine(host: str) -> None:
    """Where others can reach the server, it does not let anyone in without a password."""
    with pytest.raises(Rejected, match="FLEET_SINGLE_USER"):
        read_settings({}, host=host, single_user=True)


def test_every_wrong_setting_is_named() -> None:
    """Environment variables that cannot be read are listed at once."""
    with pytest.raises(Rejected) as refused:
        read_settings({"FLEET_PORT": "many", "FLEET_THREADS": "few", "FLEET_SINGLE_USER": "perhaps"})
    assert ["FLEET_PORT", "FLEET_THREADS", "FLEET_SINGLE_USER"] == [each.field for each in refused.value.problems]


def figures(client: Client) -> str:
    """Return the text of the metrics."""
    return client.get("//metrics").body.decode()


def series(text: str) -> set[tuple[str, ...]]:
    """Return every series: its name with its labels."""
    families = text_string_to_metric_families(text)
    return {
        (sample.name, *sorted(f"{name}={value}" for name, value in sample.labels.items()))
        for family in families
        for sample in family.samples
    }


def test_strangers_addresses_make_no_series(client: Client) -> None:
    """2,000 distinct addresses, ids and queries count in the series that are there already."""
    client.get(f"/vehicles/{new_id()}")
    client.get("//nothing")
    figures(client)
    before = series(figures(client))
    for number in range(1000):
        client.get(f"//made-up-{number}/{number}?q={number}")
        client.get(f"/vehicles/{new_id()}?units={number}")

    assert set() == {each for each in series(figures(client)) - before if "status=422" not in each}


def test_the_state_of_the_work_is_told(client: Client, core: Core) -> None:
    """Jobs, outbox, reminders, disk and database are there; events wait until a worker relays them."""
    vehicle = client.made("/vehicles", {"name": "Golf"})
    client.made("/reminders", {"vehicle_id": vehicle["id"], "title": "Oil", "on": "2026-05-01"})
    text = figures(client)

    assert 'fleet_reminders{urgency="overdue"} 1.0' in text
    assert "fleet_dead_letters 0.0" in text
    assert all(name in text for name in ("fleet_database_bytes", "fleet_relay_lag_seconds", "fleet_jobs"))
    depth = next(line for line in text.splitlines() if line.startswith("fleet_outbox_depth "))
    assert float(depth.split()[1]) >= 2


def test_figures_are_not_read_for_each_who_asks(core: Core, owner: Actor) -> None:
    """Within a quarter of a minute the database is asked once."""
    with running(core, {"owner": owner}) as port:
        client = Client(port)
        first = figures(client)
        client.made("/vehicles", {"name": "Golf"})
        again = figures(client)
    events = [line for text in (first, again) for line in text.splitlines() if line.startswith("fleet_events_total ")]
    assert 1 == len(set(events))


def test_strangers_do_not_read_the_figures(client: Client, core: Core, owner: Actor) -> None:
    """A proxy gets 404 for others; with a token it is the token that counts."""
    assert 404 == client.get("//metrics", X_Forwarded_For="203.0.113.9").status
    assert 404 == client.get("//metrics", Host="fleet.example.org").status
    token = "a token of sixteen or more"
    with running(core, {"owner": owner}, ServerSettings(metrics_token=token)) as port:
        strict = Client(port)
        assert 401 == strict.get("//metrics").status
        assert 401 == strict.get("//metrics", Authorization="Bearer another").status
        assert 200 == strict.get("//metrics", Authorization=f"Bearer {token}", X_Forwarded_For="203.0.113.9").status


def test_a_server_whose_events_wait_too_long_is_not_ready(core: Core, owner: Actor, clock: FixedClock) -> None:
    """Where a worker is expected and none works, it says for how long."""
    with running(core, {"owner": owner}, ServerSettings(relay_lag_max_s=60)) as port:
        client = Client(port)
        assert 200 == client.get("//readyz").status
        clock.advance(minutes=2)
        late = client.get("//readyz")
        Worker(core).drain()
        assert 200 == client.get("//readyz").status
    assert (503, "events have waited for 120 s: is a worker running?") == (late.status, late.value["checks"]["relay"])


def test_a_server_over_another_schema_is_not_ready(core: Core, owner: Actor) -> None:
    """After the database was migrated by a newer version, the old server steps aside."""
    with running(core, {"owner": owner}) as port:
        with core.database.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("RESET ROLE"))
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
            connection.commit()
        reply = Client(port).get("//readyz")
    assert (503, True) == (reply.status, "has the schema 9999" in reply.value["checks"]["schema"])


def test_a_request_is_not_waited_for_without_end(core: Core, owner: Actor) -> None:
    """After the limit the client hears that it is not known whether it was done."""
    with running(core, {"owner": owner}, ServerSettings(request_s=0.3)) as port:
        slow = core.read
        core.read = lambda *given, **named: (time.sleep(1.5), slow(*given, **named))[1]  # type: ignore[method-assign]  # a slow disk
        reply = Client(port).get("/vehicles")
    assert (503, "https://fleetcore.dev/problems/timeout") == (reply.status, reply.value["type"])
    assert "1" == reply.headers["retry-after"]


@pytest.mark.postgres
def test_a_statement_is_ended_when_nobody_waits_for_it(postgres_url: str) -> None:
    """PostgreSQL ends it by itself, and it is the same 503 as a database that cannot serve."""
    with (
        fleetcore.open(postgres_url, pool=PoolSettings(statement_s=2), installed_plugins=False) as core,
        pytest.raises(Unavailable, match="statement timeout"),
        core.database.read(new_id()) as connection,
    ):
        connection.execute(text("SELECT pg_sleep(60)"))


def test_a_token_lies_in_a_file(tmp_path: Path) -> None:
    """Containers hand secrets over as files; no message repeats one."""
    (tmp_path / "token").write_text("a token of sixteen or more\n")
    assert (
        "a token of sixteen or more"
        == read_settings({"FLEET_METRICS_TOKEN_FILE": str(tmp_path / "token")}).metrics_token
    )
    with pytest.raises(Rejected) as refused:
        read_settings({"FLEET_METRICS_TOKEN": "short"})
    assert "'short'" not in str(refused.value)


def test_failures_are_seen_and_settled_over_the_api(client: Client, core: Core, owner: Actor) -> None:
    """An owner lists dead jobs and events, reads their errors, retries and discards; Bob of the family sees none."""
    jobs = [failed_job(core, owner.fleet_id) for _ in range(2)]
    letter = dead_letter(core, owner.fleet_id)
    listed = client.get("/jobs?states=dead").value["items"]

    assert sorted(map(str, jobs)) == sorted(job["id"] for job in listed)
    assert "the books are closed" in client.get(f"/jobs/{jobs[0]}").value["last_error"]
    assert "waiting" == client.post(f"/jobs/{jobs[0]}/retry").value["state"]
    assert 200 == client.ask("DELETE", f"/jobs/{jobs[1]}").status
    assert 404 == client.get(f"/jobs/{jobs[1]}").status
    assert client.get(f"/dead-letters/{letter}").value["error"]
    assert 200 == client.ask("DELETE", f"/dead-letters/{letter}").status
    assert [] == client.get("/dead-letters").value["items"]
    bob = attrs.evolve(client, name="bob")
    assert {403, 404} >= {bob.get("/jobs").status, bob.ask("DELETE", f"/jobs/{jobs[0]}").status}


def failed_job(core: Core, fleet_id: UUID) -> UUID:
    """Leave a dead job behind."""
    core.work(fleet_id, "test", lambda uow: uow[QUEUE].enqueue("expenses.run_recurring", now=uow.now))
    with core.across_fleets() as uow:
        [claim] = uow[CLAIMS].claim({"expenses.run_recurring": timedelta(minutes=5)}, uow.now, 1)
        uow[CLAIMS].fail(claim, "Traceback\nValueError: the books are closed\n", None, uow.now)
    return claim.job.id


def dead_letter(core: Core, fleet_id: UUID) -> UUID:
    """Leave a dead letter behind."""
    letter = a_letter(new_id())
    row = {"fleet_id": fleet_id, **attrs.asdict(letter)}
    core.database.write(fleet_id, lambda connection: connection.execute(insert(dead_letters).values(row)))
    return letter.id
