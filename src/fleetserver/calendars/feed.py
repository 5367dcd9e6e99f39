"""``/calendar.ics?token=``: what a calendar program fetches, without a login but with a secret address."""

from __future__ import annotations

from aiohttp import web

from fleetcore import Core
from fleetcore.calendars.model import Calendar, ReadCalendar
from fleetcore.calendars.service import read_calendar
from fleetserver.web.bridge import Bridge
from fleetserver.web.problems import HttpProblem

__all__ = ["CalendarFeed"]


class CalendarFeed:
    """Answers calendar programs, which ask again and again: what did not change is not sent again."""

    def __init__(self, core: Core, bridge: Bridge) -> None:
        self._core, self._bridge = core, bridge

    async def show(self, request: web.Request) -> web.Response:
        """Send the calendar of the address."""
        if not (token := request.query.get("token")):
            raise HttpProblem(status=403, kind="forbidden", detail="this address lacks its token: copy it whole")
        calendar = await self._bridge.call(lambda: self._read(token))
        headers = {"ETag": calendar.etag, "Cache-Control": "private, no-cache"}
        if request.headers.get("If-None-Match", "").strip() == calendar.etag:
            return web.Response(status=304, headers=headers)
        return web.Response(text=calendar.text, content_type="text/calendar", charset="utf-8", headers=headers)

    def _read(self, token: str) -> Calendar:
        return self._core.read(self._core.feed_actor(token), read_calendar, ReadCalendar())
