"""Accounts as commands use them: beside the database, without tokens."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fleetcore.kernel.errors import Unavailable
from fleetserver.cli.places import data_folder
from fleetserver.cli.session import Session

if TYPE_CHECKING:
    from fleetserver.auth.service import Accounts
    from fleetserver.auth.settings import AuthSettings

__all__ = ["accounts_of", "settings_here"]


def settings_here() -> AuthSettings:
    """Return the settings of the environment; raises Unavailable without the libraries of the server."""
    try:
        import argon2  # noqa: F401 - asked for early, to say what is missing
        import cryptography  # noqa: F401 - the same
        import jwt  # noqa: F401 - the same
    except ModuleNotFoundError as error:
        raise Unavailable(f"{error.name} is not installed: pip install 'fleetcore[server]'") from None
    from fleetserver.auth.settings import AuthSettings

    return AuthSettings.from_environment(os.environ, data_dir=data_folder())


@contextmanager
def accounts_of(session: Session) -> Iterator[Accounts]:
    """Lend the accounts of the session's database."""
    settings = settings_here()
    from fleetserver.auth.service import Accounts

    accounts = Accounts(session.core, settings, is_offline=True)
    try:
        yield accounts
    finally:
        accounts.close()
