"""Routes of files on records."""

from __future__ import annotations

from fleetserver.web.routing import Route, act, content, resource, upload

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    act("/attachments/sweep", "attachments.sweep"),
    upload("/attachments", "attachments.add", file_field="content", hidden=("staged",)),
    *resource(
        "/attachments",
        get="attachments.get",
        list_="attachments.list",
        delete="attachments.delete",
        restore="attachments.restore",
    ),
    content("/attachments/{id}/content", "attachments.open", field="content"),
)
