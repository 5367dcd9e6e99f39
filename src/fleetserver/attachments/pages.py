"""Pages of files: one attached, one shown, one taken off its record."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from fleetcore.attachments.model import SIZE_MAX_BYTES, AddAttachment, DeleteAttachment, GetAttachment, OpenAttachment
from fleetcore.attachments.service import (
    add_attachment,
    delete_attachment,
    get_attachment,
    open_attachment,
    restore_attachment,
)
from fleetcore.kernel.errors import NotFound, Rejected
from fleetserver.pages.filing import files_of
from fleetserver.pages.records import said_version
from fleetserver.pages.routing import Document, Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.visits import Visit

__all__ = ["PAGES"]

FILES_AT_ONCE = 4
MEBIBYTE = 1024 * 1024
# What a file is shown under can run nothing, whatever it holds.
SHOWN = {"Content-Security-Policy": "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"}


def _back(visit: Visit) -> str:
    said = str(visit.sent.form.get("back", "/"))
    return said if said.startswith("/") and not said.startswith(("//", "/\\")) else "/"


def _id(visit: Visit) -> UUID:
    if (found := visit.id("id")) is None:
        raise NotFound("attachment", visit.sent.names["id"])
    return found


def attach(visit: Visit) -> Outcome:
    """Hang the files that were sent on their record; of several, those before a bad one stay."""
    form = visit.sent.form
    entity, of = str(form.get("entity", "")), visit.id("entity_id")
    if of is None:
        raise NotFound("record", str(form.get("entity_id", "")))
    sent = form.get("content")
    files = (
        [each for each in sent if isinstance(each, web.FileField) and each.filename] if isinstance(sent, tuple) else []
    )
    if not files:
        return _again(visit, entity, of, [visit.language.text("Choose a file first, or take a photo.")])
    attached = None
    for number, each in enumerate(files[:FILES_AT_ONCE]):
        command = AddAttachment(entity=entity, entity_id=of, content=each.file, name=each.filename)  # type: ignore[arg-type]
        try:
            attached = visit.run(add_attachment, command, part=str(number))
        except Rejected as rejected:
            return _again(visit, entity, of, [f"{each.filename}: {one.message}" for one in rejected.problems])
    undo = None
    if len(files) == 1 and attached is not None:
        undo = Undo(operation=delete_attachment.name, values={"id": str(attached.id), "version": attached.version})
    said = visit.language.count("One file is attached.", "{number} files are attached.", min(len(files), FILES_AT_ONCE))
    return Redirect(to=_back(visit), message=said, undo=undo)


def _again(visit: Visit, entity: str, of: UUID, problems: list[str]) -> View:
    values = {"files": files_of(visit, entity, of, _back(visit)), "problems": problems, "back": _back(visit)}
    return View(template="attachments/again.html", values=values, status=422)


def _shown(visit: Visit, *, small: bool) -> Outcome:
    with visit.answer(open_attachment, OpenAttachment(id=_id(visit), thumbnail=small)) as opened:
        headers = {**SHOWN, "Content-Disposition": opened.disposition, "X-Content-Type-Options": "nosniff"}
        headers["Cache-Control"] = "private, max-age=86400" if small else "private, no-cache"
        return Document(body=opened.content.read(), content_type=opened.media_type, headers=headers)


def show(visit: Visit) -> Outcome:
    """Show a file, or give it to be kept where a browser should not open it."""
    return _shown(visit, small=False)


def show_small(visit: Visit) -> Outcome:
    """Show the small picture of a picture."""
    return _shown(visit, small=True)


def remove(visit: Visit) -> Outcome:
    """Take a file off its record."""
    file = visit.answer(get_attachment, GetAttachment(id=_id(visit)))
    visit.run(delete_attachment, DeleteAttachment(id=file.id, version=said_version(visit) or file.version))
    undo = Undo(operation=restore_attachment.name, values={"id": str(file.id)})
    return Redirect(to=_back(visit), message=visit.language.text("{name} is deleted.", name=file.name), undo=undo)


PAGES = (
    PageRoute(method="POST", path="/files", show=attach, body_max=FILES_AT_ONCE * SIZE_MAX_BYTES + MEBIBYTE),
    PageRoute(method="GET", path="/files/{id}", show=show),
    PageRoute(method="GET", path="/files/{id}/small", show=show_small),
    PageRoute(method="POST", path="/files/{id}/delete", show=remove),
)
