"""The pages on PostgreSQL: every page of a full garage, and every kind of record written.

All else about pages is tested on SQLite alone: they read and write through the core, whose operations are tested on
both.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pages import test_forms as forms
from tests.pages.browser import Browser
from tests.pages.judges.chromium import EMAIL, NOW, PASSWORD, give_password, served
from tests.pages.judges.garage import live_on
from tests.pages.judges.sites import OPEN, PATHS, address_of
from tests.pages.test_forms import CASES, NAMES, Case

import fleetcore
from fleetcore.testing.clock import FixedClock
from fleetserver.cli.demo_life import live

pytestmark = pytest.mark.postgres
FILES = ("/vehicles/{id}/passport", "/reports/{kind}/csv", "/search/shortcuts", "/vehicles/models", "/exports/archive")


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """A migrated, empty database."""
    return postgres_url


def test_every_page_of_a_full_garage_is_shown(database_url: str, tmp_path: Path) -> None:
    """And every file that pages offer."""
    live(database_url, NOW.date(), tmp_path / "attachments")
    with (
        fleetcore.open(
            database_url, installed_plugins=False, clock=FixedClock(NOW), attachments=tmp_path / "attachments"
        ) as core,
        served(core, tmp_path) as site,
    ):
        give_password(site)
        live_on(core)
        alex = Browser(int(site.address.rpartition(":")[2]))
        alex.fill(alex.open("/login"), "/login", email=EMAIL, password=PASSWORD)
        stranger = Browser(alex.port)
        shown = {
            path: (stranger if path in OPEN else alex).open(address_of(path, site, core.actor())).status
            for path in [*PATHS, *FILES]
        }
    assert {} == {path: status for path, status in shown.items() if status != 200}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_records_are_written(ada: Browser, case: Case) -> None:
    """Each kind is made, changed and changed back."""
    forms.test_a_record_is_made_changed_and_changed_back(ada, case)


@pytest.mark.parametrize("case", [case for case in CASES if case.deletes], ids=lambda case: case.path)
def test_records_are_deleted(ada: Browser, case: Case) -> None:
    """Each kind goes, and comes back where it can."""
    forms.test_a_deletion_is_taken_back_or_asked_about(ada, case)
