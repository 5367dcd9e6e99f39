"""One Chromium, and one garage with five years of life, for all judges."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import fleetcore
from fleetcore.testing.databases import SqliteFiles

from .chromium import Site, Visitor, chromium, require_chromium, served, visitor
from .garage import live_five_years, live_on, serving_garage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before those are left out that -m does not ask for
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what looks at pages in a browser: it runs no line that no other test runs, so none of it is counted."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("browser")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, started once; its driver has a loop in this thread, so it ends before other tests begin."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def five_years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo's life, to be copied: lived once for all processes of a run, as it takes long."""
    require_chromium()
    mine = tmp_path_factory.getbasetemp()
    folder = (mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine) / "five-years"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # whoever comes second waits for the first
        if not (folder / "done").exists():
            live_five_years(folder)
            (folder / "done").touch()
    return folder


@pytest.fixture(scope="session")
def lived(five_years: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo's garage, served; judges that look share it, and those that write have one of their own."""
    folder = tmp_path_factory.mktemp("lived") / "garage"
    shutil.copytree(five_years, folder)
    with serving_garage(folder) as site:
        live_on(site.core)
        yield site


@pytest.fixture(scope="package")
def alex(browser: Browser, lived: Site) -> Any:
    """What the browser of the demo's owner keeps after signing in."""
    with visitor(browser, lived) as one:
        one.sign_in()
        return one.context.storage_state()


@pytest.fixture
def site(browser: Browser, sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An empty server of a test's own."""
    folder = tmp_path_factory.mktemp("site")
    with (
        fleetcore.open(sqlite_files.database(), installed_plugins=False, attachments=folder / "attachments") as core,
        served(core, folder) as made,
    ):
        yield made


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Closes what a test opens."""
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def ada(browser: Browser, site: Site) -> Iterator[Visitor]:
    """Ada, who has registered on a server of her own, with the service worker at work."""
    with visitor(browser, site, service_workers="allow") as one:
        one.register("ada@example.org")
        yield one
