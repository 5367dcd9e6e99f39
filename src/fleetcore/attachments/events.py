"""What is told after attachments changed; names of files stay out."""

from __future__ import annotations

from uuid import UUID

from attrs import frozen

from fleetcore.kernel.events import Event, event

__all__ = ["EVENTS", "AttachmentAdded", "AttachmentDeleted", "AttachmentRestored", "AttachmentsSwept"]


@frozen(kw_only=True)
class _AttachmentTold(Event):
    """What every event of an attachment tells."""

    attachment_id: UUID
    entity: str
    entity_id: UUID
    vehicle_id: UUID | None
    media_type: str
    size_bytes: int


@event("attachments.attachment_added", key="attachment_id")
@frozen(kw_only=True)
class AttachmentAdded(_AttachmentTold):
    """A file was hung on a record."""


@event("attachments.attachment_deleted", key="attachment_id")
@frozen(kw_only=True)
class AttachmentDeleted(_AttachmentTold):
    """A file was taken off its record."""


@event("attachments.attachment_restored", key="attachment_id")
@frozen(kw_only=True)
class AttachmentRestored(_AttachmentTold):
    """A deleted attachment came back."""


@event("attachments.swept", key="sweep_id")
@frozen(kw_only=True)
class AttachmentsSwept(Event):
    """Attachments deleted long ago were erased, and bytes that none named."""

    sweep_id: UUID
    attachments: int
    files: int
    size_bytes: int


EVENTS: tuple[type[Event], ...] = (AttachmentAdded, AttachmentDeleted, AttachmentRestored, AttachmentsSwept)
