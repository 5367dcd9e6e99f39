"""What a fill and a station must obey."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetcore.fuel.model import AddStation, ChargeCurrent, ChargePlace
from fleetcore.fuel.rules import complete_price, complete_purchase, fill_problems, find_carrier, station_problems
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.quantities import Distance, Energy, Mass, Volume
from fleetcore.vehicles.carriers import Carrier

from .builders import NOW, a_fill

PETROL = {Carrier.PETROL}
EVERY = set(Carrier)


def fields_of(carriers: set[Carrier] = PETROL, **stated: Any) -> list[str]:
    """Return the fields that have problems in a petrol fill of 40 l for 60 EUR but for what is *stated*."""
    return [problem.field for problem in fill_problems(a_fill(**stated), carriers, NOW)]


def codes_of(carriers: set[Carrier] = PETROL, **stated: Any) -> list[str]:
    """Return the codes of the problems of such a fill."""
    return [problem.code for problem in fill_problems(a_fill(**stated), carriers, NOW)]


def test_a_usual_fill_has_no_problem() -> None:
    """Quantity and total are enough; neither odometer nor trip is needed."""
    assert fields_of() == []


def test_every_problem_is_found_at_once() -> None:
    """A fill with many faults names each of them."""
    wrong = fields_of(
        at=NOW + timedelta(days=2),
        odometer=Distance(-1),
        volume=Volume(0),
        total=Money(-1, "EUR"),
        latitude=91.0,
        longitude=0.0,
        notes="x" * 10_001,
    )

    assert wrong == ["at", "odometer_km", "volume_l", "total", "latitude", "notes"]


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        ({"at": NOW + timedelta(days=1, seconds=1)}, "at"),
        ({"at": NOW.replace(year=1899)}, "at"),
        ({"at": datetime(2026, 1, 1)}, "at"),  # noqa: DTZ001 - that is the fault
        ({"trip": Distance(-1)}, "trip_km"),
        ({"excluded_distance": Distance(-1)}, "excluded_distance_km"),
        ({"odometer": Distance.of(10_000_001)}, "odometer_km"),
        ({"volume": Volume.of("-3")}, "volume_l"),
        ({"volume": Volume.of(10_001)}, "volume_l"),
        ({"mass": Mass.of(3)}, "mass_kg"),
        ({"unit_price": UnitPrice(-1, "EUR"), "total": None}, "unit_price"),
        ({"total": None}, "total"),
        ({"volume": None}, "volume_l"),
        ({"volume": None, "unit_price": UnitPrice(0, "EUR")}, "volume_l"),
        ({"volume": None, "unit_price": UnitPrice(1, "EUR")}, "volume_l"),
        ({"unit_price": UnitPrice.of("1.5", "GBP")}, "unit_price"),
        ({"unit_price": UnitPrice.of("1.60", "EUR")}, "total"),
        ({"volume": Volume.of(9999), "unit_price": UnitPrice(9 * 10**16, "KWD"), "total": None}, "unit_price"),
        ({"volume": Volume(1), "total": Money(10**16, "EUR")}, "total"),
        ({"carrier": Carrier.DIESEL}, "carrier"),
        ({"end_soc_percent": 80}, "end_soc_percent"),
        ({"charge_place": ChargePlace.HOME}, "charge_place"),
        ({"current": ChargeCurrent.DC}, "current"),
        ({"longitude": 180.5, "latitude": 0.0}, "longitude"),
        ({"longitude": 10.0}, "latitude"),
        ({"latitude": float("nan"), "longitude": 10.0}, "latitude"),
        ({"grade": "x" * 201}, "grade"),
        ({"place": "a\x00b"}, "place"),
        ({"place": "a\udc80b"}, "place"),
        ({"tags": ("work", " ")}, "tags.1"),
        ({"tags": ("x",) * 51}, "tags"),
        ({"attachment_ids": (UUID(int=1),) * 101}, "attachment_ids"),
    ],
)
def test_each_fault_is_named_as_on_the_wire(stated: dict[str, Any], field: str) -> None:
    """One fault is one problem, under the name that the client sent."""
    assert fields_of(**stated) == [field]


def test_a_clock_may_be_a_day_ahead() -> None:
    """A fill entered across a time zone's border is not refused."""
    assert fields_of(at=NOW + timedelta(days=1)) == []


