"""Bad input in a real browser: scripts, strange texts, tokens, sessions, the back button, no scripts at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from fleetcore.expenses.model import EditExpense, GetExpense, ListExpenses, RecordExpense
from fleetcore.expenses.service import edit_expense, get_expense, list_expenses, record_expense
from fleetcore.kernel.money import Money
from fleetcore.vehicles.model import AddVehicle, Vehicle
from fleetcore.vehicles.service import add_vehicle

from .chromium import PASSWORD, Site, Visitor, visitor
from .looking import sideways
from .sites import PATHS, address_of
from .test_live import golf, owner_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["golf"]

STEAL = "window.stolen=(window.stolen||0)+1"
WRAPPERS = (
    "<script>{}</script>",
    "<img src=x onerror={}>",
    "<svg onload={}>",
    "<svg><script>{}</script></svg>",
    '"><script>{}</script>',
    "'><script>{}</script>",
    "</title><script>{}</script>",
    "</textarea><script>{}</script>",
    "</template><script>{}</script>",
    "<body onload={}>",
    "<iframe srcdoc='<script>parent.{}</script>'>",
    "<a href=javascript:{}>x</a>",
    "<details open ontoggle={}>",
    "<input autofocus onfocus={}>",
    "<style onload={}></style>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror={}>",
    "{{{{constructor.constructor('{}')()}}}}",
    "${{{}}}",
    "{{% raw %}}{}{{% endraw %}}",
    "<div hx-get=/ hx-trigger=load hx-on:htmx:load={}>",
    "<div hx-on:click={} hx-trigger=load>",
    "<base href=//evil.example/><script>{}</script>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<object data=javascript:{}>",
    "<video><source onerror={}></video>",
)
SCRIPTS = [wrapper.format(STEAL) for wrapper in WRAPPERS] + [wrapper.format(STEAL).upper() for wrapper in WRAPPERS]
STRANGE = {
    "long": "A" * 10_000,
    "words": "word " * 2_000,
    "right to left": "\u202e\u05e8\u05db\u05d1\u202c \u0633\u064a\u0627\u0631\u0629",
    "emoji": "\U0001f697\u200d\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308",
    "marks": "Z\u0351\u036b\u0343\u036a\u0302a\u0334l\u0335g\u0336o\u0337",
}


@pytest.fixture
def plain(browser: Browser, site: Site) -> Iterator[Visitor]:
    """Ada with JavaScript off."""
    with visitor(browser, site, java_script_enabled=False, viewport={"width": 360, "height": 740}) as one:
        one.register("ada@example.org")
        yield one


def save(page: Page, name: str | re.Pattern[str]) -> None:
    """Press the button that saves and wait for what comes."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).first.click()


def test_fifty_stored_scripts_stay_text(ada: Visitor, golf: Vehicle) -> None:
    """On every page that shows them none runs, none is blocked because none is there, and the console is empty."""
    assert 50 == len(SCRIPTS)
    owner = owner_of(ada.site)
    for number, script in enumerate(SCRIPTS):
        told: dict[str, object] = {
            "category": "parking",
            "amount": Money(100 + number, "EUR"),
            "title": script,
            "notes": script,
        }
        told["spent_on"] = ada.site.core.clock.now().date()
        ada.site.core.run(owner, record_expense, RecordExpense(vehicle_id=golf.id, **told))  # type: ignore[arg-type]
    hostile = ada.site.core.run(owner, add_vehicle, AddVehicle(name=SCRIPTS[0], make=SCRIPTS[1][:80]))
    (first, *_) = ada.site.core.read(owner, list_expenses, ListExpenses(limit=1)).items
    shown = ("/", "/expenses", f"/expenses/{first.id}", f"/vehicles/{golf.id}", f"/vehicles/{hostile.id}", "/q/fuel")
    for path in shown:
        page = ada.open(path)
        page.wait_for_timeout(200)
        assert page.evaluate("window.stolen === undefined"), path
        assert 0 == page.locator("main [onerror], main [onload], main script, main iframe, main base").count()
    assert [] == ada.complaints
    assert STEAL in ada.open("/expenses").locator("main").inner_text()


