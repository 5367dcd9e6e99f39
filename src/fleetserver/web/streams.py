"""Whole lists as CSV, streamed page by page: memory holds one page, however long the list is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
from aiohttp import web
from attrs import frozen

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.paging import PAGE_LIMIT_MAX, Page

from .bridge import Busy
from .tables import CSV, CsvTable

if TYPE_CHECKING:
    from .handlers import Endpoint

__all__ = ["ListStream"]

log = logging.getLogger("fleetserver.web")
PAGINATION = {"limit", "cursor"}
BUSY_PAUSE_S, BUSY_ATTEMPTS_MAX = 0.25, 120


@frozen(kw_only=True)
class ListStream:
    """One answer in the making: who asks, for what, and how it is written."""

    endpoint: Endpoint
    actor: Actor
    command: Any
    table: CsvTable
    place: Mapping[str, str | None]  # of the request, for the audit log

    @staticmethod
    def is_wanted(request: web.Request, command_fields: Mapping[str, Any]) -> bool:
        """Say whether the whole list is meant: it has pages, and none of them is named."""
        return "cursor" in command_fields and not PAGINATION & set(request.query)

    async def send(self, request: web.Request, headers: Mapping[str, str]) -> web.StreamResponse:
        """Send every page. What fails before the first one is told as a problem; later the connection is cut."""
        part, cursor = await self._part(None)
        response = web.StreamResponse(headers=headers)
        response.content_type, response.charset = CSV, "utf-8"
        response.enable_compression()
        await response.prepare(request)
        if request.method == "HEAD":
            return response
        try:
            await response.write(self.table.heading() + part)
            while cursor is not None:
                part, cursor = await self._patient_part(cursor)
                await response.write(part)
            await response.write_eof()
        except ConnectionError:
            log.info("a client left before the end of a list")
        except Exception:  # the status is sent: only a cut connection tells the client that this is not all
            log.exception("a list was cut off after its beginning")
            if request.transport is not None:
                request.transport.abort()
        return response

    async def _part(self, cursor: str | None) -> tuple[bytes, str | None]:
        return await self.endpoint.server.bridge.call(lambda: self._written(cursor))

    async def _patient_part(self, cursor: str) -> tuple[bytes, str | None]:
        """Return a page; a stream that has begun waits where a new request would be turned away."""
        for _attempt in range(BUSY_ATTEMPTS_MAX):
            try:
                return await self._part(cursor)
            except Busy:
                await asyncio.sleep(BUSY_PAUSE_S)
        raise Busy

    def _written(self, cursor: str | None) -> tuple[bytes, str | None]:
        question = attrs.evolve(self.command, cursor=cursor, limit=PAGE_LIMIT_MAX)
        operation: Any = self.endpoint.operation
        page: Page[Any] = self.endpoint.server.core.read(self.actor, operation, question, **self.place)
        return self.table.rows(page.items), page.next
