"""Where service records, jobs and providers are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey
from fleetcore.kernel.timeline import TimelineStore

from .commands import Job, ListJobs
from .inspection_model import Checklist, Inspection, ListInspections
from .model import ListProviders, ListServices, Provider, Service, ServiceCategory
from .plan_model import ListPlanItems, PlanItem, Template
from .tyre_model import Fitting, TreadCheck, TyreSet

__all__ = [
    "CHECKLISTS",
    "FITTINGS",
    "INSPECTIONS",
    "JOBS",
    "MAINTENANCE_TIMELINE",
    "PLANS",
    "PROVIDERS",
    "SERVICES",
    "TEMPLATES",
    "TREADS",
    "TYRES",
    "ChecklistStore",
    "FittingStore",
    "InspectionStore",
    "JobStore",
    "PlanStore",
    "ProviderStore",
    "ServiceStore",
    "TemplateStore",
    "TreadStore",
    "TyreStore",
]


class ServiceStore(Protocol):
    """The service records of one fleet; those of removed vehicles are out of sight."""

    def add(self, service: Service) -> None:
        """Store *service*; a taken id raises Conflict."""
        ...

    def add_many(self, services: Iterable[Service]) -> None:
        """Store many service records in bulk."""
        ...

    def get(self, service_id: UUID, *, deleted: bool = False) -> Service:
        """Return the service record; raises NotFound. Deleted ones only with *deleted*."""
        ...

    def replace(self, service: Service, *, old_version: int) -> None:
        """Write *service* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def page(
        self,
        question: ListServices,
        vehicle_ids: frozenset[UUID] | None,
        created_by: UUID | None,
        after: Position | None,
        limit: int,
    ) -> Sequence[Service]:
        """Return up to *limit* service records, newest first; None as *vehicle_ids* means every vehicle."""
        ...

    def totals(self, service_ids: Sequence[UUID]) -> Mapping[UUID, Money]:
        """Return what each of the service records cost; deleted ones are left out."""
        ...

    def counts(
        self, vehicle_ids: Sequence[UUID], since: date | None, until: date | None
    ) -> Mapping[UUID, Mapping[ServiceCategory, int]]:
        """Return how many service records of each category the vehicles have in the days, both included."""
        ...

    def of_import(self, import_id: UUID) -> Iterator[Service]:
        """Yield the service records that an import brought, deleted ones too."""
        ...

    def remove_import(self, import_id: UUID) -> int:
        """Erase what an import brought; returns how many rows."""
        ...

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every service record of a vehicle."""
        ...


class JobStore(Protocol):
    """The jobs of one fleet; those of removed vehicles are out of sight."""

    def add(self, job: Job) -> None:
        """Store *job*; a taken id raises Conflict."""
        ...

    def get(self, job_id: UUID) -> Job:
        """Return the job; raises NotFound."""
        ...

    def replace(self, job: Job, *, old_version: int) -> None:
        """Write *job* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def is_in_work(self, vehicle_id: UUID) -> bool:
        """Say whether a job of the vehicle is in progress."""
        ...

    def has_any(self, vehicle_id: UUID) -> bool:
        """Say whether the vehicle has a job of any status."""
        ...

    def page(
        self,
        question: ListJobs,
        vehicle_ids: frozenset[UUID] | None,
        created_by: UUID | None,
        after: Position | None,
        limit: int,
    ) -> Sequence[Job]:
        """Return up to *limit* jobs, newest first; None as *vehicle_ids* means every vehicle."""
        ...

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every job of a vehicle."""
        ...


class ProviderStore(Protocol):
    """The providers of one fleet."""

    def add(self, provider: Provider) -> None:
        """Store *provider*; a taken id raises Conflict."""
        ...

    def get(self, provider_id: UUID) -> Provider:
        """Return the provider, removed or not; raises NotFound."""
        ...

    def replace(self, provider: Provider, *, old_version: int) -> None:
        """Write *provider* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def page(self, question: ListProviders, after: Position | None, limit: int) -> Sequence[Provider]:
        """Return up to *limit* providers that are not removed, newest first."""
        ...


class PlanStore(Protocol):
    """The service items of one fleet; removed ones and those of removed vehicles are out of sight."""

    def add(self, item: PlanItem) -> None:
        """Store *item*; a taken id raises Conflict."""
        ...

    def get(self, item_id: UUID) -> PlanItem:
        """Return the service item; raises NotFound."""
        ...

    def keyed(self, vehicle_id: UUID, key: str) -> PlanItem | None:
        """Return the item of a vehicle that has *key*, or None."""
        ...

    def of_vehicle(self, vehicle_id: UUID) -> Sequence[PlanItem]:
        """Return the items of a vehicle, oldest first."""
        ...

    def of_template(self, template: str) -> Sequence[PlanItem]:
        """Return the items that were made from *template*, oldest first."""
        ...

    def replace(self, item: PlanItem, *, old_version: int) -> None:
        """Write *item* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def page(
        self,
        question: ListPlanItems,
        vehicle_ids: frozenset[UUID] | None,
        created_by: UUID | None,
        after: Position | None,
        limit: int,
    ) -> Sequence[PlanItem]:
        """Return up to *limit* items, newest first; None as *vehicle_ids* means every vehicle."""
        ...

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every service item of a vehicle."""
        ...


