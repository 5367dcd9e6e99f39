"""``fleet import`` and ``fleet imports``: the shape of what comes out, exit codes, and files that are none."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from .running import BAD_LOG, LOG, Command

Write = Callable[[str], str]


def test_import_prints_what_came_of_it(command: Command, written: Write) -> None:
    """The report has the promised keys; the same file again is skipped; numbers stay unrounded."""
    first = command.json("import", written(LOG), "--vehicle", "Golf")
    again = command.json("import", written(LOG), "--vehicle", "Golf")

    assert (4, 0, []) == (first["imported"], first["skipped"], first["rejected"])
    assert [("Golf", True, 4)] == [(v["name"], v["is_new"], v["fills"]) for v in first["vehicles"]]
    assert (0, 4, []) == (again["imported"], again["skipped"], again["rejected"])
    assert 45.5 == command.json("fuel", "list")["fills"][0]["volume_l"]


def test_bad_row_is_rejected_and_the_rest_kept(command: Command, written: Write) -> None:
    """A file with a bad row ends with 0, and names row and problem."""
    report = command.json("import", written(BAD_LOG), "--vehicle", "Golf")

    assert 3 == report["imported"]
    assert [3] == [row["row"] for row in report["rejected"]]
    assert {"field", "message", "code"} == set(report["rejected"][0]["problems"][0])
    assert "row 3: quantity: 'abc'" in command("import", written(BAD_LOG), "--vehicle", "Golf").stdout


def test_strict_stores_nothing(command: Command, written: Write) -> None:
    """With --strict a bad row ends with 2 and stores nothing; a good file is stored."""
    report = command.json("import", written(BAD_LOG), "--vehicle", "Golf", "--strict", code=2)

    assert (0, [], [3]) == (report["imported"], report["vehicles"], [row["row"] for row in report["rejected"]])
    assert {"vehicles": []} == command.json("vehicles", "list")
    assert 4 == command.json("import", written(LOG), "--vehicle", "Golf", "--strict")["imported"]


def test_dry_run_stores_nothing(command: Command, written: Write) -> None:
    """With --dry-run the report is the same, and nothing is stored."""
    report = command.json("import", written(LOG), "--vehicle", "Golf", "--dry-run")

    assert (4, None) == (report["imported"], report["import_id"])
    assert {"vehicles": []} == command.json("vehicles", "list")
    assert "would be imported" in command("import", written(LOG), "--vehicle", "Golf", "--dry-run").stdout


def test_columns_are_mapped(command: Command, written: Write) -> None:
    """--map says which column is which; the other options say how to read them."""
    text = "Tag;Stand;Menge;Preis\n01/02/2026;1000;40,5;60,00\n03/02/2026;1500;30,5;45,00\n"
    report = command.json(
        "import", written(text), "--format", "csv", "--vehicle", "Golf", "--map", "date=Tag", "--map", "odometer=Stand",
        "--map", "quantity=Menge", "--map", "total=Preis", "--date-order", "mdy", "--decimal", ",", "--currency", "chf",
        "--carrier", "diesel", "--encoding", "utf-8", "--distance-unit", "km", "--volume-unit", "l",
    )  # fmt: skip
    newest = command.json("fuel", "list")["fills"][0]

    assert (2, "CHF", "mdy") == (report["imported"], report["currency"], report["date_order"])
    assert ("diesel", 30.5) == (newest["carrier"], newest["volume_l"])
    assert newest["at"].startswith("2026-03-02")


def test_import_founds_what_is_missing(fresh: Command, written: Write) -> None:
    """Without a fleet one is founded in the file's currency and units, and said on standard error."""
    result = fresh("import", written(LOG.replace("liters", "gallons")), "--vehicle", "Golf", "--currency", "usd")
    settings = fresh.json("settings")

    assert "There was no fleet yet" in result.stderr
    assert ("Home", "USD", "us") == (settings["name"], settings["currency"], settings["units"])


@pytest.mark.parametrize("options", [["--dry-run"], ["--strict"]])
def test_nothing_is_left_where_nothing_was_stored(fresh: Command, written: Write, options: list[str]) -> None:
    """A dry run and a refused file leave no database behind, and print JSON alone."""
    report = fresh.json(
        "import", written(BAD_LOG), "--vehicle", "Golf", *options, code=2 if "--strict" in options else 0
    )

    assert 1 == len(report["rejected"])
    assert not Path(fresh.url.removeprefix("sqlite:///")).exists()


BAD_FILES = {
    "empty": b"",
    "binary": os.urandom(4096) + b"\0",
    "unknown": b"a,b,c\n1,2,3\n",
    "header": b"date,odometer,liters,total cost\n",
    "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
}


@pytest.mark.parametrize("kind", [name for name in BAD_FILES if name != "header"])
def test_a_file_that_cannot_be_read(fresh: Command, tmp_path: Path, kind: str) -> None:
    """Rubbish ends with 2, one message about the file, an error object, and no database."""
    file = tmp_path / f"{kind}.csv"
    file.write_bytes(BAD_FILES[kind])
    result = fresh("import", str(file), "--json", code=2)

    assert result.stderr.startswith("fleet: ")
    assert file.name in orjson.loads(result.stdout)["error"]["message"]
    assert not Path(fresh.url.removeprefix("sqlite:///")).exists()


def test_a_file_that_is_not_there(command: Command, tmp_path: Path) -> None:
    """A missing file and a folder end with 2."""
    assert "there is no such file" in command("import", str(tmp_path / "none.csv"), code=2).stderr
    assert "is a folder" in command("import", str(tmp_path), code=2).stderr


@pytest.mark.parametrize("options", [["--map", "x"], ["--map", "nonsense=date"], ["--format", "x"], ["--decimal", "x"]])
def test_options_that_make_no_sense(command: Command, written: Write, options: list[str]) -> None:
    """What cannot be meant ends with 2."""
    command("import", written(LOG), "--vehicle", "Golf", *options, code=2)


def test_imports_are_listed_and_undone(command: Command, written: Write) -> None:
    """An import is found by the end of its id, undone once, and can be repeated."""
    assert "Nothing was imported yet" in command("imports", "list").stdout
    made = command.json("import", written(LOG), "--vehicle", "Golf")
    undone = command.json("imports", "undo", made["import_id"][-8:])
    command("imports", "undo", made["import_id"], code=1)

    assert undone["undone_at"]
    assert "undone" in command("imports", "list").stdout
    assert {"fills": []} == command.json("fuel", "list")
    assert 4 == command.json("import", written(LOG), "--vehicle", "Golf")["imported"]
    assert 2 == len(command.json("imports", "list")["imports"])


def test_real_logs_are_imported(fresh: Command, shared_data: Path) -> None:
    """Every log of an app that people use comes in without a rejected row."""
    for file in (shared_data / "fuel_uk_miles_litres.csv", *sorted((shared_data / "logs").glob("*.csv"))):
        report = fresh.json("import", str(file))

        assert (file.name, []) == (file.name, report["rejected"])
        assert report["imported"]
    assert fresh.json("ledger", "check")["sound"]
