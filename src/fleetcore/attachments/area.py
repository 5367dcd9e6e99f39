"""What the attachments area brings to a Core."""

from __future__ import annotations

from uuid import UUID

import attrs

from fleetcore.kernel.area import Area
from fleetcore.kernel.errors import NotFound, Rejected
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.people.ports import FLEETS
from fleetcore.vehicles.events import VehiclePurged
from fleetcore.vehicles.ports import VEHICLES

from . import service
from .events import EVENTS
from .model import Attachment
from .ports import ATTACHMENT_TIMELINE, ATTACHMENTS
from .storage import SqlAttachmentStore
from .storage_timeline import ATTACHMENT_TIMELINE_STORE

__all__ = ["AREA"]


def purge_attachments(uow: UnitOfWork, event: VehiclePurged) -> None:
    """Erase the attachments of a purged vehicle's records; a sweep removes the bytes. Those that moved stay."""
    gone = []
    for attachment in uow[ATTACHMENTS].of_vehicle(event.vehicle_id):
        if (now := _vehicle_now(uow, attachment)) == attachment.vehicle_id:
            gone.append(attachment.id)
        else:
            moved = attrs.evolve(attachment, vehicle_id=now, version=attachment.version + 1)
            uow[ATTACHMENTS].replace(moved, old_version=attachment.version)
    if gone:
        uow[ATTACHMENTS].remove(gone)


def _vehicle_now(uow: UnitOfWork, attachment: Attachment) -> UUID | None:
    """Return the vehicle of the attachment's record, which may have moved; the old one when it is out of sight."""
    try:
        return uow.find_record(attachment.entity, attachment.entity_id).vehicle_id
    except (NotFound, Rejected):
        return attachment.vehicle_id


AREA = Area(
    name="attachments",
    stores={ATTACHMENT_TIMELINE: ATTACHMENT_TIMELINE_STORE, ATTACHMENTS: SqlAttachmentStore},
    operations=(
        service.add_attachment,
        service.delete_attachment,
        service.restore_attachment,
        service.get_attachment,
        service.list_attachments,
        service.open_attachment,
        service.sweep_attachments,
    ),
    events=EVENTS,
    jobs=(service.SWEEP,),
    needs=(FLEETS, VEHICLES),
    reactions={VehiclePurged: purge_attachments},
)
