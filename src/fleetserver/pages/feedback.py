"""Where people tell what they think: what the host says, else the issue tracker that the installed project names."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, metadata

__all__ = ["project_tracker"]


@lru_cache(maxsize=1)
def project_tracker() -> str | None:
    """Return the address of the project's issue tracker, if its metadata name one."""
    try:
        named = metadata("fleetcore").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    for entry in named:
        label, _, address = str(entry).partition(",")
        if label.strip().casefold() == "issues":
            return address.strip()
    return None
