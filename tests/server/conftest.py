"""A served fleet on each engine in turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.testing.builders import join_fleet

from .serving import Client, running


@pytest.fixture
def port(core: Core, owner: Actor) -> Iterator[int]:
    """The port of a server whose users are an owner, Bob of the family, and a stranger with a fleet of his own."""
    actors = {"owner": owner, "bob": join_fleet(core, owner), "stranger": core.create_fleet("Elsewhere")}
    with running(core, actors) as found:
        yield found


@pytest.fixture
def client(port: int) -> Client:
    """The owner's client."""
    return Client(port)


@pytest.fixture
def sqlite_client(sqlite_core: Core) -> Iterator[Client]:
    """The client of a fleet's owner, on SQLite alone."""
    with running(sqlite_core, {"owner": sqlite_core.create_fleet("Home")}) as port:
        yield Client(port)
