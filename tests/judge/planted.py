"""Faults to be found: each is a middleware around the application that breaks one promise of the description."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

__all__ = ["PLANTED"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
STATIONS = "/api/v1/stations"
VEHICLES = "/api/v1/vehicles"
PROVIDERS = "/api/v1/maintenance/providers"


@web.middleware
async def failing(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Fail where a station's name has a letter outside ASCII."""
    raw = await request.read() if request.method == "POST" and request.path == STATIONS else b"{}"
    if not raw.isascii() or rb"\u" in raw:
        return web.Response(status=500, text="Traceback (most recent call last): UnicodeEncodeError")
    return await handler(request)


@web.middleware
async def mistyped(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tell the version of a vehicle as text."""
    response = await handler(request)
    if request.path != VEHICLES or request.method != "GET" or response.status != 200:
        return response
    if not isinstance(response, web.Response) or response.content_type != "application/json":
        return response
    told = orjson.loads(response.body if isinstance(response.body, bytes) else b"{}")
    items = [{**each, "version": str(each["version"])} for each in told["items"]]
    return web.json_response({**told, "items": items}, headers={"ETag": response.headers["ETag"]})


class Undead:
    """Answer with a provider as it was before it was deleted."""

    def __init__(self) -> None:
        self._seen: dict[str, bytes] = {}

    @web.middleware
    async def show(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Keep what was made, and tell it for ever."""
        response = await handler(request)
        if not request.path.startswith(PROVIDERS) or not isinstance(response, web.Response):
            return response
        if response.status == 201 and isinstance(response.body, bytes):
            self._seen[response.headers["Location"]] = response.body
        if request.method == "GET" and response.status == 404 and request.path in self._seen:
            return web.Response(
                body=self._seen[request.path], content_type="application/json", headers={"ETag": '"1.x"'}
            )
        return response


@web.middleware
async def lax(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take any limit for the usual one."""
    limit = request.query.get("limit", "1")
    if request.path == "/api/v1/fuel" and request.method == "GET" and not limit.lstrip("-").isdigit():
        kept = request.rel_url.without_query_params("limit")
        return await handler(request.clone(rel_url=kept))
    return await handler(request)


PLANTED = {"a 500": failing, "a wrong type": mistyped, "use after delete": Undead().show, "a lax query": lax}
