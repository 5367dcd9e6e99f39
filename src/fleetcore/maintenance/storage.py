"""The table of service records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
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
from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import Position
from fleetcore.kernel.quantities import Distance, EngineHours
from fleetcore.storage.bulk import insert_many
from fleetcore.storage.ordering import Ordering, narrowed, with_text
from fleetcore.storage.rows import Rows
from fleetcore.storage.scope import of_living_vehicle
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .model import ListServices, Part, Service, ServiceCategory
from .storage_providers import providers  # noqa: F401 - declares the table that the foreign key names

__all__ = ["SqlServiceStore", "services"]

services = fleet_table(
    "maintenance_services",
    Column("vehicle_id", Id, nullable=False),
    Column("done_on", Date, nullable=False),
    Column("at", Instant),
    Column("category", String(20), nullable=False),
    Column("title", String(200), nullable=False),
    Column("odometer_m", BigInteger),
    Column("engine_hours_tenths", BigInteger),
    Column("parts", Json, nullable=False),  # said and replaced with the record, never alone: values, not rows
    Column("parts_minor", BigInteger, nullable=False),
    Column("labour_hours_hundredths", Integer),
    Column("labour_rate_minor", BigInteger),
    Column("labour_cost_minor", BigInteger),
    Column("labour_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("provider_id", Id),
    Column("place", String(200), nullable=False),
    Column("warranty_until", Date),
    Column("warranty_odometer_m", BigInteger),
    Column("notes", Text, nullable=False),
    Column("tags", Json, nullable=False),
    Column("attachment_ids", Json, nullable=False),
    Column("reminder_ids", Json),  # None in rows of before they were asked for
    Column("import_id", Id),
    Column("reading_id", Id),
    Column("hours_reading_id", Id),
    Column("deleted_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
    ForeignKeyConstraint(["fleet_id", "provider_id"], ["maintenance_providers.fleet_id", "maintenance_providers.id"]),
    ForeignKeyConstraint(["fleet_id", "reading_id"], ["vehicles_readings.fleet_id", "vehicles_readings.id"]),
    ForeignKeyConstraint(["fleet_id", "hours_reading_id"], ["vehicles_readings.fleet_id", "vehicles_readings.id"]),
)
_day_order = (services.c.done_on, services.c.id)
Index("ix_maintenance_services_vehicle", services.c.fleet_id, services.c.vehicle_id, *_day_order)
Index("ix_maintenance_services_day", services.c.fleet_id, *_day_order)
Index("ix_maintenance_services_total", services.c.fleet_id, services.c.total_minor, services.c.id)
_imported = services.c.import_id.is_not(None)
Index(
    "ix_maintenance_services_import",
    *(services.c.fleet_id, services.c.import_id),
    sqlite_where=_imported,
    postgresql_where=_imported,
)

AT_ONCE = 5000  # ids in one statement
COLUMNS = tuple(column.name for column in services.c)
SAME = (
    *("id", "vehicle_id", "done_on", "at", "title", "provider_id", "place", "warranty_until", "notes", "import_id"),
    *("reading_id", "hours_reading_id", "deleted_at", "created_at", "updated_at", "created_by", "updated_by"),
    "version",
)


def _to_row(service: Service) -> dict[str, Any]:
    odometer, hours, warranty = service.odometer, service.engine_hours, service.warranty_odometer
    rate, cost = service.labour_rate, service.labour_cost
    return {
        **{name: getattr(service, name) for name in SAME},
        "category": str(service.category),
        "odometer_m": None if odometer is None else odometer.metres,
        "engine_hours_tenths": None if hours is None else hours.tenths,
        "parts": [_part_row(part) for part in service.parts],
        "parts_minor": service.parts_cost.minor,
        "labour_hours_hundredths": None if service.labour_hours is None else int(service.labour_hours * 100),
        "labour_rate_minor": None if rate is None else rate.minor,
        "labour_cost_minor": None if cost is None else cost.minor,
        "labour_minor": service.labour_total.minor,
        "total_minor": service.total.minor,
        "currency": service.total.currency,
        "warranty_odometer_m": None if warranty is None else warranty.metres,
        "tags": list(service.tags),
        "attachment_ids": list(service.attachment_ids),
        "reminder_ids": list(service.reminder_ids),
    }


def _part_row(part: Part) -> dict[str, Any]:
    """Write a part as JSON; what it does not say is left out."""
    row: dict[str, Any] = {"name": part.name, "quantity_thousandths": int(part.quantity * 1000)}
    if part.part_number:
        row["part_number"] = part.part_number
    if part.unit_cost is not None:
        row["unit_cost_minor"] = part.unit_cost.minor
    return row


def _from_row(row: RowMapping) -> Service:
    currency = row["currency"]

    def money(name: str) -> Money | None:
        return None if row[name] is None else Money(row[name], currency)

    metres, tenths, warranty = row["odometer_m"], row["engine_hours_tenths"], row["warranty_odometer_m"]
    hundredths = row["labour_hours_hundredths"]
    return Service(
        **{name: row[name] for name in SAME},
        category=ServiceCategory(row["category"]),
        odometer=None if metres is None else Distance(metres),
        engine_hours=None if tenths is None else EngineHours(tenths),
        parts=tuple(_part(part, currency) for part in row["parts"]),
        parts_cost=Money(row["parts_minor"], currency),
        labour_hours=None if hundredths is None else Decimal(hundredths) / 100,
        labour_rate=money("labour_rate_minor"),
        labour_cost=money("labour_cost_minor"),
        labour_total=Money(row["labour_minor"], currency),
        total=Money(row["total_minor"], currency),
        warranty_odometer=None if warranty is None else Distance(warranty),
        tags=tuple(row["tags"]),
        attachment_ids=tuple(UUID(text) for text in row["attachment_ids"]),
        reminder_ids=tuple(UUID(text) for text in row["reminder_ids"] or ()),
    )


def _part(row: dict[str, Any], currency: str) -> Part:
    minor = row.get("unit_cost_minor")
    return Part(
        name=row["name"],
        part_number=row.get("part_number", ""),
        quantity=Decimal(row["quantity_thousandths"]) / 1000,
        unit_cost=None if minor is None else Money(minor, currency),
    )


class _ServiceRows(Rows[Service]):
    def conflict(self, error: IntegrityError) -> Conflict:  # noqa: ARG002 - there is one thing that can collide
        """Say that the id is taken."""
        return Conflict("a service record with this id exists already")


SERVICE_ROWS = _ServiceRows("service record", services, _to_row, _from_row)
_in_fleet = services.c.fleet_id == bindparam("in_fleet")
_in_sight = _in_fleet & of_living_vehicle(services)
_kept = services.c.deleted_at.is_(None)
_by_id = select(services).where(_in_sight, services.c.id == bindparam("by_id"))
ORDERING = Ordering(
    select(services).where(_in_sight),
    services.c.id,
    {"done_on": services.c.done_on, "total": services.c.total_minor},
)
_of_import = _in_fleet & (services.c.import_id == bindparam("of_import"))
_import_rows = select(services).where(_of_import)
_remove_import = delete(services).where(_of_import)
_purge = delete(services).where(_in_fleet, services.c.vehicle_id == bindparam("of_vehicle"))
_totals = select(services.c.id, services.c.total_minor, services.c.currency).where(
    _in_fleet, _kept, services.c.id.in_(bindparam("by_ids", expanding=True))
)
_counts = (
    select(services.c.vehicle_id, services.c.category, func.count().label("records"))
    .where(
        _in_fleet,
        _kept,
        services.c.vehicle_id.in_(bindparam("by_ids", expanding=True)),
        services.c.done_on.between(bindparam("since", type_=Date), bindparam("until", type_=Date)),
    )
    .group_by(services.c.vehicle_id, services.c.category)
)


@attrs.frozen
class SqlServiceStore:
    """The service records of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, service: Service) -> None:
        """Store *service*."""
        SERVICE_ROWS.add(self.connection, self.fleet_id, service)

    def add_many(self, facts: Iterable[Service]) -> None:
        """Store many service records in bulk."""
        rows = ({"fleet_id": self.fleet_id, **_to_row(fact)} for fact in facts)
        insert_many(self.connection, services, COLUMNS, ([row[name] for name in COLUMNS] for row in rows))

    def get(self, service_id: UUID, *, deleted: bool = False) -> Service:
        """Return the service record."""
        row = self.connection.execute(_by_id, {"in_fleet": self.fleet_id, "by_id": service_id}).mappings().first()
        if row is None or (row["deleted_at"] is None) is deleted:
            raise NotFound("deleted service record" if deleted else "service record", service_id)
        return _from_row(row)

    def replace(self, service: Service, *, old_version: int) -> None:
        """Write *service* over its *old_version*."""
        SERVICE_ROWS.replace(self.connection, self.fleet_id, service, old_version=old_version)

    def page(
        self,
        question: ListServices,
        vehicle_ids: frozenset[UUID] | None,
        created_by: UUID | None,
        after: Position | None,
        limit: int,
    ) -> Sequence[Service]:
        """Return up to *limit* service records in the order asked for."""
        statement = narrowed(
            ORDERING.page(question.sort, after).limit(limit),
            ~_kept if question.deleted else _kept,
            None if question.vehicle_id is None else services.c.vehicle_id == question.vehicle_id,
            None if vehicle_ids is None else services.c.vehicle_id.in_(vehicle_ids),
            None if created_by is None else services.c.created_by == created_by,
            None if question.category is None else services.c.category == str(question.category),
            None if question.provider_id is None else services.c.provider_id == question.provider_id,
            None if question.since is None else services.c.done_on >= question.since,
            None if question.until is None else services.c.done_on <= question.until,
            with_text(question.text, services.c.title, services.c.place, services.c.notes),
        )
        return [_from_row(row) for row in self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()]

    def totals(self, service_ids: Sequence[UUID]) -> Mapping[UUID, Money]:
        """Return what each of the service records cost; deleted ones are left out."""
        found = {}
        for start in range(0, len(service_ids), AT_ONCE):
            keys = {"in_fleet": self.fleet_id, "by_ids": service_ids[start : start + AT_ONCE]}
            for row in self.connection.execute(_totals, keys):
                found[row.id] = Money(row.total_minor, row.currency)
        return found

    def counts(
        self, vehicle_ids: Sequence[UUID], since: date | None, until: date | None
    ) -> Mapping[UUID, Mapping[ServiceCategory, int]]:
        """Return how many service records of each category the vehicles have in the days."""
        found: dict[UUID, dict[ServiceCategory, int]] = {}
        span = {"since": since or date.min, "until": until or date.max}
        for start in range(0, len(vehicle_ids), AT_ONCE):
            keys = {"in_fleet": self.fleet_id, "by_ids": vehicle_ids[start : start + AT_ONCE], **span}
            for row in self.connection.execute(_counts, keys):
                found.setdefault(row.vehicle_id, {})[ServiceCategory(row.category)] = row.records
        return found

    def of_import(self, import_id: UUID) -> Iterator[Service]:
        """Yield the service records that an import brought, deleted ones too."""
        rows = self.connection.execute(_import_rows, {"in_fleet": self.fleet_id, "of_import": import_id})
        return map(_from_row, rows.mappings())

    def remove_import(self, import_id: UUID) -> int:
        """Erase what an import brought."""
        keys = {"in_fleet": self.fleet_id, "of_import": import_id}
        return self.connection.execute(_remove_import, keys).rowcount

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every service record of a vehicle."""
        self.connection.execute(_purge, {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id})
