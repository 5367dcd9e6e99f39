"""The tables of checklists and inspections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    RowMapping,
    String,
    Text,
    bindparam,
    delete,
    func,
    select,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.paging import Position
from fleetcore.kernel.quantities import Distance
from fleetcore.kernel.wire import structure, unstructure
from fleetcore.storage.paging import older_than
from fleetcore.storage.rows import Rows
from fleetcore.storage.scope import of_living_vehicle
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .inspection_model import CheckedItem, Checklist, ChecklistItem, Inspection, ListInspections, Outcome

__all__ = ["SqlChecklistStore", "SqlInspectionStore", "checklists", "inspections"]

checklists = fleet_table(
    "maintenance_checklists",
    Column("name", String(200), nullable=False),
    Column("items", Json, nullable=False),
    Column("notes", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
)

inspections = fleet_table(
    "maintenance_inspections",
    Column("vehicle_id", Id, nullable=False),
    Column("checklist", String(40), nullable=False),  # a shipped one's word, or the id of one that may be gone
    Column("title", String(200), nullable=False),
    Column("done_on", Date, nullable=False),
    Column("odometer_m", BigInteger),
    Column("inspector_id", Id, nullable=False),
    Column("items", Json, nullable=False),  # answered and replaced with the inspection, never alone
    Column("result", String(20), nullable=False),
    Column("notes", Text, nullable=False),
    Column("reminder_ids", Json, nullable=False),
    Column("retest_of", Id),
    Column("closed_by", Id),
    Column("job_id", Id),
    Column("reading_id", Id),
    Column("deleted_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
    ForeignKeyConstraint(["fleet_id", "reading_id"], ["vehicles_readings.fleet_id", "vehicles_readings.id"]),
)
Index("ix_maintenance_inspections_at", inspections.c.fleet_id, inspections.c.created_at, inspections.c.id)
Index(
    "ix_maintenance_inspections_vehicle",
    *(inspections.c.fleet_id, inspections.c.vehicle_id, inspections.c.done_on, inspections.c.id),
)
_is_kept = inspections.c.deleted_at.is_(None)
_is_retest = _is_kept & inspections.c.retest_of.is_not(None)
Index(
    "uq_maintenance_inspections_retest",
    *(inspections.c.fleet_id, inspections.c.retest_of),
    unique=True,
    sqlite_where=_is_retest,
    postgresql_where=_is_retest,
)

CHECKLIST_SAME = tuple(a.name for a in attrs.fields(Checklist) if a.name not in {"key", "items"})
DERIVED = {"odometer", "items", "result", "reminder_ids"}
SAME = tuple(a.name for a in attrs.fields(Inspection) if a.name not in DERIVED)


def _checklist_row(checklist: Checklist) -> dict[str, Any]:
    return {
        **{name: getattr(checklist, name) for name in CHECKLIST_SAME},
        "items": unstructure(list(checklist.items)),
    }


def _checklist(row: RowMapping) -> Checklist:
    items = tuple(structure(item, ChecklistItem) for item in row["items"])
    return Checklist(**{name: row[name] for name in CHECKLIST_SAME}, key=str(row["id"]), items=items)


def _to_row(inspection: Inspection) -> dict[str, Any]:
    return {
        **{name: getattr(inspection, name) for name in SAME},
        "odometer_m": None if inspection.odometer is None else inspection.odometer.metres,
        "items": unstructure(list(inspection.items)),
        "result": str(inspection.result),
        "reminder_ids": list(inspection.reminder_ids),
    }


def _from_row(row: RowMapping) -> Inspection:
    return Inspection(
        **{name: row[name] for name in SAME},
        odometer=None if row["odometer_m"] is None else Distance(row["odometer_m"]),
        items=tuple(structure(item, CheckedItem) for item in row["items"]),
        result=Outcome(row["result"]),
        reminder_ids=tuple(UUID(text) for text in row["reminder_ids"]),
    )


class _ChecklistRows(Rows[Checklist]):
    def conflict(self, error: IntegrityError) -> Conflict:  # noqa: ARG002 - there is one thing that can collide
        """Say that the id is taken."""
        return Conflict("a checklist with this id exists already")


class _InspectionRows(Rows[Inspection]):
    def conflict(self, error: IntegrityError) -> Conflict:  # noqa: ARG002 - a second retest waits for the lock
        """Say that the id is taken."""
        return Conflict("an inspection with this id exists already")


CHECKLIST_ROWS = _ChecklistRows("checklist", checklists, _checklist_row, _checklist)
INSPECTION_ROWS = _InspectionRows("inspection", inspections, _to_row, _from_row)
_all_checklists = (
    select(checklists)
    .where(checklists.c.fleet_id == bindparam("in_fleet"))
    .order_by(func.lower(checklists.c.name), checklists.c.id)
)
_in_fleet = inspections.c.fleet_id == bindparam("in_fleet")
_in_sight = _in_fleet & _is_kept & of_living_vehicle(inspections)
_by_id = select(inspections).where(_in_sight, inspections.c.id == bindparam("by_id"))
_newest_first = select(inspections).where(_in_sight).order_by(inspections.c.created_at.desc(), inspections.c.id.desc())
_is_open = (inspections.c.result == str(Outcome.FAIL)) & inspections.c.closed_by.is_(None)
_purge = delete(inspections).where(_in_fleet, inspections.c.vehicle_id == bindparam("of_vehicle"))


@attrs.frozen
class SqlChecklistStore:
    """The checklists of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, checklist: Checklist) -> None:
        """Store *checklist*."""
        CHECKLIST_ROWS.add(self.connection, self.fleet_id, checklist)

    def get(self, checklist_id: UUID) -> Checklist:
        """Return the checklist."""
        return CHECKLIST_ROWS.get(self.connection, self.fleet_id, checklist_id)

    def replace(self, checklist: Checklist, *, old_version: int) -> None:
        """Write *checklist* over its *old_version*."""
        CHECKLIST_ROWS.replace(self.connection, self.fleet_id, checklist, old_version=old_version)

    def remove(self, checklist_id: UUID) -> None:
        """Erase the checklist."""
        CHECKLIST_ROWS.remove(self.connection, self.fleet_id, checklist_id)

    def all(self) -> Sequence[Checklist]:
        """Return every checklist, by name."""
        rows = self.connection.execute(_all_checklists, {"in_fleet": self.fleet_id}).mappings()
        return [_checklist(row) for row in rows]


