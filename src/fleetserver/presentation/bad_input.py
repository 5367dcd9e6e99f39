"""What a person typed cannot be read."""

from __future__ import annotations

from fleetcore.kernel.errors import Rejected

__all__ = ["BadInput"]


class BadInput(Rejected):
    """What was typed, or the file that was named, cannot be read: nothing was tried."""
