"""Restoring beside what is there already: fleets and users that exist, older archives, and how many rounds."""

from __future__ import annotations

import io
import json

import pytest
from tests.exports.archives import (
    MANIFEST,
    before_it_was_read,
    changed_manifest,
    changed_table,
    exported,
    members,
    table_rows,
)
from tests.exports.garage import furnish

import fleetcore
from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict
from fleetcore.people.commands import AddMember
from fleetcore.people.members import add_member
from fleetcore.testing.databases import SqliteFiles


@pytest.fixture
def source(sqlite_files: SqliteFiles) -> bytes:
    """An export of Ada's fleet from another database."""
    with fleetcore.open(sqlite_files.database(), installed_plugins=False) as other:
        return exported(other, other.create_fleet("Home", owner_name="Ada", owner_email="ada@example.org"))


def test_a_fleet_that_exists_is_left_alone(core: Core, owner: Actor) -> None:
    """Restoring over a fleet that exists is refused with its name, and changes nothing."""
    archive = exported(core, owner)
    furnish(core, owner)
    before = exported(core, owner)

    with pytest.raises(Conflict, match="'Home'"):
        core.restore(io.BytesIO(archive))

    assert before_it_was_read(before) == before_it_was_read(exported(core, owner))


def test_one_known_fleet_keeps_all_of_a_backup_out(core: Core, sqlite_files: SqliteFiles, source: bytes) -> None:
    """A backup of which one fleet exists is restored not even in part."""
    with fleetcore.open(sqlite_files.database(), installed_plugins=False) as other:
        other.restore(io.BytesIO(source))
        other.create_fleet("Second")
        backup = io.BytesIO()
        other.backup(backup)
    core.restore(io.BytesIO(source))

    with pytest.raises(Conflict, match="1 of the 2 fleets"):
        core.restore(backup)

    assert core.actor(fleet=None) == core.actor(fleet="Home")


def test_another_users_email_is_a_conflict(core: Core, source: bytes) -> None:
    """A user of the archive whose e-mail address is someone else's here is refused with the address."""
    core.create_fleet("Mine", owner_name="Someone", owner_email="ADA@example.org")

    with pytest.raises(Conflict, match=r"ada@example\.org belongs to another user"):
        core.restore(io.BytesIO(source))

    with pytest.raises(Conflict, match=r"ada@example\.org"):
        core.restore(io.BytesIO(source), dry_run=True)


def test_a_known_user_stays_as_they_are(core: Core, owner: Actor, sqlite_files: SqliteFiles) -> None:
    """A user with the same id is the same person: what this database says of them is kept."""
    second = core.create_fleet("Second", owner_email="ada@example.org")
    archive = exported(core, second)
    with fleetcore.open(sqlite_files.database(), installed_plugins=False) as other:
        renamed = {**table_rows(exported(core, owner), "people_users")[0], "name": "Countess"}
        other.restore(
            io.BytesIO(changed_table(exported(core, owner), "people_users", json.dumps(renamed).encode() + b"\n"))
        )
        report = other.restore(io.BytesIO(archive))

        assert (0, 1) == (report.users_added, report.users_kept)
        both = other.actor(fleet="Second", email="ada@example.org")
        assert "Countess" == table_rows(exported(other, both), "people_users")[0]["name"]


def test_many_users_are_restored(core: Core, owner: Actor, sqlite_files: SqliteFiles) -> None:
    """Users come in batches, and two fleets may share them."""
    for number in range(3):
        core.run(owner, add_member, AddMember(name=f"N{number}", roles=("driver",)))
    core.create_fleet("Second", owner_email="ada@example.org")
    backup = io.BytesIO()
    core.backup(backup)
    with fleetcore.open(sqlite_files.database(), installed_plugins=False) as other:
        foreseen = other.restore(backup, dry_run=True)
        report = other.restore(backup)

    assert (4, 0) == (foreseen.users_added, foreseen.users_kept) == (report.users_added, report.users_kept)


def test_an_older_schema_may_lack_columns_that_can_be_empty(core: Core, source: bytes) -> None:
    """An archive of an older schema is read where its rows say enough; what is new is empty."""
    (row,) = table_rows(source, "people_fleets")
    del row["country"]
    older = changed_table(source, "people_fleets", json.dumps(row).encode() + b"\n")

    core.restore(io.BytesIO(changed_manifest(older, schema=[])))

    assert table_rows(source, "people_fleets") == table_rows(exported(core, core.actor()), "people_fleets")


def test_chains_of_rows_are_written_parents_first(core: Core, source: bytes) -> None:
    """Rows that refer to rows of their table are written after those, however long the chain and whatever its order."""
    vehicle = "00000000-0000-0000-0000-0000000000aa"
    with_vehicle = changed_table(source, "vehicles_vehicles", _vehicle(vehicle))
    chain = changed_table(with_vehicle, "vehicles_readings", b"".join(_reading(n, vehicle) for n in range(1, 6)))

    core.restore(io.BytesIO(chain))

    assert 5 == len(table_rows(exported(core, core.actor()), "vehicles_readings"))


def _vehicle(vehicle: str) -> bytes:
    texts = dict.fromkeys(("name", "make", "model", "variant", "colour", "notes", "state"), "active")
    optional = (
        *("year", "vin", "plate", "plate_key", "tank_capacity_ml", "battery_capacity_wh", "passenger_capacity"),
        *("load_limit_g", "purchased_on", "purchase_price_minor", "purchase_currency", "sold_on", "sale_price_minor"),
        *("sale_currency", "distance_unit", "volume_unit", "deleted_at"),
    )
    who = dict.fromkeys(("id", "created_by", "updated_by"), vehicle)
    when = dict.fromkeys(("created_at", "updated_at"), "2026-01-01T00:00:00Z")
    lists = {"carriers": [], "tags": [], "custom_fields": {}, "version": 1}
    return json.dumps({**texts, **dict.fromkeys(optional), **who, **when, **lists}).encode() + b"\n"


def _reading(number: int, vehicle: str) -> bytes:
    """Return a reading that voids the next one; the fifth voids none."""
    ids = [f"00000000-0000-0000-0000-{n:012}" for n in range(7)]
    row = {
        "id": ids[number],
        "vehicle_id": vehicle,
        "meter": "odometer",
        "kind": "void" if number < 5 else "reading",
        "value": 1,
        "value_before": None,
        "at": "2026-01-01T00:00:00Z",
        "source": "manual",
        "source_id": None,
        "voids": ids[number + 1] if number < 5 else None,
        "is_override": False,
        "note": "",
        "recorded_at": "2026-01-01T00:00:00Z",
        "recorded_by": vehicle,
    }
    return json.dumps(row).encode() + b"\n"


def test_an_empty_database_makes_an_empty_backup(core: Core) -> None:
    """A backup without fleets can be restored, which does nothing."""
    out = io.BytesIO()
    core.backup(out)

    assert () == core.restore(out).fleets
    assert [MANIFEST] == list(members(out.getvalue()))
