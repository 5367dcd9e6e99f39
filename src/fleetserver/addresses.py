"""Addresses as operators write them in settings: networks of proxies, origins of pages."""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Network, IPv6Network
from urllib.parse import urlsplit

__all__ = ["Network", "networks", "origins"]

Network = IPv4Network | IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a list such as ``10.0.0.0/8, ::1``. Raises ValueError for what is none."""
    found = []
    for part in text.split(","):
        if not (said := part.strip()):
            continue
        try:
            found.append(ipaddress.ip_network(said))
        except ValueError:
            raise ValueError(f"has {said!r}, which is no address or network such as 10.0.0.0/8") from None
    return tuple(found)


def origins(text: str) -> frozenset[str]:
    """Return the origins of a list such as ``https://app.example.org, http://localhost:5173``.

    Raises ValueError for what is no exact origin: a wildcard, a path, ``null``.
    """
    found = set()
    for part in text.split(","):
        if not (said := part.strip()):
            continue
        if not _is_origin(said):
            raise ValueError(f"has {said!r}, which is no exact origin such as https://app.example.org")
        found.add(said)
    return frozenset(found)


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    if not host or "*" in host or parts.scheme not in {"http", "https"}:
        return False
    bracketed = f"[{host}]" if ":" in host else host
    return text == f"{parts.scheme}://{bracketed}" + ("" if port is None else f":{port}")
