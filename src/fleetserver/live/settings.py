"""How much the live part of one server process takes on; times in seconds, sizes in bytes."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from attrs import frozen

from fleetcore.kernel.errors import Problem

__all__ = ["LiveSettings", "read_live_settings"]

ORIGINS, CONNECTIONS = "FLEET_LIVE_ORIGINS", "FLEET_LIVE_CONNECTIONS"
PER_USER = "FLEET_LIVE_CONNECTIONS_PER_USER"


@frozen(kw_only=True)
class LiveSettings:
    """Limits of live connections.

    *origins* are those of pages elsewhere that may open a connection (``https://fleet.example.org``); the server's own
    always may. A connection with *queue_max* messages that it does not take is ended. One that has subscribed to
    nothing is ended after *idle_s*. *heard_max* is how many messages a client may send within *heard_per_s*.
    """

    origins: tuple[str, ...] = ()
    connections_max: int = 10_000
    connections_per_user_max: int = 50
    topics_max: int = 100
    message_max: int = 16 * 1024
    queue_max: int = 1000
    queue_size_max: int = 1024 * 1024
    heard_max: int = 100
    heard_per_s: float = 10.0
    idle_s: float = 60.0
    heartbeat_s: float = 25.0
    sqlite_poll_s: float = 0.05
    postgres_poll_s: float = 0.1
    look_s: float = 2.0


def read_live_settings(environment: Mapping[str, str], problems: list[Problem]) -> LiveSettings:
    """Return the settings of *environment*; what cannot be used is added to *problems*."""
    said = [part.strip().rstrip("/") for part in environment.get(ORIGINS, "").split(",") if part.strip()]
    for origin in said:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path:
            problems.append(Problem(ORIGINS, f"{origin!r} is no origin such as https://fleet.example.org"))
    defaults = LiveSettings()
    return LiveSettings(
        origins=tuple(said),
        connections_max=_number(environment, CONNECTIONS, defaults.connections_max, problems),
        connections_per_user_max=_number(environment, PER_USER, defaults.connections_per_user_max, problems),
    )


def _number(environment: Mapping[str, str], name: str, default: int, problems: list[Problem]) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 1_000_000):
        problems.append(Problem(name, f"must be a whole number from 1 to 1000000, not {text!r}"))
        return default
    return int(text)
