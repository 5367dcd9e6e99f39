"""Papers and attachments by command."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from .running import Command

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg=="
)
POLICY = (
    *("documents", "add", "insurance", "--vehicle", "Golf", "--issuer", "Harbour", "--cover", "liability"),
    *("--start", "2025-01-01", "--end", "2025-12-31", "--amount", "30", "--schedule", "quarterly"),
)


@pytest.fixture
def car(command: Command) -> Command:
    """The fleet command over a fleet with a Golf."""
    command("vehicles", "add", "--name", "Golf")
    return command


@pytest.fixture
def policy(car: Command) -> str:
    """The end of the id of a policy."""
    return str(car.json(*POLICY)["id"][-8:])


def test_empty_lists_teach(command: Command) -> None:
    """Empty lists say how to fill them."""
    assert "fleet documents add insurance" in command("documents", "list").stdout
    assert "fleet attachments add" in command("attachments", "list").stdout
    assert {"documents": []} == command.json("documents", "list")
    assert {"attachments": []} == command.json("attachments", "list")


def test_a_policy_is_filed_shown_and_booked(car: Command, policy: str) -> None:
    """What was typed is shown again, and what fell due is in the books."""
    shown = car("documents", "show", policy).stdout
    for word in ("Golf", "insurance", "Harbour", "liability", "2025-12-31", "30.00 EUR quarterly"):
        assert word in shown

    days = [each["due_on"] for each in car.json("documents", "payments", policy)["payments"]]
    assert ["2025-01-01", "2025-04-01", "2025-07-01", "2025-10-01"] == days
    assert "30.00 EUR" in car("documents", "payments", policy).stdout
    assert "Booked 0 payments" in car("documents", "run").stdout


def test_a_policy_is_edited_renewed_cancelled_and_deleted(car: Command, policy: str) -> None:
    """Each command changes what it says, and the list shows how it stands."""
    assert "Changed" in car("documents", "edit", policy, "--amount", "40", "--clear", "cover").stdout
    new = car.json("documents", "renew", policy, "--amount", "44")
    assert ("2026-01-01", "2026-12-31") == (new["starts_on"], new["ends_on"])
    assert "renewed" in car("documents", "list").stdout
    assert [new["id"]] == [each["id"] for each in car.json("documents", "list", "--current")["documents"]]

    assert "Cancelled on 2026-06-30" in car("documents", "cancel", new["id"], "--on", "2026-06-30").stdout
    assert "It goes on" in car("documents", "cancel", new["id"], "--undo").stdout
    told = car("documents", "delete", new["id"]).stdout
    assert f"fleet documents restore {new['id'][-8:]}" in told
    assert "Back: Golf" in car("documents", "restore", new["id"][-8:]).stdout


def test_a_second_policy_is_noted(car: Command, policy: str) -> None:
    """A policy of the same cover for the same days is filed with a note."""
    again = car(*POLICY)

    assert "holds at the same time" in again.stderr
    assert "Filed Golf" in again.stdout


def test_a_licence_is_mine_unless_said_otherwise(command: Command) -> None:
    """Without a person a licence is one's own."""
    command("documents", "add", "licence", "--number", "N72", "--class", "B", "--class", "be", "--end", "2033-01-18")
    (licence,) = command.json("documents", "list", "--kind", "licence")["documents"]

    assert (["B", "BE"], "you") == (licence["classes"], licence["about"])
    assert "Renew the driving licence" in command("due").stdout


def test_what_expires_is_listed(car: Command, policy: str) -> None:
    """A policy that has ended is expiring; a typing mistake says what to type."""
    assert "Harbour" in car("documents", "list", "--expiring", "60d").stdout
    assert "not a number of days" in car("documents", "list", "--expiring", "soon", code=2).stderr


def test_bad_input_names_the_option(car: Command) -> None:
    """An insurance that ends before it starts, a lease without a vehicle: one clear line each."""
    told = car(*POLICY, "--end", "2024-12-31", code=1).stderr
    assert "lies before it starts, on 2025-01-01" in told
    assert "--vehicle" in car("documents", "add", "lease", code=2).stderr
    assert "--person" in car("documents", "add", "lease", "--vehicle", "Golf", "--person", "x", code=2).stderr


def test_a_lease_is_forecast(car: Command) -> None:
    """The forecast shows distance and money at the end, with what is likely."""
    for day, km in (("2026-01-01", "1000"), ("2026-02-20", "3500"), ("2026-04-11", "6000")):
        car("odometer", "add", "--vehicle", "Golf", "--km", km, "--on", day)
    lease = car.json(
        "documents", "add", "lease", "--vehicle", "Golf", "--start", "2026-01-01", "--end", "2028-12-31",
        "--start-odometer", "1000", "--allowed-distance", "15000", "--excess-fee", "0.10",
    )  # fmt: skip
    asked = ("documents", "lease-forecast", lease["id"], "--today", "2026-04-11")

    assert 54_750 == car.json(*asked)["expected_km"]
    shown = car(*asked).stdout
    for word in ("54,750 km (likely", "Too far", "9,750 km", "975.00 EUR", "at 50 km/day"):
        assert word in shown


