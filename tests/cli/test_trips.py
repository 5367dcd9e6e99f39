"""``fleet trips``: record, look at and report trips, as people and as programs read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import Command

TRACK = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="us" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>Out</name><trkseg>
<trkpt lat="48.0" lon="11.0"><time>2026-03-14T08:00:00Z</time></trkpt>
<trkpt lat="48.1" lon="11.0"><time>2026-03-14T08:10:00Z</time></trkpt>
</trkseg></trk></gpx>
"""
OUT = ("--from", "2026-03-10 08:00", "--to", "2026-03-10 09:10", "--start-odometer", "12000", "--end-odometer", "12064")


@pytest.fixture
def car(command: Command) -> Command:
    """The fleet command over a fleet with a car that made one business trip of 64 km."""
    command("vehicles", "add", "--name", "Golf")
    command("trips", "add", "--vehicle", "Golf", *OUT, "--purpose", "business", "--tolls", "4.50", "--client", "ACME")
    return command


def test_no_trips_yet_teaches(command: Command) -> None:
    """Empty lists say how to fill them."""
    assert "fleet trips start" in command("trips", "list").stdout
    assert "fleet trips rates add" in command("trips", "rates", "list").stdout
    assert [] == command.json("trips", "list")["trips"]


def test_a_trip_is_listed_and_shown(car: Command) -> None:
    """What was recorded is read back, in tables and in JSON."""
    (trip,) = car.json("trips", "list")["trips"]

    assert (64.0, "Golf", "business") == (trip["distance_km"], trip["vehicle"], trip["purpose"])
    assert "64.0 km" in car("trips", "list", "--vehicle", "Golf").stdout
    shown = car("trips", "show", trip["id"][-8:]).stdout
    assert "ACME" in shown
    assert "4.50 EUR" in shown


def test_all_that_is_wrong_is_told(car: Command) -> None:
    """An overlap and an odometer that falls are told together, with the options that help."""
    told = car("trips", "add", "--vehicle", "Golf", *OUT[:4], "--start-odometer", "11000", "--distance", "5", code=1)

    assert "overlaps" in told.stderr
    assert "--accept-jump" in told.stderr


def test_a_running_trip(car: Command) -> None:
    """A trip is begun and ended in two short commands."""
    car("trips", "start", "--vehicle", "Golf", "--odometer", "12064", "--at", "2026-03-11 08:00")
    assert len(car.json("trips", "list", "--running")["trips"]) == 1

    ended = car.json("trips", "finish", "--vehicle", "Golf", "--odometer", "12070", "--at", "2026-03-11 08:30")

    assert (6.0, 0) == (ended["distance_km"], ended["edits"])


def test_edit_remove_and_restore(car: Command) -> None:
    """An edit keeps what was not given and is marked; a removed trip comes back."""
    (trip,) = car.json("trips", "list")["trips"]

    edited = car.json("trips", "edit", trip["id"], "--end-odometer", "12070")
    assert (70.0, "ACME", 1) == (edited["distance_km"], edited["client"], edited["edits"])
    shorter = car.json("trips", "edit", trip["id"], "--distance", "60", "--clear", "client")
    assert (12060.0, "") == (shorter["end_odometer_km"], shorter["client"])
    car("trips", "remove", trip["id"])
    assert len(car.json("trips", "list", "--removed")["trips"]) == 1
    car("trips", "restore", trip["id"][-8:])
    assert len(car.json("trips", "list")["trips"]) == 1


def test_the_logbook_tells_gaps(car: Command) -> None:
    """Driving that no trip tells is shown with its distance."""
    late = ("--from", "2026-03-12 08:00", "--to", "2026-03-12 09:00", "--start-odometer", "12070", "--distance", "20")
    car("trips", "add", "--vehicle", "Golf", *late)

    book = car.json("trips", "logbook", "--vehicle", "Golf", "--from", "2026-03", "--to", "2026-03")

    assert (6.0, False) == (book["gaps"][0]["distance_km"], book["is_gap_free"])
    assert "Gap: 6.0 km" in car("trips", "logbook", "--vehicle", "Golf").stdout
    assert "No trips of Golf" in car("trips", "logbook", "--vehicle", "Golf", "--from", "2027").stdout


def test_a_closed_month(car: Command) -> None:
    """After closing an edit needs a reason."""
    car("trips", "close", "--vehicle", "Golf", "--month", "2026-03")
    (trip,) = car.json("trips", "list")["trips"]

    assert "2026-03" in car("trips", "edit", trip["id"], "--client", "X", code=1).stderr
    assert car.json("trips", "edit", trip["id"], "--client", "X", "--reason", "typo")["changed_after_closing"]


def test_rates_and_reports(car: Command) -> None:
    """Trips earn by the rates, with a tier; the tax report shares the costs."""
    tier = ("--first", "20", "--within", "trip", "--beyond", "0.38")
    car("trips", "rates", "add", "--purpose", "business", "--per", "0.30", "--valid-from", "2026-01-01", *tier)
    (rate,) = car.json("trips", "rates", "list")["rates"]
    assert "0.300000" in rate["per_km"]["amount"] or rate["per_km"]["amount"] == "0.3"

    assert "22.72 EUR" in car("trips", "report").stdout
    assert car.json("trips", "report")["amounts"] == [{"amount": "22.72", "currency": "EUR"}]
    (row,) = car.json("trips", "report", "--tax")["vehicles"]
    assert (1.0, [{"amount": "4.50", "currency": "EUR"}]) == (row["business_share"], row["business_costs"])
    assert "100.0%" in car("trips", "report", "--tax").stdout
    car("trips", "rates", "remove", rate["id"][-8:])
    assert "have no rate" in car("trips", "report").stdout


def test_rates_are_in_the_units_of_the_user(car: Command) -> None:
    """Who thinks in miles says a rate for each mile."""
    car("settings", "--units", "imperial")
    car("trips", "rates", "add", "--purpose", "business", "--per", "0.45", "--valid-from", "2026-01-01")

    assert "0.450 EUR/mi" in car("trips", "rates", "list").stdout


@pytest.mark.parametrize("words", [("trips", "import"), ("import",)])
def test_a_track_is_imported_by_either_command(car: Command, tmp_path: Path, words: tuple[str, ...]) -> None:
    """A GPX file is a format like the others, and known again."""
    file = tmp_path / "out.gpx"
    file.write_text(TRACK, "utf-8")

    first = car.json(*words, str(file), "--vehicle", "Golf", "--purpose", "business")
    second = car.json(*words, str(file), "--vehicle", "Golf")

    assert (1, 0, 1) == (first["imported"], second["imported"], second["duplicates"])
    assert ["business", "business"] == [trip["purpose"] for trip in car.json("trips", "list")["trips"]]
