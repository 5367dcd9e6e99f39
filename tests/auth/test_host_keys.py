"""The host's own keys: made once, kept to itself, rotated with overlap."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from fleetcore.kernel.errors import Rejected, Unavailable
from fleetcore.testing.clock import FixedClock
from fleetserver.auth.errors import Unauthenticated
from fleetserver.auth.keys import KeyRing, load_keys, new_key_set, read_keys, rotated, save_keys
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings
from fleetserver.settings import is_loopback

from .conftest import PASSWORD

QUARTER = timedelta(minutes=15)


def here(path: Path, **settings: Any) -> AuthSettings:
    """Return the settings of a host whose data lie in *path*."""
    return AuthSettings(data_dir=path, **settings)


def test_a_private_host_makes_its_keys_and_says_so(tmp_path: Path, clock: FixedClock) -> None:
    """The file is its owner's alone; the second start finds it."""
    said: list[str] = []
    first = load_keys(here(tmp_path / "new"), clock, said.append)
    again = load_keys(here(tmp_path / "new"), clock, said.append)

    assert first.keys == again.keys
    assert 1 == len(said)
    assert str(tmp_path / "new" / "keys.json") in said[0]
    assert 0o600 == (tmp_path / "new" / "keys.json").stat().st_mode & 0o777


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "fleet.example.org", "::", "127.0.0.1.example.org"])  # noqa: S104 - what others reach
def test_a_public_host_does_not_start_without_keys(tmp_path: Path, clock: FixedClock, host: str) -> None:
    """It says what to do, and makes no file."""
    with pytest.raises(Rejected, match="fleet keys create"):
        load_keys(here(tmp_path, host=host), clock)

    assert [] == list(tmp_path.iterdir())
    assert not is_loopback(host)


def test_missing_parts_and_weak_keys_are_refused(tmp_path: Path, clock: FixedClock) -> None:
    """Zeros, repeated bytes, short keys, other JSON and other formats: each is named, no value is shown."""
    file = tmp_path / "keys.json"
    save_keys(file, new_key_set(clock.now()))
    good = orjson.loads(file.read_bytes())
    zeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    bad: list[Any] = [
        [],
        {},
        good | {"format": 2},
        good | {"sealing": []},
        good | {"signing": []},
        good | {"sealing": [zeros]},
        good | {"sealing": ["changeme"]},
        good | {"signing": [good["signing"][0] | {"seed": zeros}]},
        good | {"signing": [good["signing"][0] | {"seed": "c2hvcnQ="}]},
    ]
    for content in bad:
        with pytest.raises(Rejected) as refused:
            load_keys(here(tmp_path, keys_text=orjson.dumps(content).decode()), clock)
        assert zeros not in str(refused.value)
    with pytest.raises(Rejected):
        load_keys(here(tmp_path, keys_text="no JSON"), clock)
    assert load_keys(here(tmp_path, keys_text=file.read_text()), clock)


def test_a_file_that_others_may_write_is_refused(tmp_path: Path, clock: FixedClock) -> None:
    """Whoever can write the keys can be anybody."""
    file = tmp_path / "keys.json"
    save_keys(file, new_key_set(clock.now()))
    file.chmod(0o660)
    with pytest.raises(Rejected, match="chmod 600"):
        load_keys(here(tmp_path), clock)


def test_a_mounted_secret_may_be_readable(tmp_path: Path, clock: FixedClock, caplog: pytest.LogCaptureFixture) -> None:
    """Containers mount secrets so; it is logged."""
    file = tmp_path / "keys.json"
    save_keys(file, new_key_set(clock.now()))
    file.chmod(0o444)
    with caplog.at_level(logging.WARNING):
        assert load_keys(here(tmp_path, host="0.0.0.0"), clock)  # noqa: S104 - what others reach
    assert "can be read by others" in caplog.text


