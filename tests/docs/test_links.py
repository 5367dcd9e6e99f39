"""Every link inside the documentation leads somewhere."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from .pages import FENCE, ROOT, pages

LINK = re.compile(r"(?<!\\)\]\((?P<target>[^()\s]+)\)|(?:src|srcset|href)=\"(?P<attribute>[^\"]+)\"")
ELSEWHERE = ("https://", "http://", "mailto:")


def _links(text: str) -> list[str]:
    plain = re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))
    return [match["target"] or match["attribute"] for match in LINK.finditer(plain)]


@cache
def _anchors(path: Path) -> frozenset[str]:
    """Return the anchors that a page's headings make, as the usual renderers write them."""
    headings = re.findall(r"^#+ +(.+?) *$", FENCE.sub("", path.read_text("utf-8")), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_links_of_a_page_resolve(path: Path) -> None:
    """A link names a file of the project, and a heading in it."""
    broken = []
    for link in _links(path.read_text("utf-8")):
        if link.startswith(ELSEWHERE):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in _anchors(target)):
            broken.append(link)

    assert broken == []


def test_every_page_is_reached_from_the_index() -> None:
    """Whoever starts at docs/index.md finds every page."""
    start = ROOT / "docs" / "index.md"
    reached, waiting = {start}, [start]
    while waiting:
        path = waiting.pop()
        for link in _links(path.read_text("utf-8")):
            target = (path.parent / link.partition("#")[0]).resolve()
            if not link.startswith(ELSEWHERE) and target.suffix == ".md" and target.exists() and target not in reached:
                reached.add(target)
                waiting.append(target)

    assert sorted(set((ROOT / "docs").rglob("*.md")) - reached) == []
