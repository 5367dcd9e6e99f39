"""What people see where no page answers: an address that leads nowhere, a file that is too large, a fault of ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from attrs import frozen

from fleetserver.web.bridge import Busy
from fleetserver.web.handlers import CORRELATION_ID

from .handlers import PAGE_HEADERS, Pages
from .offline import QUEUED_HEADER
from .routing import View

__all__ = ["Lost"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
FOR_PROGRAMS = ("/api/", "/static/", "/livez", "/readyz", "/metrics", "/calendar.ics")
KEPT = ("Retry-After", "Allow", "Connection")
BUSY = 503


@frozen
class Lost:
    """Turns what programs are told of an error into a page, where a browser shows it to somebody."""

    pages: Pages

    @web.middleware
    async def tell(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer *request*; what failed before a page could be made is told as one."""
        response = await handler(request)
        if response.status < 400 or response.content_type == "text/html" or not _is_person(request):
            return response
        headers = {name: response.headers[name] for name in KEPT if name in response.headers}
        return await self._page(request, response.status, headers)

    async def _page(self, request: web.Request, status: int, headers: dict[str, str]) -> web.Response:
        body = None
        if status < 500:
            try:
                body = await self.pages.bridge.call(lambda: self._written(request, status, is_bare=False))
            except Busy:
                status = BUSY
        if body is None:  # nothing is asked of a server that cannot answer
            body = self._written(request, status, is_bare=True)
        sent = {**PAGE_HEADERS, "Cache-Control": "no-store", **headers}
        return web.Response(status=status, body=body, content_type="text/html", charset="utf-8", headers=sent)

    def _written(self, request: web.Request, status: int, *, is_bare: bool) -> bytes:
        visit = self.pages.stranger(request) if is_bare else self.pages.visitor(request)
        template = "errors/bare.html" if is_bare else "errors/lost.html"
        values = {"status": status, "number": request[CORRELATION_ID]}
        try:
            return self.pages.renderer.written(visit, View(template=template, values=values)).encode()
        finally:
            visit.close()


def _is_person(request: web.Request) -> bool:
    if QUEUED_HEADER in request.headers or request.path.startswith(FOR_PROGRAMS):
        return False
    return "text/html" in request.headers.get("Accept", "")
