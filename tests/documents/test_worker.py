"""What the worker does of itself: it books payments by each fleet's calendar, and sweeps attached files."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import attrs

from fleetcore import Core
from fleetcore.attachments.model import AddAttachment, DeleteAttachment
from fleetcore.attachments.ports import BLOBS
from fleetcore.attachments.service import add_attachment, delete_attachment
from fleetcore.operations import Query
from fleetcore.testing.builders import new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.worker.loop import Worker
from fleetcore.worker.model import Happening

from .conftest import Folder


def drain(core: Core) -> set[str]:
    """Do all that is due; returns the names of the jobs that were done."""
    told: list[Happening] = []
    Worker(core, tell=told.append).drain()
    return {each.name for each in told}


def test_payments_are_booked_by_the_worker(core: Core, clock: FixedClock) -> None:
    """Each falls due by the calendar of its fleet, and is booked once."""
    owner = core.create_fleet("Home", timezone="America/Chicago")
    folder = Folder(core, owner, new_vehicle(core, owner).id, clock)
    policy = folder.add()
    counts = []
    for day, hour in ((1, 4), (1, 6), (2, 12)):
        clock.set(datetime(2026, 7, day, hour, tzinfo=UTC))
        drain(core)
        counts.append(len(folder.paid(policy)))

    assert [6, 7, 7] == counts
    assert 7 * 3000 == folder.balances()["expenses.insurance"]


def test_nothing_due_makes_no_job(folder: Folder) -> None:
    """Where nothing has fallen due, or the vehicle is removed, no payment is looked for."""
    folder.add()
    assert "documents.run_premiums" not in drain(folder.core)

    folder.core.perform(folder.actor, "vehicles.remove", {"id": str(folder.vehicle_id)})
    folder.clock.advance(days=60)
    assert "documents.run_premiums" not in drain(folder.core)


def test_attached_files_are_swept_by_the_worker(folder: Folder) -> None:
    """An attachment deleted a month ago goes with its bytes, in every fleet that has some."""
    other = folder.core.create_fleet("Other")
    folders = [folder, attrs.evolve(folder, actor=other, vehicle_id=new_vehicle(folder.core, other).id)]
    for each in folders:
        on: dict[str, Any] = {"entity": "vehicles.vehicle", "entity_id": each.vehicle_id}
        scan = AddAttachment(name="scan.txt", content=io.BytesIO(b"scan"), **on)
        added = each.core.run(each.actor, add_attachment, scan)
        each.core.run(each.actor, delete_attachment, DeleteAttachment(id=added.id, version=1))
    drain(folder.core)
    stored: Query[Any, int] = Query("test.blobs", None, lambda uow, _: len(list(uow[BLOBS].entries())))
    assert [1, 1] == [each.core.read(each.actor, stored, None) for each in folders]

    folder.clock.advance(days=32)
    assert "attachments.sweep" in drain(folder.core)
    assert [0, 0] == [each.core.read(each.actor, stored, None) for each in folders]
