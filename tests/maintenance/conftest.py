"""A workshop desk at which tests keep the service book of one vehicle."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.ledger.model import TrialBalance
from fleetcore.ledger.queries import trial_balance
from fleetcore.maintenance.commands import CancelJob, CompletedJob, CompleteJob, Job, ReopenJob, ScheduleJob, StartJob
from fleetcore.maintenance.jobs import cancel_job, complete_job, reopen_job, schedule_job, start_job
from fleetcore.maintenance.model import (
    AddProvider,
    DeleteService,
    EditService,
    ListServices,
    Provider,
    RecordService,
    RestoreService,
    Service,
    ServiceFields,
)
from fleetcore.maintenance.providers import add_provider
from fleetcore.maintenance.service import (
    delete_service,
    edit_service,
    list_services,
    record_service,
    restore_service,
)
from fleetcore.testing.builders import join_fleet, new_vehicle
from fleetcore.vehicles.model import GetVehicle, GrantVehicle, VehicleState
from fleetcore.vehicles.service import get_vehicle, grant_vehicle

TODAY = date(2026, 6, 1)
FIELDS = tuple(a.name for a in ServiceFields.__attrs_attrs__ if a.name != "accept_odometer_jump")


@frozen
class Desk:
    """Short words for one actor's dealings with the services and jobs of one vehicle."""

    core: Core
    actor: Actor
    vehicle_id: UUID

    def record(self, **said: Any) -> Service:
        """Record an oil change of today, with whatever is *said* instead."""
        usual: dict[str, Any] = {"vehicle_id": self.vehicle_id, "title": "Oil change"}
        if "at" not in said:
            usual["done_on"] = TODAY
        return self.core.run(self.actor, record_service, RecordService(**usual | said))

    def edit(self, service: Service, **said: Any) -> Service:
        """Change what is *said* of *service* and leave the rest."""
        facts = {name: getattr(service, name) for name in FIELDS}
        command = EditService(**{"id": service.id, "version": service.version} | facts | said)
        return self.core.run(self.actor, edit_service, command)

    def delete(self, service: Service) -> Service:
        """Delete *service*."""
        return self.core.run(self.actor, delete_service, DeleteService(id=service.id, version=service.version))

    def restore(self, service: Service) -> Service:
        """Bring *service* back."""
        return self.core.run(self.actor, restore_service, RestoreService(id=service.id))

    def list(self, **asked: Any) -> tuple[Service, ...]:
        """List the service records that are *asked* for."""
        return self.core.read(self.actor, list_services, ListServices(**asked)).items

    def provider(self, **said: Any) -> Provider:
        """Add a provider."""
        return self.core.run(self.actor, add_provider, AddProvider(**{"name": "Corner Garage"} | said))

    def schedule(self, **said: Any) -> Job:
        """Plan new brakes, with whatever is *said* instead."""
        usual: dict[str, Any] = {"vehicle_id": self.vehicle_id, "title": "Brakes"}
        return self.core.run(self.actor, schedule_job, ScheduleJob(**usual | said))

    def start(self, job: Job) -> Job:
        """Start *job*."""
        return self.core.run(self.actor, start_job, StartJob(id=job.id, version=job.version))

    def complete(self, job: Job, **said: Any) -> CompletedJob:
        """Complete *job* with what is *said*."""
        return self.core.run(self.actor, complete_job, CompleteJob(id=job.id, version=job.version, **said))

    def cancel(self, job: Job, **said: Any) -> Job:
        """Cancel *job*."""
        return self.core.run(self.actor, cancel_job, CancelJob(id=job.id, version=job.version, **said))

    def reopen(self, job: Job) -> Job:
        """Take *job* up again."""
        return self.core.run(self.actor, reopen_job, ReopenJob(id=job.id, version=job.version))

    def state(self) -> VehicleState:
        """Return the state of the vehicle."""
        return self.core.read(self.actor, get_vehicle, GetVehicle(id=self.vehicle_id)).state

    def balances(self) -> dict[str, int]:
        """Return the balance of each account that is not zero, in minor units."""
        rows = self.core.read(self.actor, trial_balance, TrialBalance())
        return {row.account_code: row.balance.minor for row in rows if row.balance.minor}

    def as_member(self, role: str, *, granted: bool = True) -> Desk:
        """Return the desk of a new member in *role*, to whom the vehicle is granted or not."""
        member = join_fleet(self.core, self.actor, name=role.capitalize(), role=role)
        if granted:
            grant = GrantVehicle(vehicle_id=self.vehicle_id, user_id=member.user_id)
            self.core.run(self.actor, grant_vehicle, grant)
        return Desk(self.core, member, self.vehicle_id)


@pytest.fixture
def desk(shared_core: Core, resident: Actor) -> Desk:
    """The owner's desk, on each engine in turn."""
    return Desk(shared_core, resident, new_vehicle(shared_core, resident).id)
