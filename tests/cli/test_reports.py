"""``fleet report``, ``fleet ledger`` and ``fleet demo``: shapes, units, currencies, and damage that is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from .running import Command


def test_economy_has_the_promised_shape(golf: Command) -> None:
    """One row per vehicle and carrier, metric and unrounded, only in the unit it is sold in."""
    (row,) = golf.json("report", "economy")["vehicles"]

    assert ("Golf", "petrol", 4, 140.5, 1600.0) == tuple(
        row[name] for name in ("name", "carrier", "fills", "volume_l", "distance_km")
    )
    assert pytest.approx(100.5 / 1600 * 100, abs=1e-9) == row["consumption_l_per_100km"]
    assert {"amount": "210.75", "currency": "EUR"} == row["cost"]
    assert not {"mass_kg", "energy_kwh", "consumption_kg_per_100km", "consumption_kwh_per_100km"} & row.keys()


def test_economy_of_electricity_and_of_nothing_known(command: Command) -> None:
    """Energy has its own keys; a consumption that cannot be known is null."""
    command("vehicles", "add", "--name", "Leaf", "--carrier", "electricity")
    command("fuel", "add", "--vehicle", "Leaf", "--odometer", "100", "--energy", "22.4", "--total", "7")
    (row,) = command.json("report", "economy")["vehicles"]

    assert (22.4, None) == (row["energy_kwh"], row["consumption_kwh_per_100km"])
    assert "volume_l" not in row
    assert "Too few full tanks" in command("report", "economy").stdout


def test_several_currencies_stand_side_by_side(golf: Command) -> None:
    """Amounts of several currencies are listed, never added, and no single cost is claimed."""
    golf("fuel", "add", "--vehicle", "Golf", "--date", "2026-02-10", "--odometer", "3000", "--volume", "30",
         "--total", "50 CHF")  # fmt: skip
    (row,) = golf.json("report", "economy")["vehicles"]
    costs = golf.json("report", "costs", "--by", "year")

    assert None is row["cost"]
    assert {"EUR": "210.75", "CHF": "50.00"} == {cost["currency"]: cost["amount"] for cost in row["costs"]}
    assert {"CHF", "EUR"} == {total["currency"] for total in costs["totals"]}
    assert "Costs in CHF" in golf("report", "costs").stdout


@pytest.mark.parametrize(
    ("units", "words"),
    [("metric", ["6.28 l/100 km", "1,600 km"]), ("imperial", ["44.97 mpg (UK)", "994 mi"]), ("us", ["37.45 mpg (US)"])],
)
def test_people_read_their_own_units(golf: Command, units: str, words: list[str]) -> None:
    """The table is in the fleet's units."""
    golf("settings", "--units", units)
    text = golf("report", "economy").stdout

    for word in words:
        assert word in text


def test_a_vehicles_units_go_first(golf: Command) -> None:
    """A car with an odometer in miles is shown in miles in a metric fleet."""
    golf("vehicles", "edit", "Golf", "--distance-unit", "mi")

    assert "mpg (UK)" in golf("report", "economy").stdout


@pytest.mark.parametrize(
    ("every", "key", "count"), [("fill", "intervals", 2), ("month", "periods", 2), ("year", "periods", 1)]
)
def test_economy_in_steps(golf: Command, every: str, key: str, count: int) -> None:
    """Consumption per fill, month and year."""
    (row,) = golf.json("report", "economy", "--by", every, "--vehicle", "Golf", "--carrier", "petrol")["vehicles"]

    assert count == len(row[key])
    assert "Until" in golf("report", "economy", "--by", every).stdout


@pytest.mark.parametrize(
    ("by", "keys"),
    [("month", ["2026-01", "2026-02"]), ("year", ["2026"]), ("category", None), ("vehicle", None)],
)
def test_costs_have_the_promised_shape(golf: Command, by: str, keys: list[str] | None) -> None:
    """Rows with costs, and totals per currency that agree with every split."""
    report = golf.json("report", "costs", "--by", by)

    assert by == report["by"]
    assert [{"amount": "215.25", "currency": "EUR"}] == report["totals"]
    assert keys is None or keys == [row["key"] for row in report["rows"]]
    assert "215.25" in golf("report", "costs", "--by", by, "--rates").stdout


def test_costs_of_a_stretch_of_time(golf: Command) -> None:
    """--from and --to take days, months and years, both included."""
    january = golf.json("report", "costs", "--vehicle", "Golf", "--from", "2026-01", "--to", "2026-01-15")

    assert [{"amount": "117.00", "currency": "EUR"}] == january["totals"]
    golf("report", "costs", "--from", "nonsense", code=2)


def test_one_vehicle_in_one_report(golf: Command) -> None:
    """The summary of a vehicle has its consumption and its costs."""
    summary = golf.json("report", "vehicle", "golf")

    assert ("Golf", "category") == (summary["name"], summary["costs"]["by"])
    assert "l/100 km" in golf("report", "vehicle", "golf").stdout


