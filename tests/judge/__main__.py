"""Judge the server: ``python -m tests.judge --cases 2000``.

It starts a server with a household in it, lets schemathesis ask it as its description says, and tells what was
found. The exit status is 0 only if nothing was.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.judge.planted import PLANTED

HERE = Path(__file__).parent
STARTING_S = 120
CASES = 2000
SEED = 20261121
# How the cases are spread: most are chains of requests, a part is drawn for each operation on its own.
STATEFUL_SHARE = 0.6
OPERATIONS = 260
STEPS = 8
# Chains are drawn from a few areas at a time: over all of them hardly two steps would be about the same record.
TOGETHER = (
    ("vehicles", "fuel", "history", "reports"),
    ("maintenance",),
    ("documents", "attachments", "expenses"),
    ("trips", "reminders", "ledger", "imports", "exports"),
    ("people", "sharing", "notifications", "calendars", "accounts", "auth", "audit", "worker", "vin"),
)
Round = tuple[str, int, list[str]]
COVERAGE_FROM = 10_000  # every boundary of every field is some 25,000 requests, so not in each run


@contextmanager
def served(folder: Path, *, database: str | None = None, plant: Sequence[str] = ()) -> Iterator[dict[str, str]]:
    """Run the server in a process of its own and yield its address and a token."""
    more = (["--database", database] if database else []) + [part for fault in plant for part in ("--plant", fault)]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.judge.served", str(folder), *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise SystemExit("the server did not start: " + (folder / "server.log").read_text()[-2000:])
            yield json.loads(line)
        finally:
            process.stdin.close()
            process.wait(STARTING_S)


def judge(
    folder: Path, place: Mapping[str, str], *, phases: str, count: int, seed: int, more: list[str] | None = None
) -> int:
    """Let schemathesis ask *count* times (scenarios, or requests to each operation); return its exit status."""
    environment = {
        **os.environ,
        "JUDGE_URL": place["url"],
        "JUDGE_TOKEN": place["token"],
        "JUDGE_NOTES": str(folder / "notes.tsv"),
        "SCHEMATHESIS_HOOKS": "tests.judge.hooks",
        "NO_COLOR": "1",
    }
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{place['url']}/api/v1/openapi.json", "--phases", phases, "--max-examples", str(count)),
        *("--seed", str(seed), "--no-shrink", "--generation-deterministic", *(more or [])),
    ]
    return subprocess.run(command, env=environment, check=False).returncode


def told(folder: Path) -> dict[str, Counter[int]]:
    """Return how often each operation answered with which status."""
    counted: dict[str, Counter[int]] = defaultdict(Counter)
    notes = folder / "notes.tsv"
    for line in notes.read_text().splitlines() if notes.exists() else []:
        name, _, _, status, _ = line.split("\t")
        counted[name][int(status)] += 1
    return counted


def summary(counted: Mapping[str, Counter[int]]) -> Iterator[str]:
    """Say how much was asked, and which operations never did what they are for."""
    everything: Counter[int] = sum(counted.values(), Counter())
    yield f"{everything.total():,} requests: " + ", ".join(f"{n:,} x {s}" for s, n in sorted(everything.items()))
    never = sorted(name for name, statuses in counted.items() if not any(200 <= status < 400 for status in statuses))
    yield f"{len(counted) - len(never)} of {len(counted)} operations answered with success"
    if never:
        yield "never with success: " + ", ".join(never)


def main(argv: list[str] | None = None) -> int:
    """Judge, and tell; the exit status is 0 if nothing was found."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=CASES, help="about how many requests; at least one an operation")
    asked.add_argument("--seed", type=int, default=SEED)
    asked.add_argument("--database", help="an empty database to serve; without it a new SQLite file")
    asked.add_argument("--plant", action="append", default=[], choices=sorted(PLANTED), help="a fault to be found")
    asked.add_argument("--notes", type=Path, help="keep here what was asked, a line for each request")
    asked.add_argument("--phases", help="only these, with --cases as the count of each")
    said, more = asked.parse_known_args(argv)
    with tempfile.TemporaryDirectory(prefix="fleet-judge-") as name:
        folder = Path(name)
        with served(folder, database=said.database, plant=said.plant) as place:
            rounds = _rounds(said)
            verdicts = [
                judge(folder, place, phases=phases, count=count, seed=said.seed, more=[*more, *only])
                for phases, count, only in rounds
            ]
            is_inside = _is_inside(place)
        if said.notes:
            shutil.copy(folder / "notes.tsv", said.notes)
        for line in summary(told(folder)):
            print(line)  # noqa: T201 - a command tells what it did
        if not is_inside:
            print("the judge was locked out: what came after that judged nothing")  # noqa: T201
    return max([*verdicts, 0 if is_inside else 1])


def _is_inside(place: Mapping[str, str]) -> bool:
    asked = Request(  # noqa: S310 - the address of our own server
        f"{place['url']}/api/v1/fleet", headers={"Authorization": f"Bearer {place['token']}"}
    )
    try:
        with urlopen(asked, timeout=300):  # noqa: S310 - our own server
            return True
    except HTTPError:
        return False


def _rounds(said: Any) -> list[Round]:
    if said.phases:
        return [(said.phases, said.cases, [])]
    scenarios = max(2, round(said.cases * STATEFUL_SHARE / STEPS / len(TOGETHER)))
    each = max(1, round(said.cases * (1 - STATEFUL_SHARE) / OPERATIONS))
    chains: list[Round] = [
        ("stateful", scenarios, [part for tag in tags for part in ("--include-tag", tag)]) for tags in TOGETHER
    ]
    boundaries: list[Round] = [("coverage", 1, [])] if said.cases >= COVERAGE_FROM else []
    return [("examples,fuzzing", each, []), *boundaries, *chains]


if __name__ == "__main__":
    sys.exit(main())
