"""Money and quantities: exact, bounded, never a float."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.money import MINOR_MAX, Money, UnitPrice, currencies, exponent_of
from fleetcore.kernel.quantities import Distance, DistanceUnit, Energy, EngineHours, Mass, Volume, VolumeUnit


@pytest.mark.parametrize(
    ("amount", "currency", "minor", "shown"),
    [
        ("67.09", "EUR", 6709, "67.09 EUR"),
        ("100", "JPY", 100, "100 JPY"),
        ("1.234", "KWD", 1234, "1.234 KWD"),
        ("-0.01", "USD", -1, "-0.01 USD"),
        ("0.005", "EUR", 0, "0.00 EUR"),  # half goes to the even neighbour
        ("0.015", "EUR", 2, "0.02 EUR"),
        ("0.5", "JPY", 0, "0 JPY"),
        ("1.5", "JPY", 2, "2 JPY"),
        (12, "EUR", 1200, "12.00 EUR"),
        (Decimal("1E+2"), "EUR", 10000, "100.00 EUR"),
    ],
)
def test_money_counts_minor_units(amount: Any, currency: str, minor: int, shown: str) -> None:
    """An amount becomes minor units by its currency's places, half to even."""
    money = Money.of(amount, currency)

    assert (minor, shown) == (money.minor, str(money))


@pytest.mark.parametrize(
    "amount", ["", "1,5", "1e5", "0x1", " 1", "1_0", "NaN", "Infinity", "\u0661", ".", 1.5, True, None]
)
def test_money_is_a_plain_decimal(amount: Any) -> None:
    """Anything but a plain decimal number is refused, floats among it."""
    with pytest.raises(Rejected):
        Money.of(amount, "EUR")


@pytest.mark.parametrize("amount", ["9" * 16, "-" + "9" * 16, Decimal("1E+999999"), "9" * 400])
def test_money_is_bounded(amount: Any) -> None:
    """An amount that no column could sum up is refused, however it is written."""
    with pytest.raises(Rejected, match="too large"):
        Money.of(amount, "EUR")
    with pytest.raises(Rejected, match="too large"):
        Money(MINOR_MAX, "EUR")


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "XYZ", "€"])
def test_currencies_are_of_iso_4217(currency: str) -> None:
    """A code outside ISO 4217 is refused by the name of its field."""
    with pytest.raises(Rejected) as caught:
        Money.of(1, currency)

    assert ["currency"] == [problem.field for problem in caught.value.problems]


def test_exponents_are_the_standards() -> None:
    """The places of currencies are those of ISO 4217."""
    assert [2, 0, 3, 0, 3] == [exponent_of(code) for code in ("EUR", "JPY", "KWD", "ISK", "BHD")]
    assert len(currencies()) > 150


def test_currencies_are_never_added() -> None:
    """A sum over two currencies is an error, not a number."""
    with pytest.raises(ValueError, match="cannot be added"):
        Money.of(1, "EUR") + Money.of(1, "USD")
    with pytest.raises(ValueError, match="cannot be added"):
        Money.of(1, "EUR") - Money.of(1, "USD")


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1), st.sampled_from(sorted(currencies())))
def test_sums_of_money_never_drift(minors: list[int], currency: str) -> None:
    """A sum of amounts is the amount of the sum, and an amount reads back as it was."""
    total = sum((Money(minor, currency) for minor in minors[1:]), Money(minors[0], currency))

    assert Money(sum(minors), currency) == total
    assert total == Money.of(total.amount, currency)
    assert Money(0, currency) == total - total == total + -total


def test_unit_prices_have_six_places() -> None:
    """A unit price is kept in millionths, and bounded."""
    assert (1_789_900, Decimal("1.7899")) == (
        UnitPrice.of("1.7899", "EUR").micros,
        UnitPrice.of("1.7899", "EUR").amount,
    )
    assert "0.000001 EUR" == str(UnitPrice.of("0.0000014", "EUR"))
    with pytest.raises(Rejected, match="too large"):
        UnitPrice.of("9" * 15, "EUR")
    with pytest.raises(Rejected, match="too large"):
        UnitPrice(MINOR_MAX, "EUR")


@pytest.mark.parametrize(
    ("made", "inside"),
    [
        (Distance.of("12345.6").metres, 12_345_600),
        (Distance.of(1, DistanceUnit.MILE).metres, 1609),
        (Distance.of(1000, DistanceUnit.MILE).metres, 1_609_344),
        (Volume.of("40.123").millilitres, 40_123),
        (Volume.of(1000, VolumeUnit.US_GALLON).millilitres, 3_785_412),
        (Volume.of(1000, VolumeUnit.UK_GALLON).millilitres, 4_546_090),
        (Energy.of("30.5").watt_hours, 30_500),
        (Mass.of("12.3456").grams, 12_346),
        (EngineHours.of("120.5").tenths, 1205),
        (Volume.of("0.0005").millilitres, 0),
        (Volume.of("0.0015").millilitres, 2),
    ],
)
def test_quantities_are_whole_inside(made: int, inside: int) -> None:
    """Quantities become whole metres, millilitres, watt-hours, grams and tenths, half to even."""
    assert inside == made


@given(st.integers(0, 20_000_000))
def test_miles_read_back_as_they_were(tenths: int) -> None:
    """An odometer in tenths of a mile reads back to the tenth after its trip through metres."""
    miles = Decimal(tenths) / 10

    assert miles == round(Distance.of(miles, DistanceUnit.MILE).in_unit(DistanceUnit.MILE), 1)


@given(st.lists(st.integers(0, 100_000), max_size=50))
def test_sums_of_quantities_never_drift(thousandths: list[int]) -> None:
    """A sum of quantities is exactly the quantity of the sum."""
    total = sum((Volume.of(Decimal(number) / 1000) for number in thousandths), Volume(0))

    assert Volume(sum(thousandths)) == total
    assert Decimal(sum(thousandths)) / 1000 == total.litres


@pytest.mark.parametrize("make", [Distance.of, Volume.of, Energy.of, Mass.of, EngineHours.of])
def test_absurd_quantities_are_refused(make: Any) -> None:
    """A quantity beyond all measure, or no number, is refused."""
    for amount in ("9" * 20, "1e5", "ten", 1.5):
        with pytest.raises(Rejected):
            make(amount)


def test_quantities_compare_and_add_with_their_kind() -> None:
    """Quantities of one kind are ordered and added."""
    assert Distance.of(1) < Distance.of(2)
    assert Distance.of(1) == Distance.of(3) - Distance.of(2)
    assert (Energy.of(3), Mass.of(3)) == (Energy.of(1) + Energy.of(2), Mass.of(1) + Mass.of(2))
