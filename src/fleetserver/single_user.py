"""Single-user mode: on a private machine nobody logs in, and whoever asks is the owner of the only fleet."""

from __future__ import annotations

from aiohttp import web

from fleetcore import Core
from fleetcore.kernel.actor import Actor

from .settings import is_loopback
from .web.handlers import Authenticate
from .web.problems import HttpProblem

__all__ = ["single_user"]


def single_user(core: Core) -> Authenticate:
    """Return what takes every request from this machine for the owner's.

    Requests with a foreign Host are refused: a page elsewhere could have its name point here and read everything.
    """
    owner: Actor | None = None

    async def authenticate(request: web.Request) -> Actor:
        nonlocal owner
        if not is_loopback(request.url.host or ""):
            raise HttpProblem(
                status=403,
                kind="forbidden",
                detail="in single-user mode this server answers to 127.0.0.1 and localhost",
            )
        if owner is None:
            owner = core.actor()
        return owner

    return authenticate
