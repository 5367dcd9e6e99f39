"""What one process commits is heard by another that listens on PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from fleetcore.kernel.errors import Unavailable
from fleetcore.storage.database import Database
from fleetcore.storage.listening import Listener

pytestmark = pytest.mark.postgres


def test_a_listener_hears_of_a_notice(postgres_url: str) -> None:
    """A word on its channel ends the wait; without one the wait ends by itself."""
    database = Database(postgres_url)
    with Listener(database, "fleetcore_here") as listener:
        assert not listener.wait(0)
        with database.system() as connection:
            connection.execute(text("NOTIFY fleetcore_elsewhere"))
            connection.execute(text("NOTIFY fleetcore_here"))
        assert listener.wait(60)
    database.close()


def test_a_database_that_is_not_there_is_told(postgres_url: str) -> None:
    """Who listens hears that nobody will speak."""
    database = Database(postgres_url.replace("/fleetcore_", "/nowhere_"))
    with pytest.raises(Unavailable):
        Listener(database, "fleetcore_here")
    database.close()
