"""Settings from the environment, and single-user mode."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fleetcore import Core
from fleetcore.kernel.errors import Rejected
from fleetserver.auth.errors import Unauthenticated
from fleetserver.auth.settings import AuthSettings

from .conftest import MakeAccounts


def read(path: Path, host: str = "127.0.0.1", **environ: str) -> AuthSettings:
    """Read settings from *environ*."""
    return AuthSettings.from_environment(environ, data_dir=path, host=host)


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    """Each variable sets one; without any the defaults are safe."""
    plain = read(tmp_path)
    chosen = read(
        tmp_path,
        FLEET_KEYS_FILE="/run/secrets/keys",
        FLEET_PUBLIC_URL="https://fleet.example.org/",
        FLEET_PASSWORD_LENGTH_MIN="15",
        FLEET_SESSION_IDLE_DAYS="7",
        FLEET_REQUESTS_PER_MINUTE="600",
    )

    assert (12, False, 1200) == (plain.password_length_min, plain.single_user, plain.limits.requests.burst)
    assert tmp_path / "keys.json" == plain.key_path
    assert Path("/run/secrets/keys") == chosen.key_path
    assert ("https://fleet.example.org", 15) == (chosen.public_url, chosen.password_length_min)
    assert (timedelta(days=7), 600) == (chosen.lifetimes.idle, chosen.limits.requests.burst)


@pytest.mark.parametrize(
    "environ",
    [
        {"FLEET_PASSWORD_LENGTH_MIN": "7"},
        {"FLEET_PASSWORD_LENGTH_MIN": "many"},
        {"FLEET_REQUESTS_PER_MINUTE": "599"},
        {"FLEET_SESSION_DAYS": "-1"},
        {"FLEET_SINGLE_USER": "maybe"},
        {"FLEET_KEYS": "{}", "FLEET_KEYS_FILE": "/keys"},
    ],
    ids=str,
)
def test_bad_settings_are_refused_by_name(tmp_path: Path, environ: dict[str, str]) -> None:
    """The message names the variable."""
    with pytest.raises(Rejected) as refused:
        read(tmp_path, **environ)

    assert refused.value.problems[0].field in environ


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    """Keys that came as text are not in what is printed."""
    assert "secret-key" not in repr(read(tmp_path, FLEET_KEYS="secret-key"))


def test_single_user_mode_lets_the_owner_in(make_accounts: MakeAccounts, core: Core) -> None:
    """Without any token it is the owner of the only fleet; a bad token is bad all the same."""
    accounts = make_accounts(single_user=True)
    with pytest.raises(Unauthenticated):
        accounts.authenticate(None)
    owner = core.create_fleet("Home")
    assert owner == accounts.authenticate(None)
    with pytest.raises(Unauthenticated):
        accounts.authenticate("nonsense")
    core.create_fleet("Second")
    with pytest.raises(Unauthenticated, match="several"):
        accounts.authenticate(None)


def test_single_user_mode_is_for_private_machines(tmp_path: Path, make_accounts: MakeAccounts) -> None:
    """It must be asked for, and a host that others reach refuses it."""
    with pytest.raises(Unauthenticated):
        make_accounts().authenticate(None)
    with pytest.raises(Rejected, match="loopback"):
        read(tmp_path, "0.0.0.0", FLEET_SINGLE_USER="1")  # noqa: S104 - what others reach
    with pytest.raises(Rejected, match="loopback"):  # behind a proxy
        read(tmp_path, FLEET_SINGLE_USER="1", FLEET_PUBLIC_URL="https://fleet.example.org")


def test_links_are_shown_in_development_only(tmp_path: Path) -> None:
    """A host that others reach, by itself or through a proxy, shows links to nobody but who they are for."""
    assert read(tmp_path).is_development
    assert not read(tmp_path, FLEET_PUBLIC_URL="https://fleet.example.org").is_development
    assert not read(tmp_path, "192.0.2.1").is_development
