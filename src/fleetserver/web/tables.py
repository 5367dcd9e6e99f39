"""Lists as CSV (RFC 4180), for those who ask with ``Accept: text/csv``."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

__all__ = ["as_csv"]

RISKY = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Write plain *rows* with a heading; amounts become two columns, what nests deeper is JSON in its cell."""
    flat = [_flat(row) for row in rows]
    names: dict[str, None] = {}
    for row in flat:
        names.update(dict.fromkeys(row))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows(_cells(row, names) for row in flat)
    return out.getvalue().encode()


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping) and set(value) == {"amount", "currency"}:
            flat |= {name: value["amount"], f"{name}_currency": value["currency"]}
        else:
            flat[name] = value
    return flat


def _cells(row: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    return [_cell(row.get(name)) for name in names]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping | list | tuple):
        return orjson.dumps(value).decode()
    text = str(value)
    # A spreadsheet takes such text for a formula and runs it; an amount is no text that a stranger wrote.
    return f"'{text}" if text.startswith(RISKY) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
