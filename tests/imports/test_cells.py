"""Cells of single rows: shown to be changed, and the file with the changed ones."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetcore import Core
from fleetcore.imports.cells import cells_of, with_cells
from fleetcore.imports.model import ImportLog
from fleetcore.imports.service import import_log, preview_import
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Rejected

from .logs import THREE_FILLS, cost_line, fill_line, fuelio

LOG = (
    "Date;Odometer;Litres;Notes\n05.01.2026;10000;40,5;first\n06.01.2026;1x;38;\n\n"
    "07.01.2026;10700;37;gr\u00f6\u00dfer\n"
)
SHAPE = {"form": "csv", "encoding": "utf-8", "separator": ";"}
WORDS = st.text(st.characters(exclude_categories=["C"], exclude_characters="\r\n\x85\u2028\u2029\ufeff"), max_size=12)
CELLS = st.lists(WORDS.map(str.strip), min_size=2, max_size=5).filter(
    lambda row: row[0] and not row[0].startswith("sep=")
)


def test_a_row_comes_with_the_names_of_its_columns() -> None:
    """Rows are counted as problems count them: every record of the file, empty ones too."""
    two, five = cells_of(LOG.encode(), rows={3, 5, 99}, **SHAPE)
    assert (3, ("Date", "Odometer", "Litres", "Notes"), ("06.01.2026", "1x", "38", "")) == (
        two.row,
        two.titles,
        two.cells,
    )
    assert "gr\u00f6\u00dfer" == five.cells[3]


def test_a_row_that_is_too_short_or_too_long_has_all_its_cells() -> None:
    """What no header names has no name."""
    short, long = cells_of(b"Date;Litres\n1\n2;3;4\n", rows={2, 3}, **SHAPE)
    assert (("Date", "Litres"), ("1", "")) == (short.titles, short.cells)
    assert (("Date", "Litres", ""), ("2", "3", "4")) == (long.titles, long.cells)


def test_a_changed_cell_is_in_the_file_and_the_rest_is_as_it_was() -> None:
    """In the same encoding, with the same separator."""
    made = with_cells(
        LOG.encode("cp1252"), **{**SHAPE, "encoding": "cp1252"}, changed={3: ["06.01.2026", "10400", "38", "a;b"]}
    )
    rows = list(csv.reader(io.StringIO(made.decode("cp1252")), delimiter=";"))
    assert ["06.01.2026", "10400", "38", "a;b"] == rows[2]
    assert "gr\u00f6\u00dfer" == rows[4][3]


@given(st.lists(CELLS, min_size=1, max_size=8), st.sampled_from([",", ";", "\t"]), st.data())
def test_any_row_of_any_file_can_be_changed(rows: list[list[str]], separator: str, data: st.DataObject) -> None:
    """What is read again is what was typed, in that row alone; or it is refused."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(rows)
    number = data.draw(st.integers(1, len(rows)))
    typed = data.draw(CELLS)
    shape = {"form": "csv", "encoding": "utf-8", "separator": separator}
    try:
        made = with_cells(out.getvalue().encode(), changed={number: typed}, **shape)
    except Rejected:
        return
    read = list(csv.reader(io.StringIO(made.decode()), delimiter=separator, skipinitialspace=True))
    assert typed == read[number - 1]
    assert len(rows) == len(read)


@pytest.mark.parametrize(
    ("content", "changed"),
    [
        (b"PK\x03\x04", {1: ["x"]}),
        (b'Date;Litres\n"never closed;40\n1;2\n', {3: ["1", "3"]}),
    ],
)
def test_what_cannot_be_promised_is_refused(content: bytes, changed: dict[int, list[str]]) -> None:
    """A zip, and a file with a row that nobody can read."""
    with pytest.raises(Rejected, match="in a spreadsheet"):
        with_cells(content, changed=changed, **SHAPE)


def test_a_letter_that_the_encoding_lacks_is_refused() -> None:
    """Instead of a question mark in its place."""
    with pytest.raises(Rejected, match="cannot be written as cp1252"):
        with_cells(b"Date;Notes\n1;a\n", **{**SHAPE, "encoding": "cp1252"}, changed={2: ["1", "\u0416"]})


def test_a_preview_shows_the_first_records(core: Core, owner: Actor) -> None:
    """As they are stored then, by their places in the file; the report of the import shows the same."""
    command = ImportLog(source=THREE_FILLS, file_name="log.csv")
    shown = core.read(owner, preview_import, command).first_rows
    assert 3 == len(shown)
    assert {("fill", "Punto")} == {(row.kind, row.vehicle) for row in shown}
    assert all(row.odometer and row.volume and row.total for row in shown)
    assert [row.row for row in shown] == sorted(row.row for row in shown)
    assert shown == core.run(owner, import_log, command).first_rows


def test_a_preview_shows_some_of_every_kind(core: Core, owner: Actor) -> None:
    """A long list of fills does not hide the expenses; at most twenty in all."""
    fills = [fill_line(f"2026-01-{n + 1:02}", 1000 + 100 * n, 30, 50) for n in range(28)]
    log = fuelio(*fills, costs=[cost_line("Harbour", "2026-01-05", 5, 4) for _ in range(15)])
    shown = core.read(owner, preview_import, ImportLog(source=log, file_name="x.csv")).first_rows
    assert {"fill": 10, "expense": 10} == Counter(row.kind for row in shown)
