"""Reminders of the whole fleet, several answered at once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests.pages.browser import Browser, Page
from tests.pages.conftest import add_vehicle, register

from fleetcore.testing.clock import FixedClock

SEVERAL = "/reminders/several"


@pytest.fixture
def due(ada: Browser, clock: FixedClock) -> Page:
    """The page of what is due: two reminders that are overdue, of two vehicles, and one that is not."""
    for number, name in enumerate(("Golf", "Zoe", "Panda")):
        vehicle = add_vehicle(ada, name).rpartition("/")[2]
        day = clock.now().date() + timedelta(days=(-3, -2, 200)[number])
        page = ada.open(f"/reminders/rules/new?vehicle={vehicle}")
        answer = ada.fill(page, "", title=f"Oil of {name}", on=str(day), every_months="12")
        assert 200 == answer.status, answer.html
    return ada.open("/reminders")


def ticks(page: Page, *titles: str) -> dict[str, str]:
    """Return the boxes of the reminders with these titles, ticked."""
    found = {
        title: name
        for name, title in re.findall(r'name="(reminder\.[^"]+)"><span class="unseen">Choose ([^,<]+)', page.html)
    }
    return {found[title]: "on" for title in titles}


def choose(browser: Browser, page: Page, answer: str, *titles: str) -> Page:
    """Tick and press one of the buttons."""
    sent = browser.post(SEVERAL, {**page.form(SEVERAL).fields, "answer": answer, **ticks(page, *titles)})
    assert 303 == sent.status, sent.html
    return browser.open(sent.headers["location"])


@pytest.mark.parametrize(
    ("answer", "said"),
    [("done", "2 reminders are done."), ("snooze", "2 reminders are quiet for two weeks."),
     ("skip", "2 reminders are left out this time.")],
)  # fmt: skip
def test_what_is_ticked_is_answered_at_once(ada: Browser, due: Page, answer: str, said: str) -> None:
    """And nothing else is: the third reminder stays where it was."""
    assert 2 == due.html.count("> overdue</span>")
    page = choose(ada, due, answer, "Oil of Golf", "Oil of Zoe")
    assert said in page.html
    assert 0 == page.html.count("> overdue</span>")
    assert "Oil of Panda" in page.html


@pytest.mark.parametrize("answer", ["done", "snooze", "skip"])
def test_it_is_taken_back_at_once(ada: Browser, due: Page, answer: str) -> None:
    """All that was done, left out or made quiet is due again as it was."""
    before = rows(ada.open("/reminders"))
    page = choose(ada, due, answer, "Oil of Golf", "Oil of Zoe")
    assert before != rows(page)
    page = ada.fill(page, "/undo")
    assert "Taken back." in page.html
    assert 2 == page.html.count("> overdue</span>")
    assert before == rows(page)


def test_what_was_answered_again_since_stays_and_the_others_come_back(ada: Browser, due: Page) -> None:
    """It is told that not all was taken back."""
    page = choose(ada, due, "done", "Oil of Golf", "Oil of Zoe")
    now = ada.open("/reminders")
    choose(ada, now, "skip", "Oil of Golf")
    page = ada.fill(page, "/undo")
    assert "Taken back in part" in page.html
    assert 1 == page.html.count("> overdue</span>")


def rows(page: Page) -> list[str]:
    """Return what the page says of each reminder."""
    return re.findall(r'<p class="muted small">(.*?)</p>', page.html)


def test_sent_twice_it_is_done_once(ada: Browser, due: Page) -> None:
    """The key of the form holds for each reminder."""
    sent = {**due.form(SEVERAL).fields, "answer": "skip", **ticks(due, "Oil of Golf")}
    after = []
    for _ in range(2):
        assert 303 == ada.post(SEVERAL, sent).status
        after.append(re.findall(r'<p class="muted small">(.*?)</p>', ada.open("/reminders").html))
    assert after[0] == after[1]


def test_nothing_ticked_is_told(ada: Browser, due: Page) -> None:
    """Nothing happens by mistake."""
    page = choose(ada, due, "done")
    assert "Nothing was changed: tick the reminders first." in page.html
    assert 2 == page.html.count("> overdue</span>")


def test_another_households_reminders_are_not_there(ada: Browser, due: Page, stranger: Browser) -> None:
    """They stay as they are, and the others of the choice are answered."""
    register(stranger, "bob@example.org")
    add_vehicle(stranger, "Van")
    ada_ticks = ticks(due, "Oil of Golf")
    token = stranger.open("/vehicles/new").form("").fields["_csrf"]
    answer = stranger.post(SEVERAL, {"_csrf": token, "answer": "done", **ada_ticks})
    assert 303 == answer.status
    assert "One stays as it is" in stranger.open("/reminders").html
    assert 2 == ada.open("/reminders").html.count("> overdue</span>")


def test_a_name_that_is_no_id_is_no_reminder(ada: Browser, due: Page) -> None:
    """It is not there."""
    sent = {**due.form(SEVERAL).fields, "answer": "done", "reminder.x'; --": "on"}
    assert 404 == ada.post(SEVERAL, sent).status
