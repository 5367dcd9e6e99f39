"""405 where an address does not take a method, though one with a name in braces would also fit it.

``GET /attachments/sweep`` would else be asked of ``/attachments/{id}``, whose ids never look like that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import NoReturn

from aiohttp import web

__all__ = ["refuse_other_methods"]


def refuse_other_methods(router: web.UrlDispatcher) -> None:
    """Let every address that another one could stand for answer for itself."""
    known = [resource for resource in router.resources() if isinstance(resource, web.Resource)]
    for resource in known:
        if any(_stands_for(other.canonical, resource.canonical) for other in known):
            allowed = sorted({route.method for route in resource})
            resource.add_route("*", _refusing(allowed))


def _stands_for(template: str, path: str) -> bool:
    """Say whether *template* fits every address of *path*, and more."""
    pieces, others = template.split("/"), path.split("/")
    if len(pieces) != len(others) or template == path:
        return False
    return all(_is_name(piece) or piece == other for piece, other in zip(pieces, others, strict=True))


def _is_name(piece: str) -> bool:
    return piece.startswith("{")


def _refusing(allowed: Iterable[str]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def refuse(request: web.Request) -> NoReturn:
        raise web.HTTPMethodNotAllowed(request.method, allowed)

    return refuse
