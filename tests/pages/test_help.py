"""Help with each page, and the words that are used."""

from __future__ import annotations

import re

import pytest
from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle

from fleetserver.pages.glossary import TERMS
from fleetserver.pages.help_topics import TOPICS, topic_of


@pytest.mark.parametrize(
    ("path", "topic"),
    [
        *(("/vehicles/new", "vehicles"), ("/q/fuel", "fuel"), ("/fuel/new", "fuel"), ("/q/odometer", "odometer")),
        *(("/maintenance/new", "services"), ("/reminders/rules/new", "reminders"), ("/expenses/new", "expenses")),
        *(("/trips/new", "trips"), ("/documents/new", "documents"), ("/people/invite", "people")),
        *(
            ("/account/keys", "account"),
            ("/imports", "data"),
            ("/reports", "reports"),
            ("/outbox", "phone"),
            ("/", "garage"),
        ),
    ],
)
def test_each_form_leads_to_its_help(ada: Browser, path: str, topic: str) -> None:
    """The link stands on the page, in the same place on each, and opens what is about that form."""
    add_vehicle(ada)
    html = ada.open(path).html
    assert f'<a class="tap" href="/help/{topic}">' in html
    assert "<dt>" in ada.open(f"/help/{topic}").html


def test_who_cannot_sign_in_has_help_as_well(stranger: Browser) -> None:
    """It is open to strangers, as the form is."""
    assert 'href="/help/account"' in stranger.open("/login").html
    assert 200 == stranger.open("/help/account").status
    assert 404 == stranger.open("/help/nothing").status


def test_every_topic_is_listed(stranger: Browser) -> None:
    """By its title; and each page belongs to one."""
    html = stranger.open("/help").html
    assert all(f'href="/help/{topic.name}"' in html for topic in TOPICS)
    assert "odometer" == topic_of("/vehicles/0189/odometer").name


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_glossary_explains_every_word_and_abbreviation(stranger: Browser, language: str) -> None:
    """In the order of the language, each once; an abbreviation with what it stands for."""
    html = stranger.open("/help/glossary", **{"Accept-Language": language}).html
    assert len(TERMS) == html.count("<dfn>")
    assert sum(bool(term.long) for term in TERMS) == html.count("<abbr title=")
    words = re.findall(r"<dfn>(?:<abbr[^>]*>)?([^<]+)", html)
    assert words == sorted(words, key=str.casefold)
