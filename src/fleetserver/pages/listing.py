"""What a list shows, all of it, as a table that spreadsheets open: narrowed as the list is, in the visitor's words."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

from fleetcore.kernel.paging import Page
from fleetcore.vehicles.model import Vehicle
from fleetserver.spreadsheet import harmless

from .routing import Document
from .visits import Visit

if TYPE_CHECKING:
    from .records import Desk, Records

__all__ = ["as_csv", "page_of"]

ROWS_AT_ONCE = 200
ROWS_MAX = 20_000
MARK = "\ufeff"  # by which spreadsheets know that it is UTF-8


def page_of(answer: Any) -> Page[Any]:
    """Return what a query answered as a page; some answer with everything at once."""
    return answer if isinstance(answer, Page) else Page(tuple(answer), None)


def as_csv(records: Records, visit: Visit, desk: Desk, asked: Mapping[str, Any]) -> Document:
    """Return every record that *asked* finds, with the columns of the list.

    Cells are parted by semicolons where a comma is the decimal mark.
    """
    text = visit.language.text
    named: dict[UUID | None, Vehicle] = {vehicle.id: vehicle for vehicle in desk.vehicles}
    out = StringIO()
    writer = csv.writer(out, delimiter=";" if visit.language.marks[1] == "," else ",", lineterminator="\r\n")
    with_vehicle = records.is_of_vehicles
    writer.writerow([*(text(each.title) for each in records.columns), *([text("Vehicle")] if with_vehicle else [])])
    for record in _all(lambda known: visit.answer(records.list, records.list.command_type(**known)), asked):
        vehicle = named.get(_vehicle_id(record))
        cells = [str(column.text(visit, record, vehicle) or "") for column in records.columns]
        cells += [vehicle.name if vehicle else ""] if with_vehicle else []
        writer.writerow([harmless(cell) for cell in cells])
    body = (MARK + out.getvalue()).encode("utf-8", "replace")
    return Document(body=body, content_type="text/csv", file_name=f"{records.path.strip('/').replace('/', '-')}.csv")


def _vehicle_id(record: Any) -> UUID | None:
    return getattr(record, "vehicle_id", None)


def _all(ask: Callable[[Mapping[str, Any]], Any], asked: Mapping[str, Any]) -> Iterator[Any]:
    """Yield every record, page by page."""
    known = {**asked, **({"cursor": None, "limit": ROWS_AT_ONCE} if "cursor" in asked else {})}
    seen = 0
    while seen < ROWS_MAX:
        page = page_of(ask(known))
        yield from page.items
        seen += len(page.items)
        if page.next is None:
            return
        known["cursor"] = page.next
