"""By which names the server may be asked: where its public address is set, by that one and this machine's only.

A name that others point at the server would otherwise end up in links and caches, and a page under it would count as
one of ours (DNS rebinding).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from attrs import frozen

from fleetserver.settings import is_loopback

from .problems import HttpProblem

__all__ = ["KnownHosts"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# Balancers and scrapers ask each process by its own address.
OF_OPERATORS = {"/livez", "/readyz", "/metrics"}


@frozen
class KnownHosts:
    """Refuses requests by another name than that of *public_url*; without one, no name is refused."""

    public_url: str | None = None

    def add_to(self, app: web.Application) -> None:
        """Check what *app* is asked."""
        if self.public_url:
            app.middlewares.append(self.check)

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer *request* if it names this server."""
        if request.path not in OF_OPERATORS and not self._is_known(request.headers.get("Host", "")):
            detail = "this server does not answer to that name: use the address that its operator gave you"
            raise HttpProblem(status=421, kind="misdirected-request", detail=detail)
        return await handler(request)

    def _is_known(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return is_loopback(name) or name == urlsplit(self.public_url or "").hostname
