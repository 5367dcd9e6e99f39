"""A record of another fleet does not exist: every operation is tried with every id that the neighbours have."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import attrs
import pytest
from sqlalchemy import create_engine, insert, select
from tests.worker.letters import a_letter

import fleetcore
from fleetcore import Core
from fleetcore.attachments.model import AddAttachment, OpenedAttachment
from fleetcore.attachments.service import add_attachment
from fleetcore.fuel.stations import add_station
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import FleetError, NotFound
from fleetcore.kernel.wire import to_json
from fleetcore.kernel.work import QUEUE
from fleetcore.operations import Query
from fleetcore.storage.types import metadata
from fleetcore.testing.builders import a_reading, a_station, join_fleet, new_fill, new_vehicle
from fleetcore.vehicles.meters import record_reading
from fleetcore.vehicles.model import GrantVehicle
from fleetcore.vehicles.service import grant_vehicle
from fleetcore.worker.loop import Worker
from fleetcore.worker.storage_inbox import dead_letters

from .inventions import id_fields, invented

# Operations with an id that name no record of a fleet by it; each says why.
NAMES_NOTHING = {"people.add_member": "users belong to no fleet; a made-up command lacks the roles"}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def street(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Core, Actor, Actor]]:
    """A Core with a fleet full of records, its owner, and the owner of an empty fleet next door."""
    makers = {"sqlite": "sqlite_files", "postgres": "postgres_server"}
    url = request.getfixturevalue(makers[request.param]).database()
    with fleetcore.open(url, installed_plugins=False, attachments=tmp_path_factory.mktemp("files")) as core:
        ours, theirs = core.create_fleet("Ours"), core.create_fleet("Theirs")
        fill_fleet(core, theirs)
        yield core, ours, theirs


def fill_fleet(core: Core, actor: Actor) -> None:
    """Put a record of every kind into the actor's fleet."""
    bob = join_fleet(core, actor)
    vehicle = new_vehicle(core, actor, vin="WVWZZZ1JZXW000001", plate="B-XY 1")
    core.run(actor, grant_vehicle, GrantVehicle(vehicle_id=vehicle.id, user_id=bob.user_id))
    core.run(actor, record_reading, a_reading(vehicle.id))
    station = core.run(actor, add_station, a_station())
    new_fill(core, actor, vehicle, station_id=station.id)
    garage = core.perform(actor, "maintenance.add_provider", {"name": "Corner Garage"})
    core.perform(actor, "sharing.invite", {"grants": [{"vehicle_id": str(vehicle.id)}]})
    core.perform(actor, "vehicles.assign_driver", {"vehicle_id": str(vehicle.id), "driver_id": str(bob.user_id)})
    work = {"vehicle_id": str(vehicle.id), "provider_id": str(garage.id), "title": "Brakes"}
    core.perform(actor, "maintenance.record_service", {**work, "done_on": "2026-05-02"})
    core.perform(actor, "maintenance.schedule_job", work)
    key = {"name": "Dashboard", "permissions": {"fuel.read": "all"}, "prefix": "fk_aaaaaaaa", "secret_hash": "0" * 64}
    core.perform(actor, "accounts.add_key", key)
    core.perform(actor, "calendars.make_feed", {"name": "Phone"})
    owned = {"vehicle_id": str(vehicle.id)}
    plan = {"title": "Oil", "every_km": 15000}
    core.perform(actor, "maintenance.add_plan_item", {**owned, **plan})
    core.perform(actor, "maintenance.add_template", {"name": "Ours", "items": [plan]})
    checklist = core.perform(actor, "maintenance.add_checklist", {"name": "Ours", "items": [{"title": "Lights"}]})
    result = {"results": [{"key": "lights", "outcome": "fail"}], "checklist": checklist.key}
    core.perform(actor, "maintenance.record_inspection", {**owned, "done_on": "2026-05-02", **result})
    tyres = core.perform(actor, "maintenance.add_tyre_set", {**owned, "name": "Winter", "kind": "winter"})
    core.perform(actor, "maintenance.mount_tyres", {"set_id": str(tyres.id), "on": "2026-05-02"})
    depths = [{"number": 1, "depth_mm": 7.5}]
    core.perform(actor, "maintenance.measure_tread", {"set_id": str(tyres.id), "on": "2026-05-02", "depths": depths})
    paid = {"amount": {"amount": "30", "currency": "EUR"}, "starts_on": "2026-05-01", "ends_on": "2027-05-01"}
    policy = {"kind": "insurance", "cover": "liability", "vehicle_id": str(vehicle.id), **paid}
    filed = core.perform(actor, "documents.add", policy).document
    core.perform(actor, "documents.renew", {"id": str(filed.id), "version": 1})
    core.perform(actor, "documents.add", {"kind": "licence", "person_id": str(bob.user_id)})
    scan = AddAttachment(entity="documents.document", entity_id=filed.id, name="scan.txt", content=io.BytesIO(b"scan"))
    core.run(actor, add_attachment, scan)
    core.perform(actor, "notifications.set_preferences", {"digest": "daily"})
    Worker(core).drain()  # which greets the members
    core.work(actor.fleet_id, "test.enqueue", lambda uow: uow[QUEUE].enqueue("elsewhere.run", now=uow.now))
    letter = a_letter(uuid4())
    row = {"fleet_id": actor.fleet_id, **attrs.asdict(letter)}
    core.database.write(actor.fleet_id, lambda connection: connection.execute(insert(dead_letters).values(row)))


