"""Every kind of record by its pages, without a script: errors at fields, made, changed, stale, deleted, taken back."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from attrs import frozen
from tests.pages.browser import Browser, HtmlForm, Page
from tests.pages.conftest import add_vehicle, register


@frozen(kw_only=True)
class Case:
    """A kind of record: what is typed, what is wrong with what else is typed, and what is typed instead."""

    path: str
    typed: Mapping[str, str]
    wrong: Mapping[str, str]
    instead: Mapping[str, str]
    shown: str
    query: str = ""
    deletes: bool = True


CASES = (
    Case(
        path="/fuel",
        typed={"odometer": "1000", "volume": "40", "total": "60", "place": "Shell"},
        wrong={"odometer": "far", "volume": "much"},
        instead={"total": "61"},
        shown="61.00 EUR",
    ),
    Case(
        path="/maintenance",
        typed={"title": "Oil", "parts.0.name": "Filter", "parts.0.unit_cost": "12,50", "parts.0.quantity": "2"},
        wrong={"title": "", "done_on": "someday"},
        instead={"title": "Oil and filter"},
        shown="Oil and filter",
    ),
    Case(
        path="/expenses",
        typed={"category": "parking", "amount": "3,50", "title": "Harbour"},
        wrong={"amount": "cheap"},
        instead={"amount": "4"},
        shown="4.00 EUR",
    ),
    Case(
        path="/trips",
        typed={
            "started_at": "2026-05-01T10:00",
            "ended_at": "2026-05-01T11:00",
            "distance": "50",
            "purpose": "private",
        },
        wrong={"distance": "far", "started_at": ""},
        instead={"distance": "60"},
        shown="60.0 km",
    ),
    Case(
        path="/reminders/rules",
        typed={"title": "Inspection", "every_months": "12", "on": "2026-09-01"},
        wrong={"title": "", "every_months": "often"},
        instead={"title": "Check-up"},
        shown="Check-up",
    ),
    Case(
        path="/documents",
        query="?kind=insurance",
        typed={"issuer": "HUK", "starts_on": "2026-01-01", "ends_on": "2026-12-31", "amount": "420"},
        wrong={"ends_on": "someday", "amount": "much"},
        instead={"issuer": "VHV"},
        shown="VHV",
    ),
    Case(
        path="/jobs",
        typed={"title": "Brakes", "planned_on": "2026-07-01", "estimated_cost": "300"},
        wrong={"title": "", "estimated_cost": "much"},
        instead={"title": "All brakes"},
        shown="All brakes",
        deletes=False,
    ),
    Case(
        path="/plans",
        typed={"title": "Oil", "every": "15000", "every_months": "12"},
        wrong={"title": "", "every": "often"},
        instead={"title": "Engine oil"},
        shown="Engine oil",
    ),
    Case(
        path="/tyres",
        typed={"name": "Winter", "kind": "winter", "dot": "3523"},
        wrong={"name": "", "limit_mm": "thin"},
        instead={"name": "Snow"},
        shown="Snow",
    ),
    Case(
        path="/providers",
        typed={"name": "Garage Ada", "phone": "123"},
        wrong={"name": ""},
        instead={"name": "Garage Bob"},
        shown="Garage Bob",
    ),
    Case(
        path="/stations",
        typed={"name": "Shell Harbour"},
        wrong={"name": ""},
        instead={"name": "Aral Harbour"},
        shown="Aral Harbour",
    ),
    Case(
        path="/templates",
        typed={"name": "My van", "items.0.title": "Oil", "items.0.every": "10000"},
        wrong={"name": "", "items.0.every": "often"},
        instead={"name": "Our van"},
        shown="Our van",
    ),
    Case(
        path="/checklists",
        typed={"name": "Before a race", "items.0.title": "Belts", "items.0.kind": "pass_fail"},
        wrong={"name": "", "items.0.minimum": "thin"},
        instead={"name": "After a race"},
        shown="After a race",
    ),
    Case(
        path="/recurring",
        typed={"category": "parking", "amount": "30", "title": "Garage", "period": "month", "starts_on": "2026-08-01"},
        wrong={"amount": "much", "starts_on": ""},
        instead={"title": "Garage place"},
        shown="Garage place",
        deletes=False,
    ),
)
NAMES = [case.path for case in CASES]


def typed_in(page: Page) -> HtmlForm:
    """Return the form of the page's record, which is sent to the page itself."""
    return next(form for form in page.forms if form.action == "" and form.fields)


