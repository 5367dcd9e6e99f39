"""What documents do when something happens to their vehicle, in the same transaction."""

from __future__ import annotations

from fleetcore.kernel.ports import UnitOfWork
from fleetcore.vehicles.events import VehicleEdited, VehiclePurged, VehicleRestored, VehicleStateChanged

from .payments import settled
from .ports import DOCUMENTS

__all__ = ["purge_documents", "reconsider"]


def reconsider(uow: UnitOfWork, event: VehicleEdited | VehicleRestored | VehicleStateChanged) -> None:
    """Take back what was booked from the day that a vehicle was sold; book on for one that is back in service."""
    for before in uow[DOCUMENTS].of_vehicle(event.vehicle_id):
        if before.amount is not None:
            after, _ = settled(uow, before)
            uow[DOCUMENTS].advance(after)


def purge_documents(uow: UnitOfWork, event: VehiclePurged) -> None:
    """Erase the documents of a purged vehicle; the ledger keeps their entries."""
    uow[DOCUMENTS].purge(event.vehicle_id)
