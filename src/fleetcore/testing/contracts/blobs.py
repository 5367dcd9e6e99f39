"""What a blob store must do: the bytes of attachments, by their hash, every fleet's apart."""

from __future__ import annotations

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from fleetcore.attachments.ports import BlobStore
from fleetcore.kernel.errors import NotFound
from fleetcore.kernel.ids import new_id

__all__ = ["BlobStoreContract"]

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DATA = b"receipt" * 100_000
HASH = hashlib.sha256(DATA).hexdigest()


class BlobStoreContract:
    """Subclass it and supply the fixture ``blobs``: a store that may keep what other tests left in it."""

    @pytest.fixture
    def blobs(self) -> BlobStore:
        """Return the store under test: subclasses supply it."""
        raise NotImplementedError("supply a fixture called blobs")

    @pytest.fixture
    def fleet(self) -> UUID:
        """Return a fleet that has nothing yet."""
        return new_id()

    def put(self, blobs: BlobStore, fleet: UUID, data: bytes = DATA, at: datetime = NOON) -> str:
        """Store *data* and return its hash."""
        sha256 = hashlib.sha256(data).hexdigest()
        blobs.put(fleet, sha256, io.BytesIO(data), at)
        return sha256

    def read(self, blobs: BlobStore, fleet: UUID, sha256: str) -> bytes:
        """Return the bytes stored under *sha256*."""
        with blobs.open(fleet, sha256) as content:
            return content.read()

    def test_what_is_put_can_be_read(self, blobs: BlobStore, fleet: UUID) -> None:
        """The same bytes come back, and their number."""
        sha256 = self.put(blobs, fleet)

        assert DATA == self.read(blobs, fleet, sha256)
        assert len(DATA) == blobs.size(fleet, sha256)
        assert blobs.exists(fleet, sha256)

    def test_what_was_never_put_is_not_there(self, blobs: BlobStore, fleet: UUID) -> None:
        """Unknown bytes do not exist, and cannot be opened or measured."""
        assert not blobs.exists(fleet, HASH)
        with pytest.raises(NotFound):
            blobs.open(fleet, HASH)
        with pytest.raises(NotFound):
            blobs.size(fleet, HASH)

    def test_no_fleet_learns_what_another_has(self, blobs: BlobStore, fleet: UUID) -> None:
        """The bytes of one fleet do not exist for another, nor does its deleting touch them."""
        other = new_id()
        self.put(blobs, fleet)
        blobs.delete(other, HASH)

        assert not blobs.exists(other, HASH)
        assert [] == list(blobs.entries(other))
        assert blobs.exists(fleet, HASH)

    def test_bytes_with_another_hash_are_refused(self, blobs: BlobStore, fleet: UUID) -> None:
        """Bytes are never stored under a hash that is not theirs."""
        with pytest.raises(ValueError, match="hash"):
            blobs.put(fleet, HASH, io.BytesIO(b"something else"), NOON)

        assert not blobs.exists(fleet, HASH)
        assert [] == list(blobs.entries(fleet))

    @pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, HASH[:-1], f"{HASH}/x"])
    def test_a_name_that_is_no_hash_is_refused(self, blobs: BlobStore, fleet: UUID, name: str) -> None:
        """Nothing but a hash names bytes, so no name leads out of the store."""
        with pytest.raises(ValueError, match="SHA-256"):
            blobs.put(fleet, name, io.BytesIO(DATA), NOON)

    def test_putting_again_makes_the_bytes_newer(self, blobs: BlobStore, fleet: UUID) -> None:
        """The same bytes are kept once, and count as stored at the later time: a sweep spares them."""
        self.put(blobs, fleet)
        self.put(blobs, fleet, at=NOON + timedelta(days=9))

        assert [NOON + timedelta(days=9)] == [entry.stored_at for entry in blobs.entries(fleet)]

    def test_deleted_bytes_are_gone(self, blobs: BlobStore, fleet: UUID) -> None:
        """Deleting twice is no error; afterwards the bytes can be put again."""
        self.put(blobs, fleet)
        blobs.delete(fleet, HASH)
        blobs.delete(fleet, HASH)
        assert not blobs.exists(fleet, HASH)

        self.put(blobs, fleet)
        assert DATA == self.read(blobs, fleet, HASH)

    def test_entries_are_all_that_is_stored(self, blobs: BlobStore, fleet: UUID) -> None:
        """Each stored file is listed with its hash and its size."""
        hashes = {self.put(blobs, fleet, bytes([n]) * (n + 1)): n + 1 for n in range(20)}

        assert hashes == {entry.sha256: entry.size_bytes for entry in blobs.entries(fleet)}

    def test_the_same_bytes_may_be_put_at_once(self, blobs: BlobStore, fleet: UUID) -> None:
        """Racing puts of the same bytes leave them whole, once, and nothing beside them."""
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: self.put(blobs, fleet), range(16)))
        blobs.discard_unfinished(fleet, NOON + timedelta(days=1000))

        assert DATA == self.read(blobs, fleet, HASH)
        assert 1 == len(list(blobs.entries(fleet)))

    def test_a_put_that_breaks_off_leaves_nothing(self, blobs: BlobStore, fleet: UUID) -> None:
        """When the source fails half way, nothing is stored under the hash."""

        class Broken(io.BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:  # noqa: ARG002 - the signature is that of files
                if self.tell():
                    raise ConnectionResetError("gone")
                return super().read(10)

        with pytest.raises(Exception, match=r"gone|fails"):
            blobs.put(fleet, HASH, Broken(DATA), NOON)

        assert not blobs.exists(fleet, HASH)
        assert [] == list(blobs.entries(fleet))

    def test_fleets_with_something_are_named_once(self, blobs: BlobStore, fleet: UUID) -> None:
        """Whoever has bytes is named, once; whoever never had any is not."""
        for data in (b"one", b"two"):
            self.put(blobs, fleet, data)

        assert 1 == list(blobs.fleets()).count(fleet)
        assert new_id() not in set(blobs.fleets())