def made(ada: Browser, case: Case) -> str:
    """Make a record and return its address."""
    add_vehicle(ada)
    page = ada.open(f"{case.path}/new{case.query}")
    answer = ada.post(f"{case.path}/new", {**typed_in(page).fields, **case.typed})
    assert 303 == answer.status, answer.html
    ada.cookies.pop("fleet-said", None)
    listed = ada.open(case.path).html
    found = re.search(rf'href="({case.path}/[0-9a-f]{{8}}-[0-9a-f-]{{27}})"', listed)
    assert found is not None, listed
    return found[1]


def saved(ada: Browser, page: Page, typed: Mapping[str, str]) -> Page:
    """Type into the form of a record's page and follow where it leads."""
    answer = ada.post(page.path, {**typed_in(page).fields, **typed})
    return ada.open(answer.headers["location"]) if answer.status == 303 else answer


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_each_fault_stands_at_its_field_and_nothing_typed_is_lost(ada: Browser, case: Case) -> None:
    """Nothing is stored, and the summary leads to every field that is wrong."""
    add_vehicle(ada)
    page = ada.open(f"{case.path}/new{case.query}")
    answer = ada.post(f"{case.path}/new", {**typed_in(page).fields, **case.typed, **case.wrong})
    assert 422 == answer.status
    fields = typed_in(answer).fields
    for name, text in case.wrong.items():
        assert f'href="#field-{name}"' in answer.html, name
        assert f'id="field-{name}-error"' in answer.html, name
        assert text == fields.get(name, ""), name
    assert all(fields[name] == text for name, text in case.typed.items() if name not in case.wrong)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_record_is_made_changed_and_changed_back(ada: Browser, case: Case) -> None:
    """The form shows what is stored; the page after a change offers to take it back."""
    address = made(ada, case)
    page = ada.open(address)
    after = saved(ada, page, case.instead)
    assert 200 == after.status, after.html
    assert case.shown in ada.open(case.path).html
    form = after.form("/undo")
    answer = ada.post("/undo", {**form.fields})
    assert "Taken back." in ada.open(answer.headers["location"]).html
    assert case.shown not in ada.open(case.path).html


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_stale_page_shows_what_is_stored_and_overwrites_nothing(ada: Browser, case: Case) -> None:
    """Who saves second sees both, and may save on purpose."""
    address = made(ada, case)
    first, second = ada.open(address), ada.open(address)
    (name,) = case.instead
    saved(ada, first, case.instead)
    typed = {"notes": "Second thoughts"} if "notes" in typed_in(second).fields else {name: case.typed[name] + "1"}
    answer = saved(ada, second, typed)
    assert 409 == answer.status
    assert "Stored meanwhile" in answer.html
    assert "Somebody changed this meanwhile. Check what stands below and save again." in answer.html
    assert case.shown in ada.open(case.path).html
    ((field, text),) = typed.items()
    assert text == typed_in(answer).fields[field]
    assert 200 == saved(ada, answer, {}).status
    assert text == typed_in(ada.open(address)).fields[field]


