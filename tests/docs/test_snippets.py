"""Every snippet in the documentation runs, and prints what the page says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fleetcore.testing.databases import PostgresServer

from .pages import ROOT, Page, blocks_of, pages

ON_POSTGRESQL = "postgresql://fleet@localhost/garage"
RUN = [path for path in pages() if any(block.kind in {"python", "console"} for block in blocks_of(path.read_text()))]
SQLITE = [path for path in RUN if ON_POSTGRESQL not in path.read_text()]
POSTGRESQL = [path for path in RUN if path not in SQLITE]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder and a data folder of its own for each page, and a plain environment."""
    for name in ("FLEET_DATABASE", "FLEET_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"FLEET_DATA_DIR": str(tmp_path / "data"), "TZ": "UTC", "LC_ALL": "C.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path


@pytest.mark.parametrize("path", SQLITE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_snippets_of_a_page_run(path: Path) -> None:
    """A reader who copies every block of the page gets what it shows."""
    assert Page(path).run() > 0


@pytest.mark.postgres
@pytest.mark.parametrize("path", POSTGRESQL, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_snippets_of_a_page_run_on_postgresql(path: Path, postgres_server: PostgresServer) -> None:
    """The same, with a new and empty PostgreSQL database where the page names one."""
    assert Page(path, {ON_POSTGRESQL: postgres_server.empty_database()}).run() > 0
