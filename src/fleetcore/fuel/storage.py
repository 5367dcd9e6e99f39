"""The tables of fills and stations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    RowMapping,
    String,
    Text,
    bindparam,
    delete,
    select,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict, NotFound
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.paging import Position
from fleetcore.kernel.quantities import Distance, Energy, Mass, Quantity, Volume
from fleetcore.storage.bulk import insert_many
from fleetcore.storage.ordering import Ordering, narrowed, with_text
from fleetcore.storage.rows import Rows
from fleetcore.storage.scope import of_living_vehicle
from fleetcore.storage.types import Id, Instant, Json, fleet_table
from fleetcore.vehicles.carriers import Carrier

from .model import ChargeCurrent, ChargePlace, Fill, ListFills
from .storage_stations import stations  # noqa: F401 - declares the table that the foreign key names

__all__ = ["SqlFillStore", "fills"]

fills = fleet_table(
    "fuel_fills",
    Column("vehicle_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("odometer_m", BigInteger),
    Column("trip_m", BigInteger),
    Column("carrier", String(20), nullable=False),
    Column("quantity_kind", String(10), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("unit_price_micros", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("is_full", Boolean(create_constraint=False), nullable=False),
    Column("missed_previous", Boolean(create_constraint=False), nullable=False),
    Column("grade", String(200), nullable=False),
    Column("station_id", Id),
    Column("place", String(200), nullable=False),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("start_soc_percent", Integer),
    Column("end_soc_percent", Integer),
    Column("charge_place", String(10)),
    Column("current", String(10)),
    Column("excluded_m", BigInteger),
    Column("notes", Text, nullable=False),
    Column("tags", Json, nullable=False),
    Column("attachment_ids", Json, nullable=False),
    Column("driver_id", Id, ForeignKey("people_users.id")),
    Column("import_id", Id),
    Column("reading_id", Id),
    Column("deleted_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("updated_by", Id, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
    ForeignKeyConstraint(["fleet_id", "station_id"], ["fuel_stations.fleet_id", "fuel_stations.id"]),
    ForeignKeyConstraint(["fleet_id", "reading_id"], ["vehicles_readings.fleet_id", "vehicles_readings.id"]),
    in_fleet=False,  # its vehicle, or its parent, is in the fleet already
)
Index("ix_fuel_fills_vehicle", fills.c.fleet_id, fills.c.vehicle_id, fills.c.at, fills.c.id)
Index("ix_fuel_fills_at", fills.c.fleet_id, fills.c.at, fills.c.id)
Index("ix_fuel_fills_total", fills.c.fleet_id, fills.c.total_minor, fills.c.id)
_imported = fills.c.import_id.is_not(None)
Index("ix_fuel_fills_import", fills.c.fleet_id, fills.c.import_id, sqlite_where=_imported, postgresql_where=_imported)
_stationed = fills.c.station_id.is_not(None)
Index(
    "ix_fuel_fills_station", fills.c.fleet_id, fills.c.station_id, sqlite_where=_stationed, postgresql_where=_stationed
)

KINDS: dict[str, type[Quantity]] = {"volume": Volume, "mass": Mass, "energy": Energy}
COLUMNS = tuple(column.name for column in fills.c)


def _to_row(fill: Fill) -> dict[str, Any]:
    return dict(zip(COLUMNS[1:], _values(fill), strict=True))


def _values(fill: Fill) -> tuple[Any, ...]:
    """Return the values of a row behind ``fleet_id``, in the order of the columns: the import's hot path."""
    if fill.volume is not None:
        kind, quantity = "volume", fill.volume.millilitres
    elif fill.mass is not None:
        kind, quantity = "mass", fill.mass.grams
    else:
        kind, quantity = "energy", fill.energy.watt_hours if fill.energy else 0
    return (
        fill.id,
        fill.vehicle_id,
        fill.at,
        None if fill.odometer is None else fill.odometer.metres,
        None if fill.trip is None else fill.trip.metres,
        fill.carrier.value,
        kind,
        quantity,
        fill.total.minor,
        fill.unit_price.micros,
        fill.total.currency,
        fill.is_full,
        fill.missed_previous,
        fill.grade,
        fill.station_id,
        fill.place,
        fill.latitude,
        fill.longitude,
        fill.start_soc_percent,
        fill.end_soc_percent,
        None if fill.charge_place is None else fill.charge_place.value,
        None if fill.current is None else fill.current.value,
        None if fill.excluded_distance is None else fill.excluded_distance.metres,
        fill.notes,
        list(fill.tags),
        list(fill.attachment_ids),
        fill.driver_id,
        fill.import_id,
        fill.reading_id,
        fill.deleted_at,
        fill.created_at,
        fill.updated_at,
        fill.created_by,
        fill.updated_by,
        fill.version,
    )


SAME = (
    *("id", "vehicle_id", "at", "grade", "station_id", "place", "latitude", "longitude", "start_soc_percent"),
    *("end_soc_percent", "notes", "driver_id", "import_id", "reading_id", "deleted_at", "created_at", "updated_at"),
    *("created_by", "updated_by", "version"),
)


def _distance(metres: int | None) -> Distance | None:
    return None if metres is None else Distance(metres)


