"""What people type becomes values: units, decimal commas, days, amounts; what is unclear is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetcore.kernel.quantities import DistanceUnit, VolumeUnit
from fleetserver.cli.failures import BadInput
from fleetserver.presentation.display import Scale
from fleetserver.presentation.typed import Typed, parse_number

METRIC = Scale(distance=DistanceUnit.KM, volume=VolumeUnit.LITRE)
AMERICAN = Scale(distance=DistanceUnit.MILE, volume=VolumeUnit.US_GALLON)


def typed(scale: Scale = METRIC) -> Typed:
    """Return a reader in Berlin, in euros."""
    return Typed(scale, "Europe/Berlin", "EUR")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("40", "40"), ("40.5", "40.5"), ("40,5", "40.5"), ("1.234,5", "1234.5"), ("1,234.5", "1234.5"),
        ("1,234,567", "1234567"), ("1 234,5", "1234.5"), ("1'234.5", "1234.5"), ("1_000", "1000"), ("-3", "-3"),
        ("0,512", "0.512"), ("12345.678", "12345.678"),
    ],
)  # fmt: skip
def test_numbers_are_read(text: str, expected: str) -> None:
    """Points, commas and groups are told apart."""
    assert Decimal(expected) == parse_number(text, with_groups=True)


@pytest.mark.parametrize("text", ["12,345", "12.345", "1.2.3,4,5", "1,2.3,4", "x"])
def test_unclear_numbers_are_refused(text: str) -> None:
    """Three digits behind one mark may be thousands; two marks that alternate are no number."""
    with pytest.raises(ValueError, match=r"may mean|is not a number"):
        parse_number(text, with_groups=True)


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (lambda t: t.distance("x", "100").metres, "", 100_000),
        (lambda t: t.distance("x", "100 mi").metres, "", 160_934),
        (lambda t: t.distance("x", "100MILES").metres, "", 160_934),
        (lambda t: t.volume("x", "40,512").millilitres, "", 40_512),
        (lambda t: t.volume("x", "10 gal_us").millilitres, "", 37_854),
        (lambda t: t.volume("x", "10ukgal").millilitres, "", 45_461),
        (lambda t: t.volume("x", "10 Litres").millilitres, "", 10_000),
        (lambda t: t.energy("x", "22,4kWh").watt_hours, "", 22_400),
        (lambda t: t.energy("x", "500 Wh").watt_hours, "", 500),
        (lambda t: t.mass("x", "10lb").grams, "", 4_536),
        (lambda t: str(t.money("x", "67.09")), "", "67.09 EUR"),
        (lambda t: str(t.money("x", "67,09 gbp")), "", "67.09 GBP"),
        (lambda t: str(t.money("x", "CHF 67")), "", "67.00 CHF"),
        (lambda t: str(t.money("x", "1.234 KWD")), "", "1.234 KWD"),
        (lambda t: str(t.unit_price("x", "1,799", "volume")), "", "1.799 EUR"),
        (lambda t: t.instant("x", "2026-03-10").isoformat(), "", "2026-03-10T11:00:00+00:00"),
        (lambda t: t.instant("x", "2026-07-10 16:01").isoformat(), "", "2026-07-10T14:01:00+00:00"),
        (lambda t: t.instant("x", "2026-07-10T16:01+00:00").isoformat(), "", "2026-07-10T16:01:00+00:00"),
        (lambda t: t.day("x", "10.3.2026"), "", date(2026, 3, 10)),
        (lambda t: t.day("x", "2026-02", end=True), "", date(2026, 2, 28)),
        (lambda t: t.day("x", "2026", end=True), "", date(2026, 12, 31)),
        (lambda t: t.day("x", "2026-02", end=False), "", date(2026, 2, 1)),
        (lambda t: t.today - t.day("x", "yesterday"), "", timedelta(days=1)),
    ],
)  # fmt: skip
def test_values_are_read(read: Callable[[Typed], Any], text: str, expected: Any) -> None:
    """Units and currencies may stand beside the number, in any case."""
    assert expected == read(typed())


def test_units_are_the_users_where_none_is_typed() -> None:
    """An American types miles, gallons and prices per gallon."""
    american = typed(AMERICAN)
    distance, volume = american.distance("x", "100"), american.volume("x", "10 gal")
    price = american.unit_price("x", "3.785411784", "volume")

    assert (160_934, 37_854, "1") == (
        distance and distance.metres,
        volume and volume.millilitres,
        str(price and price.amount),
    )


@pytest.mark.parametrize(
    "read",
    [
        lambda t: t.distance("x", "100 parsecs"), lambda t: t.volume("x", "10 gal"), lambda t: t.volume("x", "EUR 4"),
        lambda t: t.energy("x", "?"), lambda t: t.mass("x", "1e3"), lambda t: t.money("x", "67.091"),
        lambda t: t.money("x", "67 XXQ"), lambda t: t.money("x", ""), lambda t: t.instant("x", "10/3/2026"),
        lambda t: t.day("x", "2026-02"), lambda t: t.day("x", "2026-02-30"), lambda t: t.day("x", "31.02.2026"),
        lambda t: t.distance("x", "9" * 30), lambda t: t.decimal("x", "1 2 x"),
        lambda t: t.unit_price("x", "x", "volume"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_problem(read: Callable[[Typed], Any]) -> None:
    """Each fault is gathered under its option, and check() raises them."""
    reader = typed()

    assert None is read(reader)
    with pytest.raises(BadInput) as caught:
        reader.check()
    assert "x" == caught.value.problems[0].field


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever is typed is read or refused."""
    reader = typed()
    for read in (reader.distance, reader.volume, reader.money, reader.instant, reader.day, reader.decimal):
        read("x", text)


@given(st.decimals(min_value=0, max_value=10**6, places=2))
def test_decimal_comma_means_the_same_as_the_point(value: Decimal) -> None:
    """40,51 and 40.51 are one number."""
    assert parse_number(f"{value}", with_groups=False) == parse_number(f"{value}".replace(".", ","), with_groups=False)
