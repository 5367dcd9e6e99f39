"""What the history area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area

from . import passport, records, service
from .sources import SOURCES

__all__ = ["AREA"]

AREA = Area(
    name="history",
    operations=(service.list_timeline, records.record_history, passport.get_passport),
    needs=tuple(source.store for source in SOURCES),
)
