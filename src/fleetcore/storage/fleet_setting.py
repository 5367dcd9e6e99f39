"""Tells PostgreSQL's row-level security which fleet a connection works for; SQLite needs nothing."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection

__all__ = ["SETTING", "enter_fleet", "enter_fleet_for_reads", "leave_fleet"]

SETTING = "fleetcore.fleet_id"


def enter_fleet(connection: Connection, fleet_id: UUID) -> None:
    """Set the fleet for the length of the transaction, so a pooled connection carries nothing over."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT set_config(%s, %s, true)", (SETTING, str(fleet_id)))


def enter_fleet_for_reads(connection: Connection, fleet_id: UUID) -> None:
    """Set the fleet for the session, only when the pooled connection had another.

    Each autocommit statement is its own transaction, in which a transaction-local setting would be gone.
    """
    if connection.dialect.name == "postgresql" and connection.info.get(SETTING) != fleet_id:
        connection.exec_driver_sql("SELECT set_config(%s, %s, false)", (SETTING, str(fleet_id)))
        connection.info[SETTING] = fleet_id  # dropped with the connection when the pool invalidates it


def leave_fleet(connection: Connection) -> None:
    """Say that the transaction works for no single fleet."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT set_config(%s, '', true)", (SETTING,))
