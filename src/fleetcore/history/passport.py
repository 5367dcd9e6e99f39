"""The service passport: gathers what a buyer wants to know of a vehicle, and makes a page of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any, TypeVar
from uuid import UUID

import attrs

from fleetcore.documents.commands import ListDocuments
from fleetcore.documents.model import Document
from fleetcore.documents.service import list_documents
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.consumption import ConsumptionUnit
from fleetcore.kernel.errors import Forbidden, Problem, Rejected, reject_if_any
from fleetcore.kernel.paging import PAGE_LIMIT_MAX, Page
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.quantities import DistanceUnit
from fleetcore.kernel.when import local_date
from fleetcore.maintenance.commands import Job, JobStatus, ListJobs
from fleetcore.maintenance.fittings import report_tyres
from fleetcore.maintenance.inspection_model import Inspection, ListInspections
from fleetcore.maintenance.inspections import list_inspections
from fleetcore.maintenance.jobs import list_jobs
from fleetcore.maintenance.model import ListServices, Service
from fleetcore.maintenance.ports import PROVIDERS
from fleetcore.maintenance.service import list_services
from fleetcore.maintenance.tyre_model import ListTyreSets, ReportTyres
from fleetcore.maintenance.tyres import list_tyre_sets
from fleetcore.operations import query
from fleetcore.people.commands import GetUser
from fleetcore.people.model import Units
from fleetcore.people.service import fleet_of, get_user
from fleetcore.reports.economy import economy_report
from fleetcore.reports.model import EconomyReport, EconomyRow
from fleetcore.vehicles.access import reachable_vehicles, vehicle_for
from fleetcore.vehicles.assignments import ListAssignments
from fleetcore.vehicles.drivers import list_assignments
from fleetcore.vehicles.meters import get_odometer
from fleetcore.vehicles.ports import READINGS
from fleetcore.vehicles.readings import GetOdometer, Meter, Reading, ReadingKind

from .document import Material, Mileage, Shown, passport_page
from .model import LANGUAGES, GetPassport, Passport

__all__ = ["get_passport"]

READ, WRITE = "vehicles.read", "vehicles.write"
SERVICES_READ, REPORTS_READ, PAPERS_READ = "maintenance.read", "reports.read", "documents.read"
T = TypeVar("T")
OWNERS_MAX = 99
LEAP_M_PER_DAY = 1_000_000


@query("history.passport", permission=SERVICES_READ, snapshot=True)
def get_passport(uow: UnitOfWork, command: GetPassport) -> Passport:
    """Return the service passport of a vehicle: an HTML page for the screen and for paper, which loads nothing.

    It tells the vehicle, its mileage and how plausible that is, its services, inspections, tyres, warranties, planned
    work and consumption; notes, fuel costs, insurance and the numbers of papers are not on it. Raises NotFound for a
    vehicle that is removed, unknown or out of reach, Forbidden for who sees only their own service records, Rejected
    for an unknown language.
    """
    reject_if_any(_problems(command))
    if uow.actor.require(SERVICES_READ) is Scope.OWN:
        raise Forbidden("a service passport needs all service records, and your role sees only your own")
    vehicle = vehicle_for(uow, command.vehicle_id, SERVICES_READ)
    fleet, user = fleet_of(uow), get_user(uow, GetUser())
    language = command.language or _language(user.locale or fleet.locale)
    units = user.units or fleet.units
    unit = vehicle.distance_unit or units.distance_unit
    services = _services(uow, vehicle.id)
    material = Material(
        vehicle=vehicle,
        fleet_name=fleet.name,
        today=local_date(uow.now, fleet.timezone),
        mileage=_mileage(uow, vehicle.id, fleet.timezone),
        services=services,
        providers=_providers(uow, services),
        jobs=_jobs(uow, vehicle.id),
        economy=_economy(uow, vehicle.id),
        unit=unit,
        consumption_unit=_consumption_unit(unit, units),
        with_costs=command.with_costs,
        with_plate=command.with_plate,
        with_vin=command.with_vin,
        owners=command.owners,
        drivers=_drivers(uow, vehicle.id),
        inspections=_inspections(uow, vehicle.id),
        papers=_papers(uow, vehicle.id),
        tyres=[
            report_tyres(uow, ReportTyres(id=tyre_set.id))
            for tyre_set in list_tyre_sets(uow, ListTyreSets(vehicle_id=vehicle.id))
        ],
        paper="letter" if units is Units.US else "A4",
    )
    title, html = passport_page(material, language)
    return Passport(vehicle_id=vehicle.id, title=title, language=language, html=html)


def _problems(command: GetPassport) -> Iterator[Problem]:
    if command.language is not None and command.language not in LANGUAGES:
        yield Problem("language", f"must be one of {', '.join(LANGUAGES)}")
    if command.owners is not None and not 1 <= command.owners <= OWNERS_MAX:
        yield Problem("owners", f"must lie between 1 and {OWNERS_MAX}")


def _language(locale: str | None) -> str:
    spoken = (locale or "").replace("_", "-").partition("-")[0].lower()
    return spoken if spoken in LANGUAGES else LANGUAGES[0]


def _consumption_unit(unit: DistanceUnit, units: Units) -> ConsumptionUnit:
    if unit is DistanceUnit.KM:
        return ConsumptionUnit.L_PER_100KM
    return ConsumptionUnit.MPG_US if units is Units.US else ConsumptionUnit.MPG_UK


def _every(page_at: Callable[[str | None], Page[T]]) -> list[T]:
    """Return the rows of all pages, oldest first."""
    found: list[T] = []
    cursor = None
    while True:
        page = page_at(cursor)
        found += page.items
        if (cursor := page.next) is None:
            return found[::-1]


def _services(uow: UnitOfWork, vehicle_id: UUID) -> list[Service]:
    asked = ListServices(vehicle_id=vehicle_id, limit=PAGE_LIMIT_MAX)
    return _every(lambda cursor: list_services(uow, attrs.evolve(asked, cursor=cursor)))


def _inspections(uow: UnitOfWork, vehicle_id: UUID) -> list[Inspection]:
    asked = ListInspections(vehicle_id=vehicle_id, limit=PAGE_LIMIT_MAX)
    return _every(lambda cursor: list_inspections(uow, attrs.evolve(asked, cursor=cursor)))


def _papers(uow: UnitOfWork, vehicle_id: UUID) -> list[Document]:
    """Return the papers that were neither renewed nor cancelled; none for who may not see them all."""
    if not _reaches(uow, PAPERS_READ, vehicle_id):
        return []
    asked = ListDocuments(vehicle_id=vehicle_id, include_past=False, limit=PAGE_LIMIT_MAX)
    return _every(lambda cursor: list_documents(uow, attrs.evolve(asked, cursor=cursor)))


def _drivers(uow: UnitOfWork, vehicle_id: UUID) -> int | None:
    """Return how many people had the vehicle by themselves; None for who may not see who they were."""
    if uow.actor.scope(WRITE) is not Scope.ALL:
        return None
    asked = ListAssignments(vehicle_id=vehicle_id, limit=PAGE_LIMIT_MAX)
    held = _every(lambda cursor: list_assignments(uow, attrs.evolve(asked, cursor=cursor)))
    return len({assignment.driver_id or assignment.driver_name for assignment in held})


def _reaches(uow: UnitOfWork, permission: str, vehicle_id: UUID) -> bool:
    """Say whether the actor sees all that *permission* is about of the vehicle."""
    if uow.actor.scope(permission) in {None, Scope.OWN}:
        return False
    reachable = reachable_vehicles(uow, permission)
    return reachable is None or vehicle_id in reachable


def _providers(uow: UnitOfWork, services: Sequence[Service]) -> dict[Any, str]:
    ids = {service.provider_id for service in services if service.provider_id is not None}
    return {provider_id: uow[PROVIDERS].get(provider_id).name for provider_id in ids}


def _jobs(uow: UnitOfWork, vehicle_id: UUID) -> Sequence[Job]:
    open_ones = (JobStatus.SCHEDULED, JobStatus.IN_PROGRESS)
    return list_jobs(uow, ListJobs(vehicle_id=vehicle_id, statuses=open_ones, limit=PAGE_LIMIT_MAX)).items


def _economy(uow: UnitOfWork, vehicle_id: UUID) -> Sequence[EconomyRow]:
    """Return the consumption by carrier; nothing for who may not see it."""
    if uow.actor.scope(REPORTS_READ) is None:
        return ()
    reachable = reachable_vehicles(uow, REPORTS_READ)
    if reachable is not None and vehicle_id not in reachable:
        return ()
    try:
        return economy_report(uow, EconomyReport(vehicle_id=vehicle_id))
    except Rejected:
        return ()


def _mileage(uow: UnitOfWork, vehicle_id: UUID, timezone: str) -> Mileage:
    if uow.actor.scope(READ) is None:
        return Mileage(readings=())
    meters = get_odometer(uow, GetOdometer(vehicle_id=vehicle_id))
    return Mileage(
        readings=list(_shown(uow[READINGS].live(vehicle_id, Meter.ODOMETER), timezone)),
        odometer=meters.odometer,
        total=meters.total,
        engine_hours=None if meters.engine_hours is None else meters.engine_hours.hours,
    )


def _shown(readings: Sequence[Reading], timezone: str) -> Iterator[Shown]:
    """Yield the readings by time with what was driven in all; those that fall, leap or were accepted are odd."""
    offset = 0
    before: int | None = None
    odd = {second.id for first, second in pairwise(readings) if _is_odd(first, second)}
    for reading in readings:
        is_replacement = reading.kind is ReadingKind.REPLACEMENT
        if is_replacement:
            last = reading.value_before if reading.value_before is not None else before
            offset += (last or reading.value) - reading.value
        before = reading.value
        yield Shown(
            local_date(reading.at, timezone),
            reading.value + offset,
            reading.value,
            is_odd=reading.is_override or reading.id in odd,
            is_replacement=is_replacement,
        )


def _is_odd(first: Reading, second: Reading) -> bool:
    """Say whether *second* falls, or leaps by more than anyone drives in the time."""
    if second.kind is ReadingKind.REPLACEMENT:
        return False
    days = max((second.at - first.at) / timedelta(days=1), 1.0)
    return second.value < first.value or second.value - first.value > LEAP_M_PER_DAY * days
