"""The logbook of a vehicle: a month with its sums and gaps, closed for good."""

from __future__ import annotations

import pytest
from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle, register
from tests.pages.test_people import told

from fleetcore.testing.clock import FixedClock


@pytest.fixture
def book(ada: Browser, clock: FixedClock) -> str:
    """The address of a logbook with two trips of last month, between which 40 km are missing."""
    vehicle = add_vehicle(ada)
    month = (clock.now().replace(day=1)).date()
    last = month.replace(year=month.year - (month.month == 1), month=month.month - 1 or 12)
    for day, start, end, purpose in ((3, 1000, 1050, "business"), (4, 1090, 1100, "private")):
        at = {"started_at": f"{last:%Y-%m}-0{day}T08:00", "ended_at": f"{last:%Y-%m}-0{day}T09:00"}
        page = ada.open(f"/trips/new?vehicle={vehicle.rpartition('/')[2]}")
        where = {"start_place": "A", "end_place": "B", "client": "C"}
        answer = ada.fill(page, "", **at, start_odometer=str(start), end_odometer=str(end), purpose=purpose, **where)
        assert 200 == answer.status, answer.html
    assert f'href="{vehicle}/logbook"' in ada.open(f"/trips?vehicle={vehicle.rpartition('/')[2]}").html
    return f"{vehicle}/logbook"


def test_the_last_month_is_shown_with_its_sums_and_gaps(ada: Browser, book: str) -> None:
    """By purpose; what is missing between two trips is told."""
    said = told(ada.open(book))
    assert "Business 1 50.0 km" in said
    assert "40.0 km are missing between" in said
    assert "No trip in this month." in told(ada.open(f"{book}?month=2001-01"))
    assert 200 == ada.open(f"{book}?month=0000-99").status


def test_a_month_is_closed_after_asking(ada: Browser, book: str) -> None:
    """Once; and another household closes nothing."""
    (form,) = [form for form in ada.open(book).forms if "_key" in form.fields]
    asked = ada.post(book, form.fields)
    assert "This cannot be taken back." in asked.html
    assert "Close the month" in ada.open(book).html
    (form,) = [form for form in asked.forms if "_sure" in form.fields]
    done = ada.post(book, form.fields)
    assert 303 == done.status
    page = told(ada.open(done.headers["location"]))
    assert "The month is closed." in page
    assert "Close the month" not in page
    again = ada.post(book, {**form.fields, "_key": ""})
    assert 422 == again.status


def test_the_logbook_of_another_household_is_not_there(ada: Browser, book: str, stranger: Browser) -> None:
    """Neither to read nor to close."""
    register(stranger, "bob@example.org")
    token = stranger.open("/vehicles/new").form("").fields["_csrf"]
    assert 404 == stranger.open(book).status
    assert 404 == stranger.post(book, {"_csrf": token, "month": "2026-04", "_sure": "1"}).status
