"""Who read what is sensitive is in the log; who read anything else is not."""

from __future__ import annotations

import io
from typing import Any

import pytest

from fleetcore import Core
from fleetcore.areas import built_in_areas
from fleetcore.attachments.model import OpenAttachment
from fleetcore.attachments.service import open_attachment
from fleetcore.audit.model import AuditEntry
from fleetcore.exports.model import ExportFleet, ExportTable
from fleetcore.exports.service import export_fleet, export_table
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import NotFound
from fleetcore.operations import Query

from .conftest import Scene

# What is sensitive: whole copies of the data, the log itself, ways in, and what one person learns of another.
ALWAYS = {
    "accounts.list_keys",
    "attachments.open",
    "audit.list",
    "exports.export_fleet",
    "exports.export_table",
    "history.of_record",
    "ledger.export",
    "sharing.get_invitation",
    "sharing.list_invitations",
    "trips.logbook",
    "worker.list_dead_letters",
}
OF_OTHERS = {
    "documents.get",
    "documents.list",
    "people.get_member",
    "people.get_user",
    "people.list_members",
    "trips.get",
    "trips.list",
    "vehicles.list_assignments",
    "vehicles.who_drove",
}


def reads(core: Core, actor: Actor) -> list[AuditEntry]:
    """Return the entries of reads, the first first; looking is one itself, and not among them."""
    found = core.perform(actor, "audit.list", {"reads": True, "limit": 200}).items
    return [entry for entry in reversed(found) if entry.entity == "read" and entry.operation != "audit.list"]


def test_what_is_sensitive_is_on_this_list() -> None:
    """A query becomes sensitive, or stops to be, by a decision that this list tells."""
    queries = [found for area in built_in_areas() for found in area.operations if isinstance(found, Query)]
    assert ALWAYS | OF_OTHERS == {query.name for query in queries if query.sensitive is not None}


@pytest.fixture
def asked(scene: Scene) -> dict[str, dict[str, Any]]:
    """What is asked of each sensitive query that takes plain values."""
    core, ada = scene.core, scene.ada
    trip = next(each for each in core.perform(ada, "trips.list", {}).items if each.driver_id == ada.user_id)
    licence = core.perform(ada, "documents.list", {}).items[0]
    offer = core.perform(ada, "sharing.invite", {"email": "guest@example.org", "roles": ["driver"]})
    core.perform(ada, "vehicles.assign_driver", {"vehicle_id": scene.vehicle_id, "driver_id": str(ada.user_id)})
    return {
        "accounts.list_keys": {},
        "audit.list": {},
        "history.of_record": {"id": scene.vehicle_id},
        "ledger.export": {"format": "beancount"},
        "sharing.get_invitation": {"id": str(offer.invitation.id)},
        "sharing.list_invitations": {},
        "trips.logbook": {"vehicle_id": scene.vehicle_id},
        "worker.list_dead_letters": {},
        "documents.get": {"id": str(licence.id)},
        "documents.list": {},
        "people.get_member": {"user_id": str(ada.user_id)},
        "people.get_user": {"user_id": str(ada.user_id)},
        "people.list_members": {},
        "trips.get": {"id": str(trip.id)},
        "trips.list": {},
        "vehicles.list_assignments": {},
        "vehicles.who_drove": {"vehicle_id": scene.vehicle_id, "since": "2027-01-01T00:00:00Z"},
    }


def test_every_sensitive_read_is_in_the_log(scene: Scene, asked: dict[str, dict[str, Any]]) -> None:
    """With who read it, from where, in which request, and what was asked."""
    core, carl = scene.core, scene.carl
    first = len(reads(core, carl))
    for number, (name, values) in enumerate(asked.items()):
        core.perform(carl, name, values, correlation_id=f"read-{number}", address="192.0.2.9")
    found = {entry.operation: entry for entry in reads(core, carl)[first:]}
    listed = core.perform(carl, "audit.list", {"reads": True, "limit": 200}).items
    found |= {entry.operation: entry for entry in listed if entry.correlation_id and entry.operation == "audit.list"}

    assert ALWAYS | OF_OTHERS == found.keys() | {"attachments.open", "exports.export_fleet", "exports.export_table"}
    for number, name in enumerate(asked):
        entry = found[name]
        assert (carl.user_id, f"read-{number}", "192.0.2.9") == (entry.actor_id, entry.correlation_id, entry.address)
        assert entry.before is None
    assert str(scene.user_id) == found["people.get_member"].after["user_id"]


def test_files_and_exports_are_in_the_log(scene: Scene) -> None:
    """The whole fleet as a file, one table of it, and a file itself; a thumbnail is none."""
    core, carl = scene.core, scene.carl
    licence = core.perform(carl, "documents.list", {}).items[0]
    its = {"entity": "documents.document", "entity_id": str(licence.id)}
    file = core.perform(carl, "attachments.list", its).items[0]
    with core.read(carl, open_attachment, OpenAttachment(id=file.id)) as opened:
        assert opened.content.read()
    core.read(carl, export_fleet, ExportFleet(target=io.BytesIO()))
    core.read(carl, export_table, ExportTable(name="fills"))

    names = ["attachments.open", "exports.export_fleet", "exports.export_table"]
    assert names == [entry.operation for entry in reads(core, carl)][-3:]


def test_reading_what_is_ones_own_is_not(scene: Scene) -> None:
    """One's own trips, record and place, and lists of vehicles and fills, leave no entry; nor does what is refused."""
    core, ada, carl = scene.core, scene.ada, scene.carl
    before = len(reads(core, carl))
    core.perform(ada, "trips.list", {"driver_id": str(ada.user_id)})
    core.perform(ada, "people.get_user", {})
    core.perform(ada, "people.get_member", {"user_id": str(ada.user_id)})
    for name in ("vehicles.list", "fuel.list_fills", "expenses.list", "reminders.list", "people.get_fleet"):
        core.perform(carl, name, {})
    with pytest.raises(NotFound):
        core.perform(carl, "trips.get", {"id": str(ada.user_id)})

    assert before == len(reads(core, carl))


def test_reads_do_not_stand_among_changes(scene: Scene, asked: dict[str, dict[str, Any]]) -> None:
    """Without being asked for them, the log and a record's history tell of changes only."""
    core, carl = scene.core, scene.carl
    for name, values in asked.items():
        core.perform(carl, name, values)

    assert "read" not in {entry.entity for entry in core.perform(carl, "audit.list", {"limit": 200}).items}
    history = core.perform(carl, "history.of_record", {"id": scene.vehicle_id}).items
    assert {"vehicle"} == {change.record for change in history}


def test_a_sensitive_read_costs_one_statement_more(scene: Scene) -> None:
    """The others cost none: what is asked often is not made dearer."""
    from sqlalchemy import event

    core, carl = scene.core, scene.carl
    statements: list[str] = []
    event.listen(core.database._reads, "before_cursor_execute", lambda *call: statements.append(call[2]))
    core.perform(carl, "people.list_members", {})

    assert ["INSERT"] == [said.split()[0] for said in statements if "audit_log" in said]
