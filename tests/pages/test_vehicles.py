"""The pages of a vehicle: its form with what a VIN tells, its state, its meters, its timeline and its history."""

from __future__ import annotations

import re

import pytest
from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle, register

SOMEBODY = "01890000-0000-7000-8000-000000000000"
PATHS = ("", "/timeline", "/odometer", "/odometer/replacement", "/edit")


def test_every_page_of_a_vehicle_opens_and_another_households_does_not(ada: Browser, stranger: Browser) -> None:
    """What one may not see does not exist, whatever is done to it."""
    vehicle = add_vehicle(ada)
    register(stranger, "bob@example.org")
    token = stranger.open("/vehicles/new").form("").fields["_csrf"]
    for path in PATHS:
        assert 200 == ada.open(vehicle + path).status, path
        assert 404 == stranger.open(vehicle + path).status, path
    for path in ("/edit", "/remove", "/restore", "/state", "/odometer", "/odometer/replacement"):
        answer = stranger.post(
            vehicle + path, {"_csrf": token, "name": "Mine", "state": "rented", "at": "2026-05-01T10:00"}
        )
        assert 404 == answer.status, path
    assert "Golf" in ada.open("/").html


def test_a_vin_fills_the_form_in_and_saves_nothing(ada: Browser) -> None:
    """Make and year stand there to be checked; what was typed stays."""
    page = ada.fill(ada.open("/vehicles/new"), "", vin="WVWZZZ1KZ6W612305", name="Mine", read_vin="1")
    fields = page.form("").fields
    assert ("Mine", "Volkswagen") == (fields["name"], fields["make"])
    assert "Nothing is saved yet" in page.html
    assert "No vehicle yet" in ada.open("/").html


def test_a_vin_that_is_none_is_told_at_its_field(ada: Browser) -> None:
    """The form is there again with all that was typed."""
    page = ada.fill(ada.open("/vehicles/new"), "", vin="IOQ", name="Mine", read_vin="1")
    assert 422 == page.status
    assert 'id="field-vin-error"' in page.html
    assert "Mine" == page.form("").fields["name"]


def test_makes_are_offered_and_models_follow_the_make(ada: Browser) -> None:
    """A list that the browser offers, which forbids nothing; a script asks for the models of another make."""
    assert '<option value="Volkswagen">' in ada.open("/vehicles/new").html
    add_vehicle(ada)
    vehicle = add_vehicle(ada, "Other")
    ada.fill(ada.open(f"{vehicle}/edit"), "", make="Volkswagen", model="Something own")
    assert '<option value="Golf">' in ada.open(f"{vehicle}/edit").html
    assert '"Golf"' in ada.open("/vehicles/models?make=volkswagen").html


def test_a_stale_change_of_a_vehicle_shows_both_values(ada: Browser) -> None:
    """Who saves second sees what was stored meanwhile beside what they typed."""
    vehicle = add_vehicle(ada)
    first, second = ada.open(f"{vehicle}/edit"), ada.open(f"{vehicle}/edit")
    ada.fill(first, "", name="Blue one")
    answer = ada.fill(second, "", name="Red one")
    assert 409 == answer.status
    assert "Red one" == answer.form("").fields["name"]
    assert "Stored meanwhile: Blue one" in answer.html
    ada.fill(answer, "")
    assert "Red one" in ada.open("/").html


def test_a_change_of_a_vehicle_is_taken_back(ada: Browser) -> None:
    """The page after it offers that."""
    vehicle = add_vehicle(ada)
    page = ada.fill(ada.open(f"{vehicle}/edit"), "", name="Blue one")
    assert "Taken back." in ada.fill(page, "/undo").html
    assert "Blue one" not in ada.open(vehicle).html


def test_a_removed_vehicle_is_brought_back(ada: Browser) -> None:
    """At once, or later from the list of removed ones."""
    vehicle = add_vehicle(ada)
    ada.fill(ada.open(f"{vehicle}/edit"), f"{vehicle}/remove")
    assert 404 == ada.open(vehicle).status
    removed = ada.open("/vehicles?removed=1")
    assert "Golf" in removed.html
    assert 200 == ada.fill(removed, f"{vehicle}/restore").status
    assert "Golf" in ada.open("/vehicles").html


