"""The tables of service items and of their templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    RowMapping,
    Select,
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
from fleetcore.kernel.wire import structure, unstructure
from fleetcore.storage.paging import older_than
from fleetcore.storage.rows import Rows
from fleetcore.storage.scope import of_living_vehicle
from fleetcore.storage.types import Id, Instant, Json, fleet_table

from .model import Part, ServiceCategory
from .plan_model import ListPlanItems, PlanItem, Powertrain, Template, TemplateItem

__all__ = ["SqlPlanStore", "SqlTemplateStore", "plan_items", "templates"]

plan_items = fleet_table(
    "maintenance_plan_items",
    Column("vehicle_id", Id, nullable=False),
    Column("key", String(80), nullable=False),
    Column("title", String(200), nullable=False),
    Column("category", String(20), nullable=False),
    Column("every_m", BigInteger),
    Column("every_months", Integer),
    Column("every_engine_tenths", BigInteger),
    Column("is_fixed", Boolean(create_constraint=False), nullable=False),
    Column("expected_minor", BigInteger),
    Column("expected_currency", String(3)),
    Column("parts", Json, nullable=False),
    Column("notes", Text, nullable=False),
    Column("last_done_on", Date),
    Column("last_done_odometer_m", BigInteger),
    Column("last_done_engine_tenths", BigInteger),
    Column("is_active", Boolean(create_constraint=False), nullable=False),
    Column("reminder_id", Id),  # no foreign key: a purge erases reminders first
    Column("template", String(40), nullable=False),
    Column("deleted_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
)
_kept = plan_items.c.deleted_at.is_(None)
Index(
    "uq_maintenance_plan_items_key",
    *(plan_items.c.fleet_id, plan_items.c.vehicle_id, plan_items.c.key),
    unique=True,
    sqlite_where=_kept,
    postgresql_where=_kept,
)
Index("ix_maintenance_plan_items_at", plan_items.c.fleet_id, plan_items.c.created_at, plan_items.c.id)

templates = fleet_table(
    "maintenance_templates",
    Column("name", String(200), nullable=False),
    Column("make", String(200), nullable=False),
    Column("model", String(200), nullable=False),
    Column("powertrain", String(20)),
    Column("items", Json, nullable=False),
    Column("notes", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
)

METRES = {"every": "every_m", "last_done_odometer": "last_done_odometer_m"}
TENTHS = {"every_engine_hours": "every_engine_tenths", "last_done_engine_hours": "last_done_engine_tenths"}
DERIVED = {*METRES, *TENTHS, "category", "expected_cost", "parts", "is_fixed", "is_active"}
SAME = tuple(a.name for a in attrs.fields(PlanItem) if a.name not in DERIVED)


def _to_row(item: PlanItem) -> dict[str, Any]:
    cost = item.expected_cost
    return {
        **{name: getattr(item, name) for name in SAME},
        **{column: _of(getattr(item, name), "metres") for name, column in METRES.items()},
        **{column: _of(getattr(item, name), "tenths") for name, column in TENTHS.items()},
        "category": str(item.category),
        "is_fixed": item.is_fixed,
        "is_active": item.is_active,
        "expected_minor": None if cost is None else cost.minor,
        "expected_currency": None if cost is None else cost.currency,
        "parts": unstructure(list(item.parts)),
    }


def _of(measure: Any, unit: str) -> int | None:
    return None if measure is None else getattr(measure, unit)


def _from_row(row: RowMapping) -> PlanItem:
    values = {name: row[name] for name in SAME}
    values |= {name: None if row[column] is None else Distance(row[column]) for name, column in METRES.items()}
    values |= {name: None if row[column] is None else EngineHours(row[column]) for name, column in TENTHS.items()}
    return PlanItem(
        **values,
        category=ServiceCategory(row["category"]),
        is_fixed=bool(row["is_fixed"]),
        is_active=bool(row["is_active"]),
        expected_cost=None if row["expected_minor"] is None else Money(row["expected_minor"], row["expected_currency"]),
        parts=tuple(structure(part, Part) for part in row["parts"]),
    )


TEMPLATE_SAME = tuple(a.name for a in attrs.fields(Template) if a.name not in {"key", "powertrain", "items"})


def _template_row(template: Template) -> dict[str, Any]:
    return {
        **{name: getattr(template, name) for name in TEMPLATE_SAME},
        "powertrain": None if template.powertrain is None else str(template.powertrain),
        "items": unstructure(list(template.items)),
    }


def _template(row: RowMapping) -> Template:
    powertrain = row["powertrain"]
    return Template(
        **{name: row[name] for name in TEMPLATE_SAME},
        key=str(row["id"]),
        powertrain=None if powertrain is None else Powertrain(powertrain),
        items=tuple(structure(item, TemplateItem) for item in row["items"]),
    )


class _PlanRows(Rows[PlanItem]):
    def conflict(self, error: IntegrityError) -> Conflict:  # noqa: ARG002 - the key was looked up under the lock
        """Say that the id is taken."""
        return Conflict("a service item with this id exists already")


class _TemplateRows(Rows[Template]):
    def conflict(self, error: IntegrityError) -> Conflict:  # noqa: ARG002 - there is one thing that can collide
        """Say that the id is taken."""
        return Conflict("a template with this id exists already")


PLAN_ROWS = _PlanRows("service item", plan_items, _to_row, _from_row)
TEMPLATE_ROWS = _TemplateRows("template", templates, _template_row, _template)
_in_fleet = plan_items.c.fleet_id == bindparam("in_fleet")
_in_sight = _in_fleet & _kept & of_living_vehicle(plan_items)
_of_vehicle = _in_fleet & (plan_items.c.vehicle_id == bindparam("of_vehicle"))
_by_id = select(plan_items).where(_in_sight, plan_items.c.id == bindparam("by_id"))
_of_the_vehicle = select(plan_items).where(_of_vehicle, _kept).order_by(plan_items.c.created_at, plan_items.c.id)
_keyed = select(plan_items).where(_of_vehicle, _kept, plan_items.c.key == bindparam("by_key"))
_of_template = (
    select(plan_items)
    .where(_in_sight, plan_items.c.template == bindparam("by_template"))
    .order_by(plan_items.c.created_at, plan_items.c.id)
)
_newest_first = select(plan_items).where(_in_sight).order_by(plan_items.c.created_at.desc(), plan_items.c.id.desc())
_purge = delete(plan_items).where(_of_vehicle)
_all_templates = (
    select(templates)
    .where(templates.c.fleet_id == bindparam("in_fleet"))
    .order_by(func.lower(templates.c.name), templates.c.id)
)


@attrs.frozen
class SqlPlanStore:
    """The service items of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, item: PlanItem) -> None:
        """Store *item*."""
        PLAN_ROWS.add(self.connection, self.fleet_id, item)

    def get(self, item_id: UUID) -> PlanItem:
        """Return the service item."""
        if not (found := self._found(_by_id, by_id=item_id)):
            raise NotFound("service item", item_id)
        return found[0]

    def keyed(self, vehicle_id: UUID, key: str) -> PlanItem | None:
        """Return the item of a vehicle that has *key*."""
        return next(iter(self._found(_keyed, of_vehicle=vehicle_id, by_key=key)), None)

    def of_vehicle(self, vehicle_id: UUID) -> Sequence[PlanItem]:
        """Return the items of a vehicle, oldest first."""
        return self._found(_of_the_vehicle, of_vehicle=vehicle_id)

    def of_template(self, template: str) -> Sequence[PlanItem]:
        """Return the items that were made from *template*, oldest first."""
        return self._found(_of_template, by_template=template)

    def replace(self, item: PlanItem, *, old_version: int) -> None:
        """Write *item* over its *old_version*."""
        PLAN_ROWS.replace(self.connection, self.fleet_id, item, old_version=old_version)

    def page(
        self,
        question: ListPlanItems,
        vehicle_ids: frozenset[UUID] | None,
        created_by: UUID | None,
        after: Position | None,
        limit: int,
    ) -> Sequence[PlanItem]:
        """Return up to *limit* items, newest first."""
        statement = _newest_first.limit(limit)
        for condition in (
            None if question.vehicle_id is None else plan_items.c.vehicle_id == question.vehicle_id,
            None if vehicle_ids is None else plan_items.c.vehicle_id.in_(vehicle_ids),
            None if created_by is None else plan_items.c.created_by == created_by,
            None if after is None else older_than(plan_items.c.created_at, plan_items.c.id, after),
        ):
            if condition is not None:
                statement = statement.where(condition)
        return self._found(statement)

    def _found(self, statement: Select[Any], **keys: Any) -> list[PlanItem]:
        rows = self.connection.execute(statement, {"in_fleet": self.fleet_id, **keys}).mappings()
        return [_from_row(row) for row in rows]

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every service item of a vehicle."""
        self.connection.execute(_purge, {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id})


@attrs.frozen
class SqlTemplateStore:
    """The templates of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, template: Template) -> None:
        """Store *template*."""
        TEMPLATE_ROWS.add(self.connection, self.fleet_id, template)

    def get(self, template_id: UUID) -> Template:
        """Return the template."""
        return TEMPLATE_ROWS.get(self.connection, self.fleet_id, template_id)

    def replace(self, template: Template, *, old_version: int) -> None:
        """Write *template* over its *old_version*."""
        TEMPLATE_ROWS.replace(self.connection, self.fleet_id, template, old_version=old_version)

    def remove(self, template_id: UUID) -> None:
        """Erase the template."""
        TEMPLATE_ROWS.remove(self.connection, self.fleet_id, template_id)

    def all(self) -> Sequence[Template]:
        """Return every template, by name."""
        return [
            _template(row) for row in self.connection.execute(_all_templates, {"in_fleet": self.fleet_id}).mappings()
        ]
