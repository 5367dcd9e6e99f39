"""Where the rows of a fleet come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from fleetcore.kernel.ports import StoreKey

__all__ = ["TABLES", "FleetTables"]


class FleetTables(Protocol):
    """Every table with rows of one fleet, whatever area it is of."""

    @property
    def schema(self) -> tuple[str, ...]:
        """The revisions of the schema."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The tables, in the order in which rows can be written."""
        ...

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield each row of table *name* as a line of JSON, by primary key, holding few of them in memory."""
        ...


TABLES: StoreKey[FleetTables] = StoreKey("exports.tables")