@pytest.mark.parametrize("case", [case for case in CASES if case.deletes], ids=lambda case: case.path)
def test_a_deletion_is_taken_back_or_asked_about(ada: Browser, case: Case) -> None:
    """What can be restored is deleted at once and brought back; of the rest one is asked first."""
    address = made(ada, case)
    page = ada.open(address)
    answer = ada.post(f"{address}/delete", page.form(f"{address}/delete").fields)
    if answer.status == 303:
        deleted = ada.open(answer.headers["location"])
        ada.fill(deleted, "/undo")
        assert 200 == ada.open(address).status
        return
    assert "This cannot be taken back." in answer.html
    assert 200 == ada.open(address).status
    gone = ada.post(f"{address}/delete", answer.form(f"{address}/delete").fields)
    assert 303 == gone.status
    assert address not in ada.open(case.path).html


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_record_of_another_household_is_not_there(ada: Browser, stranger: Browser, case: Case) -> None:
    """Neither to be seen nor changed nor deleted, and no list tells of it."""
    address = made(ada, case)
    register(stranger, "bob@example.org")
    add_vehicle(stranger, "Other")
    token = stranger.open("/vehicles/new").form("").fields["_csrf"]
    assert 404 == stranger.open(address).status
    assert 404 == stranger.post(address, {"_csrf": token, **case.typed}).status
    if case.deletes:
        assert 404 == stranger.post(f"{address}/delete", {"_csrf": token, "_sure": "1"}).status
    assert address not in stranger.open(case.path).html
    assert 200 == ada.open(address).status


def test_a_deleted_record_lies_in_the_bin(ada: Browser) -> None:
    """It is brought back from there at any time, not only at once."""
    case = CASES[2]
    address = made(ada, case)
    page = ada.open(address)
    ada.post(f"{address}/delete", page.form(f"{address}/delete").fields)
    bin_page = ada.open("/expenses?deleted=1")
    assert "Harbour" in bin_page.html
    ada.fill(bin_page, f"{address}/restore")
    assert "Harbour" in ada.open("/expenses").html


def test_a_list_is_narrowed_by_words_and_kind(ada: Browser) -> None:
    """What fits is shown; that nothing fits is said."""
    made(ada, CASES[2])
    assert "Harbour" in ada.open("/expenses?text=harb&category=parking").html
    assert "Nothing fits" in ada.open("/expenses?text=nowhere").html
    assert "Nothing fits" in ada.open("/expenses?category=toll").html
    assert "Harbour" in ada.open("/expenses?category=made-up").html


def test_a_field_that_follows_from_the_others_gives_way(ada: Browser) -> None:
    """A corrected end odometer moves the distance, a corrected volume the unit price, without a refusal."""
    add_vehicle(ada)
    typed = {
        "started_at": "2026-05-01T10:00",
        "ended_at": "2026-05-01T11:00",
        "start_odometer": "1000",
        "end_odometer": "1050",
        "purpose": "private",
    }
    page = ada.open("/trips/new")
    assert 303 == ada.post("/trips/new", {**typed_in(page).fields, **typed}).status
    found = re.search(r'href="(/trips/[0-9a-f-]{36})"', ada.open("/trips").html)
    assert found is not None
    shown = ada.open(found[1])
    assert "50" == typed_in(shown).fields["distance"]
    assert 200 == saved(ada, shown, {"end_odometer": "1060"}).status
    assert "60" == typed_in(ada.open(found[1])).fields["distance"]


def test_a_unit_price_follows_a_corrected_volume(ada: Browser) -> None:
    """Quantity and total are what the receipt says."""
    address = made(ada, CASES[0])
    assert "1.5" == typed_in(ada.open(address)).fields["unit_price"]
    assert 200 == saved(ada, ada.open(address), {"volume": "50"}).status
    fields = typed_in(ada.open(address)).fields
    assert ("50", "60.00", "1.2") == (fields["volume"], fields["total"], fields["unit_price"])


def test_what_was_left_alone_keeps_its_last_digit(ada: Browser) -> None:
    """An odometer that is shown rounded is not rounded by saving something else."""
    add_vehicle(ada)
    page = ada.open("/fuel/new")
    typed = {"odometer": "621.37 mi", "volume": "40", "total": "60"}
    ada.post("/fuel/new", {**typed_in(page).fields, **typed})
    found = re.search(r'href="(/fuel/[0-9a-f-]{36})"', ada.open("/fuel").html)
    assert found is not None
    before = typed_in(ada.open(found[1])).fields["odometer"]
    saved(ada, ada.open(found[1]), {"notes": "Rain"})
    history = ada.open(f"/history/{found[1].rpartition('/')[2]}").html
    assert before == typed_in(ada.open(found[1])).fields["odometer"]
    assert "odometer" not in history.split("<li>")[1].lower()


