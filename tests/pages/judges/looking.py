"""What judges measure on a page that is open in Chromium."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = [
    "AXE_RULES",
    "Fault",
    "axe_faults",
    "axe_script",
    "backwards",
    "colourless",
    "covered",
    "headings",
    "links",
    "moving",
    "open_folds",
    "shuffled",
    "sideways",
    "small_targets",
    "unprintable",
    "walk",
]

TAGS = ("wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
AXE_RULES = {
    "runOnly": {"type": "tag", "values": TAGS},
    # Both rules of contrast are needed: the second leaves to the first what reaches 4.5:1 nowhere, or cannot be told.
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
        // On a phone axe takes what lies behind the palette for its ground; on a desk it judges the same text.
        if (one?.matches('dialog.palette:modal p.muted') && innerWidth < 640) return true;
        return region && one.getBoundingClientRect().right > region.getBoundingClientRect().right;
    };
    for (const each of told.incomplete) {
        if (each.id.startsWith('color-contrast')) each.nodes = each.nodes.filter((node) => !isOutOfSight(node));
    }
    return told;
}"""


def axe_faults(page: Page, script: str) -> list[Fault]:
    """Return what axe finds wrong, and what it cannot judge: that counts too.

    The style sheets are the same however the page is shown: axe loads them the first time only.
    """
    is_first: bool = page.evaluate(f"() => {{ if (window.axe) return false; {script}; return true; }}")
    told: dict[str, Any] = page.evaluate(JUDGED, {**AXE_RULES, "preload": is_first})
    return [
        Fault(f"{kind}: {each['id']}: {each['help']}", str(node["html"])[:200])
        for kind in ("violations", "incomplete")
        for each in told[kind]
        for node in each["nodes"]
    ]


def sideways(page: Page) -> list[str]:
    """Return what stands out of the page sideways, in either direction; regions that scroll by themselves may."""
    found: list[str] = page.evaluate(
        """() => {
        const wide = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= wide) return [];
        const isOut = ({ left, right }) => right > wide + 1 || left < -1;
        return [...document.querySelectorAll('body *')]
            .filter((one) => isOut(one.getBoundingClientRect()) && !one.closest('.scroll'))
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


def open_folds(page: Page) -> None:
    """Open what is folded, so that it is looked at too."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


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


def moving(page: Page) -> list[str]:
    """Return what moves: animations, transitions, scrolling that glides, and transitions between pages."""
    found: list[str] = page.evaluate(
        """() => {
        const isMoving = (style) => (style.animationName !== 'none' && style.animationName !== '')
            || parseFloat(style.transitionDuration) > 0 || style.scrollBehavior === 'smooth';
        const all = [...document.querySelectorAll('*')].filter((one) =>
            ['', '::before', '::after'].some((part) => isMoving(getComputedStyle(one, part || null))));
        const between = (rules) => [...rules].flatMap((rule) => {
            if (rule instanceof CSSMediaRule && !matchMedia(rule.conditionText).matches) return [];
            if (rule instanceof CSSViewTransitionRule) return rule.navigation === 'none' ? [] : [rule.cssText];
            return rule.cssRules ? between(rule.cssRules) : [];
        });
        return all.map((one) => one.outerHTML.slice(0, 100))
            .concat([...document.styleSheets].flatMap((sheet) => between(sheet.cssRules)));
    }"""
    )
    return found


def shuffled(page: Page) -> list[str]:
    """Return what stands elsewhere on the screen than in the page's order."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter((one) => {
            const style = getComputedStyle(one);
            return style.order !== '0' || /reverse/.test(style.flexDirection + style.flexWrap) || one.tabIndex > 0;
        }).map((one) => one.outerHTML.slice(0, 100))"""
    )
    return found


def colourless(page: Page) -> list[str]:
    """Return controls without an edge and texts that keep colours of their own, where the person chose all colours."""
    found: list[str] = page.evaluate(
        """() => {
        const shown = (all) => [...document.querySelectorAll(all)].filter((one) => one.checkVisibility());
        const edgeless = shown('button, .button, select, textarea, input:not([type=checkbox], [type=radio],'
            + ' [type=hidden], [type=file])').filter((one) => parseFloat(getComputedStyle(one).borderTopWidth) < 1);
        const stubborn = shown('body *').filter((one) => getComputedStyle(one).forcedColorAdjust === 'none');
        return [...edgeless, ...stubborn].map((one) => one.outerHTML.slice(0, 100));
    }"""
    )
    return found


def unprintable(page: Page) -> list[str]:
    """Return what paper should not have: bars, dark grounds, tables in pieces; or has not: the heading."""
    found: list[str] = page.evaluate(
        """() => {
        const main = document.querySelector('main') || document.body;
        const shown = (all) => [...document.querySelectorAll(all)].filter((one) => one.checkVisibility());
        const bars = shown('body *').filter((one) => ['fixed', 'sticky'].includes(getComputedStyle(one).position));
        const dark = [document.documentElement, document.body, main]
            .map((one) => getComputedStyle(one).backgroundColor)
            .filter((colour) => !['rgb(255, 255, 255)', 'rgba(0, 0, 0, 0)'].includes(colour));
        const said = main.querySelector('h1')?.checkVisibility() ? [] : ['no heading'];
        const torn = shown('table').filter((one) => getComputedStyle(one).display !== 'table');
        const useless = shown('.top, .thumb, .skip, .messages, .live, main button');
        return [...bars, ...torn, ...useless].map((one) => one.outerHTML.slice(0, 100))
            .concat(dark, said);
    }"""
    )
    return found


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


# Where Tab goes next is where the focus was last: so the page itself has it for a moment.
FROM_THE_TOP = """() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
    scrollTo(0, 0);
}"""


def walk(page: Page, most: int = 400) -> list[dict[str, Any]]:
    """Press Tab from the top until the end of the page, and return where the focus stood."""
    page.evaluate(FROM_THE_TOP)
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


def backwards(stops: list[dict[str, Any]]) -> list[int]:
    """Return where the focus goes backwards in the page."""
    orders = [stop["order"] for stop in stops]
    return [after for before, after in pairwise(orders) if after < before]