def ids_of(core: Core, fleet_id: UUID) -> set[UUID]:
    """Return every id in the fleet's rows but the fleet's own."""
    return {value for row in rows_of(core, fleet_id) for value in row if isinstance(value, UUID)} - {fleet_id}


def rows_of(core: Core, fleet_id: UUID) -> list[tuple[Any, ...]]:
    """Return every row of the fleet, past the stores and past row-level security."""
    engine = create_engine(core.database.url)
    try:
        with engine.connect() as connection:
            tables = [table for table in metadata.sorted_tables if "fleet_id" in table.c]
            return [
                tuple(row)
                for table in tables
                for row in connection.execute(
                    select(table).where(table.c.fleet_id == fleet_id).order_by(*table.primary_key.columns)
                )
            ]
    finally:
        engine.dispose()


def operations_with_ids(core: Core) -> list[Any]:
    """Return the operations whose command names a record."""
    return [found for found in core.operations.values() if id_fields(found.command_type)]


def outcome(core: Core, actor: Actor, found: Any, command: Any) -> Any:
    """Run or read and return the result or the error."""
    try:
        answer = core.read(actor, found, command) if isinstance(found, Query) else core.run(actor, found, command)
    except FleetError as error:
        return error
    if isinstance(answer, OpenedAttachment):
        answer.content.close()
    return answer


def is_silent(answer: Any, record_id: UUID) -> bool:
    """Say whether *answer* is a list without the record."""
    return not isinstance(answer, FleetError) and str(record_id).encode() not in to_json(answer)


@pytest.fixture(scope="module")
def attempts(street: tuple[Core, Actor, Actor]) -> tuple[list[str], bool]:
    """Try every operation with every id of the neighbours: what answered otherwise, and whether rows changed."""
    core, ours, theirs = street
    before = rows_of(core, theirs.fleet_id)
    told = set()
    for found in operations_with_ids(core):
        for record_id in sorted(ids_of(core, theirs.fleet_id)):
            answer = outcome(core, ours, found, invented(found.command_type, record_id))
            if not (isinstance(answer, NotFound) or is_silent(answer, record_id) or found.name in NAMES_NOTHING):
                told.add(f"{found.name}: {type(answer).__name__} {answer}")
    return sorted(told), before != rows_of(core, theirs.fleet_id)


def test_ids_of_another_fleet_are_not_found(attempts: tuple[list[str], bool]) -> None:
    """Whatever operation is given an id of the neighbours finds nothing, or answers without a word of them."""
    assert [] == attempts[0]


def test_nothing_of_another_fleet_changes(attempts: tuple[list[str], bool]) -> None:
    """After every operation has been tried with every id of the neighbours, their rows are the same."""
    assert not attempts[1]


def test_the_same_ids_are_found_at_home(street: tuple[Core, Actor, Actor]) -> None:
    """Negative control: for their owner, the same commands find the records."""
    core, _, theirs = street
    found_some = {
        found.name
        for found in operations_with_ids(core)
        if isinstance(found, Query)
        for record_id in ids_of(core, theirs.fleet_id)
        if not isinstance(outcome(core, theirs, found, invented(found.command_type, record_id)), FleetError)
    }

    wanted = {"vehicles.get", "vehicles.get_odometer", "fuel.get_fill", "ledger.get_entry"}
    wanted |= {"attachments.get", "attachments.open", "documents.get", "documents.payments"}
    wanted |= {"worker.get_job"}
    wanted |= {"vehicles.list_assignments", "vehicles.who_drove"}
    wanted |= {"maintenance.get_service", "maintenance.get_job", "maintenance.get_provider"}
    wanted |= {"maintenance.get_plan_item", "maintenance.get_inspection", "maintenance.report_tyres"}
    assert wanted <= found_some
