"""What only paper shows: where the page is, and for records and reports the same to be scanned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from tests.pages.browser import Browser, Page
from tests.pages.conftest import add_vehicle, register
from tests.server.serving import serving

from fleetcore import Core
from fleetserver.app import create_app
from fleetserver.auth.keys import load_keys
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings, HashCost
from fleetserver.settings import ServerSettings

ADDRESS = "http://garage.example.org:8000"
PAPER = re.compile(r'<div class="paper">(.*?)</div>', re.DOTALL)


@pytest.fixture
def ann(core: Core, tmp_path: Path) -> Iterator[Browser]:
    """Ann, on a server that others reach too."""
    settings = AuthSettings(data_dir=tmp_path, hash_cost=HashCost(memory_kib=64, passes=1))
    settings = evolve(settings, public_url=ADDRESS)
    accounts = Accounts(core, settings, keys=load_keys(settings, core.clock))
    with serving(create_app(core, ServerSettings(), accounts)) as port:
        browser = Browser(port)
        register(browser, "ann@example.org")
        yield browser


def paper(page: Page) -> str:
    """Return what the page says on paper only."""
    (found,) = PAPER.findall(page.html)
    return str(found)


def test_lists_tell_their_address_as_it_was_asked(ann: Browser) -> None:
    """With what they were narrowed by, and no code."""
    add_vehicle(ann)
    said = paper(ann.open("/expenses?sort=amount"))
    assert f"<p>{ADDRESS}/expenses?sort=amount</p>" in said
    assert "<svg" not in said


def test_vehicles_records_and_reports_can_be_scanned(ann: Browser) -> None:
    """By a code that is no text for screen readers and has no style of its own."""
    vehicle = add_vehicle(ann)
    ann.fill(ann.open("/expenses/new"), "", category="parking", amount="3,50", title="Harbour")
    record = re.search(r'href="(/expenses/[0-9a-f-]{36})"', ann.open("/expenses").html)
    assert record is not None
    for path in (vehicle, record[1], "/reports/economy", "/reports/yearly", f"{vehicle}/charts"):
        said = paper(ann.open(path))
        assert f"<p>{ADDRESS}{path}</p>" in said
        assert '<svg aria-hidden="true" focusable="false"' in said, path
        assert "style=" not in said
        assert len(said) <= 4_000
    assert "<svg" not in paper(ann.open("/expenses/new"))


def test_an_address_of_this_machine_only_is_no_code(ada: Browser) -> None:
    """A telephone that scanned it would look for the page on itself."""
    said = paper(ada.open(add_vehicle(ada)))
    assert "127.0.0.1" in said
    assert "<svg" not in said


def test_addresses_with_secrets_are_not_printed(ada: Browser) -> None:
    """Whoever finds the paper could come in by them."""
    assert [] == PAPER.findall(ada.open("/invitations/secret").html)
