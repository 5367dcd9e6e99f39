"""What people and programs type that nobody thought of: it is text, or is refused in words; no page breaks."""

from __future__ import annotations

from urllib.parse import quote

from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle

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