def _from_row(row: RowMapping) -> Fill:
    quantity: dict[str, Any] = {row["quantity_kind"]: KINDS[row["quantity_kind"]](row["quantity"])}
    return Fill(
        **{name: row[name] for name in SAME},
        **quantity,
        odometer=_distance(row["odometer_m"]),
        trip=_distance(row["trip_m"]),
        excluded_distance=_distance(row["excluded_m"]),
        carrier=Carrier(row["carrier"]),
        total=Money(row["total_minor"], row["currency"]),
        unit_price=UnitPrice(row["unit_price_micros"], row["currency"]),
        is_full=bool(row["is_full"]),
        missed_previous=bool(row["missed_previous"]),
        charge_place=row["charge_place"] and ChargePlace(row["charge_place"]),
        current=row["current"] and ChargeCurrent(row["current"]),
        tags=tuple(row["tags"]),
        attachment_ids=tuple(UUID(text) for text in row["attachment_ids"]),
    )


class _FillRows(Rows[Fill]):
    def conflict(self, error: IntegrityError) -> Conflict:
        """Say whether the id is taken or a reference points nowhere."""
        text = str(error.orig)
        if "FOREIGN KEY" in text or "foreign key" in text:
            return Conflict("the station or the driver of this fill does not exist in this fleet")
        return Conflict("a fill with this id exists already")


FILL_ROWS = _FillRows("fill", fills, _to_row, _from_row)
_mine = (fills.c.fleet_id == bindparam("in_fleet")) & of_living_vehicle(fills)
_kept = fills.c.deleted_at.is_(None)
_by_id = select(fills).where(_mine, fills.c.id == bindparam("by_id"))
ORDERING = Ordering(select(fills).where(_mine), fills.c.id, {"at": fills.c.at, "total": fills.c.total_minor})
_of_vehicle = (fills.c.fleet_id == bindparam("in_fleet")) & (fills.c.vehicle_id == bindparam("of_vehicle"))
_carriers = select(fills.c.carrier).where(_of_vehicle, _kept).distinct()
_of_import = (fills.c.fleet_id == bindparam("in_fleet")) & (fills.c.import_id == bindparam("of_import"))
_import_rows = select(fills.c.id, fills.c.vehicle_id, fills.c.reading_id).where(_of_import)


@attrs.frozen
class SqlFillStore:
    """The fills of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, fill: Fill) -> None:
        """Store *fill*."""
        FILL_ROWS.add(self.connection, self.fleet_id, fill)

    def add_many(self, facts: Iterable[Fill]) -> None:
        """Store many fills in bulk."""
        insert_many(self.connection, fills, COLUMNS, ((self.fleet_id, *_values(fact)) for fact in facts))

    def get(self, fill_id: UUID, *, deleted: bool = False) -> Fill:
        """Return the fill."""
        row = self.connection.execute(_by_id, {"in_fleet": self.fleet_id, "by_id": fill_id}).mappings().first()
        if row is None or (row["deleted_at"] is None) is deleted:
            raise NotFound("deleted fill" if deleted else "fill", fill_id)
        return _from_row(row)

    def replace(self, fill: Fill, *, old_version: int) -> None:
        """Write *fill* over its *old_version*."""
        FILL_ROWS.replace(self.connection, self.fleet_id, fill, old_version=old_version)

    def page(
        self,
        question: ListFills,
        vehicle_ids: frozenset[UUID] | None,
        created_by: UUID | None,
        after: Position | None,
        limit: int,
    ) -> Sequence[Fill]:
        """Return up to *limit* fills in the order asked for."""
        statement = narrowed(
            ORDERING.page(question.sort, after).limit(limit),
            ~_kept if question.deleted else _kept,
            None if question.vehicle_id is None else fills.c.vehicle_id == question.vehicle_id,
            None if vehicle_ids is None else fills.c.vehicle_id.in_(vehicle_ids),
            None if created_by is None else fills.c.created_by == created_by,
            None if question.carrier is None else fills.c.carrier == question.carrier.value,
            None if question.since is None else fills.c.at >= question.since,
            None if question.until is None else fills.c.at < question.until,
            None if question.station_id is None else fills.c.station_id == question.station_id,
            None if question.driver_id is None else fills.c.driver_id == question.driver_id,
            with_text(question.text, fills.c.place, fills.c.grade, fills.c.notes),
        )
        return [_from_row(row) for row in self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()]

    def carriers_of(self, vehicle_id: UUID) -> frozenset[Carrier]:
        """Return the carriers of a vehicle's fills."""
        rows = self.connection.execute(_carriers, {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id})
        return frozenset(Carrier(carrier) for (carrier,) in rows)

    def of_import(self, import_id: UUID) -> Iterator[tuple[UUID, UUID, UUID | None]]:
        """Yield (fill id, vehicle id, reading id) of what an import brought."""
        rows = self.connection.execute(_import_rows, {"in_fleet": self.fleet_id, "of_import": import_id})
        return ((fill_id, vehicle_id, reading_id) for fill_id, vehicle_id, reading_id in rows)

    def remove_import(self, import_id: UUID) -> int:
        """Erase what an import brought."""
        keys = {"in_fleet": self.fleet_id, "of_import": import_id}
        return self.connection.execute(delete(fills).where(_of_import), keys).rowcount

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every fill of a vehicle."""
        keys = {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id}
        self.connection.execute(delete(fills).where(_of_vehicle), keys)
