"""Tables of reports: the same cells for the page, as the visitor reads them, and for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from attrs import frozen

from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.quantities import Distance, DistanceUnit
from fleetserver.pages.charts.figures import Table
from fleetserver.spreadsheet import harmless

from .pictures import Pen

__all__ = ["Cell", "Sheet", "amount", "csv_of", "distance", "price"]

Cell = str | int | Decimal | date | None


@frozen(kw_only=True)
class Sheet:
    """A table with a title; the columns from *numbers_from* on hold numbers, each with as many decimals as it has."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers_from: int = 1
    empty: str = ""

    def shown(self, pen: Pen) -> Table:
        """Return the table as it stands on the page."""
        rows = tuple(tuple(_shown(pen, cell) for cell in row) for row in self.rows)
        return Table(columns=self.columns, rows=rows, numbers_from=self.numbers_from)

    def lines(self) -> Iterator[list[str]]:
        """Yield the rows for a spreadsheet: numbers with a decimal point, days as 2027-03-31."""
        yield [harmless(column) for column in self.columns]
        for row in self.rows:
            yield [harmless(str(cell)) if isinstance(cell, str) else "" if cell is None else str(cell) for cell in row]


def csv_of(sheet: Sheet) -> bytes:
    """Return *sheet* as CSV (RFC 4180), in UTF-8 with the mark that spreadsheets look for."""
    out = io.StringIO()
    csv.writer(out).writerows(sheet.lines())
    return out.getvalue().encode("utf-8-sig")


def _shown(pen: Pen, cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case date():
            return pen.day(cell)
        case Decimal():
            exponent = cell.as_tuple().exponent
            return pen.visit.language.number(cell, max(-exponent, 0) if isinstance(exponent, int) else 0)
        case int():
            return pen.visit.language.number(cell)
    return cell


def amount(value: Money | None) -> Decimal | None:
    """Return the number of an amount."""
    return None if value is None else value.amount


def distance(value: Distance | None, unit: DistanceUnit) -> Decimal | None:
    """Return a distance in whole kilometres or miles, short ones with a tenth."""
    if value is None:
        return None
    number = Decimal(str(value.in_unit(unit)))
    return round(number, 0 if abs(number) >= 100 else 1)


def price(value: UnitPrice, unit: DistanceUnit) -> Decimal:
    """Return a price for each kilometre as one for each kilometre or mile."""
    return round(value.amount * Decimal(str(unit.metres)) / 1000, 3)
