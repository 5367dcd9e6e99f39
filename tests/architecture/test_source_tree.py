"""The source that is here keeps the layout and import rules of the design."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from .import_rules import AREAS, Module, crossing, faults, foreign, misplaced, own_clock, too_long, wrong_way

ROOT = Path(__file__).parents[2]


@cache
def modules(folder: Path, base: Path) -> list[Module]:
    """Read every Python file below *folder*, named from *base*."""
    return [Module.at(path.relative_to(base), path.read_text("utf-8")) for path in sorted(folder.rglob("*.py"))]


@pytest.mark.parametrize("rule", [misplaced, wrong_way, crossing, foreign, own_clock, too_long])
def test_source_keeps_the_rule(rule: Callable[[Module], Iterator[str]]) -> None:
    """No module of the library or the server breaks the rule."""
    source = modules(ROOT / "src", ROOT / "src")

    assert source
    assert [] == faults(source, rule)


def test_tests_stay_short() -> None:
    """No test module or test outgrows the limits of the source."""
    assert [] == faults(modules(ROOT / "tests", ROOT), too_long)


def test_source_has_two_packages() -> None:
    """The source folder holds the library and the server, nothing else."""
    folders = {path.name for path in (ROOT / "src").iterdir() if path.is_dir()}

    assert {"fleetcore", "fleetserver"} == folders


@pytest.mark.parametrize("package", ["fleetcore", "fleetserver"])
def test_types_ship(package: str) -> None:
    """Each package carries py.typed, so that users' type checkers read our annotations."""
    assert (ROOT / "src" / package / "py.typed").is_file()


def test_importing_fleetcore_loads_nothing_heavy() -> None:
    """Importing fleetcore loads no area and no library for databases, migrations or commands."""
    code = "import sys, fleetcore; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"sqlalchemy", "alembic", "click", "psycopg"} | {f"fleetcore.{area}" for area in AREAS}

    loaded = set(run.stdout.split())
    assert "fleetcore" in loaded
    assert set() == loaded & heavy
