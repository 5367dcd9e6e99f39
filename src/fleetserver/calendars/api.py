"""Routes of calendar feeds; what a calendar program itself asks for is at ``/calendar.ics?token=``."""

from __future__ import annotations

from fleetserver.web.routing import Route, content, create, read, remove

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    read("/calendars", "calendars.list_feeds"),
    create("/calendars", "calendars.make_feed"),
    remove("/calendars/{id}", "calendars.revoke_feed"),
    content("/calendar", "calendars.read", field="text", media_type="text/calendar"),
)