def test_a_free_fill_is_a_fill() -> None:
    """A price of 0 is a price."""
    assert fields_of(total=Money(0, "EUR")) == []
    assert fields_of(total=None, unit_price=UnitPrice(0, "EUR")) == []


def test_a_charge_has_a_state_of_charge() -> None:
    """States of charge, place and current belong to charges."""
    charge = {
        "volume": None,
        "energy": Energy.of(30),
        "start_soc_percent": 20,
        "end_soc_percent": 80,
        "charge_place": ChargePlace.WORK,
        "current": ChargeCurrent.AC,
    }

    assert fields_of({Carrier.ELECTRICITY}, **charge) == []


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [(-1, 80, "start_soc_percent"), (20, 101, "end_soc_percent"), (80, 20, "end_soc_percent")],
)
def test_a_state_of_charge_is_a_percentage_that_rises(start: int, end: int, field: str) -> None:
    """From 0 to 100, and a charge does not empty the battery."""
    charge = {"volume": None, "energy": Energy.of(30), "start_soc_percent": start, "end_soc_percent": end}

    assert fields_of({Carrier.ELECTRICITY}, **charge) == [field]


def test_the_only_fitting_carrier_is_taken() -> None:
    """A hybrid's kilowatt-hours are electricity and its litres are petrol."""
    hybrid = {Carrier.PETROL, Carrier.ELECTRICITY}

    assert find_carrier(a_fill(), hybrid) is Carrier.PETROL
    assert find_carrier(a_fill(volume=None, energy=Energy.of(8)), hybrid) is Carrier.ELECTRICITY


def test_an_unclear_carrier_is_asked_for() -> None:
    """Litres into a bi-fuel car, or into one whose carriers are unknown, may be anything."""
    assert codes_of({Carrier.PETROL, Carrier.LPG}) == ["carrier.unclear"]
    assert codes_of(set()) == ["carrier.unclear"]


def test_the_first_fill_of_a_vehicle_tells_its_carrier() -> None:
    """A vehicle without known carriers takes any."""
    assert codes_of(set(), carrier=Carrier.DIESEL) == []


def test_every_vehicle_takes_consumables() -> None:
    """AdBlue and oil are no carriers of energy, so no vehicle needs to list them."""
    assert codes_of(carrier=Carrier.ADBLUE) == codes_of(carrier=Carrier.OIL) == []


def test_gases_are_sold_by_mass_and_by_volume() -> None:
    """Natural gas and LPG come in either; hydrogen by mass, electricity by energy only."""
    by_mass = {"volume": None, "mass": Mass.of(12)}

    assert codes_of(EVERY, carrier=Carrier.CNG, **by_mass) == codes_of(EVERY, carrier=Carrier.CNG) == []
    assert codes_of(EVERY, carrier=Carrier.LPG, **by_mass) == codes_of(EVERY, carrier=Carrier.LPG) == []
    assert codes_of(EVERY, carrier=Carrier.HYDROGEN, **by_mass) == []
    assert codes_of(EVERY, carrier=Carrier.HYDROGEN) == ["quantity.wrong_kind"]
    assert codes_of(EVERY, carrier=Carrier.ELECTRICITY) == ["quantity.wrong_kind"]


def test_the_total_follows_from_the_unit_price() -> None:
    """Quantity and unit price make the total, rounded to the currency's places."""
    made = complete_price(Carrier.PETROL, Volume.of("22.44"), None, UnitPrice.of("1.399", "GBP"))

    assert made == (Volume.of("22.44"), Money.of("31.39", "GBP"), UnitPrice.of("1.399", "GBP"))


def test_the_unit_price_follows_from_the_total() -> None:
    """Quantity and total make the unit price, to six places."""
    made = complete_price(Carrier.PETROL, Volume.of(30), Money.of(50, "EUR"), None)

    assert made[2] == UnitPrice.of("1.666667", "EUR")


