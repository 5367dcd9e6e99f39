"""Files follow their records: to another vehicle, to what takes a record's place, and out of the fleet."""

# ruff: noqa: E501 - the lines of a log are as long as they are

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import pytest

from fleetcore import Core
from fleetcore.attachments.blobs import FolderBlobs
from fleetcore.attachments.model import AddAttachment
from fleetcore.attachments.service import add_attachment
from fleetcore.imports.model import ConvertServices, ImportLog, UndoImport
from fleetcore.imports.service import import_log, undo_import
from fleetcore.imports.services import convert_services
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import NotFound
from fleetcore.kernel.ids import new_id
from fleetcore.maintenance.model import ListServices
from fleetcore.maintenance.service import list_services
from fleetcore.operations import Query
from fleetcore.testing.builders import new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.worker.loop import Worker

from .conftest import Drawer
from .files import PDF

FILLS = b"date,odometer,liters,total cost,full\n2026-01-01,1000,40,60.00,1\n"
SERVICES = b"""##Refuelling
"Odometer","Date","Fuel","Price / L","Total cost","Volume","Full tank","Second fuel","Price / L","Total cost","Volume","Full tank","Third fuel","Price / L","Total cost","Volume","Full tank","Fuel efficiency","Distance","Charge type","Initial charge","Final charge","Minutes","Gas station","Driver","Reason","Payment method","Notes"
"45210.0","2025-03-01 16:01:00","Gasoline","1.657","67.09","40.50","Yes","","0","0","0","No","","0","0","0","No","","","","","","","Corner","","","",""
##Service
"Odometer","Date","Total cost","Type of service","Place","Driver","Payment method","Notes"
"45300.0","2025-03-03 12:00:00","89.90","Oil change","Garage","","",""
"""


def _does(drawer: Drawer, operation: str, **values: Any) -> Any:
    return drawer.core.perform(drawer.actor, operation, {"vehicle_id": str(drawer.vehicle_id)} | values)


def _hang(drawer: Drawer, entity: str, record: Any) -> Any:
    return drawer.add(PDF, "paper.pdf", entity=entity, entity_id=record.id)


EURO = {"amount": "9.00", "currency": "EUR"}
MOVED: dict[str, tuple[str, dict[str, Any], str]] = {
    "expenses.expense": ("expenses.record", {"spent_on": "2026-05-02", "category": "parking", "amount": EURO},
                         "expenses.edit"),
    "fuel.fill": ("fuel.record_fill", {"at": "2026-05-02T08:00:00+00:00", "carrier": "petrol", "volume_l": 40,
                                       "total": EURO}, "fuel.edit_fill"),
    "maintenance.service": ("maintenance.record_service", {"done_on": "2026-05-02", "title": "Oil", "total": EURO},
                            "maintenance.edit_service"),
    "maintenance.job": ("maintenance.schedule_job", {"title": "Brakes"}, "maintenance.edit_job"),
    "maintenance.tyre_set": ("maintenance.add_tyre_set", {"name": "Winter", "kind": "winter"},
                             "maintenance.edit_tyre_set"),
    "trips.trip": ("trips.record", {"started_at": "2026-05-05T08:00:00+00:00", "distance_km": 12,
                                    "ended_at": "2026-05-05T09:00:00+00:00", "purpose": "private"}, "trips.edit"),
}  # fmt: skip


@pytest.mark.parametrize("entity", MOVED)
def test_the_files_of_a_vehicle_follow_its_records(drawer: Drawer, entity: str) -> None:
    """A record that moves to another vehicle takes its files with it, and is still where they hang."""
    record, said, edit = MOVED[entity]
    made = _does(drawer, record, **said)
    attachment = _hang(drawer, entity, made)
    other = Drawer(drawer.core, drawer.actor, new_vehicle(drawer.core, drawer.actor, name="Other").id)
    _does(other, edit, id=str(made.id), version=1, **said)

    assert () == drawer.list()
    assert [attachment.id] == [found.id for found in other.list()]
    assert [attachment.id] == [found.id for found in drawer.list(entity=entity, entity_id=made.id)]
    assert PDF == drawer.read(attachment)


