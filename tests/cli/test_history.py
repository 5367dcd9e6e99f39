"""fleet vin, fleet history and fleet passport: what they print, write and refuse."""

from __future__ import annotations

from pathlib import Path

from .running import Command

AMERICAN = "1FTFW5L86RFB45612"


def test_a_vin_is_decoded(command: Command, fresh: Command) -> None:
    """Make, model and year with their source; JSON for programs; no garage is needed."""
    told = command.json("vin", AMERICAN)

    assert ("Ford", 2024, True, []) == (told["make"], told["year"], told["valid"], told["problems"])
    assert "Ford" in command("vin", "1ftfw5l86-rfb45612").stdout
    assert told == fresh.json("vin", AMERICAN) == command.json("vin", AMERICAN, "--offline")


def test_17_legal_characters_end_well(command: Command) -> None:
    """A wrong check digit is told, not an error; what cannot be a VIN is one, with what may have been meant."""
    wrong = command.json("vin", "1FTFW5L85RFB45612")
    assert (False, "vin.check_digit") == (wrong["valid"], wrong["problems"][0]["code"])

    assert not command.json("vin", "WVWZZZ1JZXW00000O", code=1)["valid"]
    assert "perhaps WVWZZZ1JZXW000000?" in command("vin", "WVWZZZ1JZXW00000O", code=1).stdout
    command("vin", "W" * 200, code=1)


def test_a_vin_needs_no_fleet_of_yours(command: Command) -> None:
    """Where the database cannot be asked the number still tells what it can, and a note says why."""
    told = command("--as", "nobody@example.org", "vin", AMERICAN)

    assert "Ford" in told.stdout
    assert "No decoder was asked" in told.stderr


def test_a_vin_fills_in_what_is_not_said(command: Command) -> None:
    """Adding by VIN says what it took from it, and never overrules what was typed."""
    added = command("vehicles", "add", "--vin", AMERICAN)
    assert "By its VIN: make Ford, model F-150, year 2024." in added.stderr or "make Ford" in added.stderr
    shown = command.json("vehicles", "show", AMERICAN)
    assert ("Ford", 2024) == (shown["make"], shown["year"])

    command("vehicles", "add", "--name", "Old", "--year", "1999", "--vin", "WVWZZZAUZGW000001")
    shown = command.json("vehicles", "show", "Old")
    assert ("Volkswagen", 1999) == (shown["make"], shown["year"])


def test_the_vehicle_may_be_named_as_everywhere(command: Command) -> None:
    """``--vehicle`` does what the bare name does; both at once are refused."""
    command("vehicles", "add", "--name", "Polo")

    assert command.json("history", "Polo") == command.json("history", "--vehicle", "Polo")
    command("history", "Polo", "--vehicle", "Polo", code=2)


def test_the_history_of_the_only_vehicle_needs_no_name(command: Command) -> None:
    """One vehicle is meant; of several one must be named; of none the answer says what to do."""
    assert "no vehicles yet" in command("history", code=2).stderr
    command("vehicles", "add", "--name", "Golf")
    command("expenses", "add", "--vehicle", "Golf", "--category", "parking", "--amount", "9", "--date", "2026-05-02")

    assert "parking" in command("history").stdout
    assert ["expense"] == [entry["kind"] for entry in command.json("history", "Golf", "--kind", "expense")["entries"]]
    assert "Nothing of this kind" in command("history", "--text", "nonsense").stdout
    command("history", "--since", "nonsense", code=2)
    command("vehicles", "add", "--name", "Van")
    assert "say which vehicle" in command("history", code=2).stderr


def test_the_history_of_a_record(command: Command) -> None:
    """Who changed it is found by the end of its id, also when it is gone."""
    command("vehicles", "add", "--name", "Golf")
    command("expenses", "add", "--vehicle", "Golf", "--category", "parking", "--amount", "9", "--date", "2026-05-02")
    (entry,) = command.json("history", "Golf", "--kind", "expense")["entries"]
    short = entry["id"].replace("-", "")[-8:]
    command("expenses", "remove", short)

    told = command("history", "record", short).stdout
    assert "deleted the expense" in told
    assert "category: parking" in told
    assert 2 == len(command.json("history", "record", entry["id"])["changes"])
    command("history", "record", "0" * 8, code=1)


def test_a_passport_is_written_once(command: Command, tmp_path: Path) -> None:
    """The page is a file to print; an existing one is written over only when asked."""
    command("vehicles", "add", "--name", "Golf")
    page = tmp_path / "golf.html"
    done = command.json("passport", "Golf", "--output", str(page), "--without-costs")

    assert (str(page), "en") == (done["file"], done["language"])
    assert page.read_text("utf-8").startswith("<!doctype html>")
    command("passport", "Golf", "--output", str(page), code=2)
    command("passport", "Golf", "--output", str(page), "--overwrite", "--language", "de")
    assert 'lang="de"' in page.read_text("utf-8")
    command("passport", "Golf", "--output", str(tmp_path / "none" / "golf.html"), code=1)
