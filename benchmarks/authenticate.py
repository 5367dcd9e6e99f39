"""What it costs to tell who asks: a token that is remembered, one that is new, a refresh, a password."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from measuring import Databases, Figure, median

import fleetcore
from fleetserver.auth.keys import KeyRing, new_key_set
from fleetserver.auth.mail import Mail
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings

__all__ = ["measure"]

REMEMBERED_US_MAX = 30.0
ROUNDS = 5
PASSWORD = "four words of ada"  # noqa: S105 - of nobody


class Nowhere:
    """Sends nothing."""

    def send(self, mail: Mail) -> None:
        """Send nothing."""


def measure(bases: Databases, *, smoke: bool) -> Iterator[Figure]:
    """Yield microseconds of CPU for each step, on both engines; the database's own work is not in them."""
    for engine in ("sqlite", "postgresql"):
        url = bases.url(engine)
        with fleetcore.open(url, installed_plugins=False) as core:
            keys = KeyRing(new_key_set(core.clock.now()), core.clock)
            accounts = Accounts(core, AuthSettings(data_dir=Path()), keys=keys, mailer=Nowhere())
            yield from _figures(accounts, engine, smoke=smoke)
            accounts.close()
        bases.drop(url)


def _figures(accounts: Accounts, engine: str, *, smoke: bool) -> Iterator[Figure]:
    answer = accounts.register("ada@example.org", PASSWORD, "Ada")
    caller = accounts.identify(answer.access_token)
    refresh = [answer.refresh_token or ""]

    def anew() -> None:
        accounts.authenticator.forget([caller.actor.user_id])
        accounts.identify(answer.access_token)

    def renew() -> None:
        refresh[0] = accounts.refresh(refresh[0]).refresh_token or ""

    remembered = _us(lambda: accounts.authenticate(answer.access_token), 20_000, smoke=smoke)
    yield Figure(
        name="a token that is remembered",
        engine=engine,
        value=remembered,
        unit="us CPU",
        budget=f"< {REMEMBERED_US_MAX:g}",
        is_within=None if smoke else remembered < REMEMBERED_US_MAX,
    )
    steps: dict[str, tuple[Callable[[], object], int]] = {
        "a token that is new: verified and read": (anew, 200),
        "a refresh": (renew, 100),
        "a password, argon2id of 19 MiB": (lambda: accounts.hasher.verify(PASSWORD, None), 5),
    }
    for name, (step, times) in steps.items():
        yield Figure(name=name, engine=engine, value=_us(step, times, smoke=smoke), unit="us CPU")


def _us(step: Callable[[], object], times: int, *, smoke: bool) -> float:
    found = []
    for _ in range(1 if smoke else ROUNDS):
        began = time.process_time()
        for _ in range(2 if smoke else times):
            step()
        found.append((time.process_time() - began) / (2 if smoke else times) * 1e6)
    return median(found)
