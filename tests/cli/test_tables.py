"""Tables fit the terminal, text cannot play tricks on it, and sparklines draw."""

from __future__ import annotations

import io
import sys

import pytest

from fleetserver.cli import progress
from fleetserver.cli.progress import Progress
from fleetserver.cli.tables import Column, details, shown_width, sparkline, table

COLUMNS = (Column("Name", flexible=True), Column("Count", right=True), Column("Notes", flexible=True, drop=1))
ROWS = [["A rather long name of a thing", "1,234", "and notes " * 5], ["B", "7", ""]]


@pytest.mark.parametrize("width", [20, 30, 60, 80, 200])
def test_table_fits(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """No line is wider than the terminal, and numbers stay whole."""
    monkeypatch.setenv("COLUMNS", str(width))
    lines = list(table(COLUMNS, ROWS))

    assert max(map(shown_width, lines)) <= max(width, 21)
    assert all(number in line for number, line in zip(["1,234", "7"], lines[2:], strict=True))


def test_empty_columns_and_totals() -> None:
    """A column without any text is left out; totals stand below a rule."""
    lines = list(table(COLUMNS, [["A", "1", ""], ["Sum", "1", ""]], totals=1))

    assert "Notes" not in lines[0]
    assert lines[1] == lines[3]


def test_wide_letters_count_twice() -> None:
    """Columns line up with letters of any script, and with marks that take no room."""
    lines = list(table(COLUMNS[:2], [["東京", "1"], ["Zoë", "2"], ["Zoe\u0308", "3"]]))

    assert 1 == len({shown_width(line) for line in lines})


def test_control_characters_do_not_reach_the_terminal() -> None:
    """Text from a file cannot move the cursor or break a line."""
    lines = list(table(COLUMNS[:1], [["a\x1b[2J\nb\u202e"]]))

    assert all(line.isprintable() for line in lines)
    assert ["Name  a [2Jb"] == [line.replace("\x1b", "") for line in details([("Name", "a\x1b[2Jb"), ("None", "")])]


@pytest.mark.parametrize(
    ("values", "drawn"), [([], ""), ([1.0, 1.0], "▅▅"), ([1.0, 2.0, 3.0], "▁▅█"), ([1.0, 1.0, 9.0, 9.0], "▁█")]
)
def test_sparkline(values: list[float], drawn: str) -> None:
    """Values go from low to high; more of them than steps are averaged."""
    assert drawn == sparkline(values, 2 if len(values) == 4 else 10)


def test_ascii_terminals_get_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the encoding has no blocks, lines or ellipses, plain characters stand in."""
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    lines = [*table(COLUMNS, ROWS), sparkline([1.0, 2.0], 9)]

    assert all(line.isascii() for line in lines)


def test_progress_is_for_watchers(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal rows are counted, then a bar fills, then the line is wiped; elsewhere nothing is written."""
    with Progress(quiet=False) as silent:
        silent.tell("reading", 10)
    assert "" == capsys.readouterr().err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 0)
    monkeypatch.setattr(progress, "STEP_SECONDS", 0)
    with Progress(quiet=False) as shown:
        shown.tell("reading", 2000)
        shown.tell("storing", 1000)
    told = capsys.readouterr().err

    assert "reading 2,000 rows" in told
    assert "50%" in told
    assert told.endswith("\r\x1b[K")
