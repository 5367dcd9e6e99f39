"""The cells of single rows of a file, shown to be changed, and the file with the changed ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence

from attrs import frozen

from fleetcore.kernel.errors import Rejected

from .formats import FORMATS
from .source import BrokenRecord, Member, Record, records_of

__all__ = ["RowCells", "cells_of", "with_cells"]

CANNOT = "the rows of this file cannot be changed here: change them in a spreadsheet, and choose the file again"


@frozen(kw_only=True)
class RowCells:
    """One row as it stands in the file, with the names of its columns; "" for a cell that no header names."""

    row: int
    titles: tuple[str, ...]
    cells: tuple[str, ...]


def cells_of(source: bytes, *, form: str, encoding: str, separator: str, rows: Collection[int]) -> tuple[RowCells, ...]:
    """Return the cells of *rows*, counted from 1, of a file of the format *form*, one table of text.

    Rows that are not there, or that nobody can split into cells, are left out. Raises Rejected for what is no text.
    """
    found: list[RowCells] = []
    titles: Record = []
    last = max(rows, default=0)
    for number, cells in enumerate(_records(source, form, encoding, separator), 1):
        if number > last:
            break
        if number in rows and not isinstance(cells, BrokenRecord) and cells:
            named = [*titles, *("" for _ in cells)][: max(len(cells), len(titles))]
            padded = [*cells, *("" for _ in titles)][: len(named)]
            found.append(RowCells(row=number, titles=tuple(named), cells=tuple(padded)))
        elif _is_header(cells):
            titles = [cell.lstrip("\ufeff").strip() for cell in cells]
    return tuple(found)


def with_cells(
    source: bytes, *, form: str, encoding: str, separator: str, changed: Mapping[int, Sequence[str]]
) -> bytes:
    """Return the file with the *changed* rows, counted from 1, and every other row as it was.

    Raises Rejected where that cannot be promised: a zip, a row that cannot be read, a letter that the file's encoding
    lacks.
    """
    escape = _escape(form)
    before = list(_records(source, form, encoding, separator))
    if any(isinstance(cells, BrokenRecord) for cells in before):
        raise Rejected.because("file", CANNOT, "broken")
    after = [list(changed.get(number, cells)) for number, cells in enumerate(before, 1)]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, escapechar=escape, lineterminator="\n")
    for cells in after:
        if cells:
            writer.writerow(cells)
        else:
            out.write("\n")
    try:
        made = out.getvalue().encode(encoding)
    except UnicodeEncodeError as error:
        raise Rejected.because("file", f"{error.object[error.start]!r} cannot be written as {encoding}") from None
    if list(_records(made, form, encoding, separator)) != after:
        raise Rejected.because("file", CANNOT, "unwritable")
    return made


def _records(source: bytes, form: str, encoding: str, separator: str) -> Iterator[Record]:
    if source.startswith(b"PK\x03\x04"):
        raise Rejected.because("file", CANNOT, "zip")
    return records_of(Member(source), encoding, separator, escape=_escape(form))


def _escape(form: str) -> str | None:
    return next((each.escape for each in FORMATS if each.name == form), None)


def _is_header(cells: Record) -> bool:
    """Say whether a row holds words alone: several cells, none of which begins with a digit."""
    words = [cell.strip() for cell in cells if cell.strip()]
    return len(words) > 1 and not any(word[:1].isdigit() or word[:1] in "+-.," for word in words)
