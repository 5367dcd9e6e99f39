"""Every script in examples/ does what it says."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import fleetcore
from fleetcore.testing.databases import PostgresServer

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, *arguments: str, fails: bool = False) -> str:
    """Run an example as its reader would and return what it prints."""
    environment = {**os.environ, "PYTHONWARNINGS": "error", "PYTHONUTF8": "1"}
    environment.pop("FLEET_DATABASE", None)
    command = [sys.executable, str(EXAMPLES / f"{name}.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode != 0) is fails, done.stderr
    return done.stderr if fails else done.stdout


def load(name: str) -> ModuleType:
    """Import an example as a module."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_example_is_here() -> None:
    """The scripts in the folder are those that this module runs."""
    known = {"first_garage", "flask_view", "import_and_report", "own_operation", "own_storage_url"}

    assert known == {path.stem for path in EXAMPLES.glob("*.py")}


def test_first_garage() -> None:
    """A first garage prints the consumption of its car."""
    assert run("first_garage") == "Golf: 5.74 l/100 km, 126.59 EUR in all\n"


def test_import_and_report() -> None:
    """An import names its bad row, adds nothing the second time, and feeds the reports."""
    printed = run("import_and_report").splitlines()

    assert printed[0] == "log.csv: CSV with a header, km, l, EUR"
    assert printed[1].startswith("  row 6 is left out: ")
    assert printed[2] == "4 records imported; a second time: 0, as 4 are known"
    assert printed[3] == "Golf, petrol: 2030 km, 4.52 l/100km"
    assert printed[-2:] == ["2025-03: 152.64 EUR", "2025-04: 70.89 EUR"]


def test_import_and_report_of_a_log_of_the_user(tmp_path: Path) -> None:
    """A named log is read; one that is none is refused with a sentence."""
    log = tmp_path / "mine.csv"
    log.write_text("date,odometer,litres,cost\n2025-03-01,1000,40,60\n2025-03-09,1500,30,45\n")
    assert "mine, petrol: 500 km, 6.00 l/100km" in run("import_and_report", str(log))

    log.write_bytes(b"")
    assert "empty" in run("import_and_report", str(log), fails=True)


def test_own_storage_url_on_sqlite(tmp_path: Path) -> None:
    """A file that is not there is made, and used again the second time."""
    url = f"sqlite:///{tmp_path / 'garage.db'}"

    assert "has 1 vehicles; the newest is Van 1" in run("own_storage_url", url)
    assert "has 2 vehicles; the newest is Van 2" in run("own_storage_url", url)


@pytest.mark.postgres
def test_own_storage_url_on_postgresql(postgres_server: PostgresServer) -> None:
    """An empty PostgreSQL database is migrated, then used."""
    url = postgres_server.empty_database()

    assert run("own_storage_url", url).splitlines()[0].startswith("schema: none -> ")
    assert "has 2 vehicles; the newest is Van 2" in run("own_storage_url", url)


def test_own_storage_url_that_is_none() -> None:
    """A URL of an unknown kind is one clear message."""
    assert run("own_storage_url", "mysql://me@here/garage", fails=True).startswith("cannot go on: ")


def test_own_operation() -> None:
    """The plugin's operation pays, its reaction refuses, its hook hears."""
    printed = run("own_operation").splitlines()

    assert printed[0] == "heard: carpool.trip_settled, 12.60 EUR"
    assert printed[1] == "paid: 12.60 EUR"
    assert printed[3] == "refused: total: is above 200.00 EUR, more than the pool pays for one fill"


def test_flask_view(tmp_path: Path) -> None:
    """Facts come out as JSON, a repeated request is done once, and each error has its status."""
    pytest.importorskip("flask")
    url = f"sqlite:///{tmp_path / 'garage.db'}"
    with fleetcore.open(url) as core:
        core.create_fleet("Home", owner_name="Ada", owner_email="ada@example.org")
        golf = core.perform(core.actor(), "vehicles.add", {"name": "Golf", "carriers": ["petrol"]})
    client = load("flask_view").make_app(url).test_client()
    ada = {"X-User": "ada@example.org", "Idempotency-Key": "one"}
    fill = {"vehicle_id": str(golf.id), "at": "2025-03-01T17:00:00Z", "odometer_km": 45210, "volume_l": 40.5}
    fill["total"] = {"amount": "67.09", "currency": "EUR"}

    first, again = (client.post("/fills", json=fill, headers=ada) for _ in range(2))
    refused = client.post("/fills", json={**fill, "volume_l": -1}, headers={**ada, "Idempotency-Key": "two"})
    no_json = client.post("/fills", data="volume", headers=ada)
    stranger = client.get("/vehicles", headers={"X-User": "eve@example.org"})

    assert (first.status_code, first.json) == (201, again.json)
    assert [found["name"] for found in client.get("/vehicles", headers=ada).json] == ["Golf"]
    assert client.get("/economy", headers=ada).json[0]["fills"] == 1
    assert (refused.status_code, refused.content_type) == (422, "application/problem+json")
    assert [problem["field"] for problem in refused.json["problems"]] == ["volume_l"]
    assert [no_json.status_code, stranger.status_code] == [422, 422]
