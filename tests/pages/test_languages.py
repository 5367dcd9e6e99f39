"""Languages: every text has its translation, and people read and type as they are used to."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Catalog
from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle, register
from tools.messages import CATALOGUES, catalogue_at, fault_texts, page_texts, problems_of

from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetserver.pages.faults import told, told_error
from fleetserver.pages.languages import page_language

GERMAN = page_language("de")


@pytest.fixture
def uwe(port: int) -> Browser:
    """Uwe, whose browser asks for German."""
    browser = Browser(port, language="de-AT,de;q=0.9,en;q=0.5")
    register(browser, "uwe@example.org")
    return browser


@pytest.mark.parametrize("name", sorted(CATALOGUES))
def test_german_says_everything_that_english_says(name: str) -> None:
    """With the same values in it; ``nox -s messages`` says what is missing."""
    place = CATALOGUES[name]
    found = list(problems_of(catalogue_at(place.folder / "de.po"), place.texts(), is_whole=name != "core"))
    assert [] == found


def test_texts_are_found_wherever_they_stand() -> None:
    """In templates, in pages, in what is declared of records, and in what is told of faults."""
    texts = page_texts()
    assert "Skip to the content" in texts
    assert "You are signed in as {name}." in texts
    assert ("One more reminder", "{number} more reminders") in texts
    assert "Add an expense" in texts
    assert "must lie between 1 and {valid_days_max}" in fault_texts()


@pytest.mark.parametrize(
    ("said", "fault"),
    [("", "no translation"), ("{name} und {other}", "other values"), ("ohne alles", "other values")],
)
def test_a_faulty_translation_is_named(said: str, fault: str) -> None:
    """One that is missing, and one that leaves a value out or invents one."""
    catalogue = Catalog(locale="de")
    catalogue.add("Edit {name}", string=said)
    (found,) = problems_of(catalogue, {"Edit {name}": "a.html"})
    assert fault in found


def test_a_translation_of_nothing_is_named() -> None:
    """So catalogues do not grow old words."""
    catalogue = Catalog(locale="de")
    catalogue.add("Gone", string="Weg")
    assert ["'Gone' is translated, and stands nowhere any more"] == list(problems_of(catalogue, {}))


def test_faults_are_told_in_the_language_with_their_values() -> None:
    """What has no translation stays English."""
    assert "'far' ist keine Zahl" == told(GERMAN, "'far' is not a number")
    assert "ist nötig" == told(GERMAN, "is needed")
    assert "something new" == told(GERMAN, "something new")
    assert "is needed" == told(page_language("en"), "is needed")
    assert "x" * 5000 == told(GERMAN, "x" * 5000)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Rejected.because("name", "is needed"), "ist nötig"),
        (NotFound("vehicle", "7"), "gibt es hier nicht"),
        (Conflict("you are a member of this fleet already"), "Sie sind schon Mitglied"),
    ],
)
def test_an_error_speaks_the_language(error: Exception, said: str) -> None:
    """Whatever kind it is of."""
    assert said in told_error(GERMAN, error)


def test_pages_follow_the_browser_then_the_person_then_the_device(uwe: Browser) -> None:
    """What was chosen later and nearer goes before."""
    assert '<html lang="de"' in uwe.open("/").html
    uwe.fill(uwe.open("/account"), "/account", locale="en")
    assert '<html lang="en"' in uwe.open("/").html
    uwe.fill(uwe.open("/"), "/language", language="de")
    assert '<html lang="de"' in uwe.open("/").html


@pytest.mark.parametrize("typed", ["45.210", "45 210", "45210", "45.210,0"])
def test_numbers_are_typed_as_germans_do(uwe: Browser, typed: str) -> None:
    """A point parts thousands, a comma decimals, and what is shown to be changed has a comma."""
    vehicle = add_vehicle(uwe)
    page = uwe.fill(uwe.open("/expenses/new"), "", category="parking", amount="1.067,09", odometer=typed)
    assert 200 == page.status, page.html
    listed = uwe.open("/expenses").html
    assert "1.067,09" in listed
    found = re.search(r'href="(/expenses/[0-9a-f-]{36})"', listed)
    assert found is not None
    fields = uwe.open(found[1]).form("").fields
    assert ("45210", "1067,09") == (fields["odometer"], fields["amount"])
    assert "45.210" in uwe.open(vehicle).html


def test_faults_of_a_form_stand_there_in_german(uwe: Browser) -> None:
    """At the field, and in the summary."""
    add_vehicle(uwe)
    page = uwe.fill(uwe.open("/q/fuel"), "/q/fuel", odometer="weit", volume="40", total="1")
    assert (422, True) == (page.status, "ist keine Zahl" in page.html)


@pytest.mark.parametrize(
    ("form", "shown"), [("words", "24. Dezember 2025"), ("figures", "24.12.2025"), ("iso", "2025-12-24")]
)
def test_days_are_written_as_one_chose(uwe: Browser, form: str, shown: str) -> None:
    """In words, in figures of the language, or with the year first."""
    add_vehicle(uwe)
    uwe.fill(uwe.open("/account"), "/account", days=form)
    uwe.fill(uwe.open("/expenses/new"), "", category="parking", amount="3,50", spent_on="2025-12-24")
    assert shown in uwe.open("/expenses").html


def test_times_are_those_of_the_place_one_is_in(uwe: Browser) -> None:
    """Noon in UTC is the evening in Tokyo."""
    uwe.fill(uwe.open("/account"), "/account", timezone="Asia/Tokyo")
    assert "21:00" in uwe.open("/account/sessions").html
