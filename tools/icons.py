"""Draw the PNG icons of the app from its SVG: for maintainers, with Chromium and playwright at hand.

``python tools/icons.py`` writes src/fleetserver/static/images/icon-*.png. A maskable icon fills its square, and what it
shows stands within the middle four fifths, because phones cut it to their own shape.
"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parents[1] / "src" / "fleetserver" / "static" / "images"
CHROMIUM = "/usr/bin/chromium"
BLUE = "#0a4480"


def page_of(svg: str, size: int, *, is_maskable: bool) -> str:
    """Return a page that shows the icon alone, *size* pixels wide."""
    if is_maskable:
        svg = re.sub(r' rx="14"', "", svg, count=1)
        svg = svg.replace('viewBox="0 0 64 64"', 'viewBox="-6 -6 76 76"', 1)
    drawn = svg.replace("<svg ", f'<svg width="{size}" height="{size}" ', 1)
    ground = BLUE if is_maskable else "transparent"
    return f"<style>body{{margin:0;background:{ground}}}svg{{display:block}}</style>{drawn}"


def main() -> None:
    """Draw every size."""
    svg = (IMAGES / "icon.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for size, name, is_maskable in (
            (192, "icon-192", False),
            (512, "icon-512", False),
            (512, "icon-maskable-512", True),
        ):
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(page_of(svg, size, is_maskable=is_maskable))
            page.screenshot(path=IMAGES / f"{name}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
