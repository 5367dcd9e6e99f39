"""Rows of one table to parsed rows: a plan is compiled once per table, then run for every row.

The quick path converts every cell and builds the row. Only where a cell refuses does the slow path run,
which converts each field apart and lists everything that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from fleetcore.kernel.errors import Problem
from fleetcore.kernel.quantities import DistanceUnit

from . import dates, numbers
from .detection import Conventions
from .rows import RowProblems, SkippedRow
from .source import BrokenRecord, Record
from .words import Unreadable, currency_in, unit_in

__all__ = ["Computed", "Plain", "Plan", "distance_by_unit", "read_currency", "row_reader", "when_columns"]

Computed = Callable[[Record], Any]
Plain = tuple[str, int, Callable[[str], Any]]


@frozen
class Plan:
    """How the cells of one table become one kind of row.

    *plain* fields are read from one cell, *computed* ones from the whole row. *fixed* values are the
    same in every row. *skip* says why a row is no fact.
    """

    plain: tuple[Plain, ...]
    computed: tuple[tuple[str, Computed], ...]
    build: Callable[[int, dict[str, Any], Record], Any]
    fixed: Mapping[str, Any]
    width: int
    skip: Callable[[Record], str | None] | None = None
    loose: bool = False  # whether cells beyond the header are usual in this format


def row_reader(plan: Plan) -> Callable[[int, Record], Any]:
    """Compile *plan* into a function from a row's number and cells to a parsed row."""
    plain, computed, build, width, skip = plan.plain, plan.computed, plan.build, plan.width, plan.skip
    fixed = dict(plan.fixed)

    def read(row: int, cells: Record) -> Any:
        if skip is not None and (reason := _skip(skip, cells)):
            return SkippedRow(row, reason)
        if len(cells) <= width or plan.loose:
            try:
                values = {name: convert(cells[index]) for name, index, convert in plain}
                for name, compute in computed:
                    values[name] = compute(cells)
                return build(row, fixed | values, cells)
            except (ValueError, ArithmeticError, IndexError):
                pass
        return _explain(plan, row, cells)

    return read


def _skip(skip: Callable[[Record], str | None], cells: Record) -> str | None:
    try:
        return skip(cells)
    except (ValueError, ArithmeticError, IndexError):
        return None


def _explain(plan: Plan, row: int, cells: Record) -> Any:
    """Read the row field by field and return all of its problems, or the row if a longer one will do."""
    if isinstance(cells, BrokenRecord):
        return RowProblems(row, (Problem("", cells.message, "broken"),))
    if not any(cell.strip() for cell in cells):
        return SkippedRow(row, "an empty row")
    problems = []
    if not plan.loose and any(cell.strip() for cell in cells[plan.width :]):
        message = (
            f"the row has {len(cells)} cells where the header has {plan.width}; is a text with separators unquoted?"
        )
        problems.append(Problem("", message, "too_many_cells"))
    padded = cells + [""] * (plan.width - len(cells))
    values = dict(plan.fixed)
    for name, index, convert in plan.plain:
        problems += _attempt(values, name, lambda c=convert, i=index: c(padded[i]))  # type: ignore[misc]
    for name, compute in plan.computed:
        problems += _attempt(values, name, lambda c=compute: c(padded))  # type: ignore[misc]
    if problems:
        return RowProblems(row, tuple(dict.fromkeys(problems)))
    return plan.build(row, values, padded)


def _attempt(values: dict[str, Any], name: str, read: Callable[[], Any]) -> Iterator[Problem]:
    try:
        values[name] = read()
    except Unreadable as error:
        yield Problem(name, error.message, error.code)
    except (ValueError, ArithmeticError):
        yield Problem(name, "cannot be read as a number or a date", "unreadable")


def read_currency(text: str) -> str | None:
    """Read an ISO 4217 code, or a sign that stands for one currency only; an empty cell is None."""
    text = text.strip()
    if not text:
        return None
    code, _ = currency_in(text.upper() if len(text) == 3 else text)
    if code is None:
        raise Unreadable(f"{text!r} is not an ISO 4217 currency code such as EUR")
    return code


def when_columns(fields: Mapping[str, int], conventions: Conventions) -> tuple[list[Plain], list[tuple[str, Computed]]]:
    """Return how a row's time is read: one column, or a date and a time of day of its own."""
    read = dates.date_reader(conventions.date_order, iso=conventions.iso_dates)
    at = fields["at"]
    if "time" not in fields:
        zone: list[Plain] = [("is_utc", at, dates.has_zone)] if conventions.zoned else []
        return [("at", at, read), ("has_time", at, dates.has_time), *zone], []
    clock = fields["time"]

    def joined(cells: Record) -> datetime:
        date, time = read(cells[at]), dates.time_of(cells[clock])
        return date if time is None else date.replace(hour=time.hour, minute=time.minute, second=time.second)

    return [("has_time", clock, lambda text: bool(text.strip()))], [("at", joined)]


def distance_by_unit(fields: Mapping[str, int], conventions: Conventions, name: str, *, zero: bool) -> Computed | None:
    """Return how the distance *name* is read where each row names its own unit, else None."""
    if "distance_unit" not in fields or name not in fields:
        return None
    column, unit_column = fields[name], fields["distance_unit"]
    usual, normalise = conventions.distance_unit, conventions.normalise(name)
    readers = {unit: numbers.distance_reader(unit, normalise, zero=zero) for unit in DistanceUnit}

    def read(cells: Record) -> Any:
        unit = unit_in(cells[unit_column])
        return readers[DistanceUnit(unit) if unit in {"km", "mi"} else usual](cells[column])

    return read
