"""Whose word is taken for where a request comes from: that of the reverse proxies that the operator names.

A proxy adds the address it saw to ``X-Forwarded-For`` on the right, and what a client sent stays on the left. So the
list is read from the right, as far as each address is a proxy's; the first other one is the client's.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

from aiohttp import web
from attrs import frozen

from fleetserver.addresses import Network

__all__ = ["PROXIES", "TrustedProxies"]

Address = IPv4Address | IPv6Address
SCHEMES = {"http", "https"}
HOPS_MAX = 16


@lru_cache(maxsize=4096)
def _address(text: str) -> Address | None:
    """Return the address that *text* is, without port; an IPv4 address in IPv6 is the IPv4 address."""
    said = text.strip()
    if said.startswith("["):
        said = said[1:].partition("]")[0]
    elif said.count(":") == 1:
        said = said.partition(":")[0]
    try:
        found = ipaddress.ip_address(said)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


@frozen
class TrustedProxies:
    """The networks whose hosts may say for whom they ask; nobody else is believed."""

    trusted: tuple[Network, ...] = ()

    def is_trusted(self, address: Address) -> bool:
        """Say whether *address* is a proxy's."""
        return any(address in network for network in self.trusted)

    def seen(self, request: web.Request) -> web.Request:
        """Return *request* as the first trusted proxy saw it: its ``remote`` and ``scheme`` are the client's."""
        peer = _address(request.remote or "")
        if peer is None or not self.is_trusted(peer):
            return request
        hops = _listed(request.headers.getall("X-Forwarded-For", ()))
        client, steps = self._client(peer, hops)
        scheme = _scheme(_listed(request.headers.getall("X-Forwarded-Proto", ())), steps) or request.scheme
        return request.clone(remote=str(client), scheme=scheme)

    def _client(self, peer: Address, hops: list[str]) -> tuple[Address, int]:
        """Return the client's address, and how many entries from the right were believed."""
        client = peer
        for steps, said in enumerate(reversed(hops[-HOPS_MAX:])):
            if not self.is_trusted(client) or (found := _address(said)) is None:
                return client, steps
            client = found
        return client, min(len(hops), HOPS_MAX)


def _listed(lines: Iterable[str]) -> list[str]:
    return [part.strip() for line in lines for part in line.split(",") if part.strip()]


def _scheme(said: list[str], steps: int) -> str | None:
    """Return the scheme that the proxy nearest to the client wrote: as far from the right as the client's address."""
    if not said:
        return None
    found = said[-min(max(steps, 1), len(said))].lower()
    return found if found in SCHEMES else None


PROXIES: web.AppKey[TrustedProxies] = web.AppKey("proxies", TrustedProxies)
