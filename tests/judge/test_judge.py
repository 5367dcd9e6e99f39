"""The judge can be trusted: it finds planted faults, and nothing where there are none."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .planted import PLANTED

pytest.importorskip("schemathesis", reason="the judge has an environment of its own: nox -s judge")

# Where each fault lies, the phase that asks there, and what schemathesis calls it.
FAULTS = {
    "a 500": ("fuzzing", "/stations", "ST101 Server error"),
    "a wrong type": ("fuzzing", "/vehicles", "ST108 Response violates schema"),
    "use after delete": ("stateful", "/maintenance/providers(/.id.)?", "ST301 Deleted resource still available"),
    "a lax query": ("coverage", "/fuel", "ST201 Schema-violating request accepted"),
}


def judged(phase: str, place: str, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the judge on an address or two."""
    asked = ("--phases", phase, "--cases", "30", "--include-path-regex", f"^/api/v1{place}$")
    command = [sys.executable, "-m", "tests.judge", *more, *asked]
    return subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)


def test_every_planted_fault_is_judged() -> None:
    """Four faults are planted, and each is looked for below."""
    assert set(PLANTED) == set(FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    """The judge fails, and calls the fault by its name."""
    phase, place, name = FAULTS[fault]
    done = judged(phase, place, "--plant", fault)
    assert 1 == done.returncode, done.stdout[-3000:]
    assert name in done.stdout


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    """The same requests to the server as it is find no fault."""
    places = "|".join(place for _, place, _ in FAULTS.values())
    done = judged("fuzzing,stateful", f"({places})")
    assert 0 == done.returncode, done.stdout[-3000:]
