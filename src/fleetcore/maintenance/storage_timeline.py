"""What service records and open jobs put on a vehicle's timeline."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, and_

from fleetcore.kernel.timeline import TimelineQuestion
from fleetcore.storage.timeline import TimelineTable, timeline_store

from .storage import services
from .storage_jobs import jobs
from .storage_providers import providers

__all__ = ["MAINTENANCE_TIMELINE_STORE"]


def _service_words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    parts = ", ".join(part["name"] for part in row.parts)
    return row.title or row.category, ", ".join(filter(None, (row.provider or row.place, parts, row.notes)))


def _job_words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    planned = f"planned for {row.planned_on}" if row.planned_on else ""
    return row.title or row.category, ", ".join(
        filter(None, (row.status.replace("_", " "), planned, row.reason, row.notes))
    )


MAINTENANCE_TIMELINE_STORE = timeline_store(
    TimelineTable(
        kind="service",
        table=services,
        source=services.outerjoin(
            providers, and_(providers.c.fleet_id == services.c.fleet_id, providers.c.id == services.c.provider_id)
        ),
        moment=services.c.done_on,
        by_day=True,
        words=_service_words,
        others=(
            *(services.c[name] for name in ("category", "title", "place", "parts", "notes")),
            providers.c.name.label("provider"),
        ),
        text=(
            *(services.c[name] for name in ("category", "title", "place", "parts", "notes", "tags")),
            providers.c.name,
        ),
        money=(services.c.total_minor, services.c.currency),
        odometer=services.c.odometer_m,
        own=(services.c.created_by,),
        where=(services.c.deleted_at.is_(None),),
    ),
    TimelineTable(
        kind="job",
        table=jobs,
        moment=jobs.c.created_at,
        words=_job_words,
        others=tuple(jobs.c[name] for name in ("title", "category", "status", "planned_on", "reason", "notes")),
        text=tuple(jobs.c[name] for name in ("title", "category", "status", "reason", "notes", "tags")),
        own=(jobs.c.created_by,),
        where=(jobs.c.status != "completed",),  # its service record tells of a completed one
    ),
)
