"""Tables for spreadsheets."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from fleetserver.spreadsheet import harmless

from .failures import BadInput

__all__ = ["csv_option", "write_csv"]

csv_option = click.option("--csv", "csv_file", metavar="FILE", help="Write the rows as CSV to FILE; - is the terminal.")


def write_csv(file: str, titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write *rows* under *titles*, in UTF-8; texts that a spreadsheet would take for a formula get an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(titles)
    writer.writerows([_cell(value) for value in row] for row in rows)
    if file == "-":
        sys.stdout.write(text.getvalue().replace("\r\n", "\n"))
        return
    try:
        Path(file).write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())
    except OSError as error:
        raise BadInput.because("--csv", f"{file} cannot be written: {error.strerror}") from error


def _cell(value: object) -> str:
    return harmless("" if value is None or value == "-" else str(value))