def test_a_state_follows_what_is_allowed(ada: Browser) -> None:
    """What cannot follow is not offered, and refused in words where it is sent all the same."""
    vehicle = add_vehicle(ada)
    page = ada.fill(ada.open(vehicle), f"{vehicle}/state", state="decommissioned")
    assert "Decommissioned" in page.html
    assert 'value="rented"' not in page.html
    token = page.form(f"{vehicle}/state").fields["_csrf"]
    for said in ("rented", "flying", ""):
        answer = ada.post(f"{vehicle}/state", {"_csrf": token, "state": said})
        assert 303 == answer.status
    assert "Decommissioned" in ada.open(vehicle).html
    assert "Taken back." in ada.fill(page, "/undo").html


def test_readings_are_added_corrected_and_told_at_their_field(ada: Browser) -> None:
    """A jump is asked about; a reading is taken back, and the right one typed."""
    vehicle = add_vehicle(ada)
    ada.fill(ada.open(f"{vehicle}/odometer"), "", odometer="1000", at="2026-05-01T10:00")
    page = ada.fill(ada.open(f"{vehicle}/odometer"), "", odometer="900", at="2026-05-02T10:00")
    assert 422 == page.status
    assert 'id="field-odometer-error"' in page.html
    assert "900" == page.form("").fields["odometer"]
    ada.fill(page, "", odometer="1500")
    listed = ada.open(f"{vehicle}/odometer")
    assert "1,500 km" in listed.html
    action = next(form.action for form in listed.forms if form.action.endswith("/void"))
    ada.fill(listed, action)
    assert "1,500 km" not in ada.open(f"{vehicle}/odometer").html


def test_an_exchanged_odometer_goes_on(ada: Browser) -> None:
    """The total counts the old meter in."""
    vehicle = add_vehicle(ada)
    ada.fill(ada.open(f"{vehicle}/odometer"), "", odometer="1000", at="2026-05-01T10:00")
    page = ada.open(f"{vehicle}/odometer/replacement")
    wrong = ada.fill(page, "", old_odometer="x", new_odometer="0")
    assert 422 == wrong.status
    html = ada.fill(page, "", old_odometer="1200", new_odometer="10", at="2026-05-03T10:00").html
    assert "10.0 km" in html
    assert "1,200 km" in html


def test_the_timeline_is_narrowed_and_leads_to_the_records(ada: Browser) -> None:
    """By kind, words and days; what cannot be read is told at its field."""
    vehicle = add_vehicle(ada)
    ada.fill(ada.open("/expenses/new"), "", category="parking", amount="3,50", title="Harbour")
    ada.fill(ada.open("/maintenance/new"), "", title="Oil change", total="90")
    everything = ada.open(f"{vehicle}/timeline").html
    assert "Harbour" in everything
    assert "Oil change" in everything
    only = ada.open(f"{vehicle}/timeline?kind=service&text=oil").html
    assert ("Oil change" in only, "Harbour" in only) == (True, False)
    assert re.search(r'href="/maintenance/[0-9a-f-]{36}"', only)
    assert "Nothing fits" in ada.open(f"{vehicle}/timeline?since=2030-01-01").html
    assert 422 == ada.open(f"{vehicle}/timeline?since=yesteryear").status


def test_who_changed_a_record_is_told(ada: Browser) -> None:
    """Of one record field by field, and of the whole fleet for those who answer for it."""
    add_vehicle(ada)
    page = ada.fill(ada.open("/maintenance/new"), "", title="Oil change", total="90")
    record = re.search(r'href="(/maintenance/[0-9a-f-]{36})"', page.html)
    assert record is not None
    ada.fill(ada.open(record[1]), "", title="Oil and filter")
    history = ada.open(f"/history/{record[1].rpartition('/')[2]}?back={record[1]}")
    assert "Oil and filter" in history.html
    assert f'href="{record[1]}"' in history.html
    audit = ada.open("/audit").html
    assert ">service<" in audit
    assert ">changed<" in audit
    assert "edit_service" not in audit
    assert "Ada" in audit
    assert 422 == ada.open("/audit?since=whenever").status


def test_a_record_of_nobody_has_no_history(ada: Browser) -> None:
    """A made-up id tells nothing, and a foreign way back is not followed."""
    assert 404 == ada.open(f"/history/{SOMEBODY}").status
    assert 404 == ada.open("/history/nothing").status
    vehicle = add_vehicle(ada).rpartition("/")[2]
    assert "evil.example" not in ada.open(f"/history/{vehicle}?back=//evil.example").html


@pytest.mark.parametrize(
    "path", ["/vehicles?text=golf", "/vehicles?state=active&sort=-created_at", "/vehicles?sort=bad"]
)
def test_the_list_of_vehicles_is_narrowed_and_sorted(ada: Browser, path: str) -> None:
    """What it does not know it takes as not said."""
    add_vehicle(ada)
    assert "Golf" in ada.open(path).html
