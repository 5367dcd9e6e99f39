"""What goes wrong outside of pages, told on a page: nothing at an address, a file too large, a fault of ours.

Programs are answered with problem+json; somebody at a browser is told the same in words, with a way on.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from attrs import frozen

from fleetserver.web.middleware import answer_safely
from fleetserver.web.problems import CONTENT_TYPE

from .offline import QUEUED_HEADER

__all__ = ["Failures"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Tell = Callable[[web.Request, int], Awaitable[web.StreamResponse]]
NOT_PAGES = ("/api/", "/static/", "/metrics", "/livez", "/readyz", "/calendar.ics")
MISDIRECTED = 421  # whoever came by a name that is not ours sees no page of ours
log = logging.getLogger("fleetserver.pages")


@frozen
class Failures:
    """Turns problems into pages for who looks at one; *tell* writes the page of a status."""

    tell: Tell

    def add_to(self, app: web.Application) -> None:
        """Stand right outside of what turns errors into problems."""
        app.middlewares.insert(app.middlewares.index(answer_safely), self.answer)

    @web.middleware
    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer as *handler* does; with a page where that is a problem and somebody looks."""
        response = await handler(request)
        if response.content_type != CONTENT_TYPE or response.status == MISDIRECTED or not _is_looked_at(request):
            return response
        try:
            page = await self.tell(request, response.status)
        except Exception as error:  # the page of an error has no error of its own: the problem is told as it was
            log.warning("the page of an error could not be written", exc_info=error)
            return response
        for name in ("Allow", "Retry-After"):
            if name in response.headers:
                page.headers[name] = response.headers[name]
        return page


def _is_looked_at(request: web.Request) -> bool:
    """Say whether a person opened this address, and no script or program."""
    return (
        "text/html" in request.headers.get("Accept", "")
        and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        and QUEUED_HEADER not in request.headers
        and not request.path.startswith(NOT_PAGES)
    )
