"""Pages of a list, continued by an opaque cursor."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from attrs import frozen

from .errors import Rejected
from .wire import to_json, unstructure

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
MARK_BYTES, CHECKSUM_BYTES = 6, 4
PAGE_FIELDS = {"cursor", "limit"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Page(Generic[T]):
    """Some items of a list, and the cursor of the rest (None at the end)."""

    items: tuple[T, ...]
    next: str | None = None


@frozen
class Position:
    """Where a page ends: the value that the list is sorted by, mostly an instant, and the id that breaks ties."""

    at: Any
    id: UUID


def encode_cursor(position: Position, question: Any = None) -> str:
    """Write *position* as an opaque, URL-safe cursor of the list that *question* asks for."""
    raw = _mark(question) + position.id.bytes + _written(position.at)
    return base64.urlsafe_b64encode(raw + _checksum(raw)).decode().rstrip("=")


def decode_cursor(question: Any) -> Position | None:
    """Read the cursor of *question*; None stays None.

    Raises Rejected for one that we did not write, and for one of another list, other filters or another order.
    """
    if (cursor := question.cursor) is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        raw, checksum = raw[:-CHECKSUM_BYTES], raw[-CHECKSUM_BYTES:]
        if checksum != _checksum(raw) or base64.urlsafe_b64encode(raw + checksum).decode().rstrip("=") != cursor:
            raise ValueError(cursor)
        position = Position(_read(raw[MARK_BYTES + 16 :]), UUID(bytes=raw[MARK_BYTES : MARK_BYTES + 16]))
    except (binascii.Error, ValueError, OverflowError):
        raise Rejected.because("cursor", "is not a cursor of this list; start again without one") from None
    if raw[:MARK_BYTES] != _mark(question):
        message = "belongs to another list, other filters or another order; start again without one"
        raise Rejected.because("cursor", message, "cursor.other")
    return position


def _checksum(raw: bytes) -> bytes:
    """Return what tells a cursor that was cut or mistyped from a whole one; it is no protection, and needs none."""
    return zlib.crc32(raw).to_bytes(CHECKSUM_BYTES, "big")


def _mark(question: Any) -> bytes:
    """Return what tells *question* from others: its type and all that is asked, but the page."""
    asked: dict[str, Any] = unstructure(question) if question is not None else {}
    said = [type(question).__name__, {name: each for name, each in asked.items() if name not in PAGE_FIELDS}]
    return hashlib.blake2b(to_json(said), digest_size=MARK_BYTES).digest()


def _written(value: Any) -> bytes:
    if isinstance(value, datetime):
        return b"t" + ((value - EPOCH) // timedelta(microseconds=1)).to_bytes(8, "big", signed=True)
    if isinstance(value, int):
        return b"i" + value.to_bytes(8, "big", signed=True)
    return b"s" + str(value).encode()


def _read(raw: bytes) -> Any:
    kind, rest = raw[:1], raw[1:]
    if kind == b"s":
        return rest.decode()
    if len(rest) != 8 or kind not in {b"t", b"i"}:
        raise ValueError(raw)
    number = int.from_bytes(rest, "big", signed=True)
    return number if kind == b"i" else EPOCH + timedelta(microseconds=number)


def page_limit(limit: int) -> int:
    """Return *limit* as asked, up to the largest page; raises Rejected below 1."""
    if limit < 1:
        raise Rejected.because("limit", "must be 1 or more")
    return min(limit, PAGE_LIMIT_MAX)


def page_of(rows: Sequence[T], limit: int, position: Callable[[T], Position], question: Any = None) -> Page[T]:
    """Cut *rows*, fetched with ``limit + 1``, into a page and the cursor by which *question* goes on."""
    if len(rows) <= limit:
        return Page(tuple(rows))
    kept = tuple(rows[:limit])
    return Page(kept, encode_cursor(position(kept[-1]), question))
