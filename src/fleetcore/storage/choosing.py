"""Rows of some vehicles within a span of time: what the reports of every area ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam

from fleetcore.kernel.when import Span

from .types import Id, Instant

__all__ = ["rows_of_vehicles", "within"]

ROWS_AT_ONCE = 500
FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


def within(at: Any) -> ColumnElement[bool]:
    """Return the condition that *at* lies within the asked span."""
    condition: ColumnElement[bool] = (at >= bindparam("since", type_=Instant)) & (
        at < bindparam("until", type_=Instant)
    )
    return condition


def rows_of_vehicles(
    connection: Connection,
    fleet_id: UUID,
    statement: Select[Any],
    table: Table,
    *,
    vehicle_ids: Sequence[UUID],
    span: Span,
    narrow: bool = True,
) -> Iterator[Any]:
    """Yield the rows of *statement* that *table* has of *vehicle_ids*, with its ``at`` within *span*.

    *statement* is built once, at import time: its narrowed forms are kept. Without *narrow* it says itself
    what it wants :func:`within` the span, and what of all time.
    """
    if not vehicle_ids:
        return
    is_one = len(vehicle_ids) == 1
    keys: dict[str, Any] = {"in_fleet": fleet_id}
    keys |= {"of_vehicle": vehicle_ids[0]} if is_one else {"of_vehicles": list(vehicle_ids)}
    narrow &= span.since is not None or span.until is not None
    chosen = _narrowed(statement, table, is_one=is_one, narrow=narrow)
    found = connection.execute(chosen, keys | {"since": span.since or FIRST, "until": span.until or LAST})
    for part in found.partitions(ROWS_AT_ONCE):  # few rows live at a time, which spares the garbage collector
        yield from part


@lru_cache(maxsize=128)
def _narrowed(statement: Select[Any], table: Table, *, is_one: bool, narrow: bool) -> Select[Any]:
    narrowed = statement.where(table.c.fleet_id == bindparam("in_fleet"))
    if is_one:
        narrowed = narrowed.where(table.c.vehicle_id == bindparam("of_vehicle"))
    else:
        narrowed = narrowed.where(table.c.vehicle_id.in_(bindparam("of_vehicles", type_=Id, expanding=True)))
    return narrowed.where(within(table.c.at)) if narrow else narrowed
