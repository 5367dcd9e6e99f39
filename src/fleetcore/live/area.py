"""What the live area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area

from .ports import FEED, TICKETS
from .storage import SqlFeedStore, SqlTicketStore

__all__ = ["AREA"]

AREA = Area(name="live", stores={FEED: SqlFeedStore, TICKETS: SqlTicketStore})
