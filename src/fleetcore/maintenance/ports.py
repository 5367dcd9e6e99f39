"""Where service records, jobs and providers are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import Position
from fleetcore.kernel.ports import StoreKey

from .commands import Job, ListJobs
from .model import ListProviders, ListServices, Provider, Service, ServiceCategory

__all__ = ["JOBS", "PROVIDERS", "SERVICES", "JobStore", "ProviderStore", "ServiceStore"]


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

    def of_import(self, import_id: UUID) -> Iterator[tuple[UUID, UUID, UUID | None, UUID | None]]:
        """Yield (service id, vehicle id, odometer reading id, hours reading id) of an import, deleted ones too."""
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


SERVICES: StoreKey[ServiceStore] = StoreKey("maintenance.services")
JOBS: StoreKey[JobStore] = StoreKey("maintenance.jobs")
PROVIDERS: StoreKey[ProviderStore] = StoreKey("maintenance.providers")
