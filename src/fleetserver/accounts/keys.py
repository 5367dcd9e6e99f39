"""``fleet keys``: the keys that sign tokens and seal secrets on this host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import click

from fleetcore.kernel.errors import Conflict
from fleetcore.kernel.when import SystemClock
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.tables import Column, table

from .offline import accounts_of, settings_here

if TYPE_CHECKING:
    from pathlib import Path

    from fleetserver.auth.keys import KeySet
    from fleetserver.auth.settings import AuthSettings

__all__ = ["keys"]

COLUMNS = (Column("Key"), Column("Made"), Column("Signs from"), Column("Believed until"))


@click.group("keys", cls=FleetGroup)
def keys() -> None:
    """The host's own keys: they sign access tokens, and seal secrets in the database.

    They lie in keys.json in the data folder, or in the file that FLEET_KEYS_FILE names.
    """


@keys.command("create")
@pass_session
def create(session: Session) -> None:
    """Make the host's keys, in a file that only you can read; where there are some, nothing is done."""
    settings = settings_here()
    from fleetserver.auth.keys import new_key_set, save_keys

    path = _path(settings)
    if not save_keys(path, new_key_set(SystemClock().now()), is_new=True):
        raise Conflict(f"there are keys in {path} already: `fleet keys rotate` makes newer ones")
    session.done({"path": str(path)}, f"Made keys in {path}. Keep a copy apart from the database.")


@keys.command("list")
@pass_session
def list_(session: Session) -> None:
    """List the keys, the newest first; never their secrets."""
    settings = settings_here()
    from fleetserver.auth.keys import read_keys

    found = read_keys(settings)
    rows = [[row["kid"], row["created_at"][:16], row["signs_from"][:16], _until(row)] for row in _plain(found)]
    session.show({"signing": _plain(found), "sealing": len(found.sealing)}, lambda: table(COLUMNS, rows))


def _until(row: dict[str, Any]) -> str:
    return "" if row["verifies_until"] is None else str(row["verifies_until"][:16])


def _plain(found: KeySet) -> list[dict[str, Any]]:
    return [
        {
            "kid": key.kid,
            "created_at": key.created_at.isoformat(),
            "signs_from": key.signs_from.isoformat(),
            "verifies_until": None if key.verifies_until is None else key.verifies_until.isoformat(),
        }
        for key in found.signing
    ]


@keys.command("rotate")
@click.option("--at-once", is_flag=True, help="After a leak: believe no token of the old keys any more.")
@pass_session
def rotate(session: Session, *, at_once: bool) -> None:
    """Make new keys, and write every sealed secret under the new one.

    Servers read the file again by themselves. A new key signs after a minute; tokens of the old ones are believed
    until they expire, so nobody is signed out.

    fleet keys rotate
    """
    settings = settings_here()
    from fleetserver.auth.keys import read_keys, rotated, save_keys

    path = _path(settings)
    before = read_keys(settings)
    with accounts_of(session) as accounts:
        accounts.reseal()  # what an older key has sealed must move before that key goes
        after = rotated(before, accounts.now(), settings.access_lifetime, at_once=at_once)
        save_keys(path, after)
        sealed = accounts.reseal()
        if at_once:  # nothing is sealed with the old ones any more, and whoever has them may read no backup of today
            after = attrs.evolve(after, sealing=after.sealing[:1])
            save_keys(path, after)
    what = "tokens of the old keys are void now" if at_once else "the new key signs from the next minute on"
    session.done(
        {"path": str(path), "signing": _plain(after), "resealed": sealed},
        f"Made new keys in {path}: {what}; {sealed} sealed secret{'' if sealed == 1 else 's'} moved.",
    )


def _path(settings: AuthSettings) -> Path:
    if settings.keys_text is not None:
        raise BadInput.because(
            "FLEET_KEYS", "holds the keys as text: put them in a file, and name it in FLEET_KEYS_FILE"
        )
    return settings.key_path
