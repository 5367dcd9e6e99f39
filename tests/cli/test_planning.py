"""``fleet report due``, ``upcoming``, ``ownership``, ``compare`` and ``yearly``: tables, JSON, CSV and paper."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser
from pathlib import Path

import pytest

from .running import Command


@pytest.fixture
def garage(golf: Command) -> Command:
    """A Golf with four fills and a ticket in 2026, a price, and two reminders, one with an odd title."""
    golf("vehicles", "edit", "Golf", "--purchased-on", "2025-06-01", "--purchase-price", "9000")
    golf("reminders", "add", "--vehicle", "Golf", "--title", "=Oil", "--on", "2020-01-01", "--expected-cost", "80")
    golf("reminders", "add", "--vehicle", "Golf", "--title", "Belt", "--on", "2020-02-01")
    return golf


def test_due_is_counted_and_narrowed(garage: Command) -> None:
    """A line with counts, then the list; an urgency that nothing has says so."""
    text = garage("report", "due").stdout

    assert text.startswith("2 overdue\n")
    assert "Nothing of that is due" in garage("report", "due", "--urgency", "soon").stdout
    assert {"overdue": 2} == garage.json("report", "due")["counts"]
    assert [] == garage.json("report", "due", "--tag", "work")["dues"]


def test_upcoming_says_what_it_does_not_know(garage: Command) -> None:
    """What has a price is in the sum; what has none is named, and vehicles without enough fills are too."""
    text = garage("report", "upcoming", "--items").stdout
    found = garage.json("report", "upcoming")

    assert "Not in the sum: Belt, once; say what it costs: fleet reminders edit" in text
    assert "as said of the reminder" in text
    assert ["=Oil"] == [cost["title"] for cost in found["items"] if cost["kind"] == "reminder"]
    assert ["Belt"] == [cost["title"] for cost in found["unknown"]]


def test_an_empty_fleet_is_told_what_to_do(command: Command) -> None:
    """Without records every report says what makes one."""
    assert "--expected-cost" in command("report", "upcoming").stdout
    assert "fleet vehicles add" in command("report", "ownership").stdout
    assert "Nothing was recorded in 2025" in command("report", "yearly", "2025").stdout
    assert "fleet reminders add" in command("report", "due").stdout


def test_ownership_names_what_is_missing(garage: Command) -> None:
    """Without a sale price the value is asked for; with it the loss is a cost."""
    text = garage("report", "ownership").stdout
    valued = garage("report", "ownership", "--vehicle", "Golf", "--value", "8000").stdout

    assert "Missing: the sale price, or what it would fetch today" in text
    assert "1,000.00 EUR" in valued
    assert "All told" in valued


def test_vehicles_side_by_side(garage: Command) -> None:
    """A column for each vehicle, in its own units; an unknown one is asked back."""
    garage("vehicles", "add", "--name", "Polo", "--distance-unit", "mi")
    text = garage("report", "compare", "Golf", "Polo").stdout

    assert ["Golf", "Polo"] == text.splitlines()[0].split()
    assert "Repairs per 10,000 km" in text
    assert "did you mean 'Polo'" in garage("report", "compare", "Poolo", code=1).stderr


def test_a_year_in_the_terminal(garage: Command) -> None:
    """A column for each year that has figures, the sources of CO2 below."""
    text = garage("report", "yearly", "2026").stdout

    assert ["Golf", "2026"] == text.splitlines()[0].split()
    assert "IPCC" in text
    assert 2026 == garage.json("report", "yearly", "2026")["year"]


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the library's signature
        self.seen.append(tag)
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()


def test_a_year_on_paper(garage: Command, tmp_path: Path) -> None:
    """The page is whole, loads nothing, and has charts beside the tables with the same numbers."""
    file = tmp_path / "2026.html"
    garage("vehicles", "edit", "Golf", "--make", "<b>VW</b>")
    garage("report", "yearly", "2026", "--html", str(file))
    text = file.read_text("utf-8")
    tags = _Tags(text)

    assert [] == tags.open
    assert {"svg", "table", "figcaption"} <= set(tags.seen)
    assert not {"script", "link", "img", "b"} & set(tags.seen)
    assert "215.25 EUR in 2026" in text
    assert "cannot be written" in garage("report", "yearly", "--html", "/no/such/x.html", code=2).stderr


def test_rows_for_spreadsheets(garage: Command, tmp_path: Path) -> None:
    """CSV has plain numbers; a title that a spreadsheet would compute is disarmed."""
    file = tmp_path / "due.csv"
    garage("report", "due", "--csv", str(file))
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    upcoming = list(csv.DictReader(io.StringIO(garage("report", "upcoming", "--csv", "-").stdout)))

    assert [("Golf", "'=Oil"), ("Golf", "Belt")] == [(row["vehicle"], row["title"]) for row in rows]
    assert [("80.00", "EUR"), ("", "")] == [
        (row["amount"], row["currency"]) for row in upcoming if row["kind"] == "reminder"
    ]
    for report in (("costs",), ("ownership",), ("compare", "Golf"), ("yearly", "2026")):
        assert len(garage("report", *report, "--csv", "-").stdout.splitlines()) > 1
