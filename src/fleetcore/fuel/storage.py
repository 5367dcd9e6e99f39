"""The tables of fills and stations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
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


def _distance(metres: int | None) -> Distance | None:
    return None if metres is None else Distance(metres)


KINDS: dict[str, type[Quantity]] = {"volume": Volume, "mass": Mass, "energy": Energy}
CARRIERS = {carrier.value: carrier for carrier in Carrier}


def _from_row(row: Any) -> Fill:
    """Return the fill of *row*, which has the columns of the table in their order.

    By position and at once: by name, a page of fifty fills takes half as long again.
    """
    # fmt: off
    (
        _, fill_id, vehicle_id, at, odometer, trip, carrier, kind, quantity, total, unit_price, currency, is_full,
        missed_previous, grade, station_id, place, latitude, longitude, start_soc, end_soc, charge_place, current,
        excluded, notes, tags, attachment_ids, driver_id, import_id, reading_id, deleted_at, created_at,
        updated_at, created_by, updated_by, version,
    ) = row
    # fmt: on
    return Fill(
        id=fill_id,
        vehicle_id=vehicle_id,
        at=at,
        odometer=None if odometer is None else Distance(odometer),
        trip=None if trip is None else Distance(trip),
        carrier=CARRIERS[carrier],
        volume=Volume(quantity) if kind == "volume" else None,
        mass=Mass(quantity) if kind == "mass" else None,
        energy=Energy(quantity) if kind == "energy" else None,
        total=Money(total, currency),
        unit_price=UnitPrice(unit_price, currency),
        is_full=bool(is_full),
        missed_previous=bool(missed_previous),
        grade=grade,
        station_id=station_id,
        place=place,
        latitude=latitude,
        longitude=longitude,
        start_soc_percent=start_soc,
        end_soc_percent=end_soc,
        charge_place=charge_place and ChargePlace(charge_place),
        current=current and ChargeCurrent(current),
        excluded_distance=None if excluded is None else Distance(excluded),
        notes=notes,
        tags=tuple(tags),
        attachment_ids=tuple(UUID(text) for text in attachment_ids),
        driver_id=driver_id,
        import_id=import_id,
        reading_id=reading_id,
        deleted_at=deleted_at,
        created_at=created_at,
        updated_at=updated_at,
        created_by=created_by,
        updated_by=updated_by,
        version=version,
    )


class _FillRows(Rows[Fill]):
    def conflict(self, error: IntegrityError) -> Conflict:
        """Say whether the id is taken or a reference points nowhere."""
        text = str(error.orig)
        if "FOREIGN KEY" in text or "foreign key" in text:
            return Conflict("the station or the driver of this fill does not exist in this fleet")
        return Conflict("a fill with this id exists already")


FILL_ROWS = _FillRows("fill", fills, _to_row, lambda row: _from_row(tuple(row.values())))
_mine = (fills.c.fleet_id == bindparam("in_fleet")) & of_living_vehicle(fills)
_kept = fills.c.deleted_at.is_(None)
_by_id = select(fills).where(_mine, fills.c.id == bindparam("by_id"))
ORDERING = Ordering(select(fills).where(_mine), fills.c.id, {"at": fills.c.at, "total": fills.c.total_minor})
_NARROWED = {
    "of_vehicle": fills.c.vehicle_id == bindparam("of_vehicle"),
    "of_vehicles": fills.c.vehicle_id.in_(bindparam("of_vehicles", expanding=True)),
    "made_by": fills.c.created_by == bindparam("made_by"),
    "of_carrier": fills.c.carrier == bindparam("of_carrier"),
    "from_instant": fills.c.at >= bindparam("from_instant"),
    "to_instant": fills.c.at < bindparam("to_instant"),
    "at_station": fills.c.station_id == bindparam("at_station"),
    "by_driver": fills.c.driver_id == bindparam("by_driver"),
}


@cache
def _page(sort: str, deleted: bool, given: frozenset[str]) -> Any:
    """Return the statement of a page narrowed by what is *given*; made once, as making it costs more than the rest."""
    statement = ORDERING.page(sort, None).limit(bindparam("at_most", type_=Integer))
    return statement.where(
        ~_kept if deleted else _kept, *(condition for name, condition in _NARROWED.items() if name in given)
    )


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
        row = self.connection.execute(_by_id, {"in_fleet": self.fleet_id, "by_id": fill_id}).first()
        if row is None or (row.deleted_at is None) is deleted:
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
        asked = {
            "of_vehicle": question.vehicle_id,
            "of_vehicles": None if vehicle_ids is None else list(vehicle_ids),
            "made_by": created_by,
            "of_carrier": None if question.carrier is None else question.carrier.value,
            "from_instant": question.since,
            "to_instant": question.until,
            "at_station": question.station_id,
            "by_driver": question.driver_id,
        }
        given = {name: value for name, value in asked.items() if value is not None}
        statement = narrowed(
            _page(question.sort, question.deleted, frozenset(given)),
            None if after is None else ORDERING.behind(question.sort, after),
            with_text(question.text, fills.c.place, fills.c.grade, fills.c.notes),
        )
        keys = {"in_fleet": self.fleet_id, "at_most": limit, **given}
        return [_from_row(row) for row in self.connection.execute(statement, keys).all()]

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
