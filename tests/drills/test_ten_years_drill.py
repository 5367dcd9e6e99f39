"""The ten years of tests/reminders with a look on every single day."""

from __future__ import annotations

import os

import pytest
from tests.reminders.test_ten_years import *  # noqa: F403 - the same tests, the same fixture

pytestmark = pytest.mark.skipif(
    not os.environ.get("FLEET_DRILL_ROUNDS"), reason="set FLEET_DRILL_ROUNDS, to whatever number"
)
