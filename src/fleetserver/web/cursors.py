"""Cursors as clients see them: bound to the list, its filters and the fleet that they were made for.

What the core calls a cursor is a position, and a position in one list means nothing in another. Eight bytes of digest
tell a cursor that was altered, cut, or taken from elsewhere. They keep nothing secret and guard nothing: what
somebody may read is decided without them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from attrs import frozen

from fleetcore.kernel.errors import Rejected

__all__ = ["CursorSeal"]

DIGEST_BYTES = 8
OF_THE_PAGE = ("cursor", "limit")  # these may change from page to page


@frozen
class CursorSeal:
    """Seals and opens the cursors of one list."""

    context: bytes

    @classmethod
    def of(cls, operation: str, values: Mapping[str, Any], fleet_id: UUID) -> CursorSeal:
        """Return the seal of the list that *operation* gives for the filters in *values*."""
        filters = sorted((name, str(value)) for name, value in values.items() if name not in OF_THE_PAGE)
        return cls(orjson.dumps([operation, filters, fleet_id]))

    def _digest(self, cursor: str) -> bytes:
        return hashlib.blake2b(
            cursor.encode(), key=hashlib.sha256(self.context).digest(), digest_size=DIGEST_BYTES
        ).digest()

    def seal(self, cursor: str) -> str:
        """Return *cursor* as the client gets it."""
        return f"{cursor}.{base64.urlsafe_b64encode(self._digest(cursor)).decode().rstrip('=')}"

    def open(self, said: Any) -> str:
        """Return the core's cursor. Raises Rejected for one that was not made here."""
        cursor, _dot, digest = str(said).rpartition(".")
        try:
            if self.seal(cursor) == said and digest:
                return cursor
        except (UnicodeEncodeError, binascii.Error):
            pass
        raise Rejected.because("cursor", "is not a cursor of this list; start again without one")