# --- attachments ------------------------------------------------------------------------------------------------------


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture in a file."""
    file = tmp_path / "Beule vorn.png"
    file.write_bytes(PICTURE)
    return file


def added(car: Command, photo: Path, record: str = "vehicle:Golf") -> dict[str, Any]:
    """Add the photo to a record."""
    found: dict[str, Any] = car.json("attachments", "add", str(photo), "--to", record)["attachments"][0]
    return found


def test_a_photo_is_added_listed_and_downloaded(car: Command, photo: Path, tmp_path: Path) -> None:
    """The file comes back as it was, by its short id, under its own name or another."""
    key = added(car, photo)["id"][-8:]
    listed = car("attachments", "list", "--vehicle", "Golf").stdout
    for word in ("Beule vorn.png", "vehicle", "png", key):
        assert word in listed
    assert "2 x 2" in car("attachments", "show", key).stdout

    folder = tmp_path / "out"
    folder.mkdir()
    car("attachments", "download", key, str(folder))
    car("attachments", "download", key, str(folder / "small.jpg"), "--thumbnail")
    assert PICTURE == (folder / "Beule vorn.png").read_bytes()
    assert (folder / "small.jpg").read_bytes().startswith(b"\xff\xd8")
    assert "exists already" in car("attachments", "download", key, str(folder), code=2).stderr


def test_a_paper_is_scanned(car: Command, photo: Path, policy: str) -> None:
    """Files hang on documents as well, found by the end of their ids."""
    added(car, photo, f"document:{policy}")

    (found,) = car.json("attachments", "list", "--of", f"document:{policy}")["attachments"]
    assert "documents.document" == found["entity"]


def test_what_is_deleted_comes_back_until_it_is_swept(car: Command, photo: Path) -> None:
    """Deleted attachments are listed apart and can be restored; a sweep spares the young."""
    key = added(car, photo)["id"][-8:]
    assert f"fleet attachments restore {key}" in car("attachments", "delete", key).stdout
    assert [] == car.json("attachments", "list")["attachments"]
    assert 1 == len(car.json("attachments", "list", "--removed")["attachments"])
    assert {"attachments": 0, "files": 0, "size_bytes": 0} == car.json("attachments", "sweep")
    assert "is back" in car("attachments", "restore", key).stdout


def test_bad_files_and_records_are_told(car: Command, photo: Path, tmp_path: Path) -> None:
    """A program, a missing file and a record that is none are one clear line each."""
    program = tmp_path / "photo.jpg"
    program.write_bytes(b"\x7fELF\x02\x01")
    add = ("attachments", "add")
    assert "none of the kinds" in car(*add, str(program), "--to", "vehicle:Golf", code=2).stderr
    assert "cannot be read" in car(*add, str(tmp_path / "no.jpg"), "--to", "vehicle:Golf", code=2).stderr
    assert "does not look like vehicle:Golf" in car(*add, str(photo), "--to", "Golf", code=2).stderr
    assert "Polo" in car(*add, str(photo), "--to", "vehicle:Polo", code=1).stderr


def test_the_files_lie_beside_the_database_or_where_one_says(
    car: Command, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By default beside the SQLite file, with FLEET_ATTACHMENTS elsewhere."""
    added(car, photo)
    assert (tmp_path / "fleet.db.attachments").is_dir()

    monkeypatch.setenv("FLEET_ATTACHMENTS", str(tmp_path / "elsewhere"))
    added(car, photo)
    assert (tmp_path / "elsewhere").is_dir()


def test_an_export_brings_files_to_a_new_database(car: Command, photo: Path, tmp_path: Path) -> None:
    """Exported and restored elsewhere, the photo is there."""
    added(car, photo)
    car("export", str(tmp_path / "home.zip"))
    other = Command(f"sqlite:///{tmp_path / 'other' / 'fleet.db'}")
    other("restore", str(tmp_path / "home.zip"))
    (found,) = other.json("attachments", "list")["attachments"]
    other("attachments", "download", found["id"], str(tmp_path / "again.png"))

    assert PICTURE == (tmp_path / "again.png").read_bytes()


def test_a_file_hangs_on_tyres_by_their_name(car: Command, tmp_path: Path) -> None:
    """Tyres are named as people name them, and the list says what the file is on."""
    photo = tmp_path / "wear.txt"
    photo.write_text("worn on the left")
    car("tyres", "add", "--vehicle", "Golf", "--name", "Winter", "--kind", "winter")
    car("attachments", "add", str(photo), "--to", "tyres:winter")

    assert "tyres" in car("attachments", "list", "--of", "tyres:Winter").stdout
    assert "file" not in car("history", "Golf").stdout  # it stands with the tyres
