"""What papers, checks and tyres add to the service passport; no number of a policy or a licence, and no contact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

from fleetcore.documents.model import Document, DocumentKind, InspectionResult
from fleetcore.kernel.html import Cell, Markup, element, table
from fleetcore.kernel.quantities import Distance
from fleetcore.maintenance.inspection_model import Inspection, Outcome
from fleetcore.maintenance.tyre_model import TyreReport

__all__ = ["checks_table", "roadworthiness", "tyres_table", "warranties_table"]

V = TypeVar("V", date, Decimal)


class Pen(Protocol):
    """Writes in one language and one unit of distance."""

    def __call__(self, key: str, **filled: str) -> str:
        """Return a word or a sentence."""
        ...

    def number(self, value: float | Decimal, places: int = 0) -> str:
        """Return a number."""
        ...

    def day(self, on: date) -> str:
        """Return a day."""
        ...

    def distance(self, value: Distance | None) -> str:
        """Return a distance; nothing for None."""
        ...


def roadworthiness(papers: Iterable[Document], today: date, pen: Pen) -> Iterator[Markup]:
    """Say what came of the last roadworthiness inspection that is filed, and until when it is good."""
    dated = [paper for paper in papers if paper.kind is DocumentKind.INSPECTION and paper.starts_on is not None]
    if not dated:
        return
    last = max(dated, key=lambda paper: (paper.starts_on or date.min, paper.created_at))
    known = {"on": pen.day(last.starts_on or today)}
    if last.result is InspectionResult.FAILED:
        yield element("p", pen("road_failed", **known))
    elif last.ends_on is None:
        yield element("p", pen("road_passed", **known))
    else:
        key = "road_until" if last.ends_on >= today else "road_over"
        yield element("p", pen(key, until=pen.day(last.ends_on), **known))


def checks_table(inspections: Sequence[Inspection], pen: Pen) -> Markup | None:
    """Return the inspections by checklists, oldest first: what failed, and the retest that it passed."""
    if not inspections:
        return None
    by_id = {inspection.id: inspection for inspection in inspections}

    def result(inspection: Inspection) -> str:
        if inspection.result is not Outcome.FAIL:
            return pen("passed")
        failed = pen("failed_items", items=", ".join(item.title for item in inspection.failed))
        retest = by_id.get(inspection.closed_by) if inspection.closed_by is not None else None
        if retest is None or retest.result is Outcome.FAIL:
            return failed
        return f"{failed}; {pen('retest_passed', day=pen.day(retest.done_on))}"

    rows = [
        (
            pen.day(each.done_on),
            pen.distance(each.odometer),
            each.title if each.retest_of is None else pen("retest_of", title=each.title),
            result(each),
        )
        for each in sorted(inspections, key=lambda each: (each.done_on, each.created_at))
    ]
    titles = (pen("day"), pen("odometer"), pen("checklist"), pen("result"))
    return table(pen("checks"), titles, rows, numbers=(1,), whole=(0,))


def warranties_table(papers: Iterable[Document], today: date, odometer: Distance | None, pen: Pen) -> Markup | None:
    """Return the warranties that hold still, soonest over first: who gives them, and until when or how far."""

    def holds(paper: Document) -> bool:
        if paper.kind is not DocumentKind.WARRANTY or paper.cancelled_on is not None:
            return False
        limit = paper.until_odometer
        is_far = limit is not None and odometer is not None and odometer >= limit
        return not is_far and (paper.ends_on is None or paper.ends_on >= today)

    held = sorted(filter(holds, papers), key=lambda paper: (paper.ends_on or date.max, paper.id))
    if not held:
        return None
    rows: list[tuple[Cell, ...]] = [
        (
            paper.issuer or pen("warranty_paper"),
            pen.day(paper.ends_on) if paper.ends_on is not None else "",
            pen.distance(paper.until_odometer),
        )
        for paper in held
    ]
    titles = (pen("given_by"), pen("until"), pen("until_odometer"))
    return table(pen("warranties"), titles, rows, numbers=(2,), is_under_heading=True, is_compact=True)


def tyres_table(reports: Sequence[TyreReport], pen: Pen) -> Markup | None:
    """Return the sets that go with the vehicle: what they are, how old, how deep their tread was, how far they went."""
    if not reports:
        return None
    rows = [_set_row(report, pen) for report in reports]
    titles = (
        pen("tyre_set"),
        pen("tyre_kind"),
        pen("tyre_make"),
        pen("made"),
        pen("tread"),
        pen("measured"),
        pen("distance"),
    )
    return table(pen("tyres"), titles, rows, numbers=(6,), whole=(4, 5), is_under_heading=True)


def _set_row(report: TyreReport, pen: Pen) -> tuple[Cell, ...]:
    of = report.tyre_set
    name = pen("tyres_on", name=of.name) if of.mounted_on is not None else of.name
    made = _span([tyre.made_on for tyre in report.tyres if tyre.made_on is not None], lambda on: f"{on:%Y}", pen)
    measured = [tyre for tyre in report.tyres if tyre.depth_mm is not None and tyre.measured_on is not None]
    depths = _span([tyre.depth_mm or Decimal() for tyre in measured], lambda depth: pen.number(depth, 1), pen)
    last = max((tyre.measured_on or date.min for tyre in measured), default=None)
    tread, day = ("", "") if last is None else (f"{depths} mm", pen.day(last))
    make = " ".join(filter(None, (of.brand, of.model, of.size)))
    return (
        name,
        pen(str(of.kind)),
        make,
        made,
        tread,
        day,
        pen.distance(report.distance) if report.distance.metres else "",
    )


def _span(values: Sequence[V], said: Callable[[V], str], pen: Pen) -> str:
    """Return the least and the most of *values*, or the one that they say."""
    if not values:
        return ""
    low, high = said(min(values)), said(max(values))
    return low if low == high else pen("span", low=low, high=high)
