"""The condition that hides the records of removed vehicles, for the tables of every area."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, bindparam, column, exists, literal_column, select, table

from .types import Id

__all__ = ["of_living_vehicle", "of_removed_vehicle"]

_vehicles = table("vehicles_vehicles", column("fleet_id"), column("id"), column("deleted_at"))


def of_living_vehicle(owned: Any) -> ColumnElement[bool]:
    """Return the condition that the row of table *owned* belongs to a vehicle that is not removed.

    It looks for that one vehicle: beside an ``OR``, PostgreSQL would read the list of all that live for each row.
    """
    one = (_vehicles.c.fleet_id == owned.c.fleet_id) & (_vehicles.c.id == owned.c.vehicle_id)
    return exists(select(literal_column("1")).select_from(_vehicles).where(one, _vehicles.c.deleted_at.is_(None)))


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
