"""A psycopg cursor that describes its columns only when asked, and a connection that waits no longer than told.

SQLAlchemy looks at the description once per statement and then remembers it, but psycopg describes every column of
every result: for a row of thirty columns that costs as much as fetching it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, overload

__all__ = ["Columns", "lean_cursor", "limited_connection"]


WAIT_INTERVAL_S = 0.1  # how often psycopg looks whether it was interrupted


class Columns(Sequence[Any]):
    """The columns of a result, described at the first look at them."""

    def __init__(self, cursor: Any, describe: Any) -> None:
        self._cursor = cursor
        self._describe = describe
        self._described: Sequence[Any] | None = None

    def _all(self) -> Sequence[Any]:
        if self._described is None:
            self._described = self._describe(self._cursor)
        return self._described

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Any]: ...
    def __getitem__(self, index: Any) -> Any:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._all())


@cache
def lean_cursor() -> type[Any]:
    """Return the class of cursor for PostgreSQL; raises ModuleNotFoundError without psycopg."""
    from psycopg import Cursor

    describe: Any = Cursor.description.fget  # type: ignore[attr-defined]

    class LeanCursor(Cursor[Any]):
        @property
        def description(self) -> Any:
            result = self.pgresult
            return Columns(self, describe) if result is not None and result.nfields else describe(self)

    return LeanCursor


def limited_connection(seconds: float) -> type[Any]:
    """Return the class of connection that is closed when the server says nothing for so many *seconds*.

    A network that swallows everything tells neither side; without this a thread would wait for as long as the
    system keeps trying, which can be hours.
    """
    from psycopg import Connection, OperationalError
    from psycopg.pq import TransactionStatus

    class LimitedConnection(Connection[Any]):
        def wait(self, gen: Any, interval: float = WAIT_INTERVAL_S, timeout: float | None = None) -> Any:
            try:
                return super().wait(gen, interval, seconds if timeout is None else timeout)
            except OperationalError as error:
                if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                    raise
                self.pgconn.finish()  # it is in the middle of a statement, so there is no use for it
                raise OperationalError(f"the server has not answered for {seconds:g} s") from error

    return LimitedConnection