@attrs.frozen
class SqlInspectionStore:
    """The inspections of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, inspection: Inspection) -> None:
        """Store *inspection*."""
        INSPECTION_ROWS.add(self.connection, self.fleet_id, inspection)

    def get(self, inspection_id: UUID) -> Inspection:
        """Return the inspection."""
        row = self.connection.execute(_by_id, {"in_fleet": self.fleet_id, "by_id": inspection_id}).mappings().first()
        if row is None:
            raise NotFound("inspection", inspection_id)
        return _from_row(row)

    def replace(self, inspection: Inspection, *, old_version: int) -> None:
        """Write *inspection* over its *old_version*."""
        INSPECTION_ROWS.replace(self.connection, self.fleet_id, inspection, old_version=old_version)

    def page(
        self,
        question: ListInspections,
        vehicle_ids: frozenset[UUID] | None,
        created_by: UUID | None,
        after: Position | None,
        limit: int,
    ) -> Sequence[Inspection]:
        """Return up to *limit* inspections, newest first."""
        statement = _newest_first.limit(limit)
        for condition in (
            None if question.vehicle_id is None else inspections.c.vehicle_id == question.vehicle_id,
            None if vehicle_ids is None else inspections.c.vehicle_id.in_(vehicle_ids),
            None if created_by is None else inspections.c.created_by == created_by,
            _is_open if question.open_only else None,
            None if after is None else older_than(inspections.c.created_at, inspections.c.id, after),
        ):
            if condition is not None:
                statement = statement.where(condition)
        return [_from_row(row) for row in self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()]

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every inspection of a vehicle."""
        self.connection.execute(_purge, {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id})
