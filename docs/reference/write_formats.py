"""Writes docs/reference/import-formats.md from the formats themselves: ``python docs/reference/write_formats.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fleetcore.imports.formats import FORMATS, Format
from fleetcore.imports.formats.generic import MAPPABLE
from fleetcore.imports.formats.own import EXPENSE_COLUMNS, FILL_COLUMNS, READING_COLUMNS
from fleetcore.imports.source import SIZE_MAX_BYTES

PAGE = Path(__file__).with_name("import-formats.md")
GUIDES = {"fleetcore": "import-any-csv", "csv": "import-any-csv", "gpx": "keep-a-tax-logbook"}
INTRODUCTION = f"""\
# Import formats

<!-- Written by docs/reference/write_formats.py; a test compares it with the formats. -->

`fleet import FILE` reads a CSV or GPX file, or a zip of them, of up to {SIZE_MAX_BYTES // 1024 // 1024} MiB. Which
format it is, is decided by its content, never by its name; `--format NAME` decides it for you. Found out from the whole
file, and shown, are the encoding (UTF-8 with and without mark, UTF-16, Windows code pages), the separator (comma,
semicolon, tab), the decimal mark, and the order of day, month and year. Where a file leaves something open, the report
says what was assumed and which option says otherwise.

- A row that is wrong is rejected with every reason, and the others are stored; with `--strict` nothing is.
- A row is known by its vehicle, its content and how often it occurs in the file. The same file again adds nothing, and
  two equal rows in one file are two records.
- A file without a column for full and partial tanks has full fills only. A price of 0 is a fill.
- An odometer that its neighbours contradict is stored as the file says it, with a warning and a recorded override.
- Service and cost rows become expenses. The row as it stood is kept beside each, for the service records to come.
- A time without a zone is in the fleet's time zone; a day without a time is its noon.

| format | `--format` | page | |
| --- | --- | --- | --- |
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([INTRODUCTION.rstrip(), *_table(), "", *_details(), *_columns()]).rstrip() + "\n"


def _guide(form: Format) -> str:
    return GUIDES.get(form.name, f"import-from-{form.name}")


def _table() -> Iterator[str]:
    for form in FORMATS:
        mark = "from layout only" if form.from_layout_only else ""
        yield f"| {form.title} | `{form.name}` | [how to](../how-to/{_guide(form)}.md) | {mark} |"


def _details() -> Iterator[str]:
    for form in FORMATS:
        yield f"## {form.title}\n"
        yield f"{form.how_to_export}\n"
        yield f"{form.columns.partition(', with fields')[0].rstrip('.')}.\n"
        if form.from_layout_only:
            yield "Written from a description of the layout, without a real file: check the result.\n"


def _columns() -> Iterator[str]:
    yield "## Columns of fleetcore's own CSV\n"
    yield "One table a file: fills, expenses or readings. Columns may be left out and stand in any order.\n"
    for title, names in (("fills", FILL_COLUMNS), ("expenses", EXPENSE_COLUMNS), ("readings", READING_COLUMNS)):
        yield f"- **{title}**: {', '.join(f'`{name}`' for name in names)}"
    yield "\n## Fields for `--map`\n"
    yield f"{', '.join(f'`{name}`' for name in sorted(MAPPABLE))}."


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