def test_the_quantity_follows_from_the_prices() -> None:
    """Total and unit price make the quantity, in the usual unit of the carrier."""
    charge = a_fill(volume=None, total=Money.of(12, "EUR"), unit_price=UnitPrice.of("0.40", "EUR"))

    assert complete_purchase(charge, {Carrier.ELECTRICITY}).quantity == Energy.of(30)


@pytest.mark.parametrize(("currency", "total"), [("JPY", 6716), ("KWD", 6715800), ("EUR", 671580)])
def test_prices_know_the_places_of_their_currency(currency: str, total: int) -> None:
    """Yen have no places, dinars three."""
    made = complete_price(Carrier.PETROL, Volume.of(41), None, UnitPrice.of("163.8", currency))

    assert made[1].minor == total


def test_a_printed_unit_price_is_kept() -> None:
    """Rounding at the pump is no contradiction."""
    made = complete_price(Carrier.PETROL, Volume.of(40), Money.of("60.02", "EUR"), UnitPrice.of("1.5", "EUR"))

    assert made[2] == UnitPrice.of("1.5", "EUR")


def test_a_small_discount_lowers_the_unit_price() -> None:
    """Quantity and total are the facts; the unit price becomes what was paid."""
    made = complete_price(Carrier.PETROL, Volume.of(40), Money.of(58, "EUR"), UnitPrice.of("1.5", "EUR"))

    assert made == (Volume.of(40), Money.of(58, "EUR"), UnitPrice.of("1.45", "EUR"))


def test_a_contradiction_says_what_to_do() -> None:
    """More than 5 % between total and unit price is asked about."""
    (problem,) = fill_problems(a_fill(unit_price=UnitPrice.of("1.60", "EUR")), PETROL, NOW)

    assert problem.code == "price.disagrees"
    assert "64.00 EUR" in problem.message
    assert "leave the unit price out" in problem.message


def test_a_price_needs_two_of_three() -> None:
    """Nothing is made up."""
    with pytest.raises(ValueError, match="total or a unit price"):
        complete_price(Carrier.PETROL, Volume.of(40), None, None)
    with pytest.raises(ValueError, match="quantity"):
        complete_price(Carrier.PETROL, None, Money.of(1, "EUR"), None)
    with pytest.raises(ValueError, match="carrier"):
        complete_purchase(a_fill(), set())


@given(st.integers(1000, 200_000), st.integers(0, 10_000_000), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_a_completed_fill_has_no_problem(thousandths: int, minor: int, currency: str) -> None:
    """What was completed from quantity and total can be stated in full and is kept as it is."""
    quantity, total, unit_price = complete_price(Carrier.PETROL, Volume(thousandths), Money(minor, currency), None)

    assert fields_of(volume=quantity, total=total, unit_price=unit_price) == []
    assert complete_price(Carrier.PETROL, quantity, total, unit_price) == (quantity, total, unit_price)


def a_station(**stated: Any) -> AddStation:
    """Make a station with a name and whatever is *stated*."""
    return AddStation(**{"name": "Corner"} | stated)


@pytest.mark.parametrize(
    ("stated", "fields"),
    [
        ({}, []),
        ({"provider": "osm", "external_id": "42", "website": "https://example.org"}, []),
        ({"name": " "}, ["name"]),
        ({"provider": "osm"}, ["external_id"]),
        ({"external_id": "42"}, ["provider"]),
        ({"website": "javascript:alert(1)"}, ["website"]),
        ({"latitude": 91.0, "longitude": 181.0}, ["latitude", "longitude"]),
        ({"brand": "x" * 201, "phone": "x" * 201}, ["brand", "phone"]),
    ],
)
def test_stations_obey_their_rules(stated: dict[str, Any], fields: list[str]) -> None:
    """A station has a name, and a place in a directory only as provider with external id."""
    assert [problem.field for problem in station_problems(a_station(**stated))] == fields
