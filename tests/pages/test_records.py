"""Records by pages: typed, listed, changed, deleted and taken back."""

from __future__ import annotations

import re

import pytest
from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle

SCRIPT = "<script>alert(1)</script>"


def test_a_fill_up_takes_three_numbers(ada: Browser) -> None:
    """The vehicle stands there already; a comma is as good as a point; the economy follows."""
    vehicle = add_vehicle(ada)
    for odometer, volume, total in (("45210", "40,5", "67.09"), ("45820", "35", "59,50")):
        page = ada.fill(ada.open("/q/fuel"), "/q/fuel", odometer=odometer, volume=volume, total=total)
        assert "Saved: " in page.html
    assert "5.74 l/100 km" in ada.open(vehicle).html


def test_every_fault_stands_at_its_field_and_nothing_typed_is_lost(ada: Browser) -> None:
    """The summary links to the fields; what was typed is still there."""
    add_vehicle(ada)
    page = ada.fill(ada.open("/q/fuel"), "/q/fuel", odometer="far", volume="abc", total="1")
    assert 422 == page.status
    assert 'href="#field-odometer"' in page.html
    assert 'href="#field-volume"' in page.html
    assert ("far", "abc", "1") == tuple(page.form("/q/fuel").fields[name] for name in ("odometer", "volume", "total"))


def test_a_form_that_is_sent_twice_is_saved_once(ada: Browser) -> None:
    """The key in the form makes the second press a repetition."""
    add_vehicle(ada)
    page = ada.open("/q/fuel")
    sent = {**page.form("/q/fuel").fields, "odometer": "1000", "volume": "40", "total": "60"}
    assert [303, 303] == [ada.post("/q/fuel", sent).status for _ in range(2)]
    (card,) = [line for line in ada.open("/").html.split("<article") if "Golf" in line][-1:]
    assert "60.00 EUR" in card


@pytest.fixture
def expense(ada: Browser) -> str:
    """The address of an expense of Ada's."""
    add_vehicle(ada)
    ada.fill(ada.open("/expenses/new"), "", category="parking", amount="3,50", title=SCRIPT)
    html = ada.open("/expenses").html
    return html.split('<th scope="row"><a href="')[1].split('"')[0]


def test_what_people_write_is_text(ada: Browser, expense: str) -> None:
    """A script in a title is shown, and does not run."""
    html = ada.open("/expenses").html + ada.open(expense).html
    assert SCRIPT not in html
    assert "&lt;script&gt;" in html


def test_a_record_is_changed(ada: Browser, expense: str) -> None:
    """What stands is shown in the form, and what is typed replaces it."""
    page = ada.open(expense)
    assert "3.50" == page.form("").fields["amount"]
    ada.fill(page, "", amount="4")
    assert "4.00 EUR" in ada.open("/expenses").html


def test_a_stale_change_is_not_lost_and_does_not_overwrite(ada: Browser, expense: str) -> None:
    """Who saves second is told, keeps what they typed, and may save on purpose."""
    first, second = ada.open(expense), ada.open(expense)
    ada.fill(first, "", amount="4")
    answer = ada.fill(second, "", amount="5")
    assert 409 == answer.status
    assert "5" == answer.form("").fields["amount"]
    assert "4.00 EUR" in ada.open("/expenses").html
    ada.fill(answer, "")
    assert "5.00 EUR" in ada.open("/expenses").html


def test_of_two_changes_one_chooses_field_by_field(ada: Browser, expense: str) -> None:
    """Of one field what the other saved, of the other what was typed; what is empty can be taken too."""
    first, second = ada.open(expense), ada.open(expense)
    ada.fill(first, "", amount="4", title="Marina", notes="")
    answer = ada.fill(second, "", amount="5", title="Quay", notes="by card")
    assert 409 == answer.status
    assert "Stored meanwhile: Marina" in answer.html
    boxes = dict(re.findall(r'type="checkbox" name="(_theirs\.[^"]+)" value="([^"]*)"', answer.html))
    assert ("4.00", "Marina", "") == tuple(boxes[f"_theirs.{name}"] for name in ("amount", "title", "notes"))
    taken = {name: boxes[name] for name in ("_theirs.title", "_theirs.notes")}
    assert "Saved." in ada.fill(answer, "", **taken).html
    fields = ada.open(expense).form("").fields
    assert ("5.00", "Marina", "") == (fields["amount"], fields["title"], fields.get("notes", ""))


def test_a_deletion_can_be_taken_back(ada: Browser, expense: str) -> None:
    """The page after it offers that, and the record is there again."""
    page = ada.fill(ada.open(expense), f"{expense}/delete")
    assert "Deleted." in page.html
    assert "Nothing yet" in ada.open("/expenses").html
    ada.cookies.pop("fleet-said", None)
    ada.fill(page, "/undo")
    assert "3.50 EUR" in ada.open("/expenses").html


def test_undo_does_only_what_takes_back(ada: Browser, expense: str) -> None:
    """Another operation named in its place is not there."""
    token = ada.open(expense).form("").fields["_csrf"]
    answer = ada.post("/undo", {"_csrf": token, "operation": "people.transfer_ownership", "values": "{}"})
    assert 404 == answer.status
    hidden = '[{"_operation": "people.remove_member", "user_id": "x"}]'
    answer = ada.post("/undo", {"_csrf": token, "operation": "expenses.delete", "values": hidden})
    assert 404 == answer.status
    answer = ada.post("/undo", {"_csrf": token, "operation": "expenses.delete", "values": "[1]"})
    assert 404 == answer.status


KINDS = ("/expenses", "/maintenance", "/trips", "/reminders/rules")


@pytest.mark.parametrize("path", KINDS)
def test_an_empty_list_teaches_and_its_form_opens(ada: Browser, path: str) -> None:
    """Without a vehicle one is asked for first; with one the form stands there."""
    assert "Nothing yet" in ada.open(path).html
    assert "Add a vehicle first." in ada.open(f"{path}/new").html
    vehicle = add_vehicle(ada).rpartition("/")[2]
    assert vehicle == ada.open(f"{path}/new").form("").fields["vehicle_id"]


@pytest.mark.parametrize("path", KINDS)
def test_a_form_that_is_sent_empty_says_what_is_needed(ada: Browser, path: str) -> None:
    """Nothing is stored."""
    add_vehicle(ada)
    page = ada.open(f"{path}/new")
    answer = ada.post(f"{path}/new", {name: page.form("").fields[name] for name in ("_csrf", "_key")})
    assert 422 == answer.status
    assert "is needed" in answer.html
    assert "Nothing yet" in ada.open(path).html


def test_a_reminder_is_answered_where_it_is_told(ada: Browser) -> None:
    """It stands under what is due; done makes it count on."""
    add_vehicle(ada)
    ada.fill(ada.open("/reminders/rules/new"), "", title="Inspection", every_months="12", on="2026-01-15")
    due = ada.open("/reminders")
    assert "Inspection" in ada.open("/").html
    (action,) = {form.action for form in due.forms if form.action.endswith("/done")}
    assert "Inspection: done." in ada.fill(due, action).html
