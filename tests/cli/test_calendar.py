"""``fleet calendar`` and ``fleet due --ics``: files, tokens, and what they open."""

from __future__ import annotations

from pathlib import Path

import pytest
import vobject

from .running import Command


@pytest.fixture
def polo(command: Command) -> Command:
    """The fleet command over a fleet whose Polo has two things due."""
    command("vehicles", "add", "--name", "Polo")
    command("reminders", "add", "--vehicle", "Polo", "--title", "TÜV, HU", "--on", "2030-02-28", "--every-months", "24",
            "--fixed")  # fmt: skip
    command("reminders", "add", "--vehicle", "Polo", "--title", "Oil", "--every-km", "15000")
    return command


def test_due_is_written_as_a_calendar(polo: Command, tmp_path: Path) -> None:
    """The file is read by another program; what has no day yet is told."""
    file = tmp_path / "dues.ics"
    said = polo("due", "--ics", str(file))
    event = vobject.readOne(file.read_text("utf-8")).vevent

    assert f"Wrote 1 entries to {file}. 1 have no day yet: they wait for readings.\n" == said.stdout
    assert "Polo: TÜV, HU" == event.summary.value
    assert "FREQ=YEARLY;INTERVAL=2" in event.rrule.value
    assert file.read_bytes().endswith(b"END:VCALENDAR\r\n")


def test_a_calendar_is_of_now(polo: Command) -> None:
    """--within and --today do not go with it; a file that cannot be written is named."""
    assert "leave --within and --today out" in polo("due", "--ics", "x.ics", "--within", "3d", code=2).stderr
    assert "/no/such/x.ics cannot be written" in polo("due", "--ics", "/no/such/x.ics", code=2).stderr


def test_a_token_is_made_listed_used_and_taken_back(polo: Command) -> None:
    """The token shows the calendar, is not listed again, and shows nothing after it was taken back."""
    made = polo.json("calendar", "token", "--name", "Phone")
    shown = polo("calendar", "feed", "--token", made["token"]).stdout
    listed = polo("calendar", "list").stdout
    polo("calendar", "revoke", "phone")

    assert shown.startswith("BEGIN:VCALENDAR\n")
    assert "Phone" in listed
    assert made["token"] not in listed
    assert "not known, or was taken back" in polo("calendar", "feed", "--token", made["token"], code=1).stderr
    assert "No addresses" in polo("calendar", "list").stdout


def test_the_calendar_as_json(polo: Command) -> None:
    """For programs: the text with its tag, and how many have a day."""
    found = polo.json("calendar", "feed")

    assert (1, 1, 64) == (found["entries"], found["undated"], len(found["etag"]))


def test_revoking_what_is_not_there(polo: Command) -> None:
    """A name that nothing has is no address."""
    assert "there is no calendar address" in polo("calendar", "revoke", "abcd1234", code=1).stderr