def test_rotating_signs_nobody_out(accounts: Accounts, elsewhere: Accounts, ada: Any, clock: FixedClock) -> None:
    """The new key is known a minute before it signs; the old one is believed until its last token has expired."""
    path = accounts.keys.path
    assert path is not None
    old = accounts.keys.keys
    save_keys(path, rotated(old, clock.now(), QUARTER))
    during = accounts.login("ada@example.org", PASSWORD)
    assert old.signing[0].kid == accounts.keys.signer()[0]
    clock.advance(seconds=61)
    after = accounts.refresh(during.refresh_token)
    assert old.signing[0].kid != accounts.keys.signer()[0]
    for token in (ada.access_token, during.access_token, after.access_token):
        assert elsewhere.tokens.verify(token)
    clock.advance(minutes=15)
    later = accounts.refresh(after.refresh_token)
    assert accounts.keys.verifier(old.signing[0].kid) is not None
    clock.advance(minutes=2)

    assert accounts.keys.verifier(old.signing[0].kid) is None
    assert elsewhere.tokens.verify(later.access_token)
    assert 2 == len(rotated(read_keys(accounts.settings), clock.now(), QUARTER).signing)


def test_after_a_leak_old_tokens_are_void(accounts: Accounts, ada: Any, clock: FixedClock) -> None:
    """Rotating at once believes no token of the old key; refresh tokens, which no key signs, go on."""
    path = accounts.keys.path
    assert path is not None
    save_keys(path, rotated(accounts.keys.keys, clock.now(), QUARTER, at_once=True))
    fresh = accounts.refresh(ada.refresh_token)
    with pytest.raises(Unauthenticated):
        accounts.tokens.verify(ada.access_token)

    assert accounts.identify(fresh.access_token)


def test_sealed_secrets_survive_two_rotations(accounts: Accounts, ada: Any, clock: FixedClock) -> None:
    """Resealed in between, they can be read though the key that sealed them first is gone; else that is said."""
    from fleetcore.accounts.ports import FACTORS

    def sealed() -> str:
        with accounts.core.across_fleets() as uow:
            return uow[FACTORS].all_sealed()[0][1]

    path = accounts.keys.path
    assert path is not None
    accounts.enrol_totp(accounts.identify(ada.access_token), PASSWORD)
    first = sealed()
    seed = accounts.keys.unseal(first)
    for _ in range(2):
        assert 1 == accounts.reseal()
        save_keys(path, rotated(accounts.keys.keys, clock.now(), QUARTER))
        assert 1 == accounts.reseal()

    assert seed == accounts.keys.unseal(sealed())
    with pytest.raises(Unavailable, match="not in the key file"):
        accounts.keys.unseal(first)


def test_a_file_that_turns_bad_is_not_used(tmp_path: Path, clock: FixedClock, caplog: Any) -> None:
    """A running host goes on with the keys it has, and says why."""
    file = tmp_path / "keys.json"
    save_keys(file, new_key_set(clock.now()))
    ring = load_keys(here(tmp_path), clock)
    kid = ring.signer()[0]
    file.write_text("{}")

    assert kid == ring.signer()[0]
    assert "not read again" in caplog.text
    file.unlink()
    assert kid == ring.signer()[0]


def test_two_starts_at_once_make_one_file(tmp_path: Path, clock: FixedClock) -> None:
    """The second to come finds the file of the first."""
    file = tmp_path / "keys.json"
    first, second = new_key_set(clock.now()), new_key_set(clock.now())

    assert save_keys(file, first, is_new=True)
    assert not save_keys(file, second, is_new=True)
    assert first == read_keys(here(tmp_path))
    assert ["keys.json"] == [path.name for path in tmp_path.iterdir()]


def test_keys_are_not_shown(clock: FixedClock) -> None:
    """Neither a key nor a ring prints what it holds."""
    keys = new_key_set(clock.now())
    shown = repr(keys) + repr(KeyRing(keys, clock))

    assert repr(keys.signing[0].seed) not in shown
    assert keys.sealing[0].decode() not in shown
