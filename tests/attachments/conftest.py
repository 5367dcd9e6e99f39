"""A drawer in which tests keep the files of one vehicle."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen

from fleetcore import Core
from fleetcore.attachments.model import (
    AddAttachment,
    Attachment,
    DeleteAttachment,
    ListAttachments,
    OpenAttachment,
    RestoreAttachment,
)
from fleetcore.attachments.service import (
    add_attachment,
    delete_attachment,
    list_attachments,
    open_attachment,
    restore_attachment,
)
from fleetcore.kernel.actor import Actor
from fleetcore.testing.builders import join_fleet, new_vehicle
from fleetcore.vehicles.model import GrantVehicle
from fleetcore.vehicles.service import grant_vehicle

from .files import picture


@frozen
class Drawer:
    """Short words for one actor's dealings with the attachments of one vehicle."""

    core: Core
    actor: Actor
    vehicle_id: UUID

    def add(self, data: bytes | None = None, name: str = "photo.jpg", **said: Any) -> Attachment:
        """Hang *data*, by default a picture, on the vehicle."""
        usual: dict[str, Any] = {"entity": "vehicles.vehicle", "entity_id": self.vehicle_id}
        command = AddAttachment(name=name, content=io.BytesIO(picture() if data is None else data), **usual | said)
        return self.core.run(self.actor, add_attachment, command)

    def read(self, attachment: Attachment, **asked: Any) -> bytes:
        """Return the bytes of *attachment*."""
        with self.core.read(self.actor, open_attachment, OpenAttachment(id=attachment.id, **asked)) as opened:
            return opened.content.read()

    def list(self, **asked: Any) -> tuple[Attachment, ...]:
        """List the attachments of the vehicle, or those *asked* for."""
        asked = asked or {"vehicle_id": self.vehicle_id}
        return self.core.read(self.actor, list_attachments, ListAttachments(**asked)).items

    def delete(self, attachment: Attachment) -> Attachment:
        """Delete *attachment*."""
        return self.core.run(
            self.actor, delete_attachment, DeleteAttachment(id=attachment.id, version=attachment.version)
        )

    def restore(self, attachment: Attachment) -> Attachment:
        """Bring *attachment* back."""
        return self.core.run(self.actor, restore_attachment, RestoreAttachment(id=attachment.id))

    def as_member(self, role: str, *, granted: bool = True) -> Drawer:
        """Return the drawer of a new member in *role*, to whom the vehicle is granted or not."""
        member = join_fleet(self.core, self.actor, name=role.capitalize(), role=role)
        if granted:
            self.core.run(self.actor, grant_vehicle, GrantVehicle(vehicle_id=self.vehicle_id, user_id=member.user_id))
        return Drawer(self.core, member, self.vehicle_id)


@pytest.fixture
def drawer(core: Core, owner: Actor, tmp_path_factory: pytest.TempPathFactory) -> Drawer:
    """The owner's drawer, on each engine in turn, with its files in a folder of its own."""
    return Drawer(core, owner, new_vehicle(core, owner).id)
