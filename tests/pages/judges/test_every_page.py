"""Every page, as page_routes() lists it, before judges that need nobody's opinion.

Each page is loaded once; then the browser becomes a telephone or a desk, light or dark, paper or whatever a judge
asks for, while the page stands there. ``nox -s pages`` looks at all of them in German too (FLEET_PAGES_LANGUAGE).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen

from .chromium import Site, Visitor, visitor
from .looking import (
    Fault,
    axe_faults,
    axe_script,
    backwards,
    colourless,
    covered,
    headings,
    links,
    moving,
    open_folds,
    shuffled,
    sideways,
    small_targets,
    unprintable,
    walk,
)
from .sites import OPEN, PAPERS, PATHS, address_of
from .test_live import owner_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LANGUAGE = os.environ.get("FLEET_PAGES_LANGUAGE", "")
THEMES = ("light", "dark")
SCREENS = {"phone": (360, 740), "desk": (1280, 900)}
LOOKS = list(product(THEMES, SCREENS))
NARROW, SHEET = (320, 640), (718, 1047)  # a sheet of A4 less its margins


@pytest.fixture(scope="package")
def visitors(browser: Browser, lived: Site, alex: Any) -> Iterator[dict[bool, Visitor]]:
    """Alex, who is known, and a stranger."""
    with ExitStack() as opened:
        found = {
            is_known: opened.enter_context(visitor(browser, lived, **({"storage_state": alex} if is_known else {})))
            for is_known in (True, False)
        }
        for one in found.values() if LANGUAGE else ():
            one.context.add_cookies([{"name": "fleet-language", "value": LANGUAGE, "url": lived.address}])
        yield found


@frozen
class Shown:
    """A page that stands in a browser, which can be made into another."""

    path: str
    visitor: Visitor

    @property
    def page(self) -> Page:
        """The page."""
        return self.visitor.page

    def become(self, screen: str, theme: str = "light") -> Page:
        """Be a telephone or a desk, light or dark."""
        self.size(SCREENS[screen])
        self.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        return self.page

    def size(self, pixels: tuple[int, int]) -> None:
        """Be as large as *pixels*."""
        self.page.set_viewport_size({"width": pixels[0], "height": pixels[1]})

    @contextmanager
    def with_root(self, name: str, value: str) -> Iterator[None]:
        """Set an attribute of the whole document for a while."""
        self.page.evaluate("([name, value]) => document.documentElement.setAttribute(name, value)", [name, value])
        yield
        self.page.evaluate("(name) => document.documentElement.removeAttribute(name)", name)

    @contextmanager
    def with_media(self, **media: Any) -> Iterator[None]:
        """Be another medium for a while."""
        self.page.emulate_media(**media)
        yield
        self.page.emulate_media(**dict.fromkeys(media, "null"))


@pytest.fixture(scope="module", params=PATHS)
def opened(request: pytest.FixtureRequest, lived: Site, visitors: dict[bool, Visitor]) -> Shown:
    """The page at a path, loaded once for all judges, with its folds open; pytest orders their tests by it."""
    path = request.param
    one = visitors[path not in OPEN or path == "/offline"]
    one.complaints.clear()
    shown = Shown(path, one)
    shown.become("desk")
    answer = one.page.goto(lived.address + address_of(path, lived, owner_of(lived)), wait_until="load")
    assert answer is not None
    assert 200 == answer.status, (path, answer.status)
    open_folds(one.page)
    return shown


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    return axe_script()


def test_every_page_has_an_example(lived: Site) -> None:
    """Who adds a page whose address names something adds one line in sites.py."""
    missing = []
    for path in PATHS:
        try:
            address_of(path, lived, owner_of(lived))
        except (KeyError, LookupError) as error:
            missing.append((path, error))
    assert [] == missing


def test_axe_finds_nothing_wrong_and_nothing_that_it_cannot_judge(opened: Shown, axe: str) -> None:
    """WCAG 2 A to AAA and best practices, in both themes, on a phone and on a desk."""
    found = {
        f"{theme}, {screen}": faults
        for theme, screen in LOOKS
        if (faults := axe_faults(opened.become(screen, theme), axe))
    }
    assert {} == found


def test_a_page_fits_its_screen_and_its_thumb(opened: Shown) -> None:
    """At 320 pixels nothing stands out sideways (1.4.10), with large text neither; what is pressed has 44 (2.5.5)."""
    page = opened.become("phone")
    assert [] == small_targets(page)
    opened.size(NARROW)
    assert [] == sideways(page)
    opened.size(SCREENS["phone"])
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    large = sideways(page)
    page.evaluate("document.documentElement.style.fontSize = ''")
    assert [] == large


def test_a_page_written_from_right_to_left_fits_too(opened: Shown) -> None:
    """A smoke test: a language such as Hebrew or Arabic turns the page round, and nothing stands out."""
    page = opened.become("phone")
    with opened.with_root("dir", "rtl"):
        assert "rtl" == page.evaluate("getComputedStyle(document.querySelector('h1')).direction")
        assert [] == sideways(page)


def test_a_page_is_in_order(opened: Shown) -> None:
    """One first heading, no level skipped (2.4.10); a link says where it leads by its text alone (2.4.9)."""
    page = opened.become("desk")
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


def test_the_keyboard_reaches_everything_in_order_and_one_sees_where_it_is(opened: Shown) -> None:
    """A ring of three pixels that no bar covers (2.4.7, 2.4.11, 2.4.13), forwards in the page and on screen (2.4.3)."""
    page = opened.become("phone")
    stops = walk(page)
    assert stops
    assert "skip" in stops[0]["what"]
    assert [] == covered(stops)
    assert [] == backwards(stops)
    assert [] == shuffled(page)


def test_nothing_moves_for_who_wants_no_motion(opened: Shown) -> None:
    """No animation, no transition and no gliding, on a page or between pages (2.3.3)."""
    with opened.with_media(reduced_motion="reduce"):
        assert [] == moving(opened.become("desk"))


def test_a_page_keeps_its_edges_in_colours_that_the_system_forces(opened: Shown) -> None:
    """Each control has an edge, and nothing insists on colours of its own (1.4.8)."""
    with opened.with_media(forced_colors="active"):
        assert [] == colourless(opened.become("desk"))


def test_a_page_can_be_printed(opened: Shown) -> None:
    """Dark on white, also from the dark theme; as wide as the paper, without bars and what only a screen can do."""
    page = opened.become("desk", "dark")
    opened.size(SHEET)
    with opened.with_media(media="print"):
        assert [] == unprintable(page)
        assert [] == sideways(page)


def test_a_page_is_quiet(opened: Shown) -> None:
    """Nothing in the console and nothing that the policy forbade, from the first byte until every judge was here."""
    assert [] == opened.visitor.complaints


def is_drawn(fault: Fault) -> bool:
    """Say whether axe could not tell the contrast of a text in a drawing: it never can there, so we look ourselves."""
    return fault.rule.startswith("incomplete: color-contrast") and fault.where.startswith("<text ")


@pytest.mark.parametrize("path", sorted(PAPERS))
def test_what_is_made_for_paper_is_judged_on_screens_too(
    browser: Browser, lived: Site, alex: Any, path: str, axe: str
) -> None:
    """By axe in both themes on both screens, and at 320 pixels; its policy is lifted, for it lets no judge in."""
    with visitor(browser, lived, storage_state=alex) as one:
        address = lived.address + address_of(path, lived, owner_of(lived))

        def let_in(route: Any) -> None:
            answer = route.fetch()
            kept = {name: said for name, said in answer.headers.items() if name != "content-security-policy"}
            route.fulfill(response=answer, headers=kept)

        one.page.route(f"{address}*", let_in)
        one.page.goto(address + "?costs=on&plate=on&vin=on")
        paper = Shown(path, one)
        found = [fault for theme, screen in LOOKS for fault in axe_faults(paper.become(screen, theme), axe)]
        assert [] == [fault for fault in found if not is_drawn(fault)]
        drawn = one.page.locator("svg text").evaluate_all("(all) => all.map((one) => getComputedStyle(one).fill)")
        assert {"rgb(26, 29, 33)"} >= set(drawn)  # nearly black, 16.9:1 on white
        paper.size(NARROW)
        assert [] == sideways(one.page)
        assert [] == one.complaints


SEEDED = {
    "pale": ("color-contrast:", "const one = add('p', 'far too light'); one.style.color = '#cccccc';"),
    "grey": ("color-contrast-enhanced", "const one = add('p', 'too light'); one.style.color = '#707070';"),
    "skip": ("heading-order", "add('h6', 'Skipped');"),
    "name": ("button-name", "add('button', '');"),
    "field": ("label", "add('input', '');"),
    "picture": ("image-alt", "add('img', '').src = document.querySelector('link[rel=icon]').href;"),
    "unsure": (
        "incomplete: color-contrast",
        "const one = add('p', 'on a picture');one.style.backgroundImage = 'linear-gradient(#000, #fff)';",
    ),
}
ADD = """const add = (tag, text) => {
    const one = document.createElement(tag);
    one.textContent = text;
    one.className = 'seeded';
    document.querySelector('main').append(one);
    return one;
};"""


@pytest.fixture
def spoiled(visitors: dict[bool, Visitor]) -> Shown:
    """A page to be spoiled."""
    one = visitors[True]
    one.open("/reminders")
    shown = Shown("/reminders", one)
    shown.become("desk")
    return shown


@pytest.mark.parametrize("fault", SEEDED)
def test_axe_sees_what_is_wrong(spoiled: Shown, axe: str, fault: str) -> None:
    """What is put wrong into a page is told, so silence means something."""
    rule, script = SEEDED[fault]
    spoiled.page.evaluate(f"() => {{ {ADD} {script} }}")
    assert any(rule in found.rule for found in axe_faults(spoiled.page, axe))


@pytest.mark.parametrize(
    ("judge", "script"),
    [
        (small_targets, "add('button', 'x').style.cssText = 'min-width: 0; min-height: 0; padding: 0; height: 10px';"),
        (sideways, "add('div', 'wide').style.inlineSize = '3000px';"),
        (sideways, "document.dir = 'rtl'; add('div', 'wide').style.inlineSize = '3000px';"),
        (shuffled, "add('p', 'first').style.order = '-1';"),
        (shuffled, "add('p', 'first').tabIndex = 3;"),
        (moving, "add('p', 'moves').style.transition = 'opacity 1s';"),
        (moving, "document.documentElement.style.scrollBehavior = 'smooth';"),
        (colourless, "add('button', 'x').style.border = '0';"),
        (colourless, "add('p', 'x').style.forcedColorAdjust = 'none';"),
        (unprintable, "add('p', 'bar').style.position = 'fixed';"),
        (unprintable, "add('table', 'torn').style.display = 'grid';"),
        (unprintable, "document.body.style.backgroundColor = 'black';"),
        (unprintable, "document.querySelector('h1').style.display = 'none';"),
    ],
)
def test_each_other_judge_sees_what_is_wrong(spoiled: Shown, judge: Any, script: str) -> None:
    """A small button, a wide text, another order, a motion, a bar on paper: each is told, and nothing before it."""
    media: dict[Any, dict[str, Any]] = {unprintable: {"media": "print"}, colourless: {"forced_colors": "active"}}
    spoiled.page.emulate_media(reduced_motion="reduce", **media.get(judge, {}))
    try:
        assert [] == judge(spoiled.page)
        spoiled.page.evaluate(f"() => {{ {ADD} {script} }}")
        assert judge(spoiled.page)
    finally:
        spoiled.page.emulate_media(reduced_motion="null", forced_colors="null", media="null")


def test_the_walk_sees_a_focus_that_cannot_be_seen(spoiled: Shown) -> None:
    """A ring that is taken away, and one that a bar covers."""
    page = spoiled.become("phone")
    page.evaluate(f"() => {{ {ADD} add('button', 'ringless').style.outline = 'none'; }}")
    assert any("ringless" in what for what in covered(walk(page)))
    page.evaluate(f"() => {{ {ADD} add('div', '').style.cssText = 'position: fixed; inset: 0; z-index: 9'; }}")
    assert len(covered(walk(page))) > 5


def test_what_a_policy_forbids_is_heard(visitors: dict[bool, Visitor]) -> None:
    """A script within the page, and a picture from elsewhere."""
    one = visitors[True]
    one.complaints.clear()
    page = one.open("/help/shortcuts")
    page.evaluate("() => { const one = new Image(); one.src = 'http://127.0.0.1:9/x.png'; document.body.append(one); }")
    page.wait_for_timeout(300)
    heard = " ".join(one.complaints)
    one.complaints.clear()
    assert "policy: img-src" in heard
