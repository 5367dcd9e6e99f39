"""Routes of what one was told, and how one wants to be told."""

from __future__ import annotations

from fleetserver.web.routing import Route, act, read, replace

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    read("/notifications", "notifications.list"),
    read("/notifications/unread", "notifications.count_unread"),
    act("/notifications/read", "notifications.read"),
    act("/notifications/archive", "notifications.archive"),
    read("/notifications/preferences", "notifications.get_preferences"),
    replace("/notifications/preferences", "notifications.set_preferences", getter="notifications.get_preferences"),
    act("/notifications/unsubscribe", "notifications.unsubscribe"),
    act("/notifications/send-test", "notifications.send_test"),
    read("/notifications/deliveries", "notifications.list_deliveries"),
    read("/notifications/{id}", "notifications.get"),
)
