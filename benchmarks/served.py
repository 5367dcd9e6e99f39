"""Servers to measure: started in a session of their own, asked for the CPU of all their processes, ended again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["Load", "Served", "free_port", "postgres_seconds"]

HERE = Path(__file__).parent
TICK = os.sysconf("SC_CLK_TCK")
START_WITHIN_S = 60.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _stat(path: Path) -> tuple[int, int, Sequence[int]] | None:
    """Return (parent, session, ticks: user, system, of children user, of children system) of a process."""
    try:
        fields = (path / "stat").read_text("ascii", errors="replace").rpartition(")")[2].split()
    except OSError:  # it has just ended
        return None
    return int(fields[1]), int(fields[3]), [int(ticks) for ticks in fields[11:15]]


def _processes() -> list[tuple[int, tuple[int, int, Sequence[int]]]]:
    found = ((int(path.name), _stat(path)) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [(pid, stat) for pid, stat in found if stat is not None]


def postgres_seconds(folder: Path) -> float:
    """Return the CPU that the PostgreSQL server of *folder* has used, with all its processes."""
    owner = int((folder / "postmaster.pid").read_text("ascii").split()[0])
    ticks = 0
    for pid, (parent, _, used) in _processes():
        ticks += sum(used) if pid == owner else sum(used[:2]) if parent == owner else 0
    return ticks / TICK


class Served:
    """A server that runs until :meth:`close`."""

    def __init__(self, name: str, command: Sequence[str], port: int, environment: Mapping[str, str]) -> None:
        self.name, self.port = name, port
        self._process = subprocess.Popen(
            [sys.executable, *command],
            cwd=HERE,
            env={**os.environ, **environment, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])},
            start_new_session=True,
        )
        self._wait()

    def _wait(self) -> None:
        """Wait until a whole second long every request is answered: each process has a start of its own."""
        until, in_turn = time.monotonic() + START_WITHIN_S, 0
        while time.monotonic() < until and self._process.poll() is None:
            in_turn = in_turn + 1 if self._answers() else 0
            if in_turn == 20:
                return
            time.sleep(0.05)
        self.close()
        raise RuntimeError(f"{self.name} did not start")

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                return connection.recv(4) == b"HTTP"
        except OSError:
            return False

    def seconds(self) -> float:
        """Return the CPU that all its processes have used."""
        own = [used for _, (_, session, used) in _processes() if session == self._process.pid]
        return sum(sum(used[:2]) for used in own) / TICK

    def close(self) -> None:
        """End the server and whatever it started."""
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(15)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)  # its session is a group of its own


class Load:
    """The client of ``load.py``, in a process of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "load.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, **job: Any) -> dict[str, Any]:
        """Do one job and return what came of it; raises RuntimeError when a request was refused for its content."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(job), file=self._process.stdin, flush=True)
        result: dict[str, Any] = json.loads(self._process.stdout.readline())
        if result["failure"]:
            raise RuntimeError(f"{result['statuses']}: {result['failure']}")
        return result

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait(10)
