"""What judges measure on a page that is open in Chromium."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["AXE_RULES", "Fault", "axe_faults", "behind_bars", "covered", "sideways", "small_targets", "walk"]

TAGS = ("wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
AXE_RULES = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}},
    "resultTypes": ["violations", "incomplete"],
}
TARGET_PX = 44


@frozen
class Fault:
    """What is wrong, and where."""

    rule: str
    where: str


def axe_script() -> str:
    """Return axe-core, from the package that brings it; skips where that is absent."""
    package = pytest.importorskip("axe_playwright_python", reason="needs axe-playwright-python")
    return (Path(package.__file__).parent / "axe.min.js").read_text()


# The colours of a cell that is scrolled out of sight cannot be judged there; on a wide screen the same cell is.
JUDGED = """async (rules) => {
    const told = await axe.run(document, rules);
    const isOutOfSight = ({ target }) => {
        const one = document.querySelector(target[0]), region = one?.closest('.scroll');
        return region && one.getBoundingClientRect().right > region.getBoundingClientRect().right;
    };
    for (const each of told.incomplete) {
        if (each.id.startsWith('color-contrast')) each.nodes = each.nodes.filter((node) => !isOutOfSight(node));
    }
    return told;
}"""


def axe_faults(page: Page, script: str) -> list[Fault]:
    """Return what axe finds wrong, and what it cannot judge: that counts too."""
    page.evaluate(f"() => {{ if (!window.axe) {{ {script} }} }}")
    told: dict[str, Any] = page.evaluate(JUDGED, AXE_RULES)
    return [
        Fault(f"{kind}: {each['id']}: {each['help']}", str(node["html"])[:200])
        for kind in ("violations", "incomplete")
        for each in told[kind]
        for node in each["nodes"]
    ]


def sideways(page: Page) -> list[str]:
    """Return what stands out of the page sideways; regions that scroll by themselves may."""
    found: list[str] = page.evaluate(
        """() => {
        const wide = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= wide) return [];
        return [...document.querySelectorAll('body *')]
            .filter((one) => one.getBoundingClientRect().right > wide + 1 && !one.closest('.scroll'))
            .slice(-3).map((one) => one.outerHTML.slice(0, 160)).concat('the page is wider than the screen');
    }"""
    )
    return found


def small_targets(page: Page) -> list[str]:
    """Return controls of less than 44 pixels; links within a sentence may be as high as its line (2.5.5)."""
    found: list[str] = page.evaluate(
        """(least) => {
        const isInSentence = (one) => one.matches('p a, li a, dd a, span a, h2 a, h3 a, strong a, label a, summary a')
            && !one.matches('.button, .menu a, .crumbs a, nav a');
        const controls = 'a[href], button, input, select, textarea, summary, [role=button]';
        const shown = [...document.querySelectorAll(controls)]
            .filter((one) => one.type !== 'hidden' && one.checkVisibility({ visibilityProperty: true }))
            .filter((one) => !isInSentence(one) && !one.matches('.skip'));
        return shown.filter((one) => {
            const label = one.matches('[type=checkbox], [type=radio]') ? one.closest('label') || one : one;
            const { width, height } = label.getBoundingClientRect();
            return width < least - 0.5 || height < least - 0.5;
        }).map((one) => {
            const box = one.getBoundingClientRect();
            return `${Math.round(box.width)}x${Math.round(box.height)} ${one.outerHTML.slice(0, 140)}`;
        });
    }""",
        TARGET_PX,
    )
    return found


def headings(page: Page) -> list[int]:
    """Return the levels of the headings that are shown, in their order."""
    found: list[int] = page.evaluate(
        """() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
            .filter((one) => one.checkVisibility()).map((one) => Number(one.tagName[1]))"""
    )
    return found


def links(page: Page) -> list[tuple[str, str]]:
    """Return what each link is called, and where it leads."""
    found = page.evaluate(
        """() => [...document.querySelectorAll('a[href]')].filter((one) => one.checkVisibility())
            .map((one) => [one.textContent.trim().replace(/\\s+/g, ' '), one.href])"""
    )
    return [(name, to) for name, to in found]


STOP = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    const middle = (from, to, most) => (Math.max(0, from) + Math.min(most, to)) / 2;
    const x = middle(box.left, box.right, innerWidth), y = middle(box.top, box.bottom, innerHeight);
    const at = document.elementFromPoint(x, y);
    const order = [...document.querySelectorAll('*')].indexOf(one);
    return {
        what: one.outerHTML.slice(0, 140),
        order,
        ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2.9,
        seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        covered: !(at && (one.contains(at) || at.contains(one))),
    };
}"""


def walk(page: Page, most: int = 400) -> list[dict[str, Any]]:
    """Press Tab from the top until the end of the page, and return where the focus stood."""
    page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
    stops: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None or (stops and stop["order"] <= stops[0]["order"]):
            return stops
        stops.append(stop)
    raise AssertionError("the focus never comes to the end")


def covered(stops: list[dict[str, Any]]) -> list[str]:
    """Return stops whose focus cannot be seen."""
    return [stop["what"] for stop in stops if not (stop["ring"] and stop["seen"]) or stop["covered"]]


def behind_bars(stops: list[dict[str, Any]]) -> list[int]:
    """Return where the focus goes backwards in the page."""
    orders = [stop["order"] for stop in stops]
    return [after for before, after in pairwise(orders) if after < before]
