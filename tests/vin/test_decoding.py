"""What a VIN tells by itself: brand, model year, country, and how sure that is."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from fleetcore.vin.model import Confidence
from fleetcore.vin.rules import decoded
from fleetcore.vin.tables import brands_of, makes_and_models

THIS_YEAR = 2026


@pytest.mark.parametrize(
    ("vin", "make"),
    [
        ("WVWZZZ1JZXW000001", "Volkswagen"),
        ("TMBJJ7NE8G0000001", "Škoda"),
        ("UU1HSDAG5N0000001", None),  # Dacia, or Renault before 2000
        ("W0L0AHL3555000001", None),  # Opel, Vauxhall or Holden
        ("VF3CCHMZ6GT000001", "Peugeot"),
        ("YV1CZ595151000001", "Volvo"),
        ("ZFF65LJA0A0000001", "Ferrari"),
        ("SB1KC56E10F000001", "Toyota"),
    ],
)
def test_the_manufacturer_code_names_the_brand(vin: str, make: str | None) -> None:
    """Positions 1 to 3 name the brand; one that several brands share names them all."""
    found = decoded(vin, THIS_YEAR)

    assert (make, found.makes[0] if make else None) == (found.make, make)
    assert len(found.makes) >= 1


def test_a_shared_code_is_decided_by_positions_4_to_8() -> None:
    """Chrysler's codes stand for seven brands, of which positions 4 to 8 name one."""
    found = decoded("1C4RJFBG4FC000001", THIS_YEAR)

    assert ("Jeep", "Grand Cherokee", 2015) == (found.make, found.model, found.year)
    assert ("nhtsa", Confidence.CERTAIN) == (found.findings["make"].source, found.findings["make"].confidence)


def test_a_shared_code_that_cannot_be_decided_names_them_all() -> None:
    """Where the number does not tell which, no brand is claimed."""
    found = decoded("W0L0AHL3555000001", THIS_YEAR)

    assert (None, ("Holden", "Opel", "Vauxhall")) == (found.make, tuple(sorted(found.makes)))
    assert "vin.shared_wmi" in {warning.code for warning in found.warnings}


def test_makers_of_few_vehicles_are_known_by_six_characters() -> None:
    """Behind a 9 in position 3, the code goes on in positions 12 to 14; the serial number is the rest."""
    maker = brands_of("1G9AAAAA0AA648001")

    assert maker is not None
    assert ("1G9648", "001") == (maker.wmi, decoded("1G9AAAAA0AA648001", THIS_YEAR).serial)


def test_an_unknown_code_is_said_to_be_unknown() -> None:
    """A manufacturer that is in no table is a warning, not a fault of the VIN."""
    found = decoded("QQ", THIS_YEAR), decoded("XX1AAAAA0AA000001", THIS_YEAR)

    assert (False, True, None) == (found[0].valid, found[1].valid, found[1].make)
    assert "vin.unknown_wmi" in {warning.code for warning in found[1].warnings}


@pytest.mark.parametrize(
    ("vin", "this_year", "year"),
    [
        ("1FTFW5L86RFB45612", 2026, 2024),  # a letter in position 7: from 2010 on
        ("1FTDF15Y1RLB12345", 2026, 1994),  # a digit: before 2010
        ("1FTFW5L86RFB45612", 2019, 1994),  # nobody builds the cars of 2024 in 2019
        ("WVWZZZ1JZXW000001", 2026, 1999),  # Volkswagen writes the year in position 10 everywhere
        ("WVWZZZAUZGW000001", 2026, 2016),
        ("WVWZZZAUZWW000001", 2026, 1998),  # W: 1998 or 2028
        ("VF14SRAP451234567", 2026, None),  # Renault does not
        ("WDB2030461A000001", 2026, None),  # nor does Mercedes-Benz outside North America
        ("TMBJJ7NE8U0000001", 2026, None),  # U is no year
    ],
)
def test_the_model_year(vin: str, this_year: int, year: int | None) -> None:
    """Position 10 tells the year where the law or the maker's custom says so, and only a plausible one."""
    assert year == decoded(vin, this_year).year


