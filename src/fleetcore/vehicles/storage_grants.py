"""The tables of grants and of assignments: what opens a vehicle to a user."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    RowMapping,
    String,
    Text,
    and_,
    bindparam,
    delete,
    insert,
    literal_column,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, FleetError, NotFound, Rejected
from fleetcore.kernel.paging import Position
from fleetcore.storage.paging import older_than
from fleetcore.storage.rows import Rows
from fleetcore.storage.types import Id, Instant, fleet_table

from .assignments import Assignment, ListAssignments
from .model import GrantScope, ListGrants, VehicleGrant
from .ports import Opening

__all__ = ["SqlAssignmentStore", "SqlGrantStore", "assignments", "grants"]

grants = fleet_table(
    "vehicles_grants",
    Column("vehicle_id", Id, nullable=False),
    Column("user_id", Id, ForeignKey("people_users.id"), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("scope", String(20)),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
    in_fleet=False,  # its vehicle, or its parent, is in the fleet already
)
Index("ix_vehicles_grants_user", grants.c.fleet_id, grants.c.user_id)
Index("ix_vehicles_grants_vehicle", grants.c.fleet_id, grants.c.vehicle_id)

assignments = fleet_table(
    "vehicles_assignments",
    Column("vehicle_id", Id, nullable=False),
    Column("driver_id", Id, ForeignKey("people_users.id")),
    Column("driver_name", String(200), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("is_primary", Boolean(create_constraint=False), nullable=False),
    Column("notes", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
    in_fleet=False,  # its vehicle is in the fleet already
)
Index("ix_vehicles_assignments_driver", assignments.c.fleet_id, assignments.c.driver_id)
Index("ix_vehicles_assignments_vehicle", assignments.c.fleet_id, assignments.c.vehicle_id, assignments.c.starts_at)

_instant = bindparam("around", type_=Instant)


def _lasts(table: Any, instant: Any) -> ColumnElement[bool]:
    """Return the condition that a row of *table* has not ended at *instant*."""
    return or_(table.c.ends_at.is_(None), table.c.ends_at > instant)


def _live(table: Any) -> ColumnElement[bool]:
    return and_(table.c.fleet_id == bindparam("in_fleet"), table.c.starts_at <= _instant, _lasts(table, _instant))


GRANT_COLUMNS = tuple(attribute.name for attribute in attrs.fields(VehicleGrant))
_grant = (
    select(*(grants.c[name] for name in GRANT_COLUMNS))
    .where(grants.c.fleet_id == bindparam("in_fleet"))
    .order_by(grants.c.starts_at.desc(), grants.c.id.desc())
)
_openings = union_all(
    select(grants.c.vehicle_id, grants.c.scope, literal_column("0")).where(
        _live(grants), grants.c.user_id == bindparam("of_user")
    ),
    select(assignments.c.vehicle_id, null(), literal_column("1")).where(
        _live(assignments), assignments.c.driver_id == bindparam("of_user")
    ),
)


def _scope(word: str | None) -> GrantScope | None:
    return None if word is None else GrantScope(word)


def _grant_from_row(row: RowMapping) -> VehicleGrant:
    return VehicleGrant(**{**row, "scope": _scope(row["scope"])})


@attrs.frozen
class SqlGrantStore:
    """Who may use which vehicle of one fleet, in a database."""

    connection: Connection
    fleet_id: UUID
    known: dict[tuple[UUID, datetime], Sequence[Opening]] | None = None  # what was read, in a snapshot

    def remembering(self) -> SqlGrantStore:
        """Return a store that asks nothing twice, for a snapshot."""
        return attrs.evolve(self, known={})

    def add(self, grant: VehicleGrant) -> None:
        """Store *grant*."""
        values = {name: getattr(grant, name) for name in GRANT_COLUMNS}
        values["scope"] = grant.scope and str(grant.scope)
        try:
            self.connection.execute(insert(grants), {"fleet_id": self.fleet_id, **values})
        except IntegrityError as error:
            raise Conflict("there is no such vehicle or user") from error

    def get(self, grant_id: UUID) -> VehicleGrant:
        """Return the grant."""
        rows = self.connection.execute(_grant.where(grants.c.id == grant_id), {"in_fleet": self.fleet_id}).mappings()
        if (row := rows.first()) is None:
            raise NotFound("grant", grant_id)
        return _grant_from_row(row)

    def end(self, grant_id: UUID, ends_at: datetime) -> None:
        """Set the end of a grant."""
        self.connection.execute(
            update(grants).where(grants.c.fleet_id == self.fleet_id, grants.c.id == grant_id).values(ends_at=ends_at)
        )

    def find(self, question: ListGrants) -> Sequence[VehicleGrant]:
        """Return the grants that are asked for, newest first."""
        statement = _grant
        if question.vehicle_id is not None:
            statement = statement.where(grants.c.vehicle_id == question.vehicle_id)
        if question.user_id is not None:
            statement = statement.where(grants.c.user_id == question.user_id)
        rows = self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()
        return [_grant_from_row(row) for row in rows]

    def openings(self, user_id: UUID, at: datetime) -> Sequence[Opening]:
        """Return what opens a vehicle to the user at *at*."""
        if self.known is None:
            return self._openings(user_id, at)
        if (user_id, at) not in self.known:
            self.known[user_id, at] = self._openings(user_id, at)
        return self.known[user_id, at]

    def _openings(self, user_id: UUID, at: datetime) -> Sequence[Opening]:
        rows = self.connection.execute(_openings, {"in_fleet": self.fleet_id, "of_user": user_id, "around": at})
        return [Opening(vehicle_id, _scope(scope), bool(assigned)) for vehicle_id, scope, assigned in rows]


ASSIGNMENT_COLUMNS = tuple(attribute.name for attribute in attrs.fields(Assignment))


def _assignment_to_row(assignment: Assignment) -> dict[str, Any]:
    return {name: getattr(assignment, name) for name in ASSIGNMENT_COLUMNS}


def _assignment_from_row(row: RowMapping) -> Assignment:
    return Assignment(**{name: row[name] for name in ASSIGNMENT_COLUMNS} | {"is_primary": bool(row["is_primary"])})


def no_member(field: str) -> Rejected:
    """Return the error for a user that there is not: the one for a user of another fleet, so neither is told apart."""
    return Rejected.because(field, "is no member of this fleet: invite them first, as a guest", "member.unknown")


class _AssignmentRows(Rows[Assignment]):
    def conflict(self, error: IntegrityError) -> FleetError:
        """Say whether the user is unknown (the vehicle was looked for), or the id taken."""
        if "foreign key" in str(error.orig).lower():
            return no_member("driver_id")
        return Conflict("an assignment with this id exists already")


ASSIGNMENT_ROWS = _AssignmentRows("assignment", assignments, _assignment_to_row, _assignment_from_row)
_assigned = select(assignments).where(assignments.c.fleet_id == bindparam("in_fleet"))
_of_vehicle = _assigned.where(assignments.c.vehicle_id == bindparam("of_vehicle"), _lasts(assignments, _instant))
_primary = _of_vehicle.where(assignments.c.is_primary).order_by(assignments.c.starts_at, assignments.c.id)
# A stretch that is one instant touches what covers it; an assignment without length touches nothing.
_until = bindparam("until", type_=Instant)
_within = _of_vehicle.where(
    or_(assignments.c.starts_at < _until, assignments.c.starts_at == _instant),
    or_(assignments.c.ends_at.is_(None), assignments.c.ends_at > assignments.c.starts_at),
).order_by(assignments.c.is_primary.desc(), assignments.c.starts_at, assignments.c.id)
_open_for = _assigned.where(assignments.c.driver_id == bindparam("of_user"), _lasts(assignments, _instant))


@attrs.frozen
class SqlAssignmentStore:
    """Who had which vehicle of one fleet when, in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, assignment: Assignment) -> None:
        """Store *assignment*."""
        ASSIGNMENT_ROWS.add(self.connection, self.fleet_id, assignment)

    def get(self, assignment_id: UUID) -> Assignment:
        """Return the assignment."""
        return ASSIGNMENT_ROWS.get(self.connection, self.fleet_id, assignment_id)

    def replace(self, assignment: Assignment, *, old_version: int) -> None:
        """Write *assignment* over its *old_version*."""
        ASSIGNMENT_ROWS.replace(self.connection, self.fleet_id, assignment, old_version=old_version)

    def remove(self, assignment_id: UUID) -> None:
        """Delete the assignment."""
        ASSIGNMENT_ROWS.remove(self.connection, self.fleet_id, assignment_id)

    def remove_of(self, vehicle_id: UUID) -> None:
        """Delete the assignments of a vehicle that is erased."""
        this = (assignments.c.fleet_id == self.fleet_id) & (assignments.c.vehicle_id == vehicle_id)
        self.connection.execute(delete(assignments).where(this))

    def primary(self, vehicle_id: UUID, since: datetime) -> Sequence[Assignment]:
        """Return the primary assignments of the vehicle that last beyond *since*, by their start."""
        return self._found(_primary, of_vehicle=vehicle_id, around=since)

    def within(self, vehicle_id: UUID, since: datetime, until: datetime) -> Sequence[Assignment]:
        """Return the assignments of the vehicle that touch the stretch, primary ones first."""
        return self._found(_within, of_vehicle=vehicle_id, around=since, until=until)

    def open_for(self, driver_id: UUID, at: datetime) -> Sequence[Assignment]:
        """Return the assignments of the driver that last beyond *at*."""
        return self._found(_open_for, of_user=driver_id, around=at)

    def page(
        self, question: ListAssignments, own: UUID | None, after: Position | None, limit: int
    ) -> Sequence[Assignment]:
        """Return up to *limit* assignments, newest first."""
        columns = assignments.c
        statement = _assigned.order_by(columns.starts_at.desc(), columns.id.desc()).limit(limit)
        wanted = ((columns.vehicle_id, question.vehicle_id), (columns.driver_id, question.driver_id))
        for column, value in (*wanted, (columns.driver_id, own)):
            if value is not None:
                statement = statement.where(column == value)
        if after is not None:
            statement = statement.where(older_than(columns.starts_at, columns.id, after))
        return self._found(statement)

    def _found(self, statement: Any, **values: Any) -> list[Assignment]:
        rows = self.connection.execute(statement, {"in_fleet": self.fleet_id, **values}).mappings()
        return [_assignment_from_row(row) for row in rows]
