"""Strangers over HTTP, for long: as many drawn requests as FLEET_DRILL_REQUESTS says, on each engine."""

from __future__ import annotations

import os

import pytest
from tests.server.security.strangers import STRANGERS, WAYS
from tests.server.security.test_tenancy import lasting_town, test_strangers_learn_and_change_nothing
from tests.server.security.town import Town

__all__ = ["lasting_town"]  # a fixture

tried = test_strangers_learn_and_change_nothing
del test_strangers_learn_and_change_nothing  # with its own small numbers it runs where it is


@pytest.mark.skipif("FLEET_DRILL_REQUESTS" not in os.environ, reason="set FLEET_DRILL_REQUESTS, for example to 10000")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stranger", STRANGERS)
def test_strangers_for_long(lasting_town: Town, stranger: str, way: str) -> None:
    """No answer tells anything that is closed to them, and nothing of it changes."""
    tried(lasting_town, stranger, way)
