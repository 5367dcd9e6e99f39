"""Routes as data: which operation answers which method and address, and how a request becomes its command.

A route names its operation; request and response types, permission and documentation come from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from attrs import field, frozen

__all__ = [
    "Route",
    "Shape",
    "act",
    "content",
    "create",
    "download",
    "merge",
    "read",
    "remove",
    "replace",
    "resource",
    "upload",
]


class Shape(Enum):
    """How a request becomes a command, and what a success is."""

    READ = "read"
    """The address and its query are the command; 200 with a validator."""
    CREATE = "create"
    """The body is the command; 201 with the address of what was made."""
    BATCH = "batch"
    """The body's ``items`` are commands that take effect together or not at all; 201 with what was made, in order."""
    REPLACE = "replace"
    """The body is all that is said of the record; its version comes with If-Match."""
    MERGE = "merge"
    """The body is what changes (RFC 7396); the rest is read from the record. Its version comes with If-Match."""
    REMOVE = "remove"
    """No body; the version comes with If-Match, where the command has one."""
    UPLOAD = "upload"
    """The body is a file, the query the rest of the command; 201, or 200 for a question about the file."""
    DOWNLOAD = "download"
    """The operation writes a file, which is the answer."""
    CONTENT = "content"
    """A field of the result, text or an open file, is the answer."""
    ACT = "act"
    """A named action: the body, if any, is the command; 200."""


@frozen(kw_only=True)
class Route:
    """One method at one address below ``/api/v1``, in aiohttp's notation.

    Names in braces are fields of the command, by their JSON names. *getter* is the query that reads the record
    which the route changes; it decides between 404, 412 and 428. *fixed* are fields that the address implies.
    *file_field* is the field of the command, or of a content's result, that is the file; *file_name* what a download
    is called, *media_type* what content is where the result does not say. *record* names the field of the result that
    is the record, where it is not the result itself. *hidden* are fields that only Python may say.
    """

    method: str
    path: str
    operation: str
    shape: Shape
    getter: str | None = None
    fixed: Mapping[str, Any] = field(factory=dict)
    file_field: str = ""
    file_name: str = ""
    media_type: str = ""
    record: str = ""
    hidden: tuple[str, ...] = ()

    @property
    def path_fields(self) -> tuple[str, ...]:
        """The names in braces."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


def read(path: str, operation: str, **fixed: Any) -> Route:
    """Ask *operation* by GET."""
    return Route(method="GET", path=path, operation=operation, shape=Shape.READ, fixed=fixed)


def create(path: str, operation: str, *, record: str = "", **fixed: Any) -> Route:
    """Make a record by POST."""
    return Route(method="POST", path=path, operation=operation, shape=Shape.CREATE, record=record, fixed=fixed)


def act(path: str, operation: str, *, getter: str | None = None, record: str = "", **fixed: Any) -> Route:
    """Do something to a record, or at all, by POST."""
    return Route(
        method="POST", path=path, operation=operation, shape=Shape.ACT, getter=getter, record=record, fixed=fixed
    )


def upload(path: str, operation: str, *, file_field: str, hidden: tuple[str, ...] = ()) -> Route:
    """Send a file by POST; it becomes the field *file_field* of the command."""
    return Route(
        method="POST", path=path, operation=operation, shape=Shape.UPLOAD, file_field=file_field, hidden=hidden
    )


def content(path: str, operation: str, *, field: str, media_type: str = "") -> Route:
    """Read one field of the result by GET, as it is: a page, a calendar, a picture."""
    return Route(
        method="GET", path=path, operation=operation, shape=Shape.CONTENT, file_field=field, media_type=media_type
    )


def download(path: str, operation: str, *, file_field: str, file_name: str) -> Route:
    """Fetch a file by GET, which the operation writes into *file_field* of the command."""
    return Route(
        method="GET",
        path=path,
        operation=operation,
        shape=Shape.DOWNLOAD,
        file_field=file_field,
        file_name=file_name,
    )


def replace(path: str, operation: str, *, getter: str | None, record: str = "") -> Route:
    """Replace a record by PUT."""
    return Route(method="PUT", path=path, operation=operation, shape=Shape.REPLACE, getter=getter, record=record)


def merge(path: str, operation: str, *, getter: str, record: str = "") -> Route:
    """Change some of a record by PATCH."""
    return Route(method="PATCH", path=path, operation=operation, shape=Shape.MERGE, getter=getter, record=record)


def remove(path: str, operation: str, *, getter: str | None = None) -> Route:
    """Remove a record by DELETE."""
    return Route(method="DELETE", path=path, operation=operation, shape=Shape.REMOVE, getter=getter)


def resource(
    path: str,
    *,
    key: str = "id",
    add: str | None = None,
    get: str | None = None,
    list_: str | None = None,
    edit: str | None = None,
    delete: str | None = None,
    restore: str | None = None,
    record: str = "",
) -> tuple[Route, ...]:
    """Return the routes of a collection at *path* whose records are named by the field *key*."""
    one = f"{path}/{{{key}}}"
    routes: list[Route] = []
    if list_ is not None:
        routes.append(read(path, list_))
    if add is not None:
        routes.append(create(path, add, record=record))
    if get is not None:
        routes.append(read(one, get))
    if edit is not None:
        routes.append(replace(one, edit, getter=get, record=record))
        if get is not None:
            routes.append(merge(one, edit, getter=get, record=record))
    if delete is not None:
        routes.append(remove(one, delete, getter=get))
    if restore is not None:
        routes.append(act(f"{one}/restore", restore, record=record))
    return tuple(routes)
