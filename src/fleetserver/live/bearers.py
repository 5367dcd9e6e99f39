"""Whom a live connection belongs to, by what a request shows."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from fleetcore.live.model import Bearer
from fleetserver.auth.callers import Callers

__all__ = ["bearers"]


def bearers(callers: Callers) -> Callable[[web.Request], Bearer]:
    """Return what says who sends a request: by an access token, an API key, or in single-user mode the owner."""

    def bearer_of(request: web.Request) -> Bearer:
        caller = callers.caller_of(request)
        return Bearer(
            user_id=caller.actor.user_id,
            fleet_id=caller.actor.fleet_id,
            session_id=caller.session_id,
            key_id=caller.key_id,
            # That of an API key is read anew whenever it counts; single-user mode has no end.
            expires_at=None if caller.session_id is None else caller.expires_at,
        )

    return bearer_of
