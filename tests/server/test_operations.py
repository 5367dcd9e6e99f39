"""What an operator asks: does it live, can it serve, how much does it do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client.parser import text_string_to_metric_families

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Rejected, Unavailable
from fleetcore.kernel.ids import new_id
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
