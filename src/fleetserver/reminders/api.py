"""Routes of reminders and of what is due."""

from __future__ import annotations

from fleetserver.web.routing import Route, act, read, resource

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    read("/due", "reminders.due"),
    act("/reminders/tick", "reminders.tick"),
    *resource(
        "/reminders",
        add="reminders.add",
        get="reminders.get",
        list_="reminders.list",
        edit="reminders.edit",
        delete="reminders.delete",
        restore="reminders.restore",
    ),
    act("/reminders/{id}/done", "reminders.done"),
    act("/reminders/{id}/skip", "reminders.skip"),
    act("/reminders/{id}/reopen", "reminders.reopen"),
    act("/reminders/{id}/snooze", "reminders.snooze"),
)
