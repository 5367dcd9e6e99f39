"""Long runs of the state machine of fills: as many as FLEET_DRILL_ROUNDS says."""

from __future__ import annotations

import os

import pytest
from tests.fuel.fill_machine import drill

from fleetcore import Core

ROUNDS = int(os.environ.get("FLEET_DRILL_ROUNDS", "0"))


@pytest.mark.skipif(not ROUNDS, reason="set FLEET_DRILL_ROUNDS, for example to 500")
def test_fills_for_long(shared_core: Core) -> None:
    """Many sequences of many steps."""
    drill(shared_core, ROUNDS, steps=50)
