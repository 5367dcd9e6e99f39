"""A garage on each engine."""

from __future__ import annotations

import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor

from .garage import Garage


@pytest.fixture
def garage(core: Core, owner: Actor) -> Garage:
    """The owner's fleet, in euros and UTC, on 1 June 2026."""
    return Garage(core, owner)


@pytest.fixture
def sqlite_garage(sqlite_core: Core, sqlite_owner: Actor) -> Garage:
    """The same on SQLite only."""
    return Garage(sqlite_core, sqlite_owner)
