"""The rows of a fleet in a database: what the storage knows of every table."""

from __future__ import annotations

from fleetcore.storage.archive import SqlFleetTables

__all__ = ["SqlFleetTables"]
