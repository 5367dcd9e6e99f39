"""The condition that hides the records of removed vehicles, for the tables of every area."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, bindparam, column, select, table

from .types import Id

__all__ = ["of_living_vehicle", "of_removed_vehicle"]

_vehicles = table("vehicles_vehicles", column("fleet_id"), column("id"), column("deleted_at"))


def of_living_vehicle(owned: Any) -> ColumnElement[bool]:
    """Return the condition that the row of table *owned* belongs to a vehicle that is not removed."""
    living = select(_vehicles.c.id).where(_vehicles.c.fleet_id == owned.c.fleet_id, _vehicles.c.deleted_at.is_(None))
    lives: ColumnElement[bool] = owned.c.vehicle_id.in_(living)
    return lives


def of_removed_vehicle(owned: Any) -> ColumnElement[bool]:
    """Return the condition that the row of table *owned* belongs to a removed vehicle; unknown for one of none.

    The quicker question where most rows are wanted: removed vehicles are few.
    """
    removed: ColumnElement[bool] = owned.c.vehicle_id.in_(
        select(_vehicles.c.id).where(
            _vehicles.c.fleet_id == bindparam("in_fleet", type_=Id), _vehicles.c.deleted_at.is_not(None)
        )
    )
    return removed
