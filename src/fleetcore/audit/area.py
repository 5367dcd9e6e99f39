"""What the audit area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area

from .ports import AUDIT, CHANGE_TIMELINE
from .service import list_audit
from .storage import SqlAuditStore
from .storage_timeline import CHANGE_TIMELINE_STORE

__all__ = ["AREA"]

AREA = Area(
    name="audit", stores={AUDIT: SqlAuditStore, CHANGE_TIMELINE: CHANGE_TIMELINE_STORE}, operations=(list_audit,)
)
