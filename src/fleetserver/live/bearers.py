"""Whom a live connection belongs to, by what a request shows."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from fleetcore.live.model import Bearer
from fleetserver.auth.authentication import Caller
from fleetserver.auth.callers import Callers
from fleetserver.auth.service import Accounts
from fleetserver.pages.guard import is_from_here, session_cookie
from fleetserver.web.context import ACTOR
from fleetserver.web.problems import HttpProblem

__all__ = ["bearers", "page_bearers"]


def bearers(callers: Callers) -> Callable[[web.Request], Bearer]:
    """Return what says who sends a request: by an access token, an API key, or in single-user mode the owner."""

    def bearer_of(request: web.Request) -> Bearer:
        return _bearer(callers.caller_of(request))

    return bearer_of


def page_bearers(callers: Callers, accounts: Accounts) -> Callable[[web.Request], Bearer]:
    """Return what says who sends a request from one of our pages: by the cookie, else as for programs.

    A browser sends the cookie whoever's page makes it ask, so it counts only where it says that the page is ours.
    """
    cookie = session_cookie(accounts.settings.public_url)

    def bearer_of(request: web.Request) -> Bearer:
        token = request.cookies.get(cookie)
        if token is None or "Authorization" in request.headers:
            return _bearer(callers.caller_of(request))
        if not is_from_here(request):
            raise HttpProblem(status=403, kind="forbidden", detail="pages of other sites may not listen here")
        try:
            caller = accounts.authenticator.identify_visitor(token)
        except Exception:  # as for programs: whatever went wrong, a request that named nobody counts for its address
            callers.count_failure(request)
            raise
        accounts.limit_request(caller, request.remote)
        request[ACTOR] = caller.actor
        return _bearer(caller)

    return bearer_of


def _bearer(caller: Caller) -> Bearer:
    return Bearer(
        user_id=caller.actor.user_id,
        fleet_id=caller.actor.fleet_id,
        session_id=caller.session_id,
        key_id=caller.key_id,
        # That of an API key is read anew whenever it counts; single-user mode has no end.
        expires_at=None if caller.session_id is None else caller.expires_at,
    )
