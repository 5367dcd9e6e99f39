"""What starting costs: CPU of a fresh process that asks for help, imports the library, or opens a database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from measuring import Databases, Figure, median

import fleetcore

__all__ = ["measure"]

RUNS = 7
HELP_MAX, IMPORT_MAX, OPEN_MAX = 0.3, 0.12, 0.7


def measure(bases: Databases, *, smoke: bool) -> Iterator[Figure]:
    """Yield the CPU seconds of the three starts."""
    runs = 1 if smoke else RUNS
    command = Path(sys.executable).with_name("fleet")
    yield _figure("fleet --help", "", [str(command), "--help"], HELP_MAX, runs)
    yield _figure("import fleetcore", "", [sys.executable, "-c", "import fleetcore"], IMPORT_MAX, runs)
    for engine in ("sqlite", "postgresql"):
        url = bases.url(engine)
        fleetcore.open(url).close()
        opening = [sys.executable, "-c", "import fleetcore, sys; fleetcore.open(sys.argv[1]).close()", url]
        yield _figure("fleetcore.open()", engine, opening, OPEN_MAX, runs)
        bases.drop(url)


def _figure(name: str, engine: str, command: Sequence[str], most: float, runs: int) -> Figure:
    _cpu(command)  # compiles what is not compiled yet
    seconds = [_cpu(command) for _ in range(runs)]
    return Figure(
        name=name,
        engine=engine,
        value=median(seconds),
        unit="s CPU",
        budget=f"< {most:g}",
        is_within=median(seconds) < most,
        detail=f"least {min(seconds):.3f} s",
    )


def _cpu(command: Sequence[str]) -> float:
    """Run *command* as users do, with compiled modules kept from one run to the next."""
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=compiled)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system
