"""Who can sign in to a host, and the host's keys, by command."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

import fleetcore
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings

from .running import Command

PASSWORD = "four words of ada"
EMAIL = "ada@example.org"
TYPED = f"{PASSWORD}\n{PASSWORD}\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of the commands."""
    return tmp_path / "data"


@pytest.fixture
def ada(command: Command) -> Command:
    """The command over a host on which Ada can sign in, with a fleet of her own."""
    command("users", "create", "--email", EMAIL, "--name", "Ada", stdin=TYPED)
    return command


def sign_in(command: Command, data: Path, password: str = PASSWORD) -> str:
    """Sign Ada in as a client of the host does; returns her refresh token."""
    with fleetcore.open(command.url, installed_plugins=False) as core:
        accounts = Accounts(core, AuthSettings(data_dir=data))
        answer = accounts.login(EMAIL, password, device="phone")
        accounts.close()
    return answer.refresh_token or ""


def test_a_user_is_made_and_signs_in(ada: Command, data: Path) -> None:
    """The password is asked for twice, unseen; the list says who signs in with what."""
    listed = ada.json("users", "list")["users"]

    assert [("Owner", False), ("Ada", True)] == [(user["name"], user["has_password"]) for user in listed]
    assert "nothing yet" in ada("users", "list").stdout
    assert sign_in(ada, data)
    ada("users", "create", "--email", EMAIL, "--name", "Ada", code=1, stdin=TYPED)
    short = ada("users", "create", "--email", "b@example.org", "--name", "B", code=1, stdin="short\nshort\n")
    assert "12 characters" in short.stderr
    assert PASSWORD not in ada("users", "create", "--email", "c@example.org", "--name", "C", stdin=TYPED).output


def test_a_first_user_founds_the_garage(fresh: Command) -> None:
    """On a new host, creating a user makes the database."""
    fresh("users", "create", "--email", EMAIL, "--name", "Ada", "--password-stdin", stdin=f"{PASSWORD}\n")

    assert [EMAIL] == [user["email"] for user in fresh.json("users", "list")["users"]]
    assert "Home" in fresh("settings").stdout


def test_the_owner_of_a_garage_gets_a_password(command: Command, data: Path) -> None:
    """Who kept a garage by command signs in with an e-mail and a password from now on."""
    command("users", "set-password", "Owner", code=2)
    command("users", "set-password", "Owner", "--email", "no address", code=1, stdin=TYPED)
    done = command("users", "set-password", "owner", "--email", EMAIL, "--password-stdin", stdin=f"{PASSWORD}\n")

    assert f"signs in as {EMAIL}" in done.stdout
    assert sign_in(command, data)


def test_a_new_password_ends_sessions(ada: Command, data: Path) -> None:
    """Devices that were signed in are not any more."""
    sign_in(ada, data)
    assert "phone" in ada("users", "sessions", EMAIL).stdout
    ada("users", "set-password", EMAIL, stdin="five other words of ada\n" * 2)

    assert [] == ada.json("users", "sessions", EMAIL)["sessions"]
    assert "Nowhere" in ada("users", "sessions", EMAIL).stdout
    assert sign_in(ada, data, "five other words of ada")


def test_users_are_switched_off_and_on(ada: Command, data: Path) -> None:
    """Who is off cannot sign in."""
    assert "disabled now" in ada("users", "disable", "ada").stdout
    with pytest.raises(Exception, match="wrong"):
        sign_in(ada, data)
    assert ada.json("users", "enable", EMAIL)["is_active"]

    assert sign_in(ada, data)


def test_sessions_are_revoked_by_one_and_all(ada: Command, data: Path) -> None:
    """One by its id, or all of them."""
    for _ in range(3):
        sign_in(ada, data)
    first = ada.json("users", "sessions", EMAIL)["sessions"][0]["id"]

    assert "Ended 1 session of Ada." in ada("users", "revoke", EMAIL, first[-8:]).stdout
    assert 2 == ada.json("users", "revoke", EMAIL)["ended"]
    ada("users", "revoke", EMAIL, "00000000", code=1)


def test_the_log_tells_what_happened(ada: Command, data: Path) -> None:
    """Registering, signing in and failing are there, the newest first."""
    sign_in(ada, data)
    with pytest.raises(Exception, match="wrong"):
        sign_in(ada, data, "not it")
    events = [entry["event"] for entry in ada.json("users", "log", EMAIL)["entries"]]

    assert ["sign_in_failed", "signed_in", "registered"] == events
    assert "sign in failed" in ada("users", "log", EMAIL).stdout
    assert "Nothing" in ada("users", "log", "Owner").stdout


def test_a_lost_second_factor_is_dropped(ada: Command) -> None:
    """Whoever lost phone and codes signs in by password again."""
    assert not ada.json("users", "drop-second-factor", EMAIL)["has_second_factor"]


def test_unknown_users_are_named(ada: Command) -> None:
    """The message says where they are listed; a name that two have names nobody."""
    assert "fleet users list" in ada("users", "disable", "nobody", code=2).stderr
    ada("users", "create", "--email", "second@example.org", "--name", "Ada", stdin=TYPED)
    assert "2 users are called" in ada("users", "disable", "Ada", code=2).stderr


def test_keys_are_made_listed_and_rotated(ada: Command, data: Path) -> None:
    """They lie in a file of their owner's alone; none of them is printed."""
    file = data / "keys.json"
    ada("keys", "list", code=1)
    ada("keys", "rotate", code=1)
    assert str(file) in ada("keys", "create").stdout
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    ada("keys", "create", code=1)
    token = sign_in(ada, data)
    rotated = ada.json("keys", "rotate")
    listed = ada.json("keys", "list")

    assert rotated["signing"] == listed["signing"]
    assert [True, False] == [key["verifies_until"] is None for key in listed["signing"]]
    assert listed["signing"][0]["kid"] in ada("keys", "list").stdout
    assert token
    assert 1 == len(ada.json("keys", "rotate", "--at-once")["signing"])


def test_keys_that_come_as_text_are_not_rotated(ada: Command, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says to put them in a file."""
    ada("keys", "create")
    monkeypatch.setenv("FLEET_KEYS", (data / "keys.json").read_text())
    assert ada.json("keys", "list")["signing"]
    assert "FLEET_KEYS_FILE" in ada("keys", "rotate", code=2).stderr


def test_commands_for_users_make_no_keys(ada: Command, data: Path) -> None:
    """Setting a password needs none, so none lie around on the machine of an administrator."""
    assert not (data / "keys.json").exists()
