"""Every form of every page, sent as it stands by a browser without scripts: stored, refused in words, never broken."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy.engine import make_url
from tests.pages.browser import Browser, HtmlForm, Page

import fleetcore
from fleetcore.testing.clock import FixedClock
from fleetserver.pages.site import page_routes

from .chromium import EMAIL, NOW, PASSWORD, Site, served
from .sites import OPEN, PATHS, address_of
from .test_live import owner_of

EDGE = "----the-edge-of-a-part"
# Saved and gone on, shown, to be said again, refused in words; 401 and 403 ask who it is once more.
ANSWERS = {303, 200, 401, 403, 409, 422}
TOLD = 'role="alert"|class="error"|class="note is-soon"'
# What ends the visit is sent last, or by tests of its own.
ENDS = {"/logout", "/account/sessions/others", "/account/data/erase", "/account/password"}


@pytest.fixture(scope="module")
def copy(lived: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo's garage once more, to be written in."""
    folder = tmp_path_factory.mktemp("copy")
    file = folder / "garage.db"
    old = make_url(lived.core.database.url).database
    assert old is not None
    with sqlite3.connect(old) as source, sqlite3.connect(file) as target:
        source.backup(target)
    keys = lived.accounts.settings.data_dir / "keys.json"
    if keys.exists():
        shutil.copy(keys, folder / "keys.json")
    with (
        fleetcore.open(
            f"sqlite:///{file}", installed_plugins=False, clock=FixedClock(NOW), attachments=folder / "attachments"
        ) as core,
        served(core, folder) as site,
    ):
        yield site


def signed_in(site: Site) -> Browser:
    """Return the owner's browser."""
    browser = Browser(urlsplit(site.address).port or 0)
    page = browser.fill(browser.open("/login"), "/login", email=EMAIL, password=PASSWORD)
    assert 200 == page.status, page.html
    return browser


def route_of(method: str, path: str) -> str | None:
    """Return the address pattern of the page that answers *method* at *path*; None for no page."""
    for route in page_routes():
        shape = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route.path))
        if route.method == method and re.fullmatch(shape, path):
            return route.path
    return None


def sent(browser: Browser, page: Page, form: HtmlForm, fields: Mapping[str, str]) -> Page:
    """Send *form* as a browser does."""
    to = form.action or page.path
    if form.method == "get":
        return browser.open(f"{urlsplit(to).path}?{urlencode(fields)}")
    if not form.is_multipart:
        return browser.post(to, fields)
    parts = [
        f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}' for name, text in fields.items()
    ]
    parts += [
        f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"; filename=""\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
        for name in form.files
    ]
    body = "\r\n".join([*parts, f"--{EDGE}--", ""]).encode()
    return browser.ask("POST", to, body, {"Content-Type": f"multipart/form-data; boundary={EDGE}"})


def is_page(answer: Page) -> bool:
    """Say whether *answer* is a page, or leads to one; else it is a file to be kept."""
    return answer.status == 303 or "<h1" in answer.html


def forms_of(browser: Browser, site: Site) -> Iterator[tuple[str, Page, HtmlForm]]:
    """Yield each kind of form once, with its page: by where it goes, and what is asked in it."""
    actor, known = owner_of(site), set()
    for path in sorted(PATHS):
        page = browser.open(address_of(path, site, actor)) if path not in OPEN or path.startswith("/help") else None
        for form in page.forms if page is not None else ():
            where = route_of(form.method.upper(), urlsplit(form.action or page.path).path) if page else None
            key = (form.method, where, form.fields.get("do"), frozenset(form.fields))
            if key not in known and page is not None:
                known.add(key)
                yield path, page, form


def test_every_form_works_as_it_stands(copy: Site) -> None:
    """It leads to a page of ours, has a button and a token, and its answer is a page that says what came of it."""
    browser = signed_in(copy)
    faults: list[str] = []
    answered: set[str] = set()
    for path, page, form in forms_of(browser, copy):
        where = route_of(form.method.upper(), urlsplit(form.action or page.path).path)
        told = f"{form.method} {form.action or page.path} on {path}"
        if where is None or not form.buttons or ("_csrf" in form.fields) is not (form.method == "post"):
            faults.append(f"{told}: leads to {where}, buttons {form.buttons}, fields {sorted(form.fields)}")
            continue
        if where in ENDS:
            continue
        name, value = form.buttons[0]
        answer = sent(browser, page, form, {**form.fields, **({name: value} if name else {})})
        answered.add(f"{form.method} {where}")
        if answer.status not in ANSWERS or (not is_page(answer) and "content-disposition" not in answer.headers):
            faults.append(f"{told}: {answer.status} {answer.html[:200]}")
        elif answer.status == 422 and not re.search(TOLD, answer.html.partition("<main")[2]):
            faults.append(f"{told}: refused without a word")
        elif answer.status == 303 and browser.open(answer.headers["location"]).status not in {200, 404}:
            faults.append(f"{told}: leads on to {answer.headers['location']}, which fails")
    assert not faults, "\n".join(faults)
    assert len(answered) >= 60, sorted(answered)
