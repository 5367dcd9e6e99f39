"""Writes the tables of North American VINs from vPIC, the database of the NHTSA (U.S. Government work).

``python docs/reference/write_vin_tables.py vpic.db`` reads vPIC as SQLite and writes ``nhtsa_*.txt`` into the vin
area's data folder: which brands each manufacturer code (WMI) stands for, and which model, body and engine the
positions 4 to 8 name. What fleetcore's authors know beyond it stands in the other files there, written by hand.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

DATA = Path(__file__).parents[2] / "src" / "fleetcore" / "vin" / "data"
NOTE = "# From vPIC of the NHTSA, a work of the U.S. Government, by docs/reference/write_vin_tables.py.\n"
YEARS = (1981, 2027)
ENGINES_FROM = 1990
CARS = (2, 3, 7)  # passenger cars, trucks, multipurpose vehicles
INCOMPLETE = 10  # chassis and cabs
KINDS = {1: "motorcycle", 2: "car", 3: "truck", 5: "bus", 7: "car", 10: "truck"}
MODEL, BODY, LITRES, CYLINDERS, FUEL = 28, 5, 13, 9, 24
MAKES = frozenset(
    """Acura;Alfa Romeo;Aston Martin;Audi;Bentley;BMW;BrightDrop;Buick;Cadillac;Chevrolet;Chrysler;Daewoo;Daihatsu;
    Datsun;Dodge;Eagle;Ferrari;Fiat;Ford;Genesis;Geo;GMC;Honda;Hummer;Hyundai;Infiniti;Isuzu;Jaguar;Jeep;KARMA;Kia;
    Lamborghini;Land Rover;Lexus;Lincoln;Lotus;Lucid;Maserati;Maybach;Mazda;McLaren;Mercedes-Benz;Mercury;MINI;
    Mitsubishi;Nissan;Oldsmobile;Peugeot;Plymouth;Polestar;Pontiac;Porsche;Ram;Renault;RIVIAN;Rolls-Royce;SAAB;Saturn;
    Scion;smart;Subaru;Suzuki;Tesla;Toyota;VinFast;Volkswagen;Volvo""".replace("\n    ", "").split(";")
)
PLAIN = {"SAAB": "Saab", "RIVIAN": "Rivian", "KARMA": "Karma", "smart": "Smart"}
BODIES = {
    "Convertible/Cabriolet": "convertible",
    "Coupe": "coupe",
    "Crossover Utility Vehicle (CUV)": "suv",
    "Cargo Van": "van",
    "Hatchback/Liftback/Notchback": "hatchback",
    "Minivan": "minivan",
    "Pickup": "pickup",
    "Roadster": "roadster",
    "Sedan/Saloon": "sedan",
    "Sport Utility Truck (SUT)": "pickup",
    "Sport Utility Vehicle (SUV)/Multi-Purpose Vehicle (MPV)": "suv",
    "Truck": "truck",
    "Truck-Tractor": "truck",
    "Van": "van",
    "Wagon": "wagon",
}
FUELS = {
    "Compressed Hydrogen/Hydrogen": "hydrogen",
    "Compressed Natural Gas (CNG)": "cng",
    "Diesel": "diesel",
    "Electric": "electric",
    "Ethanol (E85)": "ethanol",
    "Flexible Fuel Vehicle (FFV)": "petrol",
    "Fuel Cell": "hydrogen",
    "Gasoline": "petrol",
    "Liquefied Petroleum Gas (propane or LPG)": "lpg",
}
KEY = re.compile(r"[A-Z0-9*|\[\]-]+")
Rows = dict[tuple[str, str, str], set[int]]  # (what, manufacturer code, key) -> the model years it holds for


def main(path: str) -> None:
    """Write the tables from the vPIC database at *path*."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as vpic:
        brands = _brands(vpic)
        _write("nhtsa_wmi.txt", _brand_lines(vpic, brands))
        _write("nhtsa_models.txt", _lines(_models(vpic, _codes(vpic, brands, (*CARS, INCOMPLETE)))))
        codes = _codes(vpic, brands, CARS)
        _write("nhtsa_bodies.txt", _lines(_bodies(vpic, codes)))
        _write("nhtsa_engines.txt", _lines(_engines(vpic, codes)))


def _write(name: str, lines: Iterable[str]) -> None:
    (DATA / name).write_text(NOTE + "".join(f"{line}\n" for line in lines), "utf-8", newline="\n")


def _names(vpic: sqlite3.Connection, table: str) -> dict[int, str]:
    return dict(vpic.execute(f"SELECT Id, Name FROM {table}"))  # noqa: S608 - tables named below


def _brands(vpic: sqlite3.Connection) -> dict[int, set[str]]:
    """Return the brands of each manufacturer code."""
    found: dict[int, set[str]] = defaultdict(set)
    makes = _names(vpic, "Make")
    for code, make in vpic.execute("SELECT WmiId, MakeId FROM Wmi_Make"):
        found[code].add(makes[make].strip())
    return found


