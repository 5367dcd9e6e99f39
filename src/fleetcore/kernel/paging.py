"""Pages of a list, continued by an opaque cursor."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

from attrs import frozen

from .errors import Rejected

__all__ = [
    "PAGE_LIMIT_DEFAULT",
    "PAGE_LIMIT_MAX",
    "Page",
    "Position",
    "decode_cursor",
    "encode_cursor",
    "page_limit",
    "page_of",
]

T = TypeVar("T")
PAGE_LIMIT_DEFAULT = 50
PAGE_LIMIT_MAX = 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Page(Generic[T]):
    """Some items of a list, and the cursor of the rest (None at the end)."""

    items: tuple[T, ...]
    next: str | None = None


@frozen
class Position:
    """Where a page ends: the sort instant and the id that breaks ties."""

    at: datetime
    id: UUID


def encode_cursor(position: Position) -> str:
    """Write *position* as an opaque, URL-safe cursor."""
    micros = (position.at - EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(micros.to_bytes(8, "big", signed=True) + position.id.bytes).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> Position | None:
    """Read a cursor back; None stays None; raises Rejected for one that we did not write."""
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor)
        if len(raw) != 24 or base64.urlsafe_b64encode(raw).decode() != cursor:
            raise ValueError(cursor)
        at = EPOCH + timedelta(microseconds=int.from_bytes(raw[:8], "big", signed=True))
    except (binascii.Error, ValueError, OverflowError):
        raise Rejected.because("cursor", "is not a cursor of this list; start again without one") from None
    return Position(at, UUID(bytes=raw[8:]))


def page_limit(limit: int) -> int:
    """Return *limit* as asked, up to the largest page; raises Rejected below 1."""
    if limit < 1:
        raise Rejected.because("limit", "must be 1 or more")
    return min(limit, PAGE_LIMIT_MAX)


def page_of(rows: Sequence[T], limit: int, position: Callable[[T], Position]) -> Page[T]:
    """Cut *rows*, fetched with ``limit + 1``, into a page and its cursor."""
    if len(rows) <= limit:
        return Page(tuple(rows))
    kept = tuple(rows[:limit])
    return Page(kept, encode_cursor(position(kept[-1])))
