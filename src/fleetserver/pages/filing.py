"""The files of a record, as its page shows them."""

from __future__ import annotations

from uuid import UUID

from attrs import frozen

from fleetcore.attachments.model import Attachment, ListAttachments
from fleetcore.attachments.service import list_attachments
from fleetcore.kernel.errors import FleetError

from .visits import Visit

__all__ = ["Files", "files_of"]

FILES_MAX = 100


@frozen(kw_only=True)
class Files:
    """The files of the record *of* of the kind *entity*, and where its page is."""

    entity: str
    of: UUID
    back: str
    items: tuple[Attachment, ...]

    @property
    def newest_picture(self) -> Attachment | None:
        """The picture that stands for the record."""
        return next((each for each in self.items if each.is_picture and each.thumbnail_sha256), None)


def files_of(visit: Visit, entity: str, of: UUID, back: str) -> Files | None:
    """Return the files of a record; None where the visitor may not see them."""
    asked = ListAttachments(entity=entity, entity_id=of, limit=FILES_MAX)
    try:
        items = tuple(visit.answer(list_attachments, asked).items)
    except FleetError:
        return None
    return Files(entity=entity, of=of, back=back, items=items)
