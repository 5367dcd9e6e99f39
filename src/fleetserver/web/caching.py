"""Who may keep an answer, and for how long: one table for all addresses.

Records are for who asked, and are asked for again each time (with an ETag that costs a 304): what somebody may see can
end at any moment. That holds for the bytes of attachments too, although they never change. What is the same for
everyone, and changes with a release only, may be kept; what needs a login, by the browser of who asked alone.
Answers about accounts, and errors, say ``no-store`` themselves.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

__all__ = ["ASK_AGAIN", "KEPT", "NEVER", "cache_control_of"]

ASK_AGAIN = "private, no-cache"
NEVER = "no-store"
ROOT = "/api/v1"
KEPT: Mapping[str, str] = {
    f"{ROOT}/openapi.json": "public, max-age=300",
    f"{ROOT}/docs": "public, max-age=300",
    f"{ROOT}/makes": "private, max-age=3600",
    f"{ROOT}/makes/{{make}}/models": "private, max-age=3600",
    f"{ROOT}/permissions": "private, max-age=3600",
}
REUSABLE = {200, 304}
READING = {"GET", "HEAD"}


def cache_control_of(request: web.Request, status: int) -> str:
    """Return the Cache-Control of an answer with *status* that says none itself."""
    if status >= 400:
        return NEVER
    resource = request.match_info.route.resource
    if resource is None or request.method not in READING or status not in REUSABLE:
        return ASK_AGAIN
    return KEPT.get(resource.canonical, ASK_AGAIN)
