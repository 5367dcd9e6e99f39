"""What services, open jobs, inspections and tyres put on a vehicle's timeline."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Row, and_, func

from fleetcore.kernel.timeline import TimelineQuestion
from fleetcore.storage.timeline import TimelineTable, timeline_store

from .inspection_model import Outcome
from .storage import services
from .storage_inspections import inspections
from .storage_jobs import jobs
from .storage_providers import providers
from .storage_tyres import fittings, treads, tyre_sets

__all__ = ["MAINTENANCE_TIMELINE_STORE"]


def _service_words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    parts = ", ".join(part["name"] for part in row.parts)
    return row.title or row.category, ", ".join(filter(None, (row.provider or row.place, parts, row.notes)))


def _job_words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    planned = f"planned for {row.planned_on}" if row.planned_on else ""
    return row.title or row.category, ", ".join(
        filter(None, (row.status.replace("_", " "), planned, row.reason, row.notes))
    )


def _inspection_words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    title = row.title if row.retest_of is None else f"{row.title}, retest"
    failed = [item["title"] for item in row._mapping["items"] if item["outcome"] == Outcome.FAIL]
    result = "failed" if row.result == Outcome.FAIL else "passed"
    said = f"{result}: {', '.join(failed)}" if failed else result
    closed = "closed by a retest" if row.closed_by is not None else ""
    return title, "; ".join(filter(None, (said, closed, row.notes)))


def _fitting_words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    until = "" if row.unmounted_on is None else f"until {row.unmounted_on}"
    return f"{row.name} mounted", ", ".join(filter(None, (row.kind.replace("_", " "), row.model_name, until)))


def _tread_words(row: Row[Any], _question: TimelineQuestion) -> tuple[str, str]:
    tenths = [tenth for _, tenth in row.depths]
    low, high = (f"{Decimal(tenth) / 10:.1f}" for tenth in (min(tenths), max(tenths)))
    return f"tread of {row.name} measured", f"{low} mm" if low == high else f"{low} to {high} mm"


_lived = tyre_sets.c.deleted_at.is_(None)


def _with_set(of: Any) -> Any:
    return of.join(tyre_sets, and_(tyre_sets.c.fleet_id == of.c.fleet_id, tyre_sets.c.id == of.c.set_id))


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
    TimelineTable(
        kind="inspection",
        table=inspections,
        moment=inspections.c.done_on,
        by_day=True,
        words=_inspection_words,
        others=tuple(inspections.c[name] for name in ("title", "result", "items", "retest_of", "closed_by", "notes")),
        text=tuple(inspections.c[name] for name in ("title", "result", "items", "notes")),
        odometer=inspections.c.odometer_m,
        own=(inspections.c.created_by,),
        where=(inspections.c.deleted_at.is_(None),),
    ),
    TimelineTable(
        kind="tyres",
        table=fittings,
        source=_with_set(fittings),
        moment=fittings.c.mounted_on,
        by_day=True,
        words=_fitting_words,
        others=(
            *(tyre_sets.c.name, tyre_sets.c.kind, fittings.c.unmounted_on),
            func.trim(tyre_sets.c.brand + " " + tyre_sets.c.model).label("model_name"),
        ),
        text=(tyre_sets.c.name, tyre_sets.c.kind, tyre_sets.c.brand, tyre_sets.c.model),
        odometer=fittings.c.mounted_odometer_m,
        own=(fittings.c.created_by,),
        where=(_lived,),
    ),
    TimelineTable(
        kind="tread",
        table=treads,
        source=_with_set(treads),
        of_vehicle=lambda vehicle_id: tyre_sets.c.vehicle_id == vehicle_id,
        moment=treads.c.measured_on,
        by_day=True,
        words=_tread_words,
        others=(tyre_sets.c.name, treads.c.depths),
        text=(tyre_sets.c.name,),
        own=(treads.c.created_by,),
        where=(_lived,),
    ),
)
