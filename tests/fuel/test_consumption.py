"""Consumption in the units people read it in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetcore.kernel.consumption import ConsumptionUnit, consumption_in, per_100km_of


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        (ConsumptionUnit.L_PER_100KM, 8.0),
        (ConsumptionUnit.KM_PER_L, 12.5),
        (ConsumptionUnit.MPG_US, 29.40182),
        (ConsumptionUnit.MPG_UK, 35.31012),
        (ConsumptionUnit.KG_PER_100KM, 8.0),
        (ConsumptionUnit.KM_PER_KG, 12.5),
        (ConsumptionUnit.KWH_PER_100KM, 8.0),
        (ConsumptionUnit.KWH_PER_100MI, 12.874752),
        (ConsumptionUnit.WH_PER_KM, 80.0),
        (ConsumptionUnit.KM_PER_KWH, 12.5),
        (ConsumptionUnit.MI_PER_KWH, 7.76714),
    ],
)
def test_eight_per_100_km_in_every_unit(unit: ConsumptionUnit, expected: float) -> None:
    """8 l, kg or kWh per 100 km is what tables of conversion say."""
    assert consumption_in(unit, 8) == pytest.approx(expected, rel=1e-6)


@given(st.sampled_from(ConsumptionUnit), st.floats(0.01, 1000))
def test_every_unit_comes_back(unit: ConsumptionUnit, per_100km: float) -> None:
    """There and back again is the same consumption."""
    assert per_100km_of(unit, consumption_in(unit, per_100km)) == pytest.approx(per_100km)


@given(st.sampled_from(ConsumptionUnit))
def test_units_say_which_way_is_better(unit: ConsumptionUnit) -> None:
    """Where more is better, a higher consumption is a lower figure."""
    assert (consumption_in(unit, 9) < consumption_in(unit, 8)) is unit.more_is_better
