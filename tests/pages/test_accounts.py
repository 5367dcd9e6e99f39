"""Accounts by pages: who one is, how one signs in, one's keys and data; without scripts."""

from __future__ import annotations

import re
from base64 import b32decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.pages.browser import Browser, Page
from tests.pages.conftest import PASSWORD, register
from tests.server.serving import serving

from fleetcore import Core
from fleetcore.accounts.totp import code_at, step_at
from fleetcore.testing.clock import FixedClock
from fleetserver.app import create_app
from fleetserver.auth.keys import load_keys
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings
from fleetserver.settings import ServerSettings

OTHER = "a lantern more than before"


def told(page: Page) -> str:
    """Return the words of *page* without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.html))


def signed_in(port: int, **typed: str) -> tuple[Browser, Page]:
    """Sign in as Ada in another browser."""
    browser = Browser(port)
    typed = {"email": "ada@example.org", "password": PASSWORD, **typed}
    return browser, browser.fill(browser.open("/login"), "/login", **typed)


def test_what_one_says_of_oneself_is_kept(ada: Browser) -> None:
    """Name, language, units and time zone follow the person; colours and the form of days stay on the device."""
    page = ada.fill(
        ada.open("/account"), "/account", name="Ada L.", locale="de", units="us", timezone="Europe/Berlin",
        theme="contrast", days="iso",
    )  # fmt: skip
    assert 200 == page.status, page.html
    assert '<html lang="de" data-theme="contrast">' in page.html
    form = page.form("/account")
    assert ("Ada L.", "de", "us", "iso") == tuple(form.fields[name] for name in ("name", "locale", "units", "days"))
    assert "Europe/Berlin" == form.fields["timezone"]


@pytest.mark.parametrize(
    ("language", "usual"),
    [
        ("en-GB,en;q=0.5", ("GBP", "imperial", "Europe/London", "GB")),
        ("de-AT", ("EUR", "metric", "Europe/Vienna", "AT")),
        ("en-US", ("USD", "us", "UTC", "US")),
        ("en", ("EUR", "metric", "UTC", "")),
        ("xx-ZZ, -, de-", ("EUR", "metric", "UTC", "")),
    ],
)
def test_a_fleet_begins_with_what_is_usual_where_its_owner_is(
    port: int, language: str, usual: tuple[str, str, str, str]
) -> None:
    """By the country that the browser names; where it has several time zones none is guessed."""
    browser = Browser(port, language=language)
    register(browser, "ada@example.org")
    fields = browser.open("/people/settings").form("/people/settings").fields
    assert usual == tuple(fields[name] for name in ("currency", "units", "timezone", "country"))


def test_what_cannot_be_is_told_at_its_field(ada: Browser) -> None:
    """The page keeps what was typed."""
    page = ada.fill(ada.open("/account"), "/account", name="", email="no address")
    assert 422 == page.status
    assert 'id="field-name-error"' in page.html
    assert 'value="no address"' in page.html


def test_anybody_chooses_a_language_for_their_device(stranger: Browser) -> None:
    """Without an account, before signing in; what is no language changes nothing."""
    page = stranger.fill(stranger.open("/login"), "/language", language="de")
    assert 'lang="de"' in page.html[:60]
    assert "/login" == page.path
    assert 'lang="de"' in stranger.fill(page, "/language", language="xx").html[:60]


def test_the_language_button_leads_nowhere_else(stranger: Browser) -> None:
    """An address of another site in the form is not followed."""
    form = stranger.open("/login").form("/language")
    answer = stranger.post("/language", {**form.fields, "language": "de", "back": "//evil.example/"})
    assert "/" == answer.headers["location"]


def test_a_new_password_signs_others_out(ada: Browser, port: int) -> None:
    """Weak or wrong ones are refused at their fields."""
    other, _ = signed_in(port)
    form = "/account/security"
    weak = ada.fill(ada.open(form), form, password="not mine", new_password="short")
    assert (422, True) == (weak.status, 'id="field-new_password-error"' in weak.html)
    wrong = ada.fill(ada.open(form), form, password="not mine at all", new_password=OTHER)
    assert (422, True) == (wrong.status, 'id="field-password-error"' in wrong.html)
    done = ada.fill(ada.open(form), form, password=PASSWORD, new_password=OTHER)
    assert "The password is changed" in told(done)
    assert 303 == other.ask("GET", "/").status
    assert 200 == signed_in(port, password=OTHER)[1].status


def enrolled(core: Core, ada: Browser) -> tuple[str, list[str]]:
    """Turn the second factor on; returns the secret and the recovery codes."""
    page = ada.fill(ada.open("/account/second-factor"), "/account/second-factor", password=PASSWORD)
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.html)
    assert found is not None, page.html
    assert "<svg" in page.html
    secret = found[1].replace(" ", "")
    shown = ada.fill(page, "/account/second-factor/confirm", code=code_of(core, secret))
    codes = re.findall(r"<li><code>([^<]+)</code></li>", shown.html)
    assert len(codes) >= 8
    return secret, codes


def code_of(core: Core, secret: str) -> str:
    """Return what an authenticator app shows for *secret*."""
    return code_at(b32decode(secret + "=" * (-len(secret) % 8)), step_at(core.clock.now()))


def test_a_second_factor_is_set_up_by_scanning_or_typing(core: Core, ada: Browser, port: int) -> None:
    """A wrong code turns nothing on; from then on signing in asks for a code, and a recovery code does once."""
    page = ada.fill(ada.open("/account/second-factor"), "/account/second-factor", password=PASSWORD)
    assert 422 == ada.fill(page, "/account/second-factor/confirm", code="000000").status
    assert 200 == signed_in(port)[1].status
    _secret, codes = enrolled(core, ada)
    browser, asked = signed_in(port)
    assert 401 == asked.status
    typed = {"email": "ada@example.org", "password": PASSWORD, "code": codes[0]}
    assert "Garage" in told(browser.fill(asked, "/login", **typed))
    again, asked = signed_in(port)
    assert 401 == again.fill(asked, "/login", **typed).status


def test_a_second_factor_goes_by_password_and_code(core: Core, ada: Browser, port: int) -> None:
    """Who has shown it just now is not asked again; who has not types a code beside the password."""
    enrolled(core, ada)
    off = "/account/second-factor/off"
    page = ada.open("/account/second-factor")
    answer = ada.post(off, {**page.form("/account/second-factor/codes").fields, "password": "wrong"})
    assert (422, True) == (answer.status, 'id="field-password-error"' in answer.html)
    answer = ada.post(off, {**page.form("/account/second-factor/codes").fields, "password": PASSWORD})
    assert 303 == answer.status
    assert 200 == signed_in(port)[1].status


def test_devices_are_listed_and_signed_out(ada: Browser, port: int) -> None:
    """One by one, or all but this one."""
    other, _ = signed_in(port)
    third, _ = signed_in(port)
    page = ada.open("/account/sessions")
    assert 3 == page.html.count("Last used")
    (first, *_rest) = [form for form in page.forms if re.fullmatch("/account/sessions/[0-9a-f-]{36}", form.action)]
    ada.post(first.action, first.fields)
    assert 1 == sum(303 == each.ask("GET", "/").status for each in (other, third))
    ada.fill(ada.open("/account/sessions"), "/account/sessions/others")
    assert 1 == ada.open("/account/sessions").html.count("Last used")


def test_nobody_signs_another_out(ada: Browser, port: int, stranger: Browser) -> None:
    """A session of another is not there."""
    signed_in(port)
    (form, *_rest) = [each for each in ada.open("/account/sessions").forms if "/account/sessions/0" in each.action]
    register(stranger, "bob@example.org")
    mine = stranger.open("/account").form("/account").fields["_csrf"]
    assert 404 == stranger.post(form.action, {"_csrf": mine}).status
    assert 2 == ada.open("/account/sessions").html.count("Last used")


def test_a_key_is_shown_once_and_revoked(ada: Browser) -> None:
    """It reaches what its maker chose, until it is revoked."""
    page = ada.fill(ada.open("/account/keys"), "/account/keys", name="Home <b>", reach="read", days="30")
    found = re.search(r'<code class="secret">([^<]+)</code>', page.html)
    assert found is not None
    bearing = {"Authorization": f"Bearer {found[1]}", "Accept": "application/json"}
    assert 200 == ada.ask("GET", "/api/v1/vehicles", headers=bearing).status
    listed = ada.open("/account/keys")
    assert found[1] not in listed.html
    assert "Home &lt;b&gt;" in listed.html
    (form,) = [each for each in listed.forms if "/account/keys/" in each.action]
    ada.post(form.action, form.fields)
    assert 401 == ada.ask("GET", "/api/v1/vehicles", headers=bearing).status
    assert "revoked" in told(ada.open("/account/keys"))


def test_a_key_without_a_name_is_refused_at_its_field(ada: Browser) -> None:
    """And none is made."""
    page = ada.fill(ada.open("/account/keys"), "/account/keys", name="", reach="read", days="30")
    assert (422, True) == (page.status, 'id="field-name-error"' in page.html)
    assert "No key yet" in told(page)


def test_one_takes_ones_data_along(ada: Browser) -> None:
    """As one zip file, by a form."""
    form = ada.open("/account/data").form("/account/data/export")
    connection_page = ada.post(form.action, form.fields)
    assert 200 == connection_page.status
    assert "my-data.zip" in connection_page.headers["content-disposition"]
    assert "no-store" == connection_page.headers["cache-control"]
    assert connection_page.html.startswith("PK")


def test_erasing_oneself_wants_the_password_and_a_tick(ada: Browser, port: int) -> None:
    """Then nobody can sign in as them any more."""
    place = "/account/data/erase"
    unsure = ada.fill(ada.open("/account/data"), place, password=PASSWORD)
    assert (422, True) == (unsure.status, 'id="field-sure-error"' in unsure.html)
    wrong = ada.fill(ada.open("/account/data"), place, password="not mine at all", sure="on", with_fleets="on")
    assert (422, True) == (wrong.status, 'id="field-password-error"' in wrong.html)
    gone = ada.fill(ada.open("/account/data"), place, password=PASSWORD, sure="on", with_fleets="on")
    assert "You are erased here" in told(gone)
    assert 401 == signed_in(port)[1].status


def test_a_forgotten_password_tells_nobody_who_has_an_account(ada: Browser, stranger: Browser) -> None:
    """The answer is the same for an address that nobody has."""
    assert 200 == ada.open("/account").status
    answers = [
        told(stranger.fill(stranger.open("/forgot-password"), "/forgot-password", email=email))
        for email in ("ada@example.org", "nobody@example.org")
    ]
    assert answers[0] == answers[1]
    assert "Look into your mailbox" in answers[0]


def test_what_wants_a_fresh_factor_asks_for_it_and_goes_on(core: Core, clock: FixedClock, ada: Browser) -> None:
    """What was typed is carried along, is not done before, and is done by one press after."""
    secret, codes = enrolled(core, ada)
    clock.advance(hours=1)
    asked = ada.fill(ada.open("/account/keys"), "/account/keys", name="Late", reach="read", days="30")
    assert (401, True) == (asked.status, "Show your second factor" in asked.html)
    wrong = ada.fill(asked, "/account/step-up", code="000000")
    assert (422, True) == (wrong.status, 'id="field-code-error"' in wrong.html)
    shown = ada.fill(wrong, "/account/step-up", code=code_of(core, secret))
    assert "Nothing you typed was lost" in told(shown)
    made = ada.fill(shown, "/account/keys")
    assert 'class="secret"' in made.html
    assert 1 == ada.open("/account/keys").html.count("<strong>Late")
    assert codes


def test_turning_it_off_late_asks_for_a_code_beside_the_password(core: Core, clock: FixedClock, ada: Browser) -> None:
    """One form asks for both; the password alone is not enough."""
    secret, _codes = enrolled(core, ada)
    clock.advance(hours=1)
    page = ada.open("/account/second-factor")
    fields = {**page.form("/account/second-factor/codes").fields, "password": PASSWORD}
    assert "code" in fields
    assert 422 == ada.post("/account/second-factor/off", fields).status
    assert 303 == ada.post("/account/second-factor/off", {**fields, "code": code_of(core, secret)}).status
    assert "by your password alone" in told(ada.open("/account/second-factor"))


@pytest.mark.parametrize(
    "path", ["/account/security", "/account/second-factor", "/account/sessions", "/account/keys", "/people/invite"]
)
def test_who_is_alone_sees_nothing_of_signing_in(core: Core, tmp_path: Path, path: str) -> None:
    """In single-user mode nothing leads there, and nothing is there."""
    core.create_fleet("Home", owner_name="Owner")
    with alone(core, tmp_path) as browser:
        assert 404 == browser.ask("GET", path).status
        for place in ("/", "/account", "/people", "/account/data", "/account/notifications"):
            page = browser.open(place)
            assert 200 == page.status, page.html
            assert f'href="{path}"' not in page.html
            assert 'action="/logout"' not in page.html
            assert "/login" not in page.html


@contextmanager
def alone(core: Core, folder: Path) -> Iterator[Browser]:
    """Serve the only user of *core*."""
    settings = AuthSettings(data_dir=folder, single_user=True)
    accounts = Accounts(core, settings, keys=load_keys(settings, core.clock))
    with serving(create_app(core, ServerSettings(single_user=True), accounts)) as port:
        yield Browser(port)


def test_rows_stand_close_together_for_who_chose_that(ada: Browser) -> None:
    """On this device, from the next page on, until it is chosen back."""
    assert "data-density" not in ada.open("/").html
    page = ada.fill(ada.open("/account"), "/account", density="compact")
    assert 'data-density="compact"' in page.html
    assert "compact" == ada.open("/account").form("/account").fields["density"]
    assert "data-density" not in ada.fill(page, "/account", density="").html


def test_the_account_and_the_outbox_tell_how_to_install_it(ada: Browser) -> None:
    """Where the home screen is on an iPhone, and that what waits is deleted otherwise."""
    for path in ("/account", "/outbox"):
        assert 'href="/help/phone"' in ada.open(path).html
    assert "Add to Home Screen" in ada.open("/help/phone").html
