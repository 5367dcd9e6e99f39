"""The same commands on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.engine import make_url

from fleetcore.testing.databases import PostgresServer

from .running import LOG, Command


@pytest.mark.postgres
def test_main_job_on_postgres(postgres_server: PostgresServer, written: Callable[[str], str]) -> None:
    """An empty database wants to be migrated; then a log goes in and its reports come out."""
    command = Command(postgres_server.empty_database())
    try:
        assert "migrate" in command("vehicles", "list", code=1).stderr
        assert command.json("migrate")["changed"]
        assert "fleet init" in command("vehicles", "list", code=1).stderr
        report = command.json("import", written(LOG), "--vehicle", "Golf")
        (row,) = command.json("report", "economy")["vehicles"]

        assert 4 == report["imported"]
        assert pytest.approx(6.28125) == row["consumption_l_per_100km"]
        assert command.json("ledger", "check")["sound"]
        command("imports", "undo", report["import_id"])
        assert {"fills": []} == command.json("fuel", "list")
    finally:
        postgres_server.drop(command.url)


@pytest.mark.postgres
def test_password_is_not_shown(postgres_server: PostgresServer) -> None:
    """Messages name a database without the password in its URL."""
    url = make_url(postgres_server.database()).set(password="sesame")
    command = Command(url.render_as_string(hide_password=False))
    try:
        shown = command("demo")
        settings = command("settings")
    finally:
        postgres_server.drop(command.url)

    assert "***" in settings.stdout
    assert "sesame" not in shown.output + settings.output
