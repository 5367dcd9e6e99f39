"""Lists as CSV (RFC 4180), for those who ask with ``Accept: text/csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, get_args, get_origin

import attrs
import orjson

from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.paging import Page
from fleetcore.kernel.quantities import Distance, Energy, EngineHours, Mass, Volume
from fleetcore.kernel.wire import bare_type, unstructure, wire_name
from fleetcore.people.model import Units
from fleetserver.spreadsheet import harmless

from .units import beside_metric, name_in

__all__ = ["CSV", "CsvTable", "item_type_of"]

CSV = "text/csv"
AMOUNTS = {Money, UnitPrice}
NUMBERS = {int, float, Distance, Energy, EngineHours, Mass, Volume}


def item_type_of(result_type: Any) -> Any | None:
    """Return of what *result_type* is a list, a page or a tuple; None where it is no list."""
    if get_origin(result_type) is Page:
        return get_args(result_type)[0]
    if get_origin(result_type) is tuple and get_args(result_type)[1:] == (Ellipsis,):
        return get_args(result_type)[0]
    return None


class _Echo:
    """A file that hands back what is written into it."""

    def write(self, text: str) -> str:
        return text


@attrs.frozen
class CsvTable:
    """The table of a list's items: its columns follow from their type, so that every page has the same ones."""

    columns: tuple[str, ...]
    units: Units | None = None

    @classmethod
    def of(cls, item_type: Any, units: Units | None) -> CsvTable:
        """Return the table of items of *item_type*, with figures in *units* beside the metric ones."""
        return cls(_columns(item_type, units), units)

    def heading(self) -> bytes:
        """Return the first line."""
        return self._line(self.columns)

    def rows(self, items: Sequence[Any]) -> bytes:
        """Return the lines of *items*."""
        return b"".join(self._line(cells) for cells in self._cells(items))

    def _line(self, cells: Sequence[str]) -> bytes:
        written: str = csv.writer(_Echo()).writerow(cells)  # what the file's write returned
        return written.encode()

    def _cells(self, items: Sequence[Any]) -> Iterator[list[str]]:
        for item in items:
            row = unstructure(item)
            if not isinstance(row, Mapping):
                row = {VALUE: row}
            flat = _flat(row if self.units is None else beside_metric(row, self.units))
            yield [_cell(flat.get(name)) for name in self.columns]


VALUE = "value"


@lru_cache(maxsize=512)
def _columns(item_type: Any, units: Units | None) -> tuple[str, ...]:
    cls = get_origin(item_type) or item_type
    if not attrs.has(cls):
        return (VALUE,)
    attrs.resolve_types(cls)
    names: list[str] = []
    for attribute in attrs.fields(cls):
        name, declared = wire_name(attribute.name, attribute.type), bare_type(attribute.type)
        names.append(name)
        if declared in AMOUNTS:
            names.append(f"{name}_currency")
        elif units is not None and declared in NUMBERS and (other := name_in(name, units)):
            names.append(other)
    return tuple(names)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return *row* with amounts as two cells; what nests deeper stays, and is JSON in its cell."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping) and set(value) == {"amount", "currency"}:
            flat |= {name: value["amount"], f"{name}_currency": value["currency"]}
        else:
            flat[name] = value
    return flat


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping | list | tuple):
        return orjson.dumps(value).decode()
    return harmless(str(value))