class TemplateStore(Protocol):
    """The templates of one fleet."""

    def add(self, template: Template) -> None:
        """Store *template*; a taken id raises Conflict."""
        ...

    def get(self, template_id: UUID) -> Template:
        """Return the template; raises NotFound."""
        ...

    def replace(self, template: Template, *, old_version: int) -> None:
        """Write *template* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def remove(self, template_id: UUID) -> None:
        """Erase the template; raises NotFound."""
        ...

    def all(self) -> Sequence[Template]:
        """Return every template, by name."""
        ...


class ChecklistStore(Protocol):
    """The checklists of one fleet."""

    def add(self, checklist: Checklist) -> None:
        """Store *checklist*; a taken id raises Conflict."""
        ...

    def get(self, checklist_id: UUID) -> Checklist:
        """Return the checklist; raises NotFound."""
        ...

    def replace(self, checklist: Checklist, *, old_version: int) -> None:
        """Write *checklist* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def remove(self, checklist_id: UUID) -> None:
        """Erase the checklist; raises NotFound."""
        ...

    def all(self) -> Sequence[Checklist]:
        """Return every checklist, by name."""
        ...


class InspectionStore(Protocol):
    """The inspections of one fleet; deleted ones and those of removed vehicles are out of sight."""

    def add(self, inspection: Inspection) -> None:
        """Store *inspection*; a taken id raises Conflict."""
        ...

    def get(self, inspection_id: UUID) -> Inspection:
        """Return the inspection; raises NotFound."""
        ...

    def replace(self, inspection: Inspection, *, old_version: int) -> None:
        """Write *inspection* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def page(
        self,
        question: ListInspections,
        vehicle_ids: frozenset[UUID] | None,
        created_by: UUID | None,
        after: Position | None,
        limit: int,
    ) -> Sequence[Inspection]:
        """Return up to *limit* inspections, newest first; None as *vehicle_ids* means every vehicle."""
        ...

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every inspection of a vehicle."""
        ...


class TyreStore(Protocol):
    """The tyre sets of one fleet; removed ones and those of removed vehicles are out of sight."""

    def add(self, tyre_set: TyreSet) -> None:
        """Store *tyre_set*; a taken id raises Conflict."""
        ...

    def get(self, set_id: UUID, *, lock: bool = False) -> TyreSet:
        """Return the set; raises NotFound. *lock* holds it until commit."""
        ...

    def replace(self, tyre_set: TyreSet, *, old_version: int) -> None:
        """Write *tyre_set* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def all(self, vehicle_id: UUID | None, *, retired: bool) -> Sequence[TyreSet]:
        """Return the sets of a vehicle, or of all, by name."""
        ...

    def purge(self, vehicle_id: UUID) -> None:
        """Erase every set of a vehicle with its tread, and every stretch on the vehicle."""
        ...


class FittingStore(Protocol):
    """When the tyre sets of one fleet were on vehicles."""

    def add(self, fitting: Fitting) -> None:
        """Store *fitting*; raises Conflict when the set or the vehicle has an open one."""
        ...

    def get(self, fitting_id: UUID) -> Fitting:
        """Return the stretch; raises NotFound."""
        ...

    def replace(self, fitting: Fitting, *, old_version: int) -> None:
        """Write *fitting* over its *old_version*; raises Conflict when that is not the stored one."""
        ...

    def remove(self, fitting_id: UUID) -> None:
        """Erase the stretch; raises NotFound."""
        ...

    def of_set(self, set_id: UUID) -> Sequence[Fitting]:
        """Return the stretches of a set, oldest first."""
        ...

    def of_vehicle(self, vehicle_id: UUID) -> Sequence[Fitting]:
        """Return the stretches of living sets on a vehicle, oldest first."""
        ...


class TreadStore(Protocol):
    """The measurements of tread of one fleet."""

    def add(self, check: TreadCheck) -> None:
        """Store *check*; a taken id raises Conflict."""
        ...

    def get(self, check_id: UUID) -> TreadCheck:
        """Return the measurement; raises NotFound."""
        ...

    def remove(self, check_id: UUID) -> None:
        """Erase the measurement."""
        ...

    def of_set(self, set_id: UUID) -> Sequence[TreadCheck]:
        """Return the measurements of a set, oldest first."""
        ...


SERVICES: StoreKey[ServiceStore] = StoreKey("maintenance.services")
JOBS: StoreKey[JobStore] = StoreKey("maintenance.jobs")
PROVIDERS: StoreKey[ProviderStore] = StoreKey("maintenance.providers")
PLANS: StoreKey[PlanStore] = StoreKey("maintenance.plans")
TEMPLATES: StoreKey[TemplateStore] = StoreKey("maintenance.templates")
CHECKLISTS: StoreKey[ChecklistStore] = StoreKey("maintenance.checklists")
INSPECTIONS: StoreKey[InspectionStore] = StoreKey("maintenance.inspections")
TYRES: StoreKey[TyreStore] = StoreKey("maintenance.tyres")
FITTINGS: StoreKey[FittingStore] = StoreKey("maintenance.fittings")
TREADS: StoreKey[TreadStore] = StoreKey("maintenance.treads")
MAINTENANCE_TIMELINE: StoreKey[TimelineStore] = StoreKey("maintenance.timeline")