@pytest.mark.parametrize("kind", STRANGE)
def test_a_strange_name_is_kept_and_breaks_no_page(ada: Visitor, kind: str) -> None:
    """What is too long is refused in words; what is taken is shown whole, within a screen of 320 pixels."""
    page = ada.open("/vehicles/new")
    page.set_viewport_size({"width": 320, "height": 640})
    page.locator("[name=name]").evaluate(
        "(one, text) => { one.removeAttribute('maxlength'); one.value = text; }", STRANGE[kind]
    )
    save(page, "Add the vehicle")
    if page.get_by_role("heading", name="Nothing was saved yet").count():
        assert "long" in page.locator("#errors").inner_text() or "character" in page.locator("#errors").inner_text()
        assert STRANGE[kind] == page.locator("[name=name]").input_value()
    else:
        assert page.locator("h1").inner_text().strip()
    assert [] == sideways(page)
    ada.open("/")
    assert [] == sideways(page)


def test_a_wrong_token_stores_nothing_and_loses_nothing(ada: Visitor, golf: Vehicle) -> None:
    """The page after it says what to do, and one press does it."""
    page = ada.open("/expenses/new")
    page.get_by_label("What for").select_option("parking")
    page.get_by_label("Amount").fill("3,50")
    page.evaluate("document.querySelector('form.sheet').elements._csrf.value = 'wrong'")
    save(page, "Save expense")
    page.get_by_role("heading", name="Send this once more").wait_for()
    assert 0 == count(ada)
    save(page, "Send what I typed")
    assert 1 == count(ada)


def test_a_session_that_ends_in_the_middle_of_a_form_loses_nothing(ada: Visitor, golf: Vehicle) -> None:
    """Sign in, press once, and it is stored."""
    page = ada.open("/expenses/new")
    page.get_by_label("What for").select_option("parking")
    page.get_by_label("Amount").fill("3,50")
    ada.context.clear_cookies(name="fleet-session")
    save(page, "Save expense")
    page.get_by_text("Sign in, and what you typed is sent.").wait_for()
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    save(page, "Sign in")
    save(page, "Send what I typed")
    assert 1 == count(ada)


def test_a_double_press_and_the_back_button_store_once(ada: Visitor, golf: Vehicle) -> None:
    """Two quick presses are one; back shows the form again, and nothing is sent by that."""
    page = ada.open("/expenses/new")
    page.get_by_label("What for").select_option("parking")
    page.get_by_label("Amount").fill("3,50")
    with page.expect_navigation():
        page.get_by_role("button", name="Save expense").evaluate("(one) => { one.click(); one.click(); }")
    page.wait_for_load_state()
    assert 1 == count(ada)
    page.go_back()
    page.get_by_role("button", name="Save expense").wait_for()
    page.go_forward()
    page.reload()
    assert 1 == count(ada)
    page.go_back(wait_until="commit")
    page.wait_for_url("**/expenses/new")
    page.get_by_label("What for").select_option("parking")
    page.get_by_label("Amount").fill("3,50")
    save(page, "Save expense")
    assert 1 == count(ada), "the form knows that it was sent already"
    assert [] == ada.complaints


