"""Tables as CSV by RFC 4180, and how values are written in them: metric, ISO dates, decimal points."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Any, TypeVar

import orjson

from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import PAGE_LIMIT_MAX, Position

__all__ = ["Cells", "money", "pages", "plain", "table"]

T = TypeVar("T")
Cells = Mapping[str, Any]


class _Echo:
    """A file that hands back what is written into it."""

    def write(self, text: str) -> bytes:
        return text.encode()


def table(columns: Sequence[str], rows: Iterable[Cells]) -> Iterator[bytes]:
    """Yield the lines of a table: its columns, then the cells of each row that have one."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([_text(row.get(column)) for column in columns])


def _text(value: Any) -> str:
    if value is None:
        return ""
    for kind, write in _FORMS:
        if isinstance(value, kind):
            return write(value)
    return str(value)


def plain(value: Decimal | float) -> str:
    """Return a number without an exponent and without zeros that say nothing."""
    text = format(Decimal(repr(value)) if isinstance(value, float) else value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_FORMS: tuple[tuple[type | UnionType, Callable[[Any], str]], ...] = (
    (Enum, lambda value: str(value.value)),
    (str, str),
    (bool, lambda value: "true" if value else "false"),
    (datetime, lambda value: value.isoformat(sep=" ")),
    (Decimal | float, plain),
    (tuple, lambda value: ",".join(map(_text, value))),
    (dict, lambda value: orjson.dumps(value).decode() if value else ""),
)


def money(prefix: str, amount: Money | None, currency: str = "currency") -> dict[str, str]:
    """Return the cells of an amount and of its currency."""
    return {} if amount is None else {prefix: f"{amount.amount:f}", currency: amount.currency}


def pages(page: Callable[[Position | None, int], Sequence[T]], position: Callable[[T], Position]) -> Iterator[T]:
    """Yield the rows of every page; *page* returns those after a position, up to a limit."""
    after: Position | None = None
    while rows := page(after, PAGE_LIMIT_MAX):
        yield from rows
        if len(rows) < PAGE_LIMIT_MAX:
            return
        after = position(rows[-1])
