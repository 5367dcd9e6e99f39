"""Whose records stand on a vehicle's timeline: the one table. A new area offers a TimelineStore and gets a line here.

``fleetcore.storage.timeline`` makes such a store of a table: one declaration in the area.
"""

from __future__ import annotations

from attrs import frozen

from fleetcore.attachments.ports import ATTACHMENT_TIMELINE
from fleetcore.audit.ports import CHANGE_TIMELINE
from fleetcore.documents.ports import DOCUMENT_TIMELINE
from fleetcore.expenses.ports import EXPENSE_TIMELINE
from fleetcore.fuel.ports import FILL_TIMELINE
from fleetcore.imports.ports import IMPORT_TIMELINE
from fleetcore.kernel.ports import StoreKey
from fleetcore.kernel.timeline import TimelineStore
from fleetcore.maintenance.ports import MAINTENANCE_TIMELINE
from fleetcore.reminders.ports import COMPLETION_TIMELINE
from fleetcore.trips.ports import TRIP_TIMELINE
from fleetcore.vehicles.ports import ASSIGNMENT_TIMELINE, READING_TIMELINE

__all__ = ["KINDS", "SOURCES", "Source"]


@frozen
class Source:
    """One area's part of the timeline: the kinds of its entries, its store, and the permission to see them.

    *places* is the permission that its places need besides; without *others* for the whole fleet one sees only what
    one has a part in.
    """

    kinds: tuple[str, ...]
    store: StoreKey[TimelineStore]
    permission: str
    places: str | None = None
    others: str | None = None


SOURCES: tuple[Source, ...] = (
    Source(("vehicle",), CHANGE_TIMELINE, "vehicles.read"),
    Source(("reading",), READING_TIMELINE, "vehicles.read"),
    Source(("fill",), FILL_TIMELINE, "fuel.read"),
    Source(("expense",), EXPENSE_TIMELINE, "expenses.read"),
    Source(("service", "job", "inspection", "tyres", "tread"), MAINTENANCE_TIMELINE, "maintenance.read"),
    Source(("document", "document_end", "payment"), DOCUMENT_TIMELINE, "documents.read"),
    Source(("driver",), ASSIGNMENT_TIMELINE, "vehicles.read", others="vehicles.write"),
    Source(("file",), ATTACHMENT_TIMELINE, "vehicles.read"),
    Source(("trip",), TRIP_TIMELINE, "trips.read", places="trips.location.read"),
    Source(("reminder",), COMPLETION_TIMELINE, "reminders.read"),
    Source(("import",), IMPORT_TIMELINE, "imports.read"),
)
KINDS = tuple(kind for source in SOURCES for kind in source.kinds)
