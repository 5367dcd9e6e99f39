"""Our own CSV: what is written is read back, whatever a spreadsheet did to separators and encodings."""

# ruff: noqa: DTZ001 (a log's wall clock has no offset)

from __future__ import annotations

import csv
import io
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetcore.imports.formats.own import write_expenses, write_fills, write_readings
from fleetcore.imports.reader import inspect, read
from fleetcore.imports.rows import Parsed, ParsedExpense, ParsedFill, ParsedReading
from fleetcore.kernel.quantities import Distance, Energy, Mass, Volume
from fleetcore.vehicles.carriers import Carrier

from .reading import detected, fills_of, problems_of

WORDS = st.text(st.sampled_from("abcäéяЖ ñ-.'1"), max_size=12).map(str.strip)
NOTES = st.text(st.sampled_from('abcäéя ,;|"\n\t1'), max_size=20).map(str.strip)
TIMES = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0))
DISTANCES = st.none() | st.integers(0, 2_000_000_000).map(Distance)
AMOUNTS = st.integers(1, 10**7).map(lambda cents: Decimal(cents) / 100)
PLACES = st.none() | st.integers(1, 8_999_999).map(lambda value: Decimal(value) / 100_000)
PERCENTS = st.none() | st.integers(0, 100)
TAGS = st.lists(st.text(st.sampled_from("abü1"), min_size=1, max_size=5), max_size=3).map(tuple)


@st.composite
def fills(draw: st.DrawFn) -> ParsedFill:
    """Draw a fill that our CSV can hold."""
    kind = draw(st.sampled_from([Volume, Mass, Energy]))
    carriers = [carrier for carrier in Carrier if carrier.quantity_type is kind]
    return ParsedFill(
        row=0,
        key=b"",
        at=draw(TIMES),
        quantity=kind(draw(st.integers(1, 2_000_000))),
        vehicle=draw(WORDS) or None,
        odometer=draw(DISTANCES),
        trip=draw(DISTANCES),
        carrier=draw(st.none() | st.sampled_from(carriers)),
        total=draw(st.none() | AMOUNTS),
        unit_price=draw(st.none() | AMOUNTS),
        currency=draw(st.sampled_from([None, "EUR", "JPY"])),
        is_full=draw(st.booleans()),
        missed_previous=draw(st.booleans()),
        excluded_distance=draw(st.none() | st.integers(1, 10**6).map(Distance)),
        grade=draw(WORDS),
        station_name=draw(WORDS),
        latitude=draw(PLACES),
        longitude=draw(PLACES),
        place=draw(WORDS),
        notes=draw(NOTES),
        tags=draw(TAGS),
        start_soc_percent=draw(PERCENTS),
        end_soc_percent=draw(PERCENTS),
        is_home=draw(st.none() | st.booleans()),
        current=draw(st.sampled_from(["", "AC", "DC"])),
        driver=draw(WORDS),
    )


def written(rows: list[ParsedFill]) -> str:
    """Write *rows* as our CSV."""
    out = io.StringIO(newline="")
    write_fills(out, rows)
    return out.getvalue()


def facts(rows: list[Parsed]) -> list[dict[str, Any]]:
    """Return what the rows say, without where they stood."""
    return [attrs.asdict(row, recurse=False, filter=lambda a, _: a.name not in {"row", "key"}) for row in rows]


@settings(max_examples=60, deadline=None)
@given(st.lists(fills(), min_size=1, max_size=5))
def test_fills_are_read_as_they_were_written(rows: list[ParsedFill]) -> None:
    """Nothing of a fill is lost on the way to a file and back."""
    data = written(rows).encode()
    assert facts(list(read(data, inspect(data)))) == facts(list(rows))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(fills(), min_size=1, max_size=4),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    st.sampled_from(["\r\n", "\n", "\r"]),
)
def test_separator_encoding_and_line_ends_change_nothing(
    rows: list[ParsedFill], separator: str, encoding: str, line_end: str
) -> None:
    """The same table in any dress yields the same facts and the same keys."""
    plain = written(rows)
    records = list(csv.reader(io.StringIO(plain, newline="")))
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(records)
    dressed = out.getvalue().replace("\n", line_end).encode(encoding)
    expected = list(read(plain.encode(), inspect(plain.encode())))
    found = list(read(dressed, inspect(dressed)))
    assert facts(found) == facts(expected)
    assert [row.key for row in found] == [row.key for row in expected]  # type: ignore[union-attr]


@settings(max_examples=40, deadline=None)
@given(st.lists(fills(), min_size=2, max_size=6), st.randoms())
def test_the_order_of_rows_changes_no_key(rows: list[ParsedFill], random: Any) -> None:
    """A log newest first has the same keys as one oldest first."""
    shuffled = random.sample(rows, len(rows))
    assert sorted(fill.key for fill in fills_of(written(rows))) == sorted(
        fill.key for fill in fills_of(written(shuffled))
    )


def test_expenses_are_read_as_they_were_written() -> None:
    """Costs and income keep their category and flags."""
    expense = ParsedExpense(
        row=0, key=b"", at=datetime(2024, 3, 1, 10), amount=Decimal("12.50"), vehicle="Van", odometer=Distance(5_000),
        category="my own", title="x", currency="EUR", notes="n", tags=("a",), place="p", is_income=True,
    )  # fmt: skip
    out = io.StringIO(newline="")
    assert write_expenses(out, [expense]) == 1
    data = out.getvalue().encode()
    (found,) = read(data, inspect(data))
    assert isinstance(found, ParsedExpense)
    assert attrs.evolve(found, row=0, key=b"", raw={}) == expense


def test_readings_are_read_as_they_were_written() -> None:
    """A reading is a time and an odometer."""
    reading = ParsedReading(
        row=0, key=b"", at=datetime(2024, 3, 1), odometer=Distance(141_622), vehicle="Van", has_time=False
    )
    out = io.StringIO(newline="")
    write_readings(out, [reading])
    data = out.getvalue().encode()
    (found,) = read(data, inspect(data))
    assert isinstance(found, ParsedReading)
    assert attrs.evolve(found, row=0, key=b"") == reading


def test_three_decimals_are_never_taken_for_thousands() -> None:
    """Our odometer has metres, so 141.622 km is not 141,622 km."""
    assert fills_of("at,odometer_km,volume_l\n2024-01-01,141.622,20\n")[0].odometer == Distance(141_622)


def test_an_offset_makes_the_time_utc() -> None:
    """A time with an offset is turned into UTC and marked."""
    (fill,) = fills_of("at,volume_l\n2024-01-01 12:00+02:00,20\n")
    assert (fill.at.hour, fill.is_utc) == (10, True)


def test_an_unknown_carrier_is_a_problem() -> None:
    """Our own words are exact."""
    assert problems_of("at,carrier,volume_l\n2024-01-01,coal,20\n") == {2: {"carrier": "unreadable"}}


def test_a_subset_of_columns_in_any_order_will_do() -> None:
    """Only the time and a quantity are needed; without is_full every fill is full."""
    (fill,) = fills_of("energy_kwh,at\n20.5,2024-01-01 10:00\n")
    assert (fill.quantity, fill.is_full) == (Energy(20_500), True)


@pytest.mark.parametrize("header", ["at,volume_l,colour", "volume_l,total"])
def test_foreign_columns_are_not_ours(header: str) -> None:
    """A file with other columns is read by the generic format or refused, never half as ours."""
    text = f"{header},Date\n2024-01-01,20,3,2024-01-01\n"
    assert detected(text).format != "fleetcore"
