"""The tables for people of a vehicle's life: trips, papers, inspections, tyres, service plans, and who had it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from fleetcore.documents.commands import ListDocuments
from fleetcore.documents.model import Document
from fleetcore.documents.ports import DOCUMENTS, Sight
from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.when import ALWAYS
from fleetcore.maintenance.inspection_model import Inspection, ListInspections
from fleetcore.maintenance.plan_model import ListPlanItems, PlanItem
from fleetcore.maintenance.ports import INSPECTIONS, PLANS, TYRES
from fleetcore.maintenance.tyre_model import TyreSet
from fleetcore.people.ports import USERS
from fleetcore.trips.model import ListTrips, Trip
from fleetcore.trips.ports import TRIPS
from fleetcore.vehicles.assignments import Assignment, ListAssignments
from fleetcore.vehicles.ports import ASSIGNMENTS

from .csv_forms import Cells, money, pages

__all__ = ["life_tables"]

TRIP_COLUMNS = (
    *("vehicle", "started_at", "ended_at", "purpose", "distance_km", "start_odometer_km", "end_odometer_km"),
    *("start_place", "start_latitude", "start_longitude", "end_place", "end_latitude", "end_longitude", "driver"),
    *("client", "passengers", "fuel_used_l", "tolls", "tolls_currency", "parking", "parking_currency", "notes"),
    *("tags", "reason"),
)
DOCUMENT_COLUMNS = (
    *("vehicle", "person", "kind", "issuer", "number", "cover", "starts_on", "ends_on", "cancelled_on", "amount"),
    *("currency", "schedule", "excess", "result", "until_odometer_km", "start_odometer_km", "allowed_distance_km"),
    *("allowance", "excess_fee_per_km", "classes", "contact", "notes"),
)
INSPECTION_COLUMNS = (
    *("vehicle", "done_on", "odometer_km", "title", "result", "failed", "is_retest", "inspector", "notes"),
)
TYRE_COLUMNS = (
    *("vehicle", "name", "kind", "brand", "model", "size", "dot", "tyres", "purchased_on", "cost", "currency"),
    *("storage_place", "is_mounted", "retired_on", "notes"),
)
PLAN_COLUMNS = (
    *("vehicle", "title", "category", "every_km", "every_months", "every_engine_hours", "is_fixed", "is_active"),
    *("last_done_on", "last_done_odometer_km", "last_done_engine_hours", "expected_cost", "currency", "notes"),
)
ASSIGNMENT_COLUMNS = ("vehicle", "driver", "starts_at", "ends_at", "is_primary", "notes")

Names = Mapping[UUID, str]
Table = tuple[str, Sequence[str], Iterable[Cells]]


def life_tables(uow: UnitOfWork, names: Names) -> Iterator[Table]:
    """Yield name, columns and rows of each table; *names* are those of the vehicles in sight."""
    people = _People(uow)
    yield "trips", TRIP_COLUMNS, _trips(uow, names, people)
    yield "documents", DOCUMENT_COLUMNS, _documents(uow, names, people)
    yield "inspections", INSPECTION_COLUMNS, _inspections(uow, names, people)
    yield "tyre_sets", TYRE_COLUMNS, _tyre_sets(uow, names)
    yield "plan_items", PLAN_COLUMNS, _plan_items(uow, names)
    yield "assignments", ASSIGNMENT_COLUMNS, _assignments(uow, names, people)


class _People(dict[UUID | None, str]):
    """Names of users, each asked for once."""

    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__({None: ""})
        self._uow = uow

    def __missing__(self, user_id: UUID) -> str:
        self[user_id] = self._uow[USERS].get(user_id).name
        return self[user_id]


def _said(record: Any, columns: Sequence[str], **more: Any) -> Cells:
    """Return the fields of *record* that are columns, its distances in kilometres, and *more*."""
    cells: dict[str, Any] = {}
    for column in columns:
        if column.endswith("_km") and (distance := getattr(record, column.removesuffix("_km"), None)) is not None:
            cells[column] = distance.km
        elif column not in more:
            cells[column] = getattr(record, column, None)
    return cells | more


def _trips(uow: UnitOfWork, names: Names, people: Mapping[UUID | None, str]) -> Iterator[Cells]:
    def page(after: Position | None, limit: int) -> Sequence[Trip]:
        return uow[TRIPS].page(ListTrips(), None, after, limit, span=ALWAYS, own=None)

    for trip in pages(page, lambda last: Position(last.started_at, last.id)):
        cells = _said(
            trip,
            TRIP_COLUMNS,
            vehicle=names[trip.vehicle_id],
            driver=trip.driver_name or people[trip.driver_id],
            fuel_used_l=trip.fuel_used and trip.fuel_used.litres,
            tolls=None,
            parking=None,
        )
        spent = money("tolls", trip.tolls, "tolls_currency") | money("parking", trip.parking, "parking_currency")
        yield {**cells, **spent}


def _documents(uow: UnitOfWork, names: Names, people: Mapping[UUID | None, str]) -> Iterator[Cells]:
    sight = Sight(user_id=uow.actor.user_id, vehicle_ids=None, own_only=False)

    def page(after: Position | None, limit: int) -> Sequence[Document]:
        return uow[DOCUMENTS].page(ListDocuments(), sight, None, after, limit)

    for paper in pages(page, lambda last: Position(last.created_at, last.id)):
        fee = paper.excess_fee_per_km
        cells = _said(
            paper,
            DOCUMENT_COLUMNS,
            vehicle=names[paper.vehicle_id] if paper.vehicle_id is not None else None,
            person=people[paper.person_id],
            amount=None,
            excess=None,
            excess_fee_per_km=None if fee is None else fee.amount,
            currency=None if fee is None else fee.currency,
        )
        yield {**cells, **money("excess", paper.excess), **money("amount", paper.amount)}


def _inspections(uow: UnitOfWork, names: Names, people: Mapping[UUID | None, str]) -> Iterator[Cells]:
    def page(after: Position | None, limit: int) -> Sequence[Inspection]:
        return uow[INSPECTIONS].page(ListInspections(), None, None, after, limit)

    for inspection in pages(page, lambda last: Position(last.created_at, last.id)):
        yield _said(
            inspection,
            INSPECTION_COLUMNS,
            vehicle=names[inspection.vehicle_id],
            failed=tuple(item.title for item in inspection.failed),
            is_retest=inspection.retest_of is not None,
            inspector=people[inspection.inspector_id],
        )


def _tyre_sets(uow: UnitOfWork, names: Names) -> Iterator[Cells]:
    sets: list[TyreSet] = [*uow[TYRES].all(None, retired=False), *uow[TYRES].all(None, retired=True)]
    for tyre_set in sets:
        cells = _said(
            tyre_set,
            TYRE_COLUMNS,
            vehicle=names[tyre_set.vehicle_id],
            tyres=len(tyre_set.tyres),
            cost=None,
            is_mounted=tyre_set.mounted_on is not None,
        )
        yield {**cells, **money("cost", tyre_set.cost)}


def _plan_items(uow: UnitOfWork, names: Names) -> Iterator[Cells]:
    def page(after: Position | None, limit: int) -> Sequence[PlanItem]:
        return uow[PLANS].page(ListPlanItems(), None, None, after, limit)

    for item in pages(page, lambda last: Position(last.created_at, last.id)):
        every, last = item.every_engine_hours, item.last_done_engine_hours
        cells = _said(
            item,
            PLAN_COLUMNS,
            vehicle=names[item.vehicle_id],
            every_engine_hours=every and every.hours,
            last_done_engine_hours=last and last.hours,
            expected_cost=None,
        )
        yield {**cells, **money("expected_cost", item.expected_cost)}


def _assignments(uow: UnitOfWork, names: Names, people: Mapping[UUID | None, str]) -> Iterator[Cells]:
    def page(after: Position | None, limit: int) -> Sequence[Assignment]:
        return uow[ASSIGNMENTS].page(ListAssignments(), None, after, limit)

    for held in pages(page, lambda last: Position(last.starts_at, last.id)):
        if held.vehicle_id in names:  # those of removed vehicles wait with them
            driver = held.driver_name or people[held.driver_id]
            yield _said(held, ASSIGNMENT_COLUMNS, vehicle=names[held.vehicle_id], driver=driver)
