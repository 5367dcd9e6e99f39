"""The shape of the schema: the fleet comes first in every key, and only four tables never change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Index, Table, UniqueConstraint

from fleetcore import Core
from fleetcore.fuel.storage import SqlFillStore
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict
from fleetcore.storage.types import metadata
from fleetcore.testing.builders import fill_fact, new_vehicle, reading_fact, station_fact
from fleetcore.vehicles.storage_readings import SqlReadingStore

from .synthetic import fleet_tables

GLOBAL_TABLES = {
    "people_users",  # a user may be a member of several fleets
    "live_tickets",  # whoever shows a ticket does not say its fleet
    "outbox_order",  # when events of any fleet were committed
    "schedules",  # when the workers of the installation look what is due
} | {
    # A user signs in before any fleet is known.
    f"accounts_{name}"
    for name in ("accounts", "limits", "links", "recovery_codes", "security_log", "sessions", "stamps", "totp")
}
# Claimed by position, whatever the fleet; the relay is the one reader.
EXEMPT_KEYS = {"outbox: position", "outbox: id"}
EXEMPT_INDEXES = {
    "ix_accounts_api_keys_prefix",  # whoever shows an API key does not say its fleet
    "ix_outbox_unpublished",
    "ix_people_members_user_id",  # the directory asks in which fleets a user is
    # Workers ask by time what is due, and what is old, in any fleet.
    "ix_jobs_due",
    "ix_jobs_keep_until",
    "ix_inbox_due",
    "ix_reminders_reminders_due",
    "ix_documents_documents_due",
    "ix_expenses_recurring_due",
    "ix_idempotency_keys_at",
    "ix_notifications_deliveries_due",
    "ix_notifications_deliveries_secret",
}
IMMUTABLE = {"audit_log", "vehicles_readings", "ledger_journal_entries", "ledger_journal_lines"}
WORDS_OF_IMMUTABLE = ("journal", "posting", "audit", "reading")


def keys(table: Table) -> Iterator[list[str]]:
    """Yield the columns of every key and unique index of *table*."""
    yield [column.name for column in table.primary_key.columns]
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield [column.name for column in constraint.columns]
    for index in table.indexes:
        if index.unique:
            yield [column.name for column in index.columns]


def test_every_table_belongs_to_a_fleet() -> None:
    """Every table carries its fleet but the listed global ones."""
    assert GLOBAL_TABLES == {table.name for table in metadata.sorted_tables if "fleet_id" not in table.c}


@pytest.mark.parametrize("table", fleet_tables(), ids=lambda table: table.name)
def test_keys_begin_with_the_fleet(table: Table) -> None:
    """Primary keys and unique constraints begin with the fleet, so no fleet can probe another's values."""
    others = {f"{table.name}: {', '.join(columns)}" for columns in keys(table) if columns[0] != "fleet_id"}

    assert set() == others - EXEMPT_KEYS


@pytest.mark.parametrize("table", fleet_tables(), ids=lambda table: table.name)
def test_indexes_begin_with_the_fleet(table: Table) -> None:
    """Indexes begin with the fleet, so one fleet's questions never read past another's rows."""
    others = {str(index.name) for index in table.indexes if not begins_with_fleet(index)}

    assert set() == others - EXEMPT_INDEXES


def begins_with_fleet(index: Index) -> bool:
    """Say whether the first column of *index* is the fleet."""
    return next(iter(index.columns)).name == "fleet_id"


@pytest.mark.parametrize("table", fleet_tables(), ids=lambda table: table.name)
def test_references_stay_in_the_fleet(table: Table) -> None:
    """A foreign key to a table of fleets carries the fleet on both sides."""
    for constraint in table.foreign_key_constraints:
        if constraint.referred_table.name not in GLOBAL_TABLES:
            first = constraint.elements[0]
            assert ("fleet_id", "fleet_id") == (first.parent.name, first.column.name)


def test_exemptions_are_needed() -> None:
    """Every listed exemption is still one."""
    found = {
        f"{table.name}: {', '.join(columns)}"
        for table in fleet_tables()
        for columns in keys(table)
        if columns[0] != "fleet_id"
    }
    indexes = {str(i.name) for table in fleet_tables() for i in table.indexes if not begins_with_fleet(i)}

    assert EXEMPT_KEYS == found
    assert EXEMPT_INDEXES == indexes


def test_names_tell_what_never_changes() -> None:
    """Only the immutable tables have journal, posting, audit or reading in their names."""
    named = {t.name for t in metadata.sorted_tables if any(word in t.name for word in WORDS_OF_IMMUTABLE)}

    assert named == IMMUTABLE


def test_no_row_points_into_another_fleet(core: Core, owner: Actor) -> None:
    """The database refuses a fill whose vehicle or station, and a reading whose vehicle, is another fleet's."""
    neighbour = core.create_fleet("Next door")
    theirs = new_vehicle(core, neighbour)
    station = station_fact(neighbour)

    def point(connection: object) -> None:
        SqlReadingStore(connection, owner.fleet_id).add([reading_fact(owner, theirs.id)])  # type: ignore[arg-type]

    with pytest.raises(Conflict):
        core.database.write(owner.fleet_id, point)
    for fact in (fill_fact(owner, theirs.id), fill_fact(owner, new_vehicle(core, owner).id, station_id=station.id)):
        with pytest.raises(Conflict):
            core.database.write(
                owner.fleet_id, lambda connection, fact=fact: SqlFillStore(connection, owner.fleet_id).add(fact)
            )
