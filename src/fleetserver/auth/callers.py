"""Who a request comes from: its token or key, or, on a private machine in single-user mode, the owner."""

from __future__ import annotations

from aiohttp import web

from fleetcore.accounts.sessions import Origin
from fleetcore.kernel.actor import Actor
from fleetserver.settings import is_loopback
from fleetserver.web.context import ACTOR
from fleetserver.web.handlers import CORRELATION_ID
from fleetserver.web.problems import HttpProblem

from .authentication import Caller
from .service import Accounts

__all__ = ["Callers", "origin_of"]

SCHEME = "bearer "
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host")


def origin_of(request: web.Request) -> Origin:
    """Return where *request* came from, for logs and limits."""
    return Origin(address=request.remote, correlation_id=request[CORRELATION_ID])


class Callers:
    """Says who asks, and how often they may. Its methods run in threads: they may ask the database."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def actor_of(self, request: web.Request, permission: str | None) -> Actor:
        """Return the actor of *request* for what needs *permission*.

        Raises Unauthenticated, LimitExceeded, SecondFactorNeeded where their roles want a fresh one for it.
        """
        caller = self.caller_of(request)
        if permission is not None:
            self._accounts.require_fresh_factor(caller, permission)
        return caller.actor

    def caller_of(self, request: web.Request) -> Caller:
        """Return who sends *request*, with their session or key. Raises Unauthenticated, LimitExceeded."""
        said = request.headers.get("Authorization", "")
        secret = said[len(SCHEME) :].strip() if said[: len(SCHEME)].lower() == SCHEME else None
        if secret is None and self._accounts.settings.single_user:
            _require_private(request)
        try:
            caller = self._accounts.identify(secret)
        except Exception:  # whatever went wrong, a request that named nobody counts for its address
            self.count_failure(request)
            raise
        self._accounts.limit_request(caller, request.remote)
        request[ACTOR] = caller.actor
        return caller

    def count_failure(self, request: web.Request) -> None:
        """Count a request that named nobody for its address. Raises LimitExceeded."""
        self._accounts.limit_request(None, request.remote)


def _require_private(request: web.Request) -> None:
    """Refuse what a page elsewhere could send here by a name that points here, and what a proxy hands on."""
    if not is_loopback(request.url.host or "") or any(name in request.headers for name in FORWARDED):
        detail = "in single-user mode this server answers to 127.0.0.1 and localhost, without a proxy"
        raise HttpProblem(status=403, kind="forbidden", detail=detail)
