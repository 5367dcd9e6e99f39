"""What those who run a host want to know of its database: how large it is, and whether its schema is ours."""

from __future__ import annotations

from sqlalchemy import text

from .database import Database
from .schema import SCHEMA_HEADS, schema_version

__all__ = ["schema_fault", "size_bytes"]

SIZES = {
    "postgresql": text("SELECT pg_database_size(current_database())"),
    "sqlite": text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"),
}


def size_bytes(database: Database) -> int:
    """Return how large *database* is on disk, in bytes. Raises Unavailable."""
    with database.system(snapshot=True) as connection:
        return int(connection.execute(SIZES[database.dialect]).scalar_one())


def schema_fault(database: Database) -> str | None:
    """Return what is wrong with the schema of *database*, None for nothing. Raises Unavailable."""
    with database.system(snapshot=True) as connection:
        present = schema_version(connection)
    if present == SCHEMA_HEADS:
        return None
    return f"has the schema {', '.join(sorted(present)) or 'of nobody'}, not {', '.join(sorted(SCHEMA_HEADS))}"
