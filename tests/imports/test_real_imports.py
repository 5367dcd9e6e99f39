"""Logs that real apps wrote, imported into a fleet: totals and consumption equal what the files say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fleetcore import Core
from fleetcore.imports.model import UndoImport
from fleetcore.imports.service import undo_import
from fleetcore.kernel.actor import Actor
from fleetcore.ledger.model import CheckLedger
from fleetcore.ledger.queries import check_ledger
from fleetcore.reports.model import EconomyReport
from fleetcore.reports.service import economy_report

from .logs import imported, outside

TOLERANCE = 0.005
CARRIERS = {"1": "cng", "2": "petrol"}


def tanks(expected: dict[str, Any]) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """Yield each tank of a log with its carrier; a log of one tank says no carrier."""
    if "tanks" not in expected:
        yield None, expected
    elif len(expected["tanks"]) == 1:
        yield None, expected["tanks"]["1"]
    else:
        yield from ((CARRIERS[number], tank) for number, tank in expected["tanks"].items())


LOGS = [
    "fuelio_punto_cng_petrol.csv",
    "fuelio_sample_z3.csv",
    "fuelio_wagonr_inr_noheader.csv",
    "fuelly_scion_iq_cr_mpg.csv",
    "fuelly_tundra_mpg.csv",
]


@pytest.mark.parametrize("name", LOGS)
def test_totals_and_consumption_equal_the_file(core: Core, owner: Actor, shared_data: Path, name: str) -> None:
    """Fills, quantity, cost and consumption of each tank agree to half a percent, and no row is rejected."""
    expected = json.loads((shared_data / "logs" / "expected.json").read_text())[name]

    report = imported(core, owner, shared_data / "logs" / name)

    assert () == report.rejected
    rows = core.read(owner, economy_report, EconomyReport())
    for carrier, tank in tanks(expected):
        row = next(row for row in rows if carrier in {None, row.carrier})
        quantity = row.mass.kg if row.mass else row.volume.litres if row.volume else 0
        assert tank["count"] == row.fills
        assert pytest.approx(tank["volume"], rel=TOLERANCE) == float(quantity)
        assert pytest.approx(tank["cost"], rel=TOLERANCE) == float(sum(cost.amount for cost in row.costs))
        average = tank["avg_per_100km"]
        assert (average is None) == (row.consumption_per_100km is None)
        if average is not None:
            assert pytest.approx(average, rel=TOLERANCE) == row.consumption_per_100km
            assert pytest.approx(tank["closed_km"], rel=TOLERANCE) == float(row.distance_closed.km)


def test_log_kept_by_hand_is_read_in_miles_litres_and_pounds(core: Core, owner: Actor, shared_data: Path) -> None:
    """The British log gives 6.72 l/100 km, that is 42 miles per imperial gallon."""
    report = imported(core, owner, shared_data / "fuel_uk_miles_litres.csv")

    assert ((), "GBP") == (report.rejected, report.currency)
    (row,) = core.read(owner, economy_report, EconomyReport())
    assert pytest.approx(6.72, rel=TOLERANCE) == row.consumption_per_100km


def test_every_log_can_be_undone_and_imported_again(core: Core, owner: Actor, shared_data: Path) -> None:
    """Undoing each log leaves the fleet as it was before, and importing it again brings it back."""
    for path in [*sorted((shared_data / "logs").glob("*.csv")), shared_data / "fuel_uk_miles_litres.csv"]:
        before = outside(core, owner)
        first = imported(core, owner, path)
        assert 0 == imported(core, owner, path).imported
        assert first.import_id is not None
        core.run(owner, undo_import, UndoImport(id=first.import_id))

        assert before == outside(core, owner)
        assert first.imported == imported(core, owner, path).imported
    assert core.read(owner, check_ledger, CheckLedger()).is_sound
