"""Attachments, and what one can ask to be done with them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self
from uuid import UUID

from attrs import field, frozen

from fleetcore.kernel.paging import PAGE_LIMIT_DEFAULT
from fleetcore.kernel.sorting import sort_field
from fleetcore.kernel.wire import converter

__all__ = [
    "SIZE_MAX_BYTES",
    "AddAttachment",
    "Attachment",
    "DeleteAttachment",
    "Finding",
    "GetAttachment",
    "ListAttachments",
    "OpenAttachment",
    "OpenedAttachment",
    "RestoreAttachment",
    "StagedFile",
    "SweepAttachments",
    "SweepReport",
]

SIZE_MAX_BYTES = 25_000_000


@frozen(kw_only=True)
class Finding:
    """What a file is by its content; a picture has its size in pixels where the content says it."""

    media_type: str
    width: int | None = None
    height: int | None = None


@frozen(kw_only=True)
class StagedFile:
    """A file whose bytes have been checked and stored, and that no record names yet."""

    sha256: str
    size_bytes: int
    finding: Finding
    thumbnail_sha256: str | None = None


@frozen(kw_only=True)
class AddAttachment:
    """Hang a file on the record *entity_id* of the kind *entity*, such as ``fuel.fill``.

    *content* is a path or an open binary file of this computer; *name* is needed beside an open file. The core
    fills in *staged*.
    """

    entity: str
    entity_id: UUID
    content: Path | BinaryIO | None = field(default=None, eq=False, repr=False)
    name: str = field(default="", metadata={"personal": True})
    id: UUID | None = None
    staged: StagedFile | None = None


def _from_program(value: Any, _cls: Any) -> AddAttachment:
    if isinstance(value, AddAttachment):
        return value
    raise ValueError("a file is handed over by a program on this computer: JSON cannot hold one")


converter.register_structure_hook(AddAttachment, _from_program)  # else JSON from afar could name files of the server


@frozen(kw_only=True)
class Attachment:
    """A file on a record as kept: what it is called, what it is by its content, and where its bytes are.

    *vehicle_id* is that of the record when the file was added, for lists.
    """

    id: UUID
    entity: str
    entity_id: UUID
    vehicle_id: UUID | None = None
    name: str = field(metadata={"personal": True})
    media_type: str
    size_bytes: int
    sha256: str
    width: int | None = None
    height: int | None = None
    thumbnail_sha256: str | None = None
    deleted_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    created_by: UUID
    updated_by: UUID
    version: int = 1

    @property
    def is_picture(self) -> bool:
        """Say whether it is a picture."""
        return self.media_type.startswith("image/")


@frozen(kw_only=True)
class GetAttachment:
    """Ask for one attachment, without its bytes."""

    id: UUID


@frozen(kw_only=True)
class ListAttachments:
    """Ask for the attachments of one record, or of every record of a vehicle, newest first."""

    entity: str | None = None
    entity_id: UUID | None = None
    vehicle_id: UUID | None = None
    deleted: bool = False
    text: str = ""
    sort: str = sort_field("-created_at", "created_at", "size_bytes")
    cursor: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@frozen(kw_only=True)
class OpenAttachment:
    """Ask for the bytes of an attachment, or of its thumbnail."""

    id: UUID
    thumbnail: bool = False


@frozen(kw_only=True)
class OpenedAttachment:
    """An attachment with its bytes, open to be read; a thumbnail is a JPEG.

    *sha256* is of the bytes. *disposition* is the HTTP header that keeps a browser from running what is no picture.
    """

    attachment: Attachment
    media_type: str
    size_bytes: int
    sha256: str
    disposition: str
    content: BinaryIO = field(eq=False, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.content.close()


@frozen(kw_only=True)
class DeleteAttachment:
    """Take attachment *id* off its record, as long as it still has *version*; it can be restored for a while."""

    id: UUID
    version: int


@frozen(kw_only=True)
class RestoreAttachment:
    """Bring a deleted attachment back."""

    id: UUID


@frozen(kw_only=True)
class SweepAttachments:
    """Erase attachments deleted for *kept_days*, and bytes that none names and that are older than *grace_hours*.

    At most *limit* of each at once.
    """

    kept_days: int = 30
    grace_hours: int = 24
    limit: int = 1000


@frozen(kw_only=True)
class SweepReport:
    """What a sweep erased: attachments, and stored files with their bytes; and whether more is waiting."""

    attachments: int
    files: int
    size_bytes: int
    has_more: bool
