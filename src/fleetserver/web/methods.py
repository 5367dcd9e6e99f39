"""405 where an address does not take a method, though one with a name in braces would also fit it.

``GET /attachments/sweep`` would else be asked of ``/attachments/{id}``, whose ids never look like that.
"""

from __future__ import annotations

from typing import NoReturn

from aiohttp import web
from attrs import frozen

__all__ = ["ANY_METHOD", "methods_of", "refuse_other_methods"]

ANY_METHOD = "*"  # aiohttp's name of the route that takes whatever the others do not


def refuse_other_methods(router: web.UrlDispatcher) -> None:
    """Let every address that another one could stand for answer for itself."""
    known: dict[str, list[web.Resource]] = {}
    for resource in router.resources():
        if isinstance(resource, web.Resource):
            known.setdefault(resource.canonical, []).append(resource)
    by_length: dict[int, list[list[str]]] = {}  # comparing each with each takes as long as all the rest of the start
    for template in known:
        if "{" in template:
            pieces = template.split("/")
            by_length.setdefault(len(pieces), []).append(pieces)
    for path, resources in known.items():
        pieces = path.split("/")
        if any(_stands_for(template, pieces) for template in by_length.get(len(pieces), ())):
            allowed = sorted({route.method for resource in resources for route in resource})
            resources[-1].add_route(ANY_METHOD, _Refusal(frozenset(allowed)).answer)  # those before it are asked first


def methods_of(request: web.Request) -> frozenset[str] | None:
    """Return which methods the address of *request* takes, if not this one; None if it does, or is nowhere."""
    failed = request.match_info.http_exception
    if isinstance(failed, web.HTTPMethodNotAllowed):
        return frozenset(failed.allowed_methods)
    refusal = getattr(request.match_info.handler, "__self__", None)
    return refusal.allowed if isinstance(refusal, _Refusal) else None


def _stands_for(template: list[str], path: list[str]) -> bool:
    """Say whether *template* fits every address of *path*, which has as many pieces, and more."""
    is_wider = False
    for piece, other in zip(template, path, strict=True):
        if _is_name(piece):
            is_wider = is_wider or not _is_name(other)
        elif piece != other:
            return False
    return is_wider


def _is_name(piece: str) -> bool:
    return piece.startswith("{")


@frozen
class _Refusal:
    """The answer to every method but those that are *allowed*."""

    allowed: frozenset[str]

    async def answer(self, request: web.Request) -> NoReturn:
        raise web.HTTPMethodNotAllowed(request.method, self.allowed)
