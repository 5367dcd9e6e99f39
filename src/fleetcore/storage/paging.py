"""The WHERE clause of a page that continues a former one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, literal, tuple_

from fleetcore.kernel.paging import Position

from .types import Id, Instant

__all__ = ["older_than"]


def older_than(at: Any, record_id: Any, position: Position) -> ColumnElement[bool]:
    """Return the condition that a row sorts after *position* in a list that runs newest first."""
    return tuple_(at, record_id) < tuple_(literal(position.at, Instant), literal(position.id, Id))
