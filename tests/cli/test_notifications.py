"""`fleet notifications` and `fleet plugins`."""

from __future__ import annotations

import pytest

from .running import Command


@pytest.fixture
def due(command: Command) -> Command:
    """The fleet command over a fleet with something due, which its owner was told."""
    command("vehicles", "add", "--name", "Polo")
    command("reminders", "add", "--vehicle", "Polo", "--title", "Oil", "--on", "2020-01-01")
    command("worker", "--once")
    return command


def test_the_inbox(due: Command) -> None:
    """What is due is listed, read and archived."""
    assert "Polo: Oil is overdue" in due("notifications", "list").stdout
    found = due.json("notifications", "list", "--unread")["notifications"]
    (overdue,) = [each for each in found if each["kind"] == "due"]

    read = due("notifications", "read", overdue["id"][-8:]).stdout
    assert "Overdue by" in read
    assert "Marked 1 as read." in read
    due("notifications", "read", "--all", "--archive")
    assert "Nothing to read" in due("notifications", "list").stdout
    assert 2 == len(due.json("notifications", "list", "--archived")["notifications"])


def test_reading_needs_to_know_what(due: Command) -> None:
    """Neither an id nor --all, or an unknown one, is an error."""
    assert "--all" in due("notifications", "read", code=2).stderr
    assert "notification" in due("notifications", "read", "00000000", code=1).stderr


def test_the_delivery_log(due: Command) -> None:
    """The log says by which channel, and filters by state."""
    rows = due.json("notifications", "deliveries", "--fleet-wide")["deliveries"]

    assert {"inbox"} == {row["channel"] for row in rows}
    assert "Nothing was sent" in due("notifications", "deliveries", "--state", "rejected").stdout


def test_a_test_message(command: Command) -> None:
    """The console prints the line, and the outcome is told; a channel that is not there is named."""
    printed = command("notifications", "send-test", "--channel", "console").stdout

    assert "A test from Home" in printed
    assert "The test by console: delivered." in printed
    assert "must be one of console" in command("notifications", "send-test", "--channel", "pigeon", code=2).stderr


def test_preferences(command: Command) -> None:
    """They are shown, changed one by one, and refused by name."""
    assert "cannot be switched off" in command("notifications", "preferences", "show").stdout
    command(
        "notifications", "preferences", "set", "--quiet", "22:00-07:00", "--digest", "weekly", "--weekday", "friday"
    )
    said = command("notifications", "preferences", "set", "--kind", "due=console", "--kind", "jobs=").stdout

    assert "due          inbox, console" in said
    assert "jobs         inbox\n" in said
    assert "quiet hours  22:00 to 07:00" in said
    assert "weekly at 8:00, on Fridays" in said
    assert (
        "no channel 'pigeon'" in command("notifications", "preferences", "set", "--kind", "due=pigeon", code=2).stderr
    )
    assert (
        "is not one of the kinds" in command("notifications", "preferences", "set", "--kind", "weather=", code=1).stderr
    )
    cleared = command.json("notifications", "preferences", "set", "--quiet", "none", "--address", "ntfy=x")
    assert (None, {"ntfy": "x"}) == (cleared["quiet_from"], cleared["addresses"])


def test_a_token_that_is_none(command: Command) -> None:
    """What is no token finds nothing."""
    assert "token" in command("notifications", "unsubscribe", "x", code=1).stderr


def test_plugins(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The built-in channel is listed; settings of a channel that nobody brings do no harm."""
    monkeypatch.setenv("FLEET_EMAIL_PASSWORD", "s3cret")
    listed = command("plugins")

    assert "console" in listed.stdout
    assert "s3cret" not in listed.stdout + command("plugins", "--json").stdout
    assert "console" in [each["name"] for each in command.json("plugins")["channels"]]