def test_the_total_of_a_service_follows_its_parts(ada: Browser) -> None:
    """Where parts and labour say it, the total stands empty, and a dearer part makes it dearer."""
    address = made(ada, CASES[1])
    fields = typed_in(ada.open(address)).fields
    assert ("", "12.50", "2") == (fields["total"], fields["parts.0.unit_cost"], fields["parts.0.quantity"])
    saved(ada, ada.open(address), {"parts.0.unit_cost": "20", "parts.2.name": "Oil", "parts.2.unit_cost": "5"})
    fields = typed_in(ada.open(address)).fields
    assert ("20.00", "Oil") == (fields["parts.0.unit_cost"], fields["parts.1.name"])
    assert "45.00 EUR" in ada.open("/maintenance").html
    saved(ada, ada.open(address), {"parts.0.name": "", "parts.0.unit_cost": "", "parts.0.quantity": ""})
    assert "Oil" == typed_in(ada.open(address)).fields["parts.0.name"]


def test_a_fault_in_a_line_stands_at_the_line(ada: Browser) -> None:
    """Also where lines above it were left empty."""
    add_vehicle(ada)
    page = ada.open("/maintenance/new")
    typed = {"title": "Oil", "parts.1.name": "Filter", "parts.1.unit_cost": "cheap"}
    answer = ada.post("/maintenance/new", {**typed_in(page).fields, **typed})
    assert 422 == answer.status
    assert 'id="field-parts.0.unit_cost-error"' in answer.html
    assert "Filter" == typed_in(answer).fields["parts.0.name"]


def test_a_service_answers_several_reminders(ada: Browser) -> None:
    """Each has a box; saving the service again forgets none of them."""
    add_vehicle(ada)
    for title in ("Oil", "Filter"):
        page = ada.open("/reminders/rules/new")
        ada.post("/reminders/rules/new", {**typed_in(page).fields, "title": title, "every_months": "12"})
    page = ada.open("/maintenance/new")
    boxes = re.findall(r'name="(reminder_ids\.[0-9a-f-]{36})"', page.html)
    assert 2 == len(boxes)
    answer = ada.post("/maintenance/new", {**typed_in(page).fields, "title": "Both", **dict.fromkeys(boxes, "on")})
    found = re.search(r'href="(/maintenance/[0-9a-f-]{36})"', ada.open("/maintenance").html)
    assert answer.status == 303
    assert found is not None
    fields = typed_in(ada.open(found[1])).fields
    assert all(fields[box] == "on" for box in boxes)
    saved(ada, ada.open(found[1]), {"title": "Both again"})
    assert all(typed_in(ada.open(found[1])).fields[box] == "on" for box in boxes)


def test_a_plug_in_hybrid_is_charged_or_filled(ada: Browser) -> None:
    """The quick form asks for one of two amounts."""
    page = ada.open("/vehicles/new")
    ada.post(
        "/vehicles/new",
        {**typed_in(page).fields, "name": "Hybrid", "carrier": "petrol", "second_carrier": "electricity"},
    )
    quick = ada.open("/q/fuel")
    assert {"volume", "energy"} <= set(quick.form("/q/fuel").fields)
    saved_page = ada.fill(quick, "/q/fuel", carrier="electricity", energy="10,5", total="4")
    assert "10.50 kWh" in saved_page.html


def test_the_quick_form_stands_on_the_vehicle_that_one_filled_last(ada: Browser) -> None:
    """The others are one press away."""
    add_vehicle(ada, "Golf")
    other = add_vehicle(ada, "Zoe", "electricity")
    ada.fill(ada.open(f"/q/fuel?v={other.rpartition('/')[2]}"), "/q/fuel", energy="10", total="3")
    page = ada.open("/q/fuel")
    assert other.rpartition("/")[2] == page.form("/q/fuel").fields["vehicle_id"]
    assert 'inputmode="decimal"' in page.html
    assert ">Golf" in page.html.replace("</svg> ", ">")
