"""Every page, as page_routes() lists it, before judges that need nobody's opinion.

In every run axe looks at each page once, on a phone or a desk, light or dark in turn; ``nox -s pages``
(FLEET_PAGES_ALL=1) lets it look at all four.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import pytest

from fleetcore.people.ports import DIRECTORY

from .chromium import Site, Visitor, visitor
from .looking import axe_faults, axe_script, behind_bars, covered, headings, links, sideways, small_targets, walk
from .sites import OPEN, PATHS, address_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ALL = os.environ.get("FLEET_PAGES_ALL") == "1"
PHONE, DESK, NARROW = {"width": 360, "height": 740}, {"width": 1280, "height": 900}, {"width": 320, "height": 640}
SCREENS = list(product(("light", "dark"), ("phone", "desk")))


def looks() -> list[tuple[str, str, str]]:
    """Return which page is looked at in which theme and on which screen."""
    if ALL:
        return [(path, theme, screen) for path in PATHS for theme, screen in SCREENS]
    return [(path, *SCREENS[number % len(SCREENS)]) for number, path in enumerate(PATHS)]


@pytest.fixture(scope="package")
def visitors(browser: Browser, lived: Site, alex: Any) -> Iterator[dict[tuple[str, str, bool], Visitor]]:
    """Alex with a page for each theme and screen, and a stranger with as many."""
    from contextlib import ExitStack

    with ExitStack() as opened:
        found = {}
        for (theme, screen), is_known in product(SCREENS, (True, False)):
            size = PHONE if screen == "phone" else DESK
            more = {"storage_state": alex} if is_known else {}
            one = opened.enter_context(
                visitor(browser, lived, viewport=size, color_scheme=theme, has_touch=screen == "phone", **more)
            )
            found[theme, screen, is_known] = one
        yield found


@pytest.fixture
def at(lived: Site, visitors: dict[tuple[str, str, bool], Visitor]) -> Iterator[Look]:
    """Open a page as whoever may see it."""
    look = Look(lived, visitors)
    yield look
    assert [] == look.complaints()


class Look:
    """Opens pages in the browsers that are there, and hears their complaints."""

    def __init__(self, site: Site, visitors: dict[tuple[str, str, bool], Visitor]) -> None:
        self.site, self.visitors = site, visitors
        with site.core.across_fleets(snapshot=True) as uow:
            (fleet,) = uow[DIRECTORY].fleets(2)
        self.actor = site.core.actor(fleet_id=fleet.id)
        self.opened: list[Visitor] = []

    def __call__(self, path: str, theme: str = "light", screen: str = "desk") -> Visitor:
        """Open the page at *path*, which must be there, and return who sees it."""
        one = self.visitors[theme, screen, path not in OPEN or path == "/offline"]
        one.complaints.clear()
        self.opened.append(one)
        size = PHONE if screen == "phone" else DESK
        if one.page.viewport_size != size:
            one.page.set_viewport_size(size)  # type: ignore[arg-type]
        answer = one.page.goto(self.site.address + address_of(path, self.site, self.actor), wait_until="load")
        assert answer is not None
        assert 200 == answer.status, (path, answer.status)
        return one

    def complaints(self) -> list[str]:
        """Return what the consoles said."""
        return [said for one in self.opened for said in one.complaints]


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    return axe_script()


def test_every_page_has_an_example(at: Look) -> None:
    """Who adds a page whose address names something adds one line in sites.py."""
    missing = []
    for path in PATHS:
        try:
            address_of(path, at.site, at.actor)
        except (KeyError, LookupError) as error:
            missing.append((path, error))
    assert [] == missing


@pytest.mark.parametrize(("path", "theme", "screen"), looks())
def test_axe_finds_nothing_wrong_and_nothing_that_it_cannot_judge(
    at: Look, axe: str, path: str, theme: str, screen: str
) -> None:
    """WCAG 2 A to AAA and best practices, in both themes, on a phone and on a desk; the console stays empty."""
    one = at(path, theme, screen)
    if one.page.locator("details").count():
        one.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert [] == axe_faults(one.page, axe)


def test_the_judge_sees_what_is_wrong(at: Look, axe: str) -> None:
    """A grey that is too light, a heading that is skipped and a small button are each told."""
    page = at("/reminders").page
    page.evaluate(
        """() => {
        const main = document.querySelector('main');
        const grey = document.createElement('p');
        grey.textContent = 'too light';
        grey.style.color = '#707070';
        const small = document.createElement('button');
        small.textContent = 'x';
        small.style.minBlockSize = small.style.minInlineSize = small.style.height = small.style.padding = '10px';
        main.append(grey, document.createElement('h6'), small);
        main.querySelector('h6').textContent = 'Skipped';
    }"""
    )
    rules = " ".join(fault.rule for fault in axe_faults(page, axe))
    assert "color-contrast-enhanced" in rules
    assert "heading-order" in rules
    assert 1 == len(small_targets(page))


@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_its_screen_and_its_thumb(at: Look, path: str) -> None:
    """At 320 pixels nothing stands out sideways (1.4.10), with large text neither; what is pressed has 44 (2.5.5)."""
    page = at(path, "light", "phone").page
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert [] == small_targets(page)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert [] == sideways(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert [] == sideways(page)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_in_order(at: Look, path: str) -> None:
    """One first heading, no level skipped (2.4.10); a link says where it leads by its text alone (2.4.9)."""
    page = at(path).page
    levels = headings(page)
    assert 1 == levels.count(1)
    assert 1 == levels[0]
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    named: dict[str, set[str]] = {}
    for name, to in links(page):
        assert name, to
        named.setdefault(name, set()).add(to)
    assert {} == {name: to for name, to in named.items() if len(to) > 1}
    assert page.title().endswith(" · fleet")


@pytest.mark.parametrize("path", PATHS)
def test_the_keyboard_reaches_everything_in_order_and_one_sees_where_it_is(at: Look, path: str) -> None:
    """A ring of three pixels that no bar covers (2.4.7, 2.4.11, 2.4.13), forwards in the page (2.4.3)."""
    stops = walk(at(path, "light", "phone").page)
    assert stops
    assert "skip" in stops[0]["what"]
    assert [] == covered(stops)
    assert [] == behind_bars(stops)


@pytest.mark.parametrize("path", PATHS)
def test_nothing_moves_for_who_wants_no_motion(browser: Browser, at: Look, path: str) -> None:
    """No animation and no transition runs, and none between pages (2.3.3)."""
    page = at(path).page
    page.emulate_media(reduced_motion="reduce")
    moving = page.evaluate(
        """() => [...document.querySelectorAll('*')].filter((one) => {
            const style = getComputedStyle(one);
            return style.animationName !== 'none' || parseFloat(style.transitionDuration) > 0;
        }).map((one) => one.outerHTML.slice(0, 100))"""
    )
    page.emulate_media(reduced_motion="no-preference")
    assert [] == moving
