"""Ids: UUIDv7, so that they sort by the time they were made (RFC 9562)."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7

__all__ = ["new_id"]


def new_id() -> UUID:
    """Make a new UUIDv7."""
    return uuid7()