@pytest.mark.parametrize(
    ("vin", "country", "region"),
    [
        ("WVWZZZ1JZXW000001", "DE", "Europe"),
        ("VSSZZZ1JZXW000001", "ES", "Europe"),
        ("7SAYGDEE7PA000001", "US", "North America"),
        ("7A8YGDEE5PA000001", "NZ", "Oceania"),
        ("9BWZZZ1JZXW000001", "BR", "South America"),
        ("LSVZZZ1JZXW000001", "CN", "Asia"),
        ("AAVZZZ1JZXW000001", "ZA", "Africa"),
    ],
)
def test_where_the_manufacturer_is_registered(vin: str, country: str, region: str) -> None:
    """Positions 1 and 2 name the country of the manufacturer, which need not be that of the plant."""
    found = decoded(vin, THIS_YEAR)

    assert (country, region) == (found.country_code, found.region)


def test_the_collection_of_real_vins(shared_data: Path, record_property: pytest.RecordProperty) -> None:
    """Validity and year are as recorded for all that follow the North American rule, the brand for 93 % at least.

    No VIN that is legal outside North America is refused. The tables were not made from this collection.
    """
    records = [json.loads(line) for line in (shared_data / "vins.jsonl").read_text("utf-8").splitlines()]
    told = [(record, decoded(record["vin"], THIS_YEAR)) for record in records]
    american = [pair for pair in told if pair[0]["vin"][0] in "12345" or pair[0]["check_digit_ok"]]
    branded = [pair for pair in told if pair[0]["make"]]
    in_set = [p for p in branded if p[0]["make"].casefold() in {make.casefold() for make in p[1].makes}]
    decided = [p for p in in_set if p[1].make]
    modelled = [p for p in branded if p[1].model and _alike(p[1].model, p[0]["model"])]

    score = (
        f"{len(records)} VINs; brand {len(in_set)}/{len(branded)}, of these decided {len(decided)}; "
        f"year {sum(r['year'] == d.year for r, d in branded)}/{len(branded)}; model {len(modelled)}/{len(branded)}"
    )
    print(score)  # noqa: T201 - pytest -s shows it
    record_property("score", score)
    assert [] == [r["vin"] for r, d in american if d.valid != r["check_digit_ok"]]
    assert [] == [r["vin"] for r, d in american if r["year"] and d.year != r["year"]]
    assert [] == [r["vin"] for r, d in told if r["vin"][0] not in "12345" and not d.valid]
    assert len(in_set) >= 0.93 * len(branded)
    assert [] == [r["vin"] for r, d in branded if d.make and d.make.casefold() != r["make"].casefold()]


def _alike(left: str, right: str) -> bool:
    plain = ["".join(c for c in text.casefold() if c.isalnum()) for text in (left, right)]
    return plain[0] in plain[1] or plain[1] in plain[0]


def test_every_line_of_the_tables_can_be_read() -> None:
    """Codes have 3 or 6 legal characters, ranges of countries do not overlap, keys say something of positions 4 on."""
    data = files("fleetcore.vin") / "data"

    def rows(name: str) -> list[list[str]]:
        text = (data / name).read_text("utf-8")
        return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]

    for name in ("nhtsa_wmi.txt", "world_wmi.txt"):
        found = rows(name)
        assert len(found) == len({wmi for wmi, *_ in found})
        assert [] == [row for row in found if len(row) != 3 or not re.fullmatch("([A-HJ-NPR-Z0-9]{3}){1,2}", row[0])]
        assert {"car", "truck", "bus", "motorcycle"} >= {kind for _, kind, _ in found}
    for name in ("nhtsa_models.txt", "nhtsa_bodies.txt", "nhtsa_engines.txt"):
        for what, first, last, wmis, keys in rows(name):
            assert what
            assert 1980 <= int(first) <= int(last) <= THIS_YEAR + 2, what
            assert all(len(wmi) == 3 for wmi in wmis.split(",")), what
            assert all(re.fullmatch(r"[A-Z0-9*|\[\]-]*", key) for key in keys.split(" ")), what
    order = "ABCDEFGHJKLMNPRSTUVWXYZ1234567890"
    places = [
        (span[0], place)
        for span, *_ in rows("countries.txt")
        for place in range(order.index(span[1]), order.index(span[4]) + 1)
    ]
    assert len(places) == len(set(places))


def test_the_catalogue_names_what_people_drive() -> None:
    """Makes and models for pickers, with their bodies."""
    book = makes_and_models()

    assert ("hatchback", "wagon", "convertible") == book["Volkswagen"]["Golf"]
    assert "Sandero" in book["Dacia"]
    assert all(make and all(models) for make, models in book.items())
