"""Spritmonitor and GasBuddy, written from a description of their layouts."""

# ruff: noqa: E501 (lines as long as the apps write them)

from __future__ import annotations

from decimal import Decimal

from fleetcore.kernel.quantities import Distance, Energy, Mass, Volume
from fleetcore.vehicles.carriers import Carrier

from .reading import detected, expenses_of, fills_of

SPRITMONITOR = (
    "Datum;Km-Stand;Teil-Km;Spritmenge;Kosten;Währung;Tankart;Reifen;Strecken;Fahrweise;Kraftstoff;Bemerkung;Verbrauch;"
    "BC-Verbrauch;BC-Spritmenge;BC-Geschwindigkeit;Tankstelle;Land;Großraum;Ort\n"
)
GASBUDDY = (
    "Date (UTC),Location,Station Link,Address,City,State,Country,Total Cost,Currency,Fuel Type,Quantity,Unit,Vehicle,"
    "Unit price,Odometer,Fuel Economy,Fuel Economy Unit,Fillup\n"
)


def row(kind: str = "1", fuel: str = "8", quantity: str = "52,19", note: str = "") -> str:
    """Write one fuelling."""
    return f'11.11.2009;71060,00;388,00;{quantity};72,49;"EUR";{kind};1;14;2;{fuel};"{note}";13,45;;;;Jet;D;;Bonn\n'


def test_spritmonitor_reads_decimal_commas_and_codes() -> None:
    """Fuel 8 is SuperPlus, Tankart 1 is full."""
    (fill,) = fills_of(SPRITMONITOR + row())
    assert (fill.odometer, fill.trip, fill.quantity) == (Distance(71_060_000), Distance(388_000), Volume(52_190))
    assert (fill.total, fill.currency, fill.carrier, fill.grade) == (
        Decimal("72.49"),
        "EUR",
        Carrier.PETROL,
        "SuperPlus",
    )
    assert (fill.at.month, fill.is_full, fill.station_name, fill.place) == (11, True, "Jet", "Bonn")


def test_spritmonitor_partial_kinds_and_other_carriers() -> None:
    """Anything but 1 is partial; gas is mass and electricity energy."""
    gas, charge = fills_of(SPRITMONITOR + row("2", "13") + row("1", "19"))
    assert (gas.is_full, gas.quantity, charge.quantity) == (False, Mass(52_190), Energy(52_190))


def test_spritmonitor_escapes_quotes_with_a_backslash() -> None:
    """The separator within an escaped text stays text."""
    (fill,) = fills_of(SPRITMONITOR + row(note=r"the \"fast; one\""))
    assert fill.notes == 'the "fast; one"'


def test_spritmonitor_costs_by_code() -> None:
    """17 is a fine, 3 are tyres, which are a service."""
    text = "Datum;Km-Stand;Kostenart;Bezeichnung;Kosten;Währung;Bemerkung\n1.2.2010;72000,00;17;Blitzer;15,00;EUR;\n13.2.2010;;3;Winter;300,00;EUR;\n"
    fine, tyres = expenses_of(text)
    assert (fine.category, fine.title, fine.amount) == ("fine", "Blitzer", Decimal("15.00"))
    assert (tyres.category, tyres.is_service, tyres.odometer) == ("tyres", True, None)


def test_gasbuddy_reads_units_per_row() -> None:
    """Gallons and miles, times in UTC, YES is a full tank."""
    text = (
        GASBUDDY
        + "2023-05-01 15:04:05,Shell,link,1 Road,Reno,NV,US,40.50,USD,regular_gas,11.5,gallons,Van,3.52,90210,25,MPG,YES\n"
    )
    text += "2023-05-21 15:04:05,Shell,link,1 Road,Reno,NV,US,40.50,USD,regular_gas,11.5,gallons,Van,3.52,90410,missingPrevious,MPG,NO\n"
    first, second = fills_of(text)
    assert (first.quantity, first.odometer, first.is_utc) == (Volume(43_532), Distance(145_178_922), True)
    assert (first.currency, first.carrier, first.is_full) == ("USD", Carrier.PETROL, True)
    assert (second.is_full, second.missed_previous) == (False, True)


def test_both_are_marked_as_written_from_the_layout() -> None:
    """The user is told that no real file was at hand."""
    found = detected(SPRITMONITOR + row())
    assert found.from_layout_only
    assert any("without a real file" in note for note in found.notes)