@pytest.mark.parametrize("words", [("report", "economy"), ("report", "costs"), ("fuel", "list"), ("expenses", "list")])
def test_an_empty_garage_teaches(command: Command, words: tuple[str, ...]) -> None:
    """Where there is nothing to show, the next step is named."""
    assert "fleet" in command(*words).stdout


def test_books_are_checked_summed_and_listed(golf: Command) -> None:
    """The books are sound, balances sum to zero, entries and accounts are listed."""
    balances = golf.json("ledger", "balances")

    assert {"sound": True, "entries": 5, "lines": 10, "problems": []} == golf.json("ledger", "check")
    assert [{"amount": "0.00", "currency": "EUR"}] == balances["totals"]
    assert "Expenses:Fuel:Petrol" in golf("ledger", "balances", "--vehicle", "Golf", "--to", "2026").stdout
    assert 1 == len(golf.json("ledger", "entries", "--account", "expenses.parking")["entries"])
    assert "petrol fill" in golf("ledger", "entries", "--limit", "4").stdout
    assert "expenses.parking" in golf("ledger", "accounts", "--closed").stdout


def test_damaged_books_are_named(golf: Command) -> None:
    """An entry that was tampered with past every guard is named, and the exit code is 1."""
    with sqlite3.connect(golf.url.removeprefix("sqlite:///")) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute(
            "UPDATE ledger_journal_lines SET amount_minor = amount_minor + 1 "
            "WHERE rowid = (SELECT min(rowid) FROM ledger_journal_lines)"
        )
    connection.close()
    report = golf.json("ledger", "check", code=1)
    text = golf("ledger", "check", code=1).stdout

    assert not report["sound"]
    assert any(problem["entry_id"] in text for problem in report["problems"] if problem["entry_id"])


@pytest.mark.parametrize("form", ["hledger", "ledger", "beancount"])
def test_journal_goes_to_standard_output(golf: Command, form: str) -> None:
    """The journal is text on standard output, wrapped with --json."""
    text = golf("ledger", "export", "--format", form).stdout
    wrapped = golf.json("ledger", "export", "--format", form)

    assert "67.50 EUR" in text or "60.00 EUR" in text
    assert (form, text) == (wrapped["format"], wrapped["text"])


LONG = ("import FILE", "FLEET_DATABASE", "because", "  Best ")  # lines that wrap


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Command, Any]]:
    """The command over a demo that has lived, for tests that only read, and what it showed."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLEET_DATA_DIR", str(folder))
        command = Command(f"sqlite:///{folder / 'fleet.db'}")
        yield command, command.json("demo")


def test_demo_shows_everything(demo: tuple[Command, Any]) -> None:
    """Two cars with five years of life, something due, costs ahead, sound books; a second time is refused."""
    command, shown = demo
    golf, zoe = shown["economy"]

    assert (("Golf", "petrol"), ("Zoe", "electricity")) == tuple((c["name"], c["carrier"]) for c in (golf, zoe))
    assert 5.5 < golf["consumption_l_per_100km"] < 6.5
    assert 16 < zoe["consumption_kwh_per_100km"] < 20
    assert golf["fills"] > 100
    assert {"overdue", "soon"} <= shown["due"]["counts"].keys()
    assert 12 <= len(shown["upcoming"]["months"])
    assert 6 <= len(shown["costs"]["rows"])
    assert [] == shown["ledger"]["problems"]
    command("demo", code=1)


def test_demo_is_the_same_life_every_time(demo: tuple[Command, Any], fresh: Command) -> None:
    """Two demos of one day differ in nothing but ids and files."""
    first, second = demo[1], fresh.json("demo")

    def dues(shown: Any) -> list[dict[str, Any]]:
        return [{**row, "reminder_id": None, "vehicle_id": None} for row in shown["due"]["dues"]]

    assert dues(first)
    assert dues(first) == dues(second)
    assert first["due"]["counts"] == second["due"]["counts"]
    assert first["costs"]["totals"] == second["costs"]["totals"]


def test_demo_has_something_of_everything(demo: tuple[Command, Any]) -> None:
    """Plans, papers, a failed inspection with its retest, tyres, a handover, a closed logbook month and a receipt."""

    def listed(*words: str) -> list[dict[str, Any]]:
        (rows,) = demo[0].json(*words).values()
        return list(rows)

    assert 8 == len(listed("plans", "list"))
    assert {"insurance", "registration", "inspection"} == {row["kind"] for row in listed("documents", "list")}
    assert ["fail"] == [row["result"] for row in listed("inspections", "list") if row["closed_by"]]
    assert 6 == len(listed("tyres", "list"))
    assert 2 == len({row["driver_id"] for row in listed("drivers", "history")})
    assert ["bill-water-pump.pdf"] == [row["name"] for row in listed("attachments", "list")]
    assert 28 <= sum(row["end_odometer_km"] is not None for row in listed("trips", "list"))


def test_demo_reads_well(fresh: Command) -> None:
    """The demo's text fits the terminal and names what to try next."""
    text = fresh("demo").stdout

    assert "fleet report economy" in text
    assert "overdue" in text
    assert "Renew the insurance" in text
    assert "All told per distance" in text
    assert max(len(line) for line in text.splitlines() if not any(word in line for word in LONG)) <= 80
