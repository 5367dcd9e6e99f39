"""Validators: what an answer is called (ETag), and whether the client has it already (If-None-Match, RFC 9110, 13)."""

from __future__ import annotations

import hashlib

from aiohttp import web

__all__ = ["digest_of", "is_fresh"]


def digest_of(body: bytes) -> str:
    """Return the ETag of *body*."""
    return f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'


def is_fresh(request: web.Request, tag: str) -> bool:
    """Say whether the client has what is called *tag*; validators are compared weakly."""
    if (asked := request.headers.get("If-None-Match")) is None:
        return False
    known = {part.strip().removeprefix("W/") for part in asked.split(",")}
    return asked.strip() == "*" or tag in known
