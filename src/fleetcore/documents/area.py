"""What the documents area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area
from fleetcore.people.ports import FLEETS, MEMBERS
from fleetcore.reminders.ports import REMINDERS
from fleetcore.vehicles.events import VehicleEdited, VehiclePurged, VehicleRestored, VehicleStateChanged
from fleetcore.vehicles.ports import READINGS, VEHICLES

from . import forecast, payments, reactions, service
from .events import EVENTS
from .ports import DOCUMENT_TIMELINE, DOCUMENTS, PAYMENTS
from .storage import SqlDocumentStore
from .storage_payments import SqlPaymentStore
from .storage_timeline import DOCUMENT_TIMELINE_STORE

__all__ = ["AREA"]

AREA = Area(
    name="documents",
    stores={DOCUMENT_TIMELINE: DOCUMENT_TIMELINE_STORE, DOCUMENTS: SqlDocumentStore, PAYMENTS: SqlPaymentStore},
    operations=(
        service.add_document,
        service.edit_document,
        service.renew_document,
        service.cancel_document,
        service.delete_document,
        service.restore_document,
        service.get_document,
        service.list_documents,
        service.list_payments,
        forecast.forecast_lease,
        payments.run_premiums,
    ),
    events=EVENTS,
    jobs=(payments.BOOK_DUE,),
    needs=(FLEETS, MEMBERS, READINGS, REMINDERS, VEHICLES),
    reactions={
        VehicleEdited: reactions.reconsider,
        VehicleRestored: reactions.reconsider,
        VehicleStateChanged: reactions.reconsider,
        VehiclePurged: reactions.purge_documents,
    },
    records={service.ENTITY: service.find_document},
)
