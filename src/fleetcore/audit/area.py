"""What the audit area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area

from .ports import AUDIT
from .service import list_audit
from .storage import SqlAuditStore

__all__ = ["AREA"]

AREA = Area(name="audit", stores={AUDIT: SqlAuditStore}, operations=(list_audit,))
