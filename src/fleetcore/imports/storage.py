"""The tables of imports and of the rows they brought."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    Column,
    Connection,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    RowMapping,
    String,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from fleetcore.kernel.errors import Conflict
from fleetcore.kernel.paging import Position
from fleetcore.storage.bulk import insert_many
from fleetcore.storage.paging import older_than
from fleetcore.storage.rows import Rows
from fleetcore.storage.types import Id, Instant, Json, fleet_table
from fleetcore.vehicles.carriers import Carrier

from .model import Import, ImportedRow, ImportedService

__all__ = ["SqlImportStore", "imported_rows", "imports"]

imports = fleet_table(
    "imports_imports",
    Column("file_name", String(400), nullable=False),
    Column("format", String(40), nullable=False),
    Column("imported", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("new_vehicle_ids", Json, nullable=False),
    Column("station_ids", Json, nullable=False),
    Column("learned", Json, nullable=False),
    Column("category_keys", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", Id),
    Column("version", Integer, nullable=False),
)
Index("ix_imports_imports_at", imports.c.fleet_id, imports.c.created_at, imports.c.id)

imported_rows = fleet_table(
    "imports_rows",
    Column("vehicle_id", Id),
    Column("key", LargeBinary(16)),
    Column("import_id", Id, nullable=False),
    Column("row", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("record_id", Id, nullable=False),
    Column("raw", Json),
    ForeignKeyConstraint(["fleet_id", "import_id"], ["imports_imports.fleet_id", "imports_imports.id"]),
    ForeignKeyConstraint(["fleet_id", "vehicle_id"], ["vehicles_vehicles.fleet_id", "vehicles_vehicles.id"]),
    key=("vehicle_id", "key"),
    in_fleet=False,  # its vehicle, or its parent, is in the fleet already
)
Index(
    "ix_imports_rows_import",
    *(imported_rows.c[name] for name in ("fleet_id", "import_id", "vehicle_id", "kind")),
)
ROW_COLUMNS = ("fleet_id", "vehicle_id", "key", "import_id", "row", "kind", "record_id", "raw")
SAME = tuple(
    a.name for a in attrs.fields(Import) if a.name not in {"new_vehicle_ids", "station_ids", "learned", "category_keys"}
)


def _to_row(made: Import) -> dict[str, Any]:
    return {
        **{name: getattr(made, name) for name in SAME},
        "new_vehicle_ids": [str(vehicle_id) for vehicle_id in made.new_vehicle_ids],
        "station_ids": [str(station_id) for station_id in made.station_ids],
        "learned": {key: [str(carrier) for carrier in carriers] for key, carriers in made.learned.items()},
        "category_keys": list(made.category_keys),
    }


def _from_row(row: RowMapping) -> Import:
    return Import(
        **{name: row[name] for name in SAME},
        new_vehicle_ids=tuple(UUID(text) for text in row["new_vehicle_ids"]),
        station_ids=tuple(UUID(text) for text in row["station_ids"]),
        learned={key: tuple(Carrier(name) for name in names) for key, names in row["learned"].items()},
        category_keys=tuple(row["category_keys"]),
    )


IMPORT_ROWS = Rows("import", imports, _to_row, _from_row)
_in_fleet = imported_rows.c.fleet_id == bindparam("in_fleet")
_of_import = _in_fleet & (imported_rows.c.import_id == bindparam("of_import"))
_of_vehicle = _in_fleet & (imported_rows.c.vehicle_id == bindparam("of_vehicle"))
_keys = select(imported_rows.c.key).where(_of_vehicle)
_records = select(imported_rows.c.record_id, imported_rows.c.vehicle_id).where(
    _of_import, imported_rows.c.kind == bindparam("of_kind")
)
_expenses_with_rows = (
    select(*(imported_rows.c[name] for name in ("vehicle_id", "key", "import_id", "record_id", "raw")))
    .where(_in_fleet, imported_rows.c.kind == "expense", imported_rows.c.raw.is_not(None))
    .order_by(imported_rows.c.vehicle_id, imported_rows.c.import_id, imported_rows.c.row)
)
_point = (
    update(imported_rows)
    .where(_of_vehicle, imported_rows.c.key == bindparam("by_key"))
    .values(kind="service", record_id=bindparam("new_record_id"))
)
_newest_first = (
    select(imports)
    .where(imports.c.fleet_id == bindparam("in_fleet"))
    .order_by(imports.c.created_at.desc(), imports.c.id.desc())
)


@attrs.frozen
class SqlImportStore:
    """The imports of one fleet in a database."""

    connection: Connection
    fleet_id: UUID

    def add(self, made: Import, rows: Iterable[ImportedRow]) -> None:
        """Store an import with its rows."""
        IMPORT_ROWS.add(self.connection, self.fleet_id, made)
        values = (
            (self.fleet_id, row.vehicle_id, row.key, made.id, row.row, row.kind, row.record_id, row.raw) for row in rows
        )
        try:
            insert_many(self.connection, imported_rows, ROW_COLUMNS, values)
        except IntegrityError as error:
            raise Conflict("rows of this file are being imported by someone else: try again") from error

    def get(self, import_id: UUID, *, lock: bool = False) -> Import:
        """Return the import."""
        return IMPORT_ROWS.get(self.connection, self.fleet_id, import_id, lock=lock)

    def replace(self, made: Import, *, old_version: int) -> None:
        """Write an import over its *old_version*."""
        IMPORT_ROWS.replace(self.connection, self.fleet_id, made, old_version=old_version)

    def keys_of(self, vehicle_id: UUID) -> set[bytes]:
        """Return the keys of all rows imported for a vehicle."""
        keys = {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id}
        return {bytes(key) for (key,) in self.connection.execute(_keys, keys)}

    def records(self, import_id: UUID, kind: str) -> Sequence[tuple[UUID, UUID]]:
        """Return (record id, vehicle id) of the rows of one kind that an import brought."""
        keys = {"in_fleet": self.fleet_id, "of_import": import_id, "of_kind": kind}
        return [(record_id, vehicle_id) for record_id, vehicle_id in self.connection.execute(_records, keys)]

    def services(self) -> Sequence[ImportedService]:
        """Return the rows that tell of a service and are kept as expenses."""
        found = self.connection.execute(_expenses_with_rows, {"in_fleet": self.fleet_id}).mappings()
        return [
            ImportedService(**{**row, "key": bytes(row["key"])}) for row in found if row["raw"].get("is_service") == "1"
        ]

    def point_to_services(self, pairs: Sequence[tuple[ImportedService, UUID]]) -> None:
        """Write which service record each row is from now on."""
        if pairs:
            self.connection.execute(
                _point,
                [
                    {
                        "in_fleet": self.fleet_id,
                        "of_vehicle": row.vehicle_id,
                        "by_key": row.key,
                        "new_record_id": service_id,
                    }
                    for row, service_id in pairs
                ],
            )

    def forget_rows(self, import_id: UUID) -> None:
        """Erase the keys of an import's rows."""
        keys = {"in_fleet": self.fleet_id, "of_import": import_id}
        self.connection.execute(delete(imported_rows).where(_of_import), keys)

    def page(self, after: Position | None, limit: int) -> Sequence[Import]:
        """Return up to *limit* imports, newest first."""
        statement = _newest_first.limit(limit)
        if after is not None:
            statement = statement.where(older_than(imports.c.created_at, imports.c.id, after))
        return [_from_row(row) for row in self.connection.execute(statement, {"in_fleet": self.fleet_id}).mappings()]

    def purge(self, vehicle_id: UUID) -> None:
        """Erase the rows imported for a vehicle."""
        keys = {"in_fleet": self.fleet_id, "of_vehicle": vehicle_id}
        self.connection.execute(delete(imported_rows).where(_of_vehicle), keys)
