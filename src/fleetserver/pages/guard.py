"""What keeps strangers' pages from acting in a visitor's name: where a form comes from, and the token in it."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlsplit

from aiohttp import web

from fleetcore.kernel.actor import Actor

__all__ = ["BY_FIELD", "CSRF_FIELD", "csrf_token", "is_from_here", "is_token", "owner_mark", "session_cookie"]

CSRF_FIELD = "_csrf"
BY_FIELD = "_by"
SAME = {"same-origin", "none"}


def session_cookie(public_url: str) -> str:
    """Return the name of the cookie that says who comes; only https can have the prefix that binds it to this host."""
    return "__Host-fleet" if public_url.startswith("https:") else "fleet-session"


def csrf_token(secret: str) -> str:
    """Return the token of whoever keeps *secret* in a cookie that scripts cannot read.

    A page elsewhere makes the browser send the cookie, but cannot read it, so it cannot know the token.
    """
    return hashlib.blake2b(secret.encode(), digest_size=16, person=b"fleet-csrf").hexdigest()


def owner_mark(actor: Actor) -> str:
    """Return what forms and saved pages carry of who they were made for: a user in a fleet."""
    whom = actor.fleet_id.bytes + actor.user_id.bytes
    return hashlib.blake2b(whom, digest_size=12, person=b"fleet-mark").hexdigest()


def is_token(said: object, secret: str) -> bool:
    """Say whether *said* is the token of *secret*."""
    return isinstance(said, str) and said.isascii() and hmac.compare_digest(said, csrf_token(secret))


def is_from_here(request: web.Request) -> bool:
    """Say whether a page of ours sent *request*, by what browsers say of it; what says nothing is no browser."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in SAME:
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
