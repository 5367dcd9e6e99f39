"""Short ways to read text in tests."""

from __future__ import annotations

from typing import Any

from fleetcore.imports.detection import Detection
from fleetcore.imports.reader import inspect, read
from fleetcore.imports.rows import Parsed, ParsedExpense, ParsedFill, RowProblems, SkippedRow


def rows_of(text: str | bytes, **options: Any) -> list[Parsed]:
    """Inspect *text* and read all of its rows."""
    source = text.encode() if isinstance(text, str) else text
    return list(read(source, inspect(source, **options)))


def detected(text: str | bytes, **options: Any) -> Detection:
    """Inspect *text*."""
    return inspect(text.encode() if isinstance(text, str) else text, **options)


def fills_of(text: str | bytes, **options: Any) -> list[ParsedFill]:
    """Return the fills of *text*."""
    return [row for row in rows_of(text, **options) if isinstance(row, ParsedFill)]


def expenses_of(text: str | bytes, **options: Any) -> list[ParsedExpense]:
    """Return the costs of *text*."""
    return [row for row in rows_of(text, **options) if isinstance(row, ParsedExpense)]


def skipped_of(text: str | bytes, **options: Any) -> list[SkippedRow]:
    """Return the rows of *text* that are no facts."""
    return [row for row in rows_of(text, **options) if isinstance(row, SkippedRow)]


def problems_of(text: str | bytes, **options: Any) -> dict[int, dict[str, str]]:
    """Return what is wrong, by row and field."""
    return {
        row.row: {problem.field: problem.code for problem in row.problems}
        for row in rows_of(text, **options)
        if isinstance(row, RowProblems)
    }
