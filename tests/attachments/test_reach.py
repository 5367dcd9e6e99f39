"""Whose attachments one reaches, and which receipts a record may name."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import fleetcore
from fleetcore import Core
from fleetcore.attachments.model import AddAttachment, SweepAttachments
from fleetcore.attachments.ports import ATTACHMENTS, BLOBS
from fleetcore.attachments.service import add_attachment, sweep_attachments
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import FleetError, Forbidden, NotFound, Rejected, Unavailable
from fleetcore.operations import Query
from fleetcore.testing.builders import new_fill, new_vehicle

from .conftest import Drawer
from .files import PDF, picture


def stored(drawer: Drawer) -> set[str]:
    """Return the hashes of what is in the blob store."""
    query: Query[Any, set[str]] = Query("test.blobs", None, lambda uow, _: {b.sha256 for b in uow[BLOBS].entries()})
    return drawer.core.read(drawer.actor, query, None)


def test_a_driver_puts_a_receipt_on_their_own_fill(drawer: Drawer) -> None:
    """Who may change a record may hang files on it; the owner sees them, another driver does not change them."""
    driver, other = drawer.as_member("driver"), drawer.as_member("family")
    fill = new_fill(
        driver.core, driver.actor, driver.core.perform(drawer.actor, "vehicles.get", {"id": str(drawer.vehicle_id)})
    )
    receipt = driver.add(PDF, entity="fuel.fill", entity_id=fill.id)

    assert PDF == drawer.read(receipt) == driver.read(receipt)
    with pytest.raises(Forbidden):
        other.add(PDF, entity="fuel.fill", entity_id=fill.id)
    with pytest.raises(Forbidden):
        other.delete(receipt)


def test_a_driver_does_not_hang_files_on_the_vehicle(drawer: Drawer) -> None:
    """Who may only look at a vehicle reads its photos and adds none."""
    driver = drawer.as_member("driver")
    photo = drawer.add()

    assert picture() == driver.read(photo)
    with pytest.raises(Forbidden):
        driver.add()
    assert 2 == len(stored(drawer))


def test_who_has_no_grant_sees_nothing(drawer: Drawer) -> None:
    """For a member without the vehicle its attachments do not exist."""
    stranger = drawer.as_member("driver", granted=False)
    photo = drawer.add()
    for ask in (
        lambda: stranger.read(photo),
        stranger.list,
        stranger.add,
        lambda: stranger.delete(photo),
    ):
        with pytest.raises((NotFound, Forbidden)):
            ask()


def test_another_fleet_sees_nothing_and_proves_nothing(drawer: Drawer) -> None:
    """Neighbours find neither the attachment nor its bytes, even with the same content."""
    photo = drawer.add(PDF)
    neighbour = drawer.core.create_fleet("Next door")
    theirs = Drawer(drawer.core, neighbour, new_vehicle(drawer.core, neighbour).id)

    for ask in (lambda: theirs.read(photo), lambda: theirs.delete(photo), lambda: theirs.restore(photo)):
        with pytest.raises(NotFound):
            ask()
    with pytest.raises(NotFound):
        theirs.add(PDF, entity_id=drawer.vehicle_id)
    assert set() == stored(theirs)
    theirs.add(PDF)
    clock_free: Query[Any, int] = Query("test.count", None, lambda uow, _: len(list(uow[ATTACHMENTS].hashes())))
    assert 1 == drawer.core.read(drawer.actor, clock_free, None)


def test_an_unknown_record_is_not_found_and_an_unknown_kind_is_named(drawer: Drawer) -> None:
    """A record that is not there is NotFound; a kind that is none lists those there are."""
    with pytest.raises(NotFound):
        drawer.add(entity="fuel.fill", entity_id=uuid4())
    with pytest.raises(Rejected, match=r"fuel\.fill"):
        drawer.add(entity="fuel.nonsense")


def test_attachments_of_a_deleted_record_come_back_with_it(drawer: Drawer) -> None:
    """While a record is deleted its files are out of sight, and nothing of them is lost."""
    vehicle = drawer.core.perform(drawer.actor, "vehicles.get", {"id": str(drawer.vehicle_id)})
    fill = new_fill(drawer.core, drawer.actor, vehicle)
    receipt = drawer.add(PDF, entity="fuel.fill", entity_id=fill.id)
    drawer.core.perform(drawer.actor, "fuel.delete_fill", {"id": str(fill.id), "version": 1})

    with pytest.raises(NotFound):
        drawer.read(receipt)
    assert () == drawer.list()
    drawer.core.perform(drawer.actor, "fuel.restore_fill", {"id": str(fill.id)})
    assert PDF == drawer.read(receipt)


def test_only_who_files_papers_of_the_whole_fleet_sweeps(drawer: Drawer) -> None:
    """A driver does not sweep."""
    member = drawer.as_member("driver")
    with pytest.raises(Forbidden):
        drawer.core.run(member.actor, sweep_attachments, SweepAttachments())


# --- receipts of records ----------------------------------------------------------------------------------------------


def test_records_name_only_attachments_that_exist(drawer: Drawer) -> None:
    """A fill, an expense and a service may list receipts of their vehicle, and no others."""
    receipt = drawer.add(PDF)
    elsewhere = Drawer(drawer.core, drawer.actor, new_vehicle(drawer.core, drawer.actor, name="Other").id).add(PDF)
    vehicle = str(drawer.vehicle_id)
    for name, said in (
        ("fuel.record_fill", {"at": "2026-05-01T10:00:00Z", "volume_l": 30, "carrier": "petrol",
                              "total": {"amount": "50", "currency": "EUR"}}),
        ("expenses.record", {"category": "tax", "spent_on": "2026-05-01",
                             "amount": {"amount": "5", "currency": "EUR"}}),
        ("maintenance.record_service", {"title": "Oil", "done_on": "2026-05-01"}),
        ("trips.record", {"started_at": "2026-05-02T10:00:00Z", "ended_at": "2026-05-02T11:00:00Z", "distance_km": 5,
                          "purpose": "private"}),
    ):  # fmt: skip
        for wrong, code in ((uuid4(), "attachment.unknown"), (elsewhere.id, "attachment.elsewhere")):
            with pytest.raises(Rejected) as caught:
                drawer.core.perform(drawer.actor, name, {"vehicle_id": vehicle, **said, "attachment_ids": [str(wrong)]})
            assert caught.value.has_code(code), name
        made = drawer.core.perform(
            drawer.actor, name, {"vehicle_id": vehicle, **said, "attachment_ids": [str(receipt.id)]}
        )
        assert (receipt.id,) == made.attachment_ids


def test_without_a_place_for_files_adding_says_what_to_do(core: Core, owner: Actor) -> None:
    """On PostgreSQL one says where files are kept; SQLite has a folder beside it."""
    drawer = Drawer(core, owner, new_vehicle(core, owner).id)
    if core.database.dialect == "sqlite":
        assert drawer.add(PDF)
        return
    bare = fleetcore.open(core.database.url, installed_plugins=False, clock=core.clock)
    with bare, pytest.raises(Unavailable, match="FLEET_ATTACHMENTS"):
        Drawer(bare, owner, drawer.vehicle_id).add(PDF)


def test_errors_are_those_of_the_library(drawer: Drawer, tmp_path: Path) -> None:
    """A path that is not there, or a folder, is refused in words."""
    for content in (tmp_path / "missing.jpg", tmp_path):
        with pytest.raises(FleetError):
            drawer.core.run(
                drawer.actor,
                add_attachment,
                AddAttachment(entity="vehicles.vehicle", entity_id=drawer.vehicle_id, content=content),
            )
