"""How signing in is set up: from the environment, ``FLEET_*``; a secret may lie in the file that ``*_FILE`` names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attrs import field, frozen

from fleetcore.accounts.model import Limit
from fleetcore.accounts.sessions import Lifetimes
from fleetcore.kernel.errors import Rejected
from fleetserver.settings import is_loopback

__all__ = ["AuthSettings", "HashCost", "Limits"]

LOOPBACK = "127.0.0.1"
HERE = "http://127.0.0.1:8000"
PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_FLOOR = 12, 8
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SIGN_IN_PAIR = Limit(burst=5, period=timedelta(minutes=15))
SIGN_IN_ACCOUNT = Limit(burst=50, period=HOUR)
SIGN_IN_ADDRESS = Limit(burst=300, period=5 * MINUTE)
REGISTER_ADDRESS = Limit(burst=300, period=10 * MINUTE)
MAIL_ADDRESS = Limit(burst=100, period=HOUR)
MAIL_ACCOUNT = Limit(burst=5, period=HOUR)
REQUESTS = Limit(burst=1200, period=MINUTE)


@frozen(kw_only=True)
class HashCost:
    """What an argon2id hash costs: OWASP's smallest recommended set, 19 MiB, two passes, one lane."""

    memory_kib: int = 19 * 1024
    passes: int = 2
    lanes: int = 1


@frozen(kw_only=True)
class Limits:
    """Who may do what how often; all processes share what was taken.

    Sign-ins are limited three times: an account from one address, the account from everywhere, an address whoever
    it asks for. So guessing from one address locks nobody out elsewhere.
    """

    sign_in_pair: Limit = SIGN_IN_PAIR
    sign_in_account: Limit = SIGN_IN_ACCOUNT
    sign_in_address: Limit = SIGN_IN_ADDRESS
    register_address: Limit = REGISTER_ADDRESS
    mail_address: Limit = MAIL_ADDRESS
    mail_account: Limit = MAIL_ACCOUNT
    requests: Limit = REQUESTS


@frozen(kw_only=True)
class AuthSettings:
    """Everything that signing in needs to know; see docs/reference/configuration."""

    data_dir: Path
    host: str = LOOPBACK
    keys_text: str | None = field(default=None, repr=False)
    keys_file: Path | None = None
    public_url: str = HERE
    issuer: str = "fleetcore"
    audience: str = "fleetcore-api"
    single_user: bool = field(default=False)
    password_length_min: int = field(default=PASSWORD_LENGTH_MIN)
    access_lifetime: timedelta = timedelta(minutes=15)
    lifetimes: Lifetimes = field(factory=Lifetimes)
    factor_fresh_for: timedelta = timedelta(minutes=15)
    reset_lifetime: timedelta = timedelta(minutes=30)
    verify_lifetime: timedelta = timedelta(days=3)
    hash_cost: HashCost = HashCost()
    hash_slots: int = field(factory=lambda: os.cpu_count() or 1)
    limits: Limits = Limits()
    look_every: timedelta = timedelta(seconds=2)
    log_kept: timedelta = timedelta(days=180)

    @single_user.validator
    def _private_machine_only(self, _attribute: object, value: bool) -> None:
        where = self.public_url if is_loopback(self.host) else self.host
        if value and not self.is_development:
            raise Rejected.because(
                "FLEET_SINGLE_USER",
                f"lets everybody in who reaches {where}: it is for a loopback host such as 127.0.0.1 only",
                "single_user.public",
            )

    @password_length_min.validator
    def _not_too_short(self, _attribute: object, value: int) -> None:
        if value < PASSWORD_LENGTH_FLOOR:
            raise Rejected.because("FLEET_PASSWORD_LENGTH_MIN", f"must be {PASSWORD_LENGTH_FLOOR} or more")

    @property
    def is_private(self) -> bool:
        """Whether only this machine reaches the host."""
        return is_loopback(self.host)

    @property
    def is_development(self) -> bool:
        """Whether only this machine reaches the host, and no proxy hands it on to others."""
        return self.is_private and is_loopback(urlsplit(self.public_url).hostname or "")

    @property
    def key_path(self) -> Path:
        """The file of the keys, where they are not given as text."""
        return self.keys_file or self.data_dir / "keys.json"

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str], *, data_dir: Path, host: str = LOOPBACK, **more: Any
    ) -> AuthSettings:
        """Read the settings; raises Rejected, naming the variable, for one that cannot be read."""
        read = _Reader(environ)
        keys_file = environ.get("FLEET_KEYS_FILE")
        if keys_file and environ.get("FLEET_KEYS"):
            raise Rejected.because("FLEET_KEYS", "is given, and FLEET_KEYS_FILE too: give one of them")
        limits = Limits(
            sign_in_address=Limit(burst=5 * read.number("FLEET_SIGN_INS_PER_MINUTE", 60), period=5 * MINUTE),
            requests=Limit(burst=read.number("FLEET_REQUESTS_PER_MINUTE", 1200, least=600), period=MINUTE),
        )
        return cls(
            data_dir=data_dir,
            host=host,
            keys_text=environ.get("FLEET_KEYS") or None,
            keys_file=Path(keys_file).expanduser() if keys_file else None,
            public_url=(environ.get("FLEET_PUBLIC_URL") or HERE).rstrip("/"),
            issuer=environ.get("FLEET_ISSUER") or "fleetcore",
            single_user=read.flag("FLEET_SINGLE_USER"),
            password_length_min=read.number("FLEET_PASSWORD_LENGTH_MIN", PASSWORD_LENGTH_MIN),
            lifetimes=Lifetimes(
                idle=timedelta(days=read.number("FLEET_SESSION_IDLE_DAYS", 30)),
                longest=timedelta(days=read.number("FLEET_SESSION_DAYS", 90)),
            ),
            limits=limits,
            **more,
        )


@frozen
class _Reader:
    environ: Mapping[str, str]

    def number(self, name: str, default: int, *, least: int = 1) -> int:
        text = self.environ.get(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and int(text) >= least):
            raise Rejected.because(name, f"must be a whole number of {least} or more, not {text!r}")
        return int(text)

    def flag(self, name: str) -> bool:
        text = self.environ.get(name, "").casefold()
        if text not in {"", "0", "1", "false", "true", "no", "yes"}:
            raise Rejected.because(name, f"must be 1 or 0, not {text!r}")
        return text in {"1", "true", "yes"}
