"""What browsers load: small, named by its content, and what is not ours is what it claims to be."""

from __future__ import annotations

import hashlib
import re
import tomllib
from importlib.resources import files

import pytest
from tests.pages.browser import Browser

from fleetserver.pages.assets import Assets

VENDOR = files("fleetserver") / "static" / "vendor"
KILOBYTE = 1000
BUDGET = {"app.css": 14 * KILOBYTE, "htmx-sse.js": 16.5 * KILOBYTE, "icons.svg": 3 * KILOBYTE}
LICENCES = {"0BSD", "ISC", "MIT", "BSD-2-Clause", "BSD-3-Clause"}


def packed_size(name: str) -> int:
    """Return how many bytes travel for the file called *name*."""
    (asset,) = [asset for asset in Assets() if asset.name == name]
    return len(asset.gzipped or asset.body)


@pytest.mark.parametrize("name", sorted(BUDGET))
def test_files_stay_within_the_budget(name: str) -> None:
    """A page on a slow line must not wait for decoration."""
    assert packed_size(name) <= BUDGET[name]


def test_our_own_scripts_stay_within_the_budget() -> None:
    """What every page loads, with the service worker; what few pages load is small, and not among it."""
    assert packed_size("app.js") + packed_size("sw.js") <= 8 * KILOBYTE
    few = [path.name for path in (files("fleetserver") / "static" / "js" / "only").iterdir()]
    assert all(packed_size(name) <= 3 * KILOBYTE for name in few)


def test_files_of_others_are_what_they_claim_to_be() -> None:
    """Each is listed with the version it is of, a licence we accept and its hash; nothing else lies there."""
    listed = tomllib.loads((VENDOR / "VENDOR.toml").read_text())["package"]
    hashes = {name: digest for package in listed for name, digest in package["sha256"].items()}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.iterdir()}
    found.pop("VENDOR.toml")
    assert hashes == found
    assert {package["licence"] for package in listed} <= LICENCES


def test_files_are_kept_for_ever_under_the_name_of_their_content(stranger: Browser) -> None:
    """An address with another hash is not there, so nothing old is ever taken for new."""
    html = stranger.open("/login").html
    sheet = re.search(r'href="(/static/app\.[0-9a-f]+\.css)"', html)
    assert sheet is not None
    answer = stranger.ask("GET", sheet[1], headers={"Accept-Encoding": "gzip"})
    assert "immutable" in answer.headers["cache-control"]
    assert "gzip" == answer.headers["content-encoding"]
    assert 404 == stranger.ask("GET", "/static/app.0000000000.css").status


def channels(colour: str) -> list[float]:
    """Return the linear channels of a colour like ``#0a4480``."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2)."""
    light, dark = sorted(
        (sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), channels(each), strict=True)) for each in (one, other)),
        reverse=True,
    )
    return (light + 0.05) / (dark + 0.05)


def themes() -> list[dict[str, str]]:
    """Return the colours of the light theme, and of the two places that say the dark one."""
    sheet = (files("fleetserver") / "static" / "css" / "10-tokens.css").read_text()
    blocks = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in sheet.split("{")]
    light, *dark = [block for block in blocks if "bg" in block]
    assert len(dark) == 2
    assert dark[0] == dark[1]
    return [light, dark[0]]


@pytest.mark.parametrize("theme", themes(), ids=["light", "dark"])
def test_text_can_be_read_by_everybody(theme: dict[str, str]) -> None:
    """Seven to one on every surface (WCAG 1.4.6); controls, focus and the lines of charts three to one (1.4.11)."""
    surfaces = [theme[name] for name in ("bg", "surface", "surface-2")]
    for text in ("text", "muted", "accent", "danger", "warn", "ok"):
        assert min(contrast(theme[text], surface) for surface in surfaces) >= 7, text
    for text, surface in (("danger", "danger-bg"), ("warn", "warn-bg"), ("ok", "ok-bg"), ("on-accent", "accent")):
        assert contrast(theme[text], theme[surface]) >= 7, text
    for mark in ("border-strong", "focus", *(f"series-{number}" for number in range(1, 7))):
        assert min(contrast(theme[mark], surface) for surface in surfaces) >= 3, mark
