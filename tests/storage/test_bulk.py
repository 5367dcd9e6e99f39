"""Many rows at once are the same rows as one by one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    insert,
    select,
)

from fleetcore.storage.bulk import BATCH_ROWS, insert_many
from fleetcore.storage.types import Id, Instant, Json

TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
VALUES = {
    "an_id": (Id, st.uuids()),
    "at": (Instant, INSTANTS),
    "words": (Text, TEXT),
    "word": (String(20), TEXT),
    "number": (Integer, st.integers(-(2**31), 2**31 - 1)),
    "big": (BigInteger, st.integers(-(2**63), 2**63 - 1)),
    "flag": (Boolean, st.booleans()),
    "ratio": (Float, st.floats(allow_nan=False, allow_infinity=False)),
    "on": (Date, st.dates(date(1900, 1, 1))),
    "order": (Json, st.lists(TEXT, max_size=3) | st.dictionaries(TEXT, st.integers(0, 9), max_size=3)),
}
NAMES = ("row", *VALUES)
ROWS = st.lists(st.tuples(*(st.none() | values for _, values in VALUES.values())), max_size=6)
numbers = itertools.count()


@pytest.fixture(scope="module", params=["sqlite_files", pytest.param("postgres_server", marks=pytest.mark.postgres)])
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A connection to a migrated database that may create tables."""
    url = request.getfixturevalue(request.param).database()
    engine = create_engine(url)
    with engine.begin() as lent:
        yield lent
    engine.dispose()


def scratch(connection: Connection) -> Table:
    """Create an empty table with a column of every type."""
    columns = [Column(name, kind) for name, (kind, _) in VALUES.items()]
    made = Table(f"scratch_{next(numbers)}", MetaData(), Column("row", Integer, primary_key=True), *columns)
    made.create(connection)
    return made


def stored(connection: Connection, table: Table) -> list[tuple[Any, ...]]:
    """Return the rows in the order in which they were inserted."""
    return list(map(tuple, connection.execute(select(table).order_by(table.c.row))))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_bulk_equals_single_inserts(connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    """Whatever is inserted in bulk, nothing or letters of any script, reads like rows inserted one by one."""
    numbered = [(number, *row) for number, row in enumerate(rows)]
    one_by_one, at_once = scratch(connection), scratch(connection)
    for row in numbered:
        connection.execute(insert(one_by_one), dict(zip(NAMES, row, strict=True)))

    assert len(rows) == insert_many(connection, at_once, NAMES, numbered)
    assert numbered == stored(connection, one_by_one) == stored(connection, at_once)


@pytest.mark.parametrize("count", [0, 1, BATCH_ROWS, BATCH_ROWS + 1])
def test_bulk_goes_by_batches(connection: Connection, count: int) -> None:
    """Any number of rows is inserted, also from a generator and to the batch's edge."""
    table = scratch(connection)

    assert count == insert_many(connection, table, ("row", "number"), ((n, n) for n in range(count)))
    assert count == len(stored(connection, table))
