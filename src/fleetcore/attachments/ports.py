"""Where attachments and their bytes are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import BinaryIO, Protocol
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey
from fleetcore.kernel.timeline import TimelineStore

from .model import Attachment, ListAttachments

__all__ = ["ATTACHMENTS", "ATTACHMENT_TIMELINE", "BLOBS", "AttachmentStore", "Blob", "BlobStore", "Blobs"]


@frozen(kw_only=True)
class Blob:
    """Stored bytes: their hash, how many they are, and when they were last put."""

    sha256: str
    size_bytes: int
    stored_at: datetime


class BlobStore(Protocol):
    """Keeps bytes by their SHA-256 in lower hex, every fleet's apart, so that none can learn what another has.

    Safe to share between threads and processes. What is in a database transaction is no matter to it. Failures
    of the storage raise Unavailable. ``fleetcore.testing.contracts.BlobStoreContract`` says the rest.
    """

    def put(self, fleet_id: UUID, sha256: str, content: BinaryIO, at: datetime) -> None:
        """Store what is left of *content*, all or nothing; what is stored already is only as new as *at* again.

        Raises ValueError, storing nothing, when the bytes have another hash.
        """
        ...

    def open(self, fleet_id: UUID, sha256: str) -> BinaryIO:
        """Return the bytes, open to be read from the start; raises NotFound."""
        ...

    def exists(self, fleet_id: UUID, sha256: str) -> bool:
        """Say whether the bytes are stored."""
        ...

    def size(self, fleet_id: UUID, sha256: str) -> int:
        """Return how many bytes they are; raises NotFound."""
        ...

    def delete(self, fleet_id: UUID, sha256: str) -> None:
        """Forget the bytes; there may be none."""
        ...

    def entries(self, fleet_id: UUID) -> Iterator[Blob]:
        """Yield what is stored of a fleet, in any order, a little at a time."""
        ...

    def fleets(self) -> Iterator[UUID]:
        """Yield every fleet that may have something stored, each once."""
        ...

    def discard_unfinished(self, fleet_id: UUID, before: datetime) -> None:
        """Remove what a put that broke off before the instant left behind."""
        ...


class Blobs(Protocol):
    """The blob store of the core, for the fleet of the unit of work."""

    @property
    def size_max_bytes(self) -> int:
        """How large one file may be."""
        ...

    def put(self, sha256: str, content: BinaryIO, at: datetime) -> None:
        """Store what is left of *content*."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Return the bytes; raises NotFound."""
        ...

    def exists(self, sha256: str) -> bool:
        """Say whether the bytes are stored."""
        ...

    def size(self, sha256: str) -> int:
        """Return how many bytes they are; raises NotFound."""
        ...

    def delete(self, sha256: str) -> None:
        """Forget the bytes."""
        ...

    def entries(self) -> Iterator[Blob]:
        """Yield what is stored."""
        ...

    def fleets(self) -> Iterator[UUID]:
        """Yield every fleet that may have something stored, whichever these are of; nothing without a store."""
        ...

    def discard_unfinished(self, before: datetime) -> None:
        """Remove what broken-off puts left behind."""
        ...


class AttachmentStore(Protocol):
    """The attachments of one fleet."""

    def add(self, attachment: Attachment) -> None:
        """Store *attachment*; a taken id raises Conflict."""
        ...

    def get(self, attachment_id: UUID, *, deleted: bool = False) -> Attachment:
        """Return the attachment; raises NotFound. Deleted ones only with *deleted*."""
        ...

    def named(self, attachment_ids: Sequence[UUID]) -> Sequence[Attachment]:
        """Return those of *attachment_ids* that are there, deleted ones not."""
        ...

    def replace(self, attachment: Attachment, *, old_version: int) -> None:
        """Write *attachment* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def page(self, question: ListAttachments, after: Position | None, limit: int) -> Sequence[Attachment]:
        """Return up to *limit* attachments of a record or a vehicle, newest first."""
        ...

    def of_vehicle(self, vehicle_id: UUID) -> Sequence[Attachment]:
        """Return the attachments of a vehicle's records, deleted ones too."""
        ...

    def deleted_before(self, instant: datetime, limit: int) -> Sequence[Attachment]:
        """Return up to *limit* attachments that were deleted before the instant."""
        ...

    def remove(self, attachment_ids: Sequence[UUID]) -> None:
        """Erase attachments."""
        ...

    def used(self, hashes: Sequence[str]) -> frozenset[str]:
        """Return those of *hashes* that an attachment, deleted or not, names."""
        ...

    def hashes(self) -> Iterator[str]:
        """Yield every hash that an attachment names, each once, in order."""
        ...

    def fleets(self, others: Sequence[UUID] = ()) -> Sequence[UUID]:
        """Return every fleet that has attachments, deleted ones too, and those of *others* that there are.

        Whichever fleet this store is of.
        """
        ...

    def move(self, entity: str, entity_id: UUID, vehicle_id: UUID | None) -> None:
        """Write on every attachment of a record, deleted or not, whose vehicle the record is now."""
        ...

    def rehang(self, entity: str, entity_id: UUID, *, new_entity: str, new_entity_id: UUID) -> None:
        """Hang every attachment of a record, deleted or not, on another one of the same vehicle."""
        ...

    def bearers(self, entity: str, entity_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Return those of the records that have attachments, deleted or not."""
        ...

    def newest_pictures(self, entity: str, entity_ids: Sequence[UUID]) -> Mapping[UUID, UUID]:
        """Return the newest picture with a thumbnail of each of the records that has one."""
        ...

    def remove_of(self, entity: str, entity_ids: Sequence[UUID]) -> None:
        """Erase every attachment of records, deleted or not."""
        ...

    def total_bytes(self) -> int:
        """Return how many bytes the fleet's files take, the same content once."""
        ...


ATTACHMENTS: StoreKey[AttachmentStore] = StoreKey("attachments.attachments")
BLOBS: StoreKey[Blobs] = StoreKey("attachments.blobs")
ATTACHMENT_TIMELINE: StoreKey[TimelineStore] = StoreKey("attachments.timeline")
