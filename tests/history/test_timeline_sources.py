"""Papers, inspections, tyres, drivers and files stand on the timeline of their vehicle, for whom may see them."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import attrs
import pytest

from fleetcore import Core
from fleetcore.attachments.model import AddAttachment, DeleteAttachment
from fleetcore.attachments.service import add_attachment, delete_attachment
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.money import Money
from fleetcore.kernel.timeline import TimelineEntry
from fleetcore.testing.builders import join_fleet, new_vehicle
from fleetcore.vehicles.model import GrantVehicle
from fleetcore.vehicles.service import grant_vehicle

from .conftest import House


def _file(house: House, **said: Any) -> Any:
    return house.does("documents.add", vehicle_id=str(house.vehicle_id), **said).document


def _inspect(house: House, outcome: str, on: str, **said: Any) -> Any:
    return house.does("maintenance.record_inspection", vehicle_id=str(house.vehicle_id), done_on=on,
                      results=[{"key": "lights", "outcome": outcome}], **said)  # fmt: skip


def _told(entries: tuple[TimelineEntry, ...]) -> list[tuple[str, str]]:
    return [(entry.title, entry.detail) for entry in entries]


@pytest.fixture
def kept(empty: House) -> House:
    """A vehicle with a policy that was renewed, a check that failed, two sets of tyres, and a driver."""
    vehicle, hundred = str(empty.vehicle_id), {"amount": "100.00", "currency": "EUR"}
    policy = _file(empty, kind="insurance", cover="liability", issuer="Allsafe", number="X-1", contact="Bo",
                   starts_on="2024-06-01", ends_on="2025-06-01", amount=hundred)  # fmt: skip
    policy = empty.does("documents.get", id=str(policy.id))
    empty.does("documents.renew", id=str(policy.id), version=policy.version)
    _file(empty, kind="warranty", issuer="Maker", starts_on="2023-01-01", ends_on="2025-01-01")
    checklist = str(empty.does("maintenance.add_checklist", name="Lights", items=[{"title": "Lights"}]).key)
    failed = _inspect(empty, "fail", "2026-04-01", checklist=checklist)
    _inspect(empty, "pass", "2026-04-03", retest_of=str(failed.id))
    winter, summer = (
        str(empty.does("maintenance.add_tyre_set", vehicle_id=vehicle, name=name, kind=name.lower(), brand="Grip").id)
        for name in ("Winter", "Summer")
    )
    empty.does("maintenance.mount_tyres", set_id=winter, on="2025-10-15", odometer_km=40_000)
    empty.does("maintenance.mount_tyres", set_id=summer, on="2026-04-10", odometer_km=46_000)
    empty.does("maintenance.measure_tread", set_id=winter, on="2026-04-11",
               depths=[{"number": 1, "depth_mm": 5.2}, {"number": 2, "depth_mm": 6}])  # fmt: skip
    empty.does("vehicles.assign_driver", vehicle_id=vehicle, driver_name="Neighbour",
               starts_at="2026-03-01T08:00:00+00:00", ends_at="2026-03-05T08:00:00+00:00")  # fmt: skip
    return empty


def test_papers_are_filed_renewed_and_end(kept: House) -> None:
    """A policy that goes on in the next one has not ended; a warranty has; numbers and contacts are not told."""
    filed = _told(kept.entries(kinds=("document",)))

    assert {
        ("liability insurance filed", "Allsafe, from 2024-06-01 until 2025-06-01"),
        ("liability insurance renewed", "Allsafe, from 2025-06-01 until 2026-06-01"),
        ("warranty filed", "Maker, from 2023-01-01 until 2025-01-01"),
    } == set(filed)
    assert [("warranty ended", "Maker")] == _told(kept.entries(kinds=("document_end",)))
    assert not [word for word in ("X-1", "Bo") if word in str(kept.entries())]


def test_a_cancelled_paper_ends_on_that_day(kept: House) -> None:
    """What ends later has not ended; cancelled it ends when it was cancelled; deleted it is gone."""
    lease = _file(kept, kind="lease", issuer="Bank", starts_on="2025-01-01", ends_on="2099-01-01")
    assert 1 == len(kept.entries(kinds=("document_end",)))

    held = kept.does("documents.get", id=str(lease.id))
    kept.does("documents.cancel", id=str(lease.id), version=held.version, on="2026-01-31")
    (entry, _) = kept.entries(kinds=("document_end",))
    assert (date(2026, 1, 31), "lease cancelled") == (entry.on, entry.title)
    kept.does("documents.delete", id=str(lease.id), version=held.version + 1)
    assert 1 == len(kept.entries(kinds=("document_end",)))


def test_each_payment_stands_with_its_sum(kept: House) -> None:
    """What was paid for a paper is on the day that it fell due, and found by its cost."""
    paid = kept.entries(kinds=("payment",))

    assert {("liability insurance paid", Money(10000, "EUR"))} == {(entry.title, entry.cost) for entry in paid}
    assert [date(2025, 6, 1), date(2024, 6, 1)] == [entry.on for entry in paid]
    assert {"payment"} == set(kept.kinds(cost_min=Money(10000, "EUR")))


def test_inspections_say_what_failed(kept: House) -> None:
    """A failed one names the items, and its retest closes it."""
    assert [("Lights, retest", "passed"), ("Lights", "failed: Lights; closed by a retest")] == _told(
        kept.entries(kinds=("inspection",))
    )


def test_tyres_are_mounted_and_measured(kept: House) -> None:
    """Each stretch on the vehicle is one entry with the odometer; a measurement tells its range."""
    assert [("Summer mounted", "summer, Grip"), ("Winter mounted", "winter, Grip, until 2026-04-10")] == _told(
        kept.entries(kinds=("tyres",))
    )
    assert [("tread of Winter measured", "5.2 to 6.0 mm")] == _told(kept.entries(kinds=("tread",)))
    (entry, _) = kept.entries(kinds=("tyres",))
    assert entry.odometer is not None
    assert 46_000 == entry.odometer.km


def test_a_driver_is_there(kept: House) -> None:
    """Who had the vehicle, and until when."""
    assert [("driver: Neighbour", "until 2026-03-05")] == _told(kept.entries(kinds=("driver",)))


def test_files_of_the_vehicle_itself_are_there(core: Core, owner: Actor) -> None:
    """A file that hangs on the vehicle is an entry until it is deleted; one of a record stands with its record."""
    house = House(core, owner, new_vehicle(core, owner).id)
    paper = _file(house, kind="warranty", starts_on="2026-01-01", ends_on="2028-01-01")
    for entity, key in (("vehicles.vehicle", house.vehicle_id), ("documents.document", paper.id)):
        content = io.BytesIO(b"spare key")
        made = AddAttachment(entity=entity, entity_id=key, name=f"{entity}.txt", content=content)
        core.run(owner, add_attachment, made)

    (entry,) = house.entries(kinds=("file",))
    assert ("file added", "vehicles.vehicle.txt") == (entry.title, entry.detail)
    assert ["file"] == house.kinds(text="VEHICLE.TXT")
    core.run(owner, delete_attachment, DeleteAttachment(id=entry.id, version=1))
    assert () == house.entries(kinds=("file",))


def test_pages_of_papers_and_tyres_join(kept: House) -> None:
    """One by one come the same entries as at once."""
    whole, joined, cursor = kept.entries(), [], None
    while True:
        page = kept.page(limit=1, cursor=cursor)
        joined += page.items
        if (cursor := page.next) is None:
            break

    assert list(whole) == joined
    assert {"document", "document_end", "payment", "inspection", "tyres", "tread", "driver"} <= {
        entry.kind for entry in whole
    }


@pytest.mark.parametrize(
    ("text", "kinds"),
    [("allsafe", {"document", "payment"}), ("winter", {"tyres", "tread"}), ("neighbour", {"driver"}),
     ("lights", {"inspection"})],
)  # fmt: skip
def test_they_are_found_by_what_people_wrote(kept: House, text: str, kinds: set[str]) -> None:
    """The search looks into issuers, names of sets and of drivers."""
    assert kinds == set(kept.kinds(text=text))


def test_a_technician_sees_no_papers_and_no_one_elses_drives(kept: House) -> None:
    """Without documents.read there are no papers; who does not manage vehicles sees only their own assignments."""
    bob = join_fleet(kept.core, kept.actor, "Bob", "driver")
    kept.core.run(kept.actor, grant_vehicle, GrantVehicle(vehicle_id=kept.vehicle_id, user_id=bob.user_id))
    kept.does("vehicles.assign_driver", vehicle_id=str(kept.vehicle_id), driver_id=str(bob.user_id),
              starts_at="2026-03-06T08:00:00+00:00")  # fmt: skip
    driver = attrs.evolve(kept, actor=bob)
    assert [("driver: Bob", "")] == _told(driver.entries(kinds=("driver",)))
    assert {"document", "inspection"} <= set(driver.kinds())

    tim = join_fleet(kept.core, kept.actor, "Tim", "technician")
    kept.core.run(kept.actor, grant_vehicle, GrantVehicle(vehicle_id=kept.vehicle_id, user_id=tim.user_id))
    assert not {"document", "document_end", "payment", "inspection", "driver"} & set(
        attrs.evolve(kept, actor=tim).kinds()
    )
