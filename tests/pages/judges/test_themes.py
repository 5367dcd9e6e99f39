"""Colours as the browser works them out: in each theme that somebody chooses or whose system asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

import pytest
from tests.pages.test_assets import contrast

from .chromium import Site, Visitor, visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SURFACES = ("bg", "surface", "surface-2")
TEXTS = ("text", "muted", "accent", "danger", "warn", "ok")
ON = (("danger", "danger-bg"), ("warn", "warn-bg"), ("ok", "ok-bg"), ("on-accent", "accent"), ("text", "accent-bg"))
MARKS = ("border-strong", "focus", *(f"series-{number}" for number in range(1, 7)))
NAMES = sorted({*SURFACES, *TEXTS, *MARKS, *(name for pair in ON for name in pair)})
WORKED_OUT = """([theme, names]) => {
    const root = document.documentElement;
    if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
    const probe = document.body.appendChild(document.createElement('i'));
    const found = {};
    for (const name of names) {
        probe.style.color = `var(--${name})`;
        const parts = getComputedStyle(probe).color.match(/\\d+/g).slice(0, 3);
        found[name] = '#' + parts.map((part) => Number(part).toString(16).padStart(2, '0')).join('');
    }
    probe.remove();
    return found;
}"""


@pytest.fixture(scope="module")
def stranger(browser: Browser, lived: Site) -> Iterator[Visitor]:
    """Somebody on a page that anybody sees."""
    with visitor(browser, lived) as one:
        one.open("/help/shortcuts")
        yield one


@pytest.mark.parametrize(
    ("theme", "scheme", "wish"),
    list(product(("", "light", "dark", "contrast"), ("light", "dark"), ("no-preference", "more"))),
)
def test_every_theme_can_be_read(stranger: Visitor, theme: str, scheme: str, wish: str) -> None:
    """Text seven to one on every surface (1.4.6), marks three to one (1.4.11); who wants more contrast has the most."""
    page = stranger.page
    page.emulate_media(color_scheme=scheme, contrast=wish)  # type: ignore[arg-type]
    colours = page.evaluate(WORKED_OUT, [theme, NAMES])
    for text, surface in [*product(TEXTS, SURFACES), *ON]:
        assert contrast(colours[text], colours[surface]) >= 7, (text, surface)
    for mark, surface in product(MARKS, SURFACES):
        assert contrast(colours[mark], colours[surface]) >= 3, (mark, surface)
    if theme == "contrast" or wish == "more":
        assert colours["text"] in {"#000000", "#ffffff"}
        assert colours["text"] == colours["muted"] == colours["border-strong"]