def _brand_lines(vpic: sqlite3.Connection, brands: dict[int, set[str]]) -> Iterator[str]:
    rows = vpic.execute("SELECT Wmi, VehicleTypeId, Id FROM Wmi ORDER BY Wmi")
    merged: dict[str, tuple[str, set[str]]] = {}
    for wmi, kind, code in rows:
        if kind in KINDS and brands.get(code):
            merged.setdefault(wmi, (KINDS[kind], set()))[1].update(PLAIN.get(b, b) for b in brands[code])
    for wmi, (kind, names) in sorted(merged.items()):
        yield "\t".join((wmi, kind, "|".join(sorted(names))))


def _codes(
    vpic: sqlite3.Connection, brands: dict[int, set[str]], kinds: tuple[int, ...]
) -> dict[int, tuple[str, set[str]]]:
    """Return (WMI, its well-known makes) of the codes whose patterns are worth their room."""
    found = {}
    for code, wmi, kind in vpic.execute("SELECT Id, Wmi, VehicleTypeId FROM Wmi WHERE length(Wmi) = 3"):
        if kind in kinds and (known := brands[code] & MAKES):
            found[code] = (wmi, known)
    return found


def _patterns(
    vpic: sqlite3.Connection, codes: dict[int, tuple[str, set[str]]], element: int
) -> Iterator[tuple[int, str, str, range]]:
    """Yield (code, key, attribute, model years) of every pattern of one element."""
    by_schema: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for schema, key, attribute in vpic.execute(
        "SELECT VinSchemaId, Keys, AttributeId FROM Pattern WHERE ElementId = ?", (element,)
    ):
        if KEY.fullmatch(key):  # a few were mistyped
            by_schema[schema].append((key, attribute))
    for code, schema, first, last in vpic.execute("SELECT WmiId, VinSchemaId, YearFrom, YearTo FROM Wmi_VinSchema"):
        if code in codes:
            years = range(max(first, YEARS[0]), min(last or YEARS[1], YEARS[1]) + 1)
            for key, attribute in by_schema.get(schema, ()):
                yield code, key.rstrip("*"), attribute, years


def _models(vpic: sqlite3.Connection, codes: dict[int, tuple[str, set[str]]]) -> Rows:
    makes, models = _names(vpic, "Make"), _names(vpic, "Model")
    of_model: dict[int, set[str]] = defaultdict(set)
    for make, model in vpic.execute("SELECT MakeId, ModelId FROM Make_Model"):
        of_model[model].add(makes[make])
    rows: Rows = defaultdict(set)
    for code, key, attribute, years in _patterns(vpic, codes, MODEL):
        wmi, known = codes[code]
        for make in of_model[int(attribute)] & known:
            rows[f"{PLAIN.get(make, make)}|{models[int(attribute)].strip()}", wmi, key].update(years)
    return rows


def _bodies(vpic: sqlite3.Connection, codes: dict[int, tuple[str, set[str]]]) -> Rows:
    names = _names(vpic, "BodyStyle")
    rows: Rows = defaultdict(set)
    for code, key, attribute, years in _patterns(vpic, codes, BODY):
        if body := BODIES.get(names.get(int(attribute), "")):
            rows[body, codes[code][0], key].update(years)
    return rows


def _engines(vpic: sqlite3.Connection, codes: dict[int, tuple[str, set[str]]]) -> Rows:
    """Return engines, from what patterns of the same key say of litres, cylinders and fuel."""
    parts: dict[tuple[str, str, int], dict[int, str]] = defaultdict(dict)
    fuels = _names(vpic, "FuelType")
    for element in (LITRES, CYLINDERS, FUEL):
        for code, key, attribute, years in _patterns(vpic, codes, element):
            for year in years[max(ENGINES_FROM - years.start, 0) :]:
                parts[codes[code][0], key, year][element] = attribute
    rows: Rows = defaultdict(set)
    for (wmi, key, year), said in parts.items():
        litres = f"{float(said[LITRES]):.1f} l" if LITRES in said else ""
        cylinders = f"{said[CYLINDERS]} cylinders" if CYLINDERS in said else ""
        fuel = FUELS.get(fuels.get(int(said[FUEL]), ""), "") if FUEL in said else ""
        if engine := ", ".join(filter(None, (litres, cylinders, fuel))):
            rows[engine, wmi, key].add(year)
    return rows


def _lines(rows: Rows) -> Iterator[str]:
    """Yield one line for what, first year, last year, codes: all keys that these have in common."""
    codes: dict[tuple[str, int, int, str], set[str]] = defaultdict(set)
    for (what, wmi, key), years in rows.items():
        for first, last in _spans(years):
            codes[what, first, last, key].add(wmi)
    keys: dict[tuple[str, int, int, tuple[str, ...]], list[str]] = defaultdict(list)
    for (what, first, last, key), wmis in codes.items():
        keys[what, first, last, tuple(sorted(wmis))].append(key)
    for (what, first, last, wmis_), found in sorted(keys.items()):
        yield "\t".join((what, str(first), str(last), ",".join(wmis_), " ".join(sorted(found))))


def _spans(years: set[int]) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of each run of years."""
    for year in sorted(years):
        if year - 1 not in years:
            last = year
            while last + 1 in years:
                last += 1
            yield year, last


if __name__ == "__main__":
    main(sys.argv[1])