def test_what_an_undone_import_brought_takes_its_files_along(drawer: Drawer, clock: FixedClock) -> None:
    """Rows of records that are erased go with them, deleted ones too, and the bytes with the next sweep."""
    name = drawer.core.perform(drawer.actor, "vehicles.get", {"id": str(drawer.vehicle_id)}).name
    done = drawer.core.run(drawer.actor, import_log, ImportLog(source=FILLS, vehicle=name, currency="EUR"))
    assert done.import_id is not None
    (fill,) = _does(drawer, "fuel.list_fills").items
    kept = drawer.add(PDF + b"\n")
    _hang(drawer, "fuel.fill", fill)
    drawer.delete(_hang(drawer, "fuel.fill", fill))
    drawer.core.run(drawer.actor, undo_import, UndoImport(id=done.import_id))

    assert [kept.id] == [found.id for found in drawer.list()]
    assert () == drawer.list(vehicle_id=drawer.vehicle_id, deleted=True)
    clock.advance(days=2)
    assert 1 == _does_sweep(drawer)


def _does_sweep(drawer: Drawer) -> int:
    return int(drawer.core.perform(drawer.actor, "attachments.sweep", {}).files)


def test_a_service_that_was_an_expense_keeps_its_receipt(drawer: Drawer) -> None:
    """When imported expenses become services, their files hang on the services."""
    name = drawer.core.perform(drawer.actor, "vehicles.get", {"id": str(drawer.vehicle_id)}).name
    drawer.core.run(drawer.actor, import_log, ImportLog(source=SERVICES, vehicle=name, currency="EUR"))
    (expense,) = _does(drawer, "expenses.list").items
    receipt = _hang(drawer, "expenses.expense", expense)
    drawer.core.run(drawer.actor, convert_services, ConvertServices())
    (service,) = drawer.core.read(drawer.actor, list_services, ListServices()).items

    assert [receipt.id] == [found.id for found in drawer.list(entity="maintenance.service", entity_id=service.id)]
    assert [receipt.id] == [found.id for found in drawer.list()]


@pytest.mark.parametrize(
    ("entity", "operation", "said"),
    [
        ("maintenance.tyre_set", "maintenance.add_tyre_set", {"name": "Winter", "kind": "winter"}),
        ("maintenance.plan_item", "maintenance.add_plan_item", {"title": "Oil", "every_months": 12}),
        ("maintenance.inspection", "maintenance.record_inspection", {"done_on": "2026-05-02"}),
    ],
)
def test_files_hang_on_tyres_plans_and_inspections(
    drawer: Drawer, entity: str, operation: str, said: dict[str, Any]
) -> None:
    """A photo of a worn tyre, the leaflet of an interval, the report of an inspection; strangers get none of them."""
    if entity == "maintenance.inspection":
        checklist = drawer.core.perform(
            drawer.actor, "maintenance.add_checklist", {"name": "Lights", "items": [{"title": "Lights"}]}
        )
        said = said | {"checklist": checklist.key, "results": [{"key": "lights", "outcome": "pass"}]}
    attachment = _hang(drawer, entity, _does(drawer, operation, **said))

    assert PDF == drawer.read(attachment)
    assert [attachment.id] == [found.id for found in drawer.list()]
    with pytest.raises(NotFound):
        drawer.as_member("mechanic", granted=False).read(attachment)
    assert PDF == drawer.as_member("accountant", granted=False).read(attachment)


def test_the_worker_sweeps_where_nothing_is_attached(
    core: Core, owner: Actor, clock: FixedClock, tmp_path: Path
) -> None:
    """Bytes of a fleet whose last attachment is gone, and of an upload that broke off, are found by the daily job."""
    vehicle = new_vehicle(core, owner)
    command = AddAttachment(entity="vehicles.vehicle", entity_id=vehicle.id, name="a.pdf", content=io.BytesIO(PDF))
    stage = add_attachment.before
    assert stage is not None
    core.read(owner, Query("test.stage", None, stage), command)
    store = FolderBlobs(tmp_path / "attachments")
    assert 1 == len(list(store.entries(owner.fleet_id)))

    clock.advance(days=2)
    Worker(core).drain()
    assert [] == list(store.entries(owner.fleet_id))


def test_a_folder_of_a_fleet_that_is_not_here_is_left_alone(core: Core, clock: FixedClock, tmp_path: Path) -> None:
    """What lies beside in the folder makes no job that must fail."""
    store, stranger = FolderBlobs(tmp_path / "attachments"), new_id()
    (store.folder / "notes").mkdir(parents=True)
    (store.folder / str(stranger) / "ab").mkdir(parents=True)
    clock.advance(days=2)
    told: list[Any] = []
    Worker(core, tell=told.append).drain()

    assert not [each for each in told if "sweep" in each.name or each.what == "failed"]
    shutil.rmtree(store.folder)
    assert [] == list(store.fleets())