def test_a_form_that_somebody_else_overtook_loses_nothing(ada: Visitor, golf: Vehicle) -> None:
    """Both texts stand there with what to do; saving again is on purpose, and can be taken back."""
    owner = owner_of(ada.site)
    said = {"vehicle_id": golf.id, "spent_on": ada.site.core.clock.now().date(), "category": "parking"}
    made = ada.site.core.run(owner, record_expense, RecordExpense(**said, amount=Money(350, "EUR"), title="Harbour"))
    page = ada.open(f"/expenses/{made.id}")
    changed = EditExpense(id=made.id, version=made.version, **said, amount=Money(350, "EUR"), title="Station")
    ada.site.core.run(owner, edit_expense, changed)
    page.locator("[name=title]").fill("Airport")
    save(page, re.compile("^Save"))
    told = page.get_by_role("alert").inner_text()
    assert "Somebody changed this meanwhile. Check what stands below and save again." in told
    assert "Airport" == page.locator("[name=title]").input_value()
    assert "Stored meanwhile: Station" in page.locator("main").inner_text()
    save(page, re.compile("^Save"))
    assert "Airport" == ada.site.core.read(owner, get_expense, GetExpense(id=made.id)).title
    save(page, "Undo")
    assert "Station" == ada.site.core.read(owner, get_expense, GetExpense(id=made.id)).title


def count(one: Visitor) -> int:
    """Return how many expenses there are."""
    return len(one.site.core.read(owner_of(one.site), list_expenses, ListExpenses(limit=100)).items)


def test_every_form_works_without_scripts(plain: Visitor) -> None:
    """A vehicle, a fill-up, an expense, a service and a reminder are stored, refused, deleted and taken back."""
    page = plain.open("/vehicles/new")
    page.locator("[name=name]").fill("Golf")
    page.locator("[name=carrier]").select_option("petrol")
    save(page, "Add the vehicle")
    plain.open("/q/fuel")
    page.locator("[name=odometer]").fill("1000")
    page.locator("[name=volume]").fill("40,5")
    page.locator("[name=total]").fill("67.09")
    save(page, "Save fill-up")
    assert "Saved: 40.50 gal for Golf." in page.locator("[role=status]").all_inner_texts()[-1]
    plain.open("/maintenance/new")
    page.locator("[name=title]").fill("Oil change")
    save(page, re.compile("^Save"))
    plain.open("/reminders/rules/new")
    page.locator("[name=title]").fill("Inspection")
    page.locator("[name=every_months]").fill("12")
    page.locator("[name=on]").fill("2026-01-15")
    save(page, re.compile("^Save"))
    plain.open("/reminders")
    save(page, re.compile("^Done"))
    plain.open("/expenses/new")
    page.locator("[name=category]").select_option("parking")
    page.locator("[name=amount]").fill("far too much")
    save(page, "Save expense")
    page.get_by_role("heading", name="Nothing was saved yet").wait_for()
    page.locator("[name=amount]").fill("3,50")
    save(page, "Save expense")
    plain.open("/expenses")
    with page.expect_navigation():
        page.locator("th a").first.click()
    with page.expect_navigation():
        page.get_by_role("button", name="Delete").click()
    sure = page.get_by_role("button", name=re.compile("Delete"))  # a page may ask once more
    if sure.count():
        with page.expect_navigation():
            sure.first.click()
    assert 0 == count(plain)
    save(page, "Undo")
    assert 1 == count(plain)


@pytest.fixture(scope="package")
def scriptless(browser: Browser, lived: Site, alex: Any) -> Iterator[Visitor]:
    """Alex with JavaScript off, in the demo's garage."""
    with visitor(browser, lived, java_script_enabled=False, storage_state=alex) as one:
        yield one


@pytest.mark.parametrize("path", PATHS)
def test_a_page_without_scripts_offers_nothing_that_needs_them(scriptless: Visitor, path: str) -> None:
    """Every button stands in a form that has somewhere to go, and nothing that only scripts fill is shown."""
    actor = owner_of(scriptless.site)
    page = scriptless.open(address_of(path, scriptless.site, actor))
    dead = page.locator("button:not(form button)").evaluate_all(
        "(all) => all.filter((one) => one.checkVisibility()).map((one) => one.outerHTML.slice(0, 120))"
    )
    assert [] == dead
    assert not page.locator("#live").is_visible()
