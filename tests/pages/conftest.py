"""The pages over a core on SQLite, with cheap hashes; test_engines.py says what runs on PostgreSQL as well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.server.serving import serving

from fleetcore import Core
from fleetserver.app import create_app
from fleetserver.auth.keys import load_keys
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings, HashCost
from fleetserver.settings import ServerSettings

from .browser import Browser

PASSWORD = "seventeen quiet lanterns"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """A migrated, empty database."""
    return sqlite_url


@pytest.fixture
def port(core: Core, tmp_path: Path) -> Iterator[int]:
    """The port of a server with pages and nobody in it."""
    settings = AuthSettings(data_dir=tmp_path, hash_cost=HashCost(memory_kib=64, passes=1))
    accounts = Accounts(core, settings, keys=load_keys(settings, core.clock))
    with serving(create_app(core, ServerSettings(), accounts)) as found:
        yield found


@pytest.fixture
def stranger(port: int) -> Browser:
    """Somebody who has no account."""
    return Browser(port)


@pytest.fixture
def ada(port: int) -> Browser:
    """Ada, who has registered and has an empty garage."""
    browser = Browser(port)
    register(browser, "ada@example.org")
    return browser


def register(browser: Browser, email: str) -> None:
    """Make an account by the page."""
    page = browser.fill(browser.open("/register"), "/register", name="Ada", email=email, password=PASSWORD)
    assert 200 == page.status, page.html


def add_vehicle(browser: Browser, name: str = "Golf", carrier: str = "petrol") -> str:
    """Add a vehicle by the page and return its address."""
    answer = browser.post(
        "/vehicles/new", {**browser.open("/vehicles/new").form("").fields, "name": name, "carrier": carrier}
    )
    assert 303 == answer.status, answer.html
    return answer.headers["location"]
