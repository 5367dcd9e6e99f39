"""What travels to show a page for the first time, of a garage with five years of life."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from functools import cache
from http.client import HTTPConnection

import pytest
from tests.pages.browser import HOST, Browser

from fleetserver.pages.assets import Assets
from fleetserver.pages.installing import SHELL

from .chromium import EMAIL, PASSWORD, Site
from .sites import OPEN, PATHS, address_of

KILOBYTE = 1000
FIRST_VISIT_MAX, HTML_MAX, SCRIPTS_MAX = 60 * KILOBYTE, 15 * KILOBYTE, 8 * KILOBYTE
REQUESTS_MAX, AHEAD_MAX = 7, KILOBYTE // 2
WORKER = "/sw.js"
PACKED = b"\x1f\x8b"
THEIRS = "htmx-sse"
NEEDED = re.compile(
    r"""<(?:script|img)\b[^>]*?\ssrc="([^"]+)"|<use href="([^"#]+)|<link rel="(?:stylesheet|icon)" href="([^"]+)\""""
)

Fetch = Callable[[str, bool], bytes]


@pytest.fixture(scope="module")
def fetch(lived: Site) -> Fetch:
    """Ask for an address as a browser does, as a stranger or as the owner; return what travels."""
    port = int(lived.address.rpartition(":")[2])
    alex = Browser(port)
    alex.fill(alex.open("/login"), "/login", email=EMAIL, password=PASSWORD)
    cookies = "; ".join(f"{name}={value}" for name, value in alex.cookies.items())

    @cache
    def ask(path: str, is_known: bool) -> bytes:
        connection = HTTPConnection(HOST, port, timeout=60)
        try:
            sent = {"Accept-Encoding": "gzip", **({"Cookie": cookies} if is_known else {})}
            connection.request("GET", path, headers=sent)
            answer = connection.getresponse()
            if answer.status in {302, 303}:
                return ask(answer.headers["Location"], is_known)
            assert 200 == answer.status, path
            return answer.read()
        finally:
            connection.close()

    return ask


def needed(html: str) -> set[str]:
    """Return the addresses of what the page loads by itself, without what its visitors put there."""
    return {next(filter(None, found)) for found in NEEDED.findall(html) if not "".join(found).startswith("/files/")}


@pytest.fixture(scope="module")
def visits(lived: Site, fetch: Fetch) -> dict[str, tuple[int, dict[str, int]]]:
    """Every page: how many bytes its text is, and each file that it loads with the service worker."""
    actor = lived.core.actor()
    found = {}
    for path in PATHS:
        is_known = path not in OPEN or path == "/offline"
        sent = fetch(address_of(path, lived, actor), is_known)
        html = gzip.decompress(sent) if sent.startswith(PACKED) else sent
        loaded = needed(html.decode()) | ({WORKER} if is_known else set())
        found[path] = len(sent), {each: len(fetch(each, is_known)) for each in loaded}
    return found


def test_a_first_visit_is_light(visits: dict[str, tuple[int, dict[str, int]]]) -> None:
    """Sixty kilobytes in seven requests, fifteen of them the text, whichever page is first; nobody else is asked."""
    for path, (text, files) in visits.items():
        assert text <= HTML_MAX, path
        assert text + sum(files.values()) <= FIRST_VISIT_MAX, (path, text, files)
        assert 1 + len(files) <= REQUESTS_MAX, (path, files)
        assert all(each.startswith("/") and not each.startswith("//") for each in files), (path, files)


def test_our_own_scripts_are_light(visits: dict[str, tuple[int, dict[str, int]]]) -> None:
    """Eight kilobytes: what runs on a page, with the service worker; the outbox may have a little more."""
    for path, (_, files) in visits.items():
        scripts = {name: size for name, size in files.items() if name.endswith(".js") and THEIRS not in name}
        # Nobody's first visit is to the outbox: it is empty until pages have been saved, and its script with them.
        assert sum(scripts.values()) <= SCRIPTS_MAX + (AHEAD_MAX if path == "/outbox" else 0), (path, scripts)


def test_little_is_fetched_ahead(fetch: Fetch) -> None:
    """The service worker fetches the script of the outbox before anybody opens it, as there is no network then."""
    assets = Assets()
    ahead = [assets.url(name) for name in SHELL if name.endswith(".js") and THEIRS not in name]
    assert sum(len(fetch(each, True)) for each in [WORKER, *ahead]) <= SCRIPTS_MAX + AHEAD_MAX


def test_the_judge_sees_what_a_page_loads() -> None:
    """Scripts, style sheets, icons and pictures count; what visitors put there and what is only linked does not."""
    html = (
        '<link rel="stylesheet" href="/a.css"><link rel="icon" href="/i.svg" type="x"><link rel="manifest" href="/m">'
        '<script src="https://elsewhere.example/x.js" defer></script>'
        '<img alt="" src="/p.png"><img src="/files/1/small">'
        '<svg class="icon"><use href="/icons.svg#car"/></svg><a href="/other">x</a>'
    )
    assert {"/a.css", "/i.svg", "https://elsewhere.example/x.js", "/p.png", "/icons.svg"} == needed(html)
