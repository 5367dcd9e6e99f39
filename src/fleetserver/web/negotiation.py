"""Which of the offered media types a client likes best: Accept with its q-values (RFC 9110, 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from .problems import Fault, HttpProblem

__all__ = ["media_type_for"]

RANGE = re.compile(r"\s*([\w!#$&^.+*-]+)/([\w!#$&^.+*-]+)\s*((?:;[^,]*)?)")
QUALITY = re.compile(r";\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)", re.IGNORECASE)


def media_type_for(accept: str | None, offered: Sequence[str]) -> str:
    """Return the type of *offered*, the preferred one first, that *accept* likes best.

    Raises HttpProblem (406) where it takes none of them. What is no media range is passed over.
    """
    if not accept or accept == "*/*":
        return offered[0]
    chosen = _chosen(accept, tuple(offered))
    if chosen is None:
        detail = f"this address answers with {' or '.join(offered)}: accept one of them"
        fault = Fault(header="Accept", detail=detail, code="not-acceptable")
        raise HttpProblem(status=406, kind="not-acceptable", detail=detail, faults=(fault,))
    return chosen


@lru_cache(maxsize=256)
def _chosen(accept: str, offered: tuple[str, ...]) -> str | None:
    ranges = [found for part in accept.split(",") if (found := RANGE.fullmatch(part))]
    wishes = [(f"{found[1]}/{found[2]}".lower(), _quality(found[3])) for found in ranges]
    if not wishes:
        return offered[0]
    best = max(offered, key=lambda media: _liking(media, wishes))  # the first of equals
    return best if _liking(best, wishes) > 0 else None


def _quality(parameters: str) -> float:
    found = QUALITY.search(parameters)
    return float(found[1]) if found else 1.0


def _liking(media: str, wishes: Sequence[tuple[str, float]]) -> float:
    """Return the quality of the narrowest range that *media* lies in."""
    said = dict(wishes)
    for wanted in (media, f"{media.partition('/')[0]}/*", "*/*"):
        if wanted in said:
            return said[wanted]
    return 0.0
