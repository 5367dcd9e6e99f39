"""How long a statement may take, said in the URL of the database."""

from __future__ import annotations

from .engines import parse_url

__all__ = ["limited"]


def limited(url: str, seconds: float) -> str:
    """Return *url* so that PostgreSQL ends a statement after so many *seconds*; what the URL says itself stays.

    SQLite has no such limit. Raises Rejected for no URL of a database.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() != "postgresql" or "options" in parsed.query:
        return url
    options = f"-c statement_timeout={round(seconds * 1000)}"
    return parsed.update_query_dict({"options": options}).render_as_string(hide_password=False)
