"""The tables of mileage rates and of closed months."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
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
    bindparam,
    delete,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict
from fleetcore.kernel.money import UnitPrice
from fleetcore.kernel.quantities import Distance
from fleetcore.storage.rows import Rows
from fleetcore.storage.types import Id, Instant, fleet_table

from .model import ClosedMonth, Rate, RateTier

__all__ = ["SqlMonthStore", "SqlRateStore", "months", "rates"]

rates = fleet_table(
    "trips_rates",
    Column("purpose", String(40), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("per_km_micros", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("tier", String(10)),
    Column("tier_distance_m", BigInteger),
    Column("per_km_beyond_micros", BigInteger),
    Column("year_starts", String(5), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
)
Index("uq_trips_rates_day", rates.c.fleet_id, rates.c.purpose, rates.c.valid_from, unique=True)

months = fleet_table(
    "trips_closed_months",
    Column("vehicle_id", Id),
    Column("month", Date),
    Column("closed_at", Instant, nullable=False),
    Column("closed_by", Id, nullable=False),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
    key=("vehicle_id", "month"),
    in_fleet=False,  # its vehicle is in the fleet already
)

SAME = ("id", "purpose", "valid_from", "year_starts", "created_at", "updated_at", "created_by", "updated_by", "version")


def _to_row(rate: Rate) -> dict[str, Any]:
    return {
        **{name: getattr(rate, name) for name in SAME},
        "per_km_micros": rate.per_km.micros,
        "currency": rate.per_km.currency,
        "tier": None if rate.tier is None else rate.tier.value,
        "tier_distance_m": None if rate.tier_distance is None else rate.tier_distance.metres,
        "per_km_beyond_micros": None if rate.per_km_beyond is None else rate.per_km_beyond.micros,
    }


def _from_row(row: RowMapping) -> Rate:
    beyond, tier = row["per_km_beyond_micros"], row["tier"]
    return Rate(
        **{name: row[name] for name in SAME},
        per_km=UnitPrice(row["per_km_micros"], row["currency"]),
        tier=None if tier is None else RateTier(tier),
        tier_distance=None if row["tier_distance_m"] is None else Distance(row["tier_distance_m"]),
        per_km_beyond=None if beyond is None else UnitPrice(beyond, row["currency"]),
    )


class _RateRows(Rows[Rate]):
    def conflict(self, error: IntegrityError) -> Conflict:
        """Say whether the id or the day is taken."""
        is_day = any(word in str(error.orig) for word in ("valid_from", "rates_day"))
        taken = "for this purpose and day" if is_day else "with this id"
        return Conflict(f"there is a rate {taken} already: remove it first")


RATE_ROWS = _RateRows("rate", rates, _to_row, _from_row)
_all = (
    select(rates)
    .where(rates.c.fleet_id == bindparam("in_fleet"))
    .order_by(rates.c.purpose, rates.c.valid_from.desc(), rates.c.id)
)
_of_vehicle = (months.c.fleet_id == bindparam("in_fleet")) & (months.c.vehicle_id == bindparam("of_vehicle"))
_months = select(months).where(_of_vehicle).order_by(months.c.month.desc())
_is_closed = select(months.c.month).where(_of_vehicle, months.c.month == bindparam("of_month"))
_add_month = insert(months)
_purge_months = delete(months).where(_of_vehicle)


@attrs.frozen
class SqlRateStore:
    """The mileage rates of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, rate: Rate) -> None:
        """Store *rate*."""
        RATE_ROWS.add(self.connection, self.fleet_id, rate)

    def get(self, rate_id: UUID) -> Rate:
        """Return the rate."""
        return RATE_ROWS.get(self.connection, self.fleet_id, rate_id)

    def remove(self, rate_id: UUID) -> None:
        """Erase the rate."""
        RATE_ROWS.remove(self.connection, self.fleet_id, rate_id)

    def all(self) -> Sequence[Rate]:
        """Return every rate, by purpose, newest first."""
        return [_from_row(row) for row in self.connection.execute(_all, {"in_fleet": self.fleet_id}).mappings()]


@attrs.frozen
class SqlMonthStore:
    """The closed months of one fleet's logbooks in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, closed: ClosedMonth) -> None:
        """Store *closed*."""
        try:
            self.connection.execute(_add_month, {"fleet_id": self.fleet_id, **attrs.asdict(closed)})
        except IntegrityError as error:
            raise Conflict(f"the month {closed.month:%Y-%m} of this vehicle is closed already") from error

    def is_closed(self, vehicle_id: UUID, month: date) -> bool:
        """Say whether the month that begins on *month* is closed."""
        keys = {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id, "of_month": month}
        return self.connection.execute(_is_closed, keys).first() is not None

    def of_vehicle(self, vehicle_id: UUID) -> Sequence[ClosedMonth]:
        """Return the closed months of a vehicle, newest first."""
        rows = self.connection.execute(_months, {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id}).mappings()
        names = [attribute.name for attribute in attrs.fields(ClosedMonth)]
        return [ClosedMonth(**{name: row[name] for name in names}) for row in rows]

    def purge(self, vehicle_id: UUID) -> None:
        """Erase the closed months of a vehicle."""
        self.connection.execute(_purge_months, {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id})
