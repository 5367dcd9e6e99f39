"""What people and programs type that nobody thought of: it is text, or is refused in words; no page breaks."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle
from tests.pages.test_forms import CASES, Case

ODD = (
    "x" * 10_000,
    "\u202e\u0645\u0631\u062d\u0628\u0627",
    "🚗" * 50,
    "a\x00b",
    "<script>alert(1)</script>",
    "{{ 777 * 778 }}",
    "%s%n",
    " ",
)
SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
LISTS = (
    *("/fuel", "/maintenance", "/expenses", "/trips", "/documents", "/jobs", "/plans", "/reminders/rules", "/tyres"),
    *("/providers", "/stations", "/recurring", "/vehicles", "/inspections", "/audit"),
)
NUMBERS = ("1e999", "-5", "NaN", "Infinity", "9" * 400, "0x10", "12 EUR EUR", "1.2.3,4,5")


def test_odd_texts_are_kept_or_refused_in_words(ada: Browser) -> None:
    """In every text of a form; a script is never run."""
    add_vehicle(ada)
    page = ada.open("/expenses/new")
    for said in ODD:
        sent = {**page.form("").fields, "category": "parking", "amount": "1", "_key": ""}
        for name in ("title", "place", "notes", "tags"):
            answer = ada.post("/expenses/new", {**sent, name: said})
            assert answer.status in {303, 422}, (name, said[:20])
            assert "<script>alert" not in answer.html
    html = ada.open("/expenses").html + ada.open("/").html
    assert "<script>alert" not in html
    assert "604506" not in html


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.path)
def test_a_script_in_every_field_for_words_stays_text(ada: Browser, case: Case) -> None:
    """What is taken is shown as it was typed: on the record, in lists, in the garage, in what happened, when found."""
    vehicle = add_vehicle(ada, SCRIPT)
    page = ada.open(f"{case.path}/new{case.query}")
    form = next(form for form in page.forms if form.action == "" and form.words)
    hostile = {name: f"{SCRIPT}{number}" for number, name in enumerate(form.words)}
    answer = ada.post(f"{case.path}/new", {**form.fields, **hostile, **numbers_of(case)})
    assert answer.status in {303, 422}
    shown = [answer.html]
    if answer.status == 422:  # some words are none: of what is chosen, and in lines without their numbers
        refused = set(re.findall(r'id="field-([^"]+)-error"', answer.html))
        assert refused, answer.html
        refused |= {"make", "model"}  # what fits another make is not offered for this car
        kept = {name: text for name, text in hostile.items() if name not in refused and not re.search(r"\.[1-9]", name)}
        again = ada.post(f"{case.path}/new", {**form.fields, **case.typed, **kept, **numbers_of(case)})
        assert 303 == again.status, again.html
    address = re.search(rf'href="({case.path}/[0-9a-f]{{8}}-[0-9a-f-]{{27}})"', ada.open(case.path).html)
    assert address is not None
    record = address[1].rpartition("/")[2]
    places = ("/", case.path, address[1], vehicle, f"{vehicle}/timeline", f"/history/{record}", "/audit")
    shown += [ada.open(place).html for place in (*places, "/search?q=script", f"/reports/fleet?vehicle={record}")]
    for html in shown:
        assert "<script>alert" not in html
        assert "onerror=alert" not in html.replace("&lt;img src=x onerror=alert", "")
    assert any("&lt;script&gt;alert" in html for html in shown)


def numbers_of(case: Case) -> dict[str, str]:
    """Return what has to be right for a record to be taken: all that is no words."""
    return {name: text for name, text in case.typed.items() if re.fullmatch(r"[0-9.,:T-]+|[a-z_]+", text)}


def test_numbers_that_are_none_are_told_at_their_field(ada: Browser) -> None:
    """Neither a crash nor a guess."""
    add_vehicle(ada)
    page = ada.open("/fuel/new")
    for said in NUMBERS:
        answer = ada.post(
            "/fuel/new", {**page.form("").fields, "odometer": said, "volume": "40", "total": said, "_key": ""}
        )
        assert 422 == answer.status, said
        assert 'id="field-total-error"' in answer.html, said


def test_lists_break_by_nothing_in_their_address(ada: Browser) -> None:
    """A cursor of elsewhere, a vehicle that is none, words with a null: told in words, or taken as not said."""
    add_vehicle(ada)
    for path in LISTS:
        for query in ("after=zzz", "vehicle=nobody", f"text={quote('a' + chr(0))}", "deleted=1", "kind=x&category=y"):
            answer = ada.open(f"{path}?{query}")
            assert answer.status in {200, 404, 422}, (path, query)
            assert "<h1" in answer.html, (path, query)


def test_ids_that_are_none_are_not_there(ada: Browser) -> None:
    """Whatever stands in their place."""
    add_vehicle(ada)
    for path in (
        "/fuel",
        "/jobs",
        "/tyres",
        "/templates",
        "/checklists",
        "/files",
        "/history",
        "/vehicles",
        "/documents",
    ):
        for key in ("nothing", "%00", "0" * 500, "%3Cscript%3E"):
            answer = ada.open(f"{path}/{key}")
            assert answer.status in {404, 422}, (path, key)
            assert "<script>" not in answer.html.split("<main")[1]


def test_an_address_where_nothing_is_is_a_page(ada: Browser) -> None:
    """Whoever opens it is told on a page with a way on; a program is told as before."""
    for path, status in (("/nowhere", 404), ("/undo", 405)):
        page = ada.open(path)
        assert (status, "text/html; charset=utf-8") == (page.status, page.headers["content-type"])
        assert 'href="/"' in page.html
    asked = ada.ask("GET", "/nowhere", headers={"Accept": "application/json"})
    assert (404, "application/problem+json") == (asked.status, asked.headers["content-type"])
    assert "application/problem+json" == ada.ask("GET", "/api/v1/nowhere").headers["content-type"]
