"""What imports put on a vehicle's timeline: those that brought something for it and were not taken back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, exists

from fleetcore.kernel.timeline import TimelineQuestion
from fleetcore.storage.timeline import TimelineTable, timeline_store

from .storage import imported_rows, imports

__all__ = ["IMPORT_TIMELINE_STORE"]


def _words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    return f"import of {row.file_name}", f"{row.imported} records, {row.format}"


_here = (imported_rows.c.fleet_id == imports.c.fleet_id) & (imported_rows.c.import_id == imports.c.id)

IMPORT_TIMELINE_STORE = timeline_store(
    TimelineTable(
        kind="import",
        table=imports,
        moment=imports.c.created_at,
        words=_words,
        others=tuple(imports.c[name] for name in ("file_name", "format", "imported")),
        text=(imports.c.file_name, imports.c.format),
        own=(imports.c.created_by,),
        where=(imports.c.undone_at.is_(None),),
        of_vehicle=lambda vehicle_id: exists().where(_here, imported_rows.c.vehicle_id == vehicle_id),
    )
)
