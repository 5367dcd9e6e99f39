"""How entries are read with their lines: one statement, one row per line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, select

from fleetcore.kernel.money import Money
from fleetcore.ledger.model import JournalEntry, JournalLine

from .tables import entries, lines

__all__ = ["entries_from", "with_lines"]

_entry_names = (
    "id",
    "entry_date",
    "posted_at",
    "posted_by",
    "description",
    "source",
    "source_id",
    "source_version",
    "reverses_id",
)
_line_names = ("account_code", "amount_minor", "currency", "vehicle_id")


def with_lines(chosen: Select[Any], *, newest_first: bool = False) -> Select[Any]:
    """Return the statement that reads the entries of *chosen*, a selection of entry columns, with their lines."""
    entry = chosen.subquery("entry")
    order = (entry.c.entry_date.desc(), entry.c.id.desc()) if newest_first else (entry.c.entry_date, entry.c.id)
    return (
        select(*(entry.c[name] for name in _entry_names), *(lines.c[name] for name in _line_names))
        .outerjoin_from(entry, lines, (lines.c.fleet_id == entry.c.fleet_id) & (lines.c.entry_id == entry.c.id))
        .order_by(*order, lines.c.line_no)
    )


def chosen_entries() -> Select[Any]:
    """Return the selection of all entry columns, to be narrowed and handed to :func:`with_lines`."""
    return select(entries)


def entries_from(rows: Iterable[Row[Any]]) -> Iterator[JournalEntry]:
    """Yield the entries of *rows* as :func:`with_lines` orders them."""
    width = len(_entry_names)
    for _, group in groupby(rows, key=lambda row: row[0]):
        found = list(group)
        yield JournalEntry(
            **dict(zip(_entry_names, found[0][:width], strict=True)),
            lines=tuple(
                JournalLine(account_code=code, amount=Money(minor, currency), vehicle_id=vehicle_id)
                for code, minor, currency, vehicle_id in (row[width:] for row in found)
                if code is not None
            ),
        )
