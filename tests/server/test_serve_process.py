"""The server as a process of its own: with its worker, through a crash, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from attrs import define

import fleetcore
from fleetcore.testing.databases import SqliteFiles

from .serving import Client

ADDRESS = re.compile(r"Serving http://127\.0\.0\.1:(\d+)")
LOGS: list[Path] = []  # of the servers that run, for who waits in vain
PATIENCE_S = 300  # a busy machine starts processes slowly
BUSY_PLUGIN = '''
"""A job that takes longer than anybody waits."""

import time
from datetime import timedelta

from fleetcore.kernel.area import Area
from fleetcore.kernel.work import JobKind


def sleep(uow, payload):
    time.sleep(60)


NAP = JobKind(name="naps.nap", run=sleep, every=timedelta(days=1), across_fleets=True)
AREA = Area(name="naps", jobs=(NAP,))
'''


@define
class Server:
    """A process that serves, and what it wrote."""

    process: subprocess.Popen[bytes]
    log: Path

    def lines(self) -> list[str]:
        """Return what was written so far."""
        return self.log.read_text("utf-8").splitlines()

    def told(self, word: str) -> list[dict[str, Any]]:
        """Return the lines of JSON whose event holds *word*."""
        return [line for line in map(json.loads, self.lines()) if word in line["event"]]

    @property
    def client(self) -> Client:
        """Ask it."""
        found = ADDRESS.search(self.log.read_text("utf-8"))
        assert found is not None
        return Client(int(found[1]))

    def stop(self) -> float:
        """Send SIGTERM and return how many seconds it took to end."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(120)
        return time.monotonic() - began

    def children(self) -> list[int]:
        """Return the processes below it, but for those that multiprocessing keeps for itself."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):  # it is gone meanwhile
                if "spawn_main" in " ".join(child.cmdline()):
                    found.append(child.pid)
        return found


def eventually(question: Callable[[], Any]) -> Any:
    """Ask until the answer is true; fails when it takes too long."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if answer := question():
            return answer
        time.sleep(0.1)
    raise AssertionError("it never came about\n" + "\n".join(log.read_text("utf-8")[-5000:] for log in LOGS))


@contextmanager
def started(url: str, folder: Path, *arguments: str, **environment: str) -> Iterator[Server]:
    """Start ``fleet serve`` over the database at *url* on a free port."""
    log = folder / "log"
    command = [sys.executable, "-m", "fleetserver.cli.main", "serve", "--database", url, "--port", "0", *arguments]
    said = {**os.environ, "FLEET_DATA_DIR": str(folder), "FLEET_LOG_LEVEL": "INFO", **environment}
    with log.open("wb") as written, subprocess.Popen(command, stderr=written, stdout=written, env=said) as process:
        server = Server(process, log)
        LOGS.append(log)
        try:
            eventually(lambda: ADDRESS.search(log.read_text("utf-8")) or process.poll() is not None)
            yield server
        except BaseException:
            print(log.read_text("utf-8"))  # noqa: T201 - what pytest shows of a failure
            raise
        finally:
            LOGS.remove(log)
            if process.poll() is None:
                process.kill()


@pytest.fixture(scope="module")
def url(sqlite_files: SqliteFiles) -> str:
    """A database with one fleet."""
    found = sqlite_files.database()
    with fleetcore.open(found, installed_plugins=False) as core:
        core.create_fleet("Home")
    return found


@pytest.fixture(scope="module")
def server(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two processes that serve and a worker, for the tests of this module."""
    with started(
        url, tmp_path_factory.mktemp("server"), *("--single-user", "--workers", "2", "--with-worker")
    ) as found:
        yield found


def test_the_worker_works_beside_the_server(server: Server) -> None:
    """What is due is done, and events do not wait: both are seen over HTTP."""
    eventually(lambda: server.told("worker begins"))
    assert 201 == server.client.post("/vehicles", {"name": "Golf"}).status
    eventually(lambda: "fleet_worker_total" in server.client.get("//metrics").body.decode())
    assert "ok" == eventually(lambda: server.client.get("//readyz").value["checks"].get("relay"))


def test_figures_are_those_of_all_processes(server: Server) -> None:
    """Whichever process is asked, it answers for both."""
    for _ in range(20):
        server.client.get("/stations")
    wanted = 'fleet_http_requests_total{method="GET",route="/api/v1/stations",status="200"} 20.0'
    assert all(wanted in server.client.get("//metrics").body.decode() for _ in range(6))


def test_processes_that_die_are_started_again(server: Server) -> None:
    """Worker and server processes that are killed come back, and the log says so."""
    first = set(eventually(lambda: len(server.children()) == 3 and server.children()))
    for pid in first:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: len(set(server.children()) - first) == 3)
    named = {line["event"].partition(" ended")[0] for line in server.told("started again")}
    assert {"server process 0", "server process 1", "worker"} == named
    eventually(lambda: _answers(server))


def _answers(server: Server) -> bool:
    try:
        return server.client.get("//livez").status == 200
    except OSError:
        return False


def test_a_busy_worker_does_not_hold_up_the_end(url: str, tmp_path: Path) -> None:
    """SIGTERM ends the server in the time that it gives work in hand, even while a job takes a minute."""
    (tmp_path / "naps.py").write_text(BUSY_PLUGIN)
    entry = tmp_path / "naps-1.0.dist-info"
    entry.mkdir()
    (entry / "METADATA").write_text("Metadata-Version: 2.1\nName: naps\nVersion: 1.0\n")
    (entry / "entry_points.txt").write_text("[fleetcore.plugins]\nnaps = naps_plugin\n")
    (tmp_path / "naps_plugin.py").write_text(
        "from fleetcore.plugins import hookimpl\nfrom naps import AREA\n\n\n@hookimpl\ndef fleetcore_areas():\n"
        "    return [AREA]\n"
    )
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    with started(url, tmp_path, "--single-user", "--with-worker", PYTHONPATH=path, FLEET_DRAIN_S="3") as server:
        eventually(lambda: server.told("worker begins"))
        time.sleep(2)  # it has begun its nap: nothing else tells
        seconds = server.stop()

    assert 3 < seconds < 30  # its nap takes a minute
    assert server.told("did not end in time")


def test_while_it_drains_it_says_that_it_is_not_ready(url: str, tmp_path: Path) -> None:
    """After SIGTERM a balancer hears 503 until connections are refused; every line of the log is JSON, with an id."""
    with started(url, tmp_path, "--single-user", FLEET_DRAIN_DELAY_S="2") as server:
        client = server.client
        assert 200 == client.get("//readyz").status
        server.process.send_signal(signal.SIGTERM)
        reply = eventually(lambda: (found := client.get("//readyz")).status == 503 and found)
        assert "the server is being stopped" == reply.value["checks"]["stopping"]
        assert 200 == client.get("/vehicles").status
        server.process.wait(120)
    assert 0 == server.process.returncode
    assert all(line["correlation_id"] and line["level"] and line["ts"] for line in map(json.loads, server.lines()))
