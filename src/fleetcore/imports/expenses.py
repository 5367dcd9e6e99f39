"""Tables of costs and of odometer readings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from . import numbers
from .detection import Conventions
from .rows import ParsedExpense, ParsedReading, row_key
from .source import Record
from .tables import Plan, distance_by_unit, read_currency, when_columns
from .words import Unreadable, tags_of

__all__ = ["expense_plan", "reading_plan"]


def expense_plan(
    fields: Mapping[str, int],
    headers: Record,
    conventions: Conventions,
    *,
    category: Callable[[Record], tuple[str, bool]],
    fixed: Mapping[str, Any] | None = None,
    income: Callable[[Record], bool] | None = None,
    skip: Callable[[Record], str | None] | None = None,
) -> Plan:
    """Compile the plan of a table of costs; *category* names a row's category and whether it is a service."""
    plain, computed = when_columns(fields, conventions)
    readers: dict[str, Callable[[str], Any]] = {
        "odometer": numbers.distance_reader(conventions.distance_unit, conventions.normalise("odometer"), zero=False),
        "tags": tags_of,
        "currency": lambda text: read_currency(text) or conventions.currency,
    }
    plain += [(name, index, readers[name]) for name, index in fields.items() if name in readers]
    texts = {"vehicle", "title", "notes", "place"}
    plain += [(name, index, str.strip) for name, index in fields.items() if name in texts]
    if by_unit := distance_by_unit(fields, conventions, "odometer", zero=False):
        computed.append(("odometer", by_unit))
        plain = [each for each in plain if each[0] != "odometer"]
    amount, read_amount = (
        fields["total"],
        numbers.amount_reader(numbers.normaliser(conventions.decimal_mark), signed=True),
    )

    def cost(cells: Record) -> Decimal:
        value = read_amount(cells[amount])
        if value is None:
            raise Unreadable("the amount is missing", "missing")
        return value

    computed.append(("amount", cost))
    computed.append(("sort", category))
    computed.append(("is_income", income or (lambda _cells: False)))

    def build(row: int, values: dict[str, Any], cells: Record) -> ParsedExpense:
        name, is_service = values.pop("sort")
        vehicle = values["vehicle"] = values.get("vehicle") or None
        odometer = values.get("odometer")
        if values["amount"] < 0:  # money that came back
            values["amount"], values["is_income"] = -values["amount"], not values["is_income"]
        raw = {header: cell for header, cell in zip(headers, cells, strict=False) if cell}
        key = row_key(
            "expense", vehicle, values["at"], odometer and odometer.metres, name, values.get("title"),
            values["amount"], values["is_income"],
        )  # fmt: skip
        return ParsedExpense(row=row, key=key, category=name, is_service=is_service, raw=raw, **values)

    base: dict[str, Any] = {"currency": conventions.currency} | dict(fixed or {})
    return Plan(tuple(plain), tuple(computed), build, base, len(headers), skip)


def reading_plan(fields: Mapping[str, int], conventions: Conventions, width: int) -> Plan:
    """Compile the plan of a table of odometer readings."""
    plain, computed = when_columns(fields, conventions)
    read = numbers.distance_reader(conventions.distance_unit, conventions.normalise("odometer"))

    def odometer(cells: Record) -> Any:
        value = read(cells[fields["odometer"]])
        if value is None:
            raise Unreadable("the odometer is missing", "missing")
        return value

    computed.append(("odometer", odometer))
    plain += [(name, fields[name], str.strip) for name in ("vehicle", "notes") if name in fields]
    if "tags" in fields:
        plain.append(("tags", fields["tags"], tags_of))

    def build(row: int, values: dict[str, Any], _cells: Record) -> ParsedReading:
        vehicle = values["vehicle"] = values.get("vehicle") or None
        key = row_key("reading", vehicle, values["at"], values["odometer"].metres)
        return ParsedReading(row=row, key=key, **values)

    return Plan(tuple(plain), tuple(computed), build, {}, width)
