"""What a server needs to know, from the environment: ``FLEET_*``, secrets also from files by ``FLEET_*_FILE``."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from attrs import field, frozen

from fleetcore.kernel.errors import Problem, Rejected

from .addresses import Network, networks, origins
from .live.settings import LiveSettings, read_live_settings

__all__ = ["ServerSettings", "is_loopback", "read_settings"]

PREFIX = "FLEET_"
SECRETS = {"metrics_token"}
SECRET_LENGTH_MIN = 16
LOOPBACK_NAMES = {"localhost", "ip6-localhost"}


@frozen(kw_only=True)
class ServerSettings:
    """How the server listens and how much it takes on; times in seconds, sizes in bytes.

    *threads* units of work run at once in a process, *waiting_max* more wait at most *patience_s*, or *crowded_s*
    where the line does not get shorter. *pool_size* connections to the database are kept, each unused for at most
    *pool_idle_s*. *body_max* is
    the largest JSON body, *upload_max* the largest file. With *single_user* nobody logs in: whoever reaches the
    server is the owner of its only fleet, so it is refused on any address that others can reach. With *public_url* the
    server answers to that name only; pages of *cors_origins* may read its answers; *trusted_proxies* are the networks
    whose word is taken for where a request came from.

    *feedback_url* is where a link on every page leads that asks what people think; None names the project's issue
    tracker.

    *head_s*, *body_s*, *answer_s*, *idle_s* and *connections_max* are the ConnectionLimits.

    A server that is stopped says for *drain_delay_s* that it is not ready, then gives requests at work *drain_s*.
    A request is given up after *request_s*, and so is a statement of PostgreSQL. It is not ready when events have
    waited for a worker for more than *relay_lag_max_s*; None where no worker is expected. Without *metrics_token*
    only this machine reads the metrics.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 4
    waiting_max: int = 64
    patience_s: float = 2.0
    crowded_s: float = 0.1
    pool_size: int = 10
    pool_idle_s: float = 30.0
    body_max: int = 1024 * 1024
    upload_max: int = 64 * 1024 * 1024
    drain_s: float = 6.0
    head_s: float = 10.0
    body_s: float = 20.0
    answer_s: float = 30.0
    idle_s: float = 75.0
    connections_max: int = 20_000
    drain_delay_s: float = 0.0
    request_s: float = 30.0
    relay_lag_max_s: float | None = None
    metrics_token: str | None = field(default=None, repr=False)
    single_user: bool = False
    public_url: str | None = None
    cors_origins: frozenset[str] = frozenset()
    trusted_proxies: tuple[Network, ...] = ()
    data_dir: Path | None = field(default=None)
    feedback_url: str | None = None
    live: LiveSettings = field(factory=LiveSettings)


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches *host*."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def read_settings(environment: Mapping[str, str] | None = None, **given: object) -> ServerSettings:
    """Return the settings of *environment*, with what is *given* (and not None) in its place.

    Raises Rejected with every value that cannot be used.
    """
    environment = os.environ if environment is None else environment
    problems: list[Problem] = []
    values: dict[str, object] = {}
    for name, reader in READERS.items():
        variable = PREFIX + name.upper()
        if (text := _said(environment, variable)) is None:
            continue
        try:
            values[name] = reader(text)
        except ValueError as error:
            problems.append(Problem(variable, f"{'' if name in SECRETS else repr(text)} {error}".strip()))
    values["live"] = read_live_settings(environment, problems)
    values |= {name: value for name, value in given.items() if value is not None}
    if not problems:
        settings = ServerSettings(**values)  # type: ignore[arg-type]  # READERS give each field its type
        problems += _problems(settings)
    if problems:
        raise Rejected(problems)
    return settings


def _problems(settings: ServerSettings) -> list[Problem]:
    found = []
    if settings.single_user and not is_loopback(settings.host):
        found.append(
            Problem(
                "FLEET_SINGLE_USER",
                f"lets anyone in without a password, and others can reach {settings.host}: listen on 127.0.0.1, or "
                "switch it off",
            )
        )
    if not 1 <= settings.threads <= 64:
        found.append(Problem("FLEET_THREADS", "must lie between 1 and 64"))
    if not 1 <= settings.pool_size <= 1000:
        found.append(Problem("FLEET_POOL_SIZE", "must lie between 1 and 1000"))
    if not 0 <= settings.port <= 65_535:
        found.append(Problem("FLEET_PORT", "must lie between 0 and 65535"))
    return found


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("is no whole number") from None


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError("is no number of seconds") from None
    if not 0 < value < 86_400:
        raise ValueError("must be more than 0 and less than a day of seconds")
    return value


def _wait(text: str) -> float:
    return 0.0 if text.strip() in {"0", "0.0"} else _seconds(text)


def _secret(text: str) -> str:
    if len(found := text.strip()) < SECRET_LENGTH_MIN:
        raise ValueError(f"is too short: a secret needs {SECRET_LENGTH_MIN} characters or more")
    return found


def _said(environment: Mapping[str, str], variable: str) -> str | None:
    """Return what a variable says; of a secret also what is in the file that it names with _FILE."""
    if variable in environment or variable.removeprefix(PREFIX).lower() not in SECRETS:
        return environment.get(variable)
    if not (path := environment.get(f"{variable}_FILE")):
        return None
    try:
        return Path(path).expanduser().read_text("utf-8")
    except (OSError, ValueError):
        raise Rejected.because(f"{variable}_FILE", "names a file that cannot be read") from None


def _address(text: str) -> str | None:
    if not (said := text.strip().rstrip("/")):
        return None
    parts = urlsplit(said)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is no address such as https://fleet.example.org")
    return said


def _contact(text: str) -> str | None:
    return text.strip() if text.strip().startswith("mailto:") else _address(text)


def _switch(text: str) -> bool:
    if (lowered := text.strip().lower()) in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("is neither true nor false")


READERS: Mapping[str, Callable[[str], object]] = {
    "host": str.strip,
    "port": _whole,
    "threads": _whole,
    "waiting_max": _whole,
    "patience_s": _seconds,
    "crowded_s": _seconds,
    "pool_size": _whole,
    "pool_idle_s": _seconds,
    "body_max": _whole,
    "upload_max": _whole,
    "drain_s": _seconds,
    "head_s": _seconds,
    "body_s": _seconds,
    "answer_s": _seconds,
    "idle_s": _seconds,
    "connections_max": _whole,
    "drain_delay_s": _wait,
    "request_s": _seconds,
    "relay_lag_max_s": _seconds,
    "metrics_token": _secret,
    "single_user": _switch,
    "public_url": _address,
    "cors_origins": origins,
    "trusted_proxies": networks,
    "feedback_url": _contact,
    "data_dir": lambda text: Path(text).expanduser(),
}
