"""Rows that never change let words be erased, and nothing else: by the database itself."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from fleetcore.kernel.errors import FleetError

from .conftest import Scene

AT = "1780315200000000"
LOG_CHANGES = {
    "images without a time": "\"after\" = '{}'",
    "another operation": f"erased_at = {AT}, operation = 'x'",
    "another actor": f"erased_at = {AT}, actor_id = entity_id",
    "another time": f"erased_at = {AT}, at = erased_at",
    "another address": f"erased_at = {AT}, address = '192.0.2.200'",
    "an image that goes": f'erased_at = {AT}, "after" = NULL',
    "an image that comes": f"erased_at = {AT}, \"before\" = '{{}}'",
}
READING_CHANGES = {
    "another note": "note = 'something else'",
    "another value": "note = '[erased]', value = value + 1",
    "another person": "note = '[erased]', recorded_by = vehicle_id",
}


def attempt(scene: Scene, statement: str) -> int:
    """Run *statement* as the system does that sees every fleet; returns how many rows it changed."""
    with scene.core.database.system() as connection:
        said = statement.replace(AT, "now()") if connection.dialect.name == "postgresql" else statement
        return connection.execute(text(said)).rowcount


@pytest.mark.parametrize("change", LOG_CHANGES)
def test_the_log_refuses_everything_else(scene: Scene, change: str) -> None:
    """Images and address go only with the time at which they went, and nothing goes with them."""
    with pytest.raises((DBAPIError, FleetError)):
        attempt(scene, f'UPDATE audit_log SET {LOG_CHANGES[change]} WHERE "before" IS NULL AND "after" IS NOT NULL')  # noqa: S608 - ours


@pytest.mark.parametrize("change", READING_CHANGES)
def test_readings_refuse_everything_else(scene: Scene, change: str) -> None:
    """A note becomes the mark; value, person and other notes stay."""
    with pytest.raises((DBAPIError, FleetError)):
        attempt(scene, f"UPDATE vehicles_readings SET {READING_CHANGES[change]}")  # noqa: S608 - ours


@pytest.mark.parametrize("table", ["audit_log", "vehicles_readings", "ledger_journal_entries", "ledger_journal_lines"])
def test_nothing_is_deleted(scene: Scene, table: str) -> None:
    """Not by the system either."""
    with pytest.raises((DBAPIError, FleetError)):
        attempt(scene, f"DELETE FROM {table}")  # noqa: S608 - ours


def test_words_are_erased(scene: Scene) -> None:
    """What the guards are there to let through."""
    emptied = f"SET erased_at = {AT}, \"after\" = '{{}}', address = NULL"
    erased = f'UPDATE audit_log {emptied} WHERE "before" IS NULL AND "after" IS NOT NULL'
    assert attempt(scene, erased) > 10
    assert attempt(scene, "UPDATE vehicles_readings SET note = '[erased]'") > 0


def test_operations_have_no_right_to_it(scene: Scene) -> None:
    """On PostgreSQL the role of operations cannot even erase; on SQLite the file has one user."""
    if scene.core.database.dialect == "sqlite":
        return

    def body(connection: object) -> None:
        connection.execute(text("UPDATE audit_log SET erased_at = now()"))  # type: ignore[attr-defined]

    with pytest.raises((DBAPIError, FleetError), match="permission denied"):
        scene.core.database.write(scene.carl.fleet_id, body)
