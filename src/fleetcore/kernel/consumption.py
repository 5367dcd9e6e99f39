"""Consumption in the units people read it in; inside it is always per 100 km, metric.

The base is litres, kilograms or kilowatt-hours per 100 km, unrounded. Factors follow from the
international mile (1,609.344 m), the US gallon (231 cubic inches, 3.785411784 l) and the imperial
gallon (4.54609 l); so 1 l/100 km is 235.2146 miles per US gallon and 282.4809 per UK gallon.
"""

from __future__ import annotations

from enum import StrEnum

from .quantities import METRES_PER_MILE, MILLILITRES_PER_UK_GALLON, MILLILITRES_PER_US_GALLON

__all__ = ["ConsumptionUnit", "consumption_in", "per_100km_of"]

KM_PER_MILE = float(METRES_PER_MILE / 1000)
LITRES_PER_US_GALLON = float(MILLILITRES_PER_US_GALLON / 1000)
LITRES_PER_UK_GALLON = float(MILLILITRES_PER_UK_GALLON / 1000)


class ConsumptionUnit(StrEnum):
    """The units in which people compare consumption; in some, more is better."""

    L_PER_100KM = "l/100km"
    KM_PER_L = "km/l"
    MPG_US = "mpg_us"
    MPG_UK = "mpg_uk"
    KG_PER_100KM = "kg/100km"
    KM_PER_KG = "km/kg"
    KWH_PER_100KM = "kwh/100km"
    KWH_PER_100MI = "kwh/100mi"
    WH_PER_KM = "wh/km"
    KM_PER_KWH = "km/kwh"
    MI_PER_KWH = "mi/kwh"

    @property
    def more_is_better(self) -> bool:
        """Whether the unit says how far a quantity goes, instead of how much a distance takes."""
        return self in _DISTANCE_PER_QUANTITY


# How much of the unit's distance 1 base unit covers at a consumption of 1 per 100 km.
_DISTANCE_PER_QUANTITY = {
    ConsumptionUnit.KM_PER_L: 100.0,
    ConsumptionUnit.KM_PER_KG: 100.0,
    ConsumptionUnit.KM_PER_KWH: 100.0,
    ConsumptionUnit.MI_PER_KWH: 100.0 / KM_PER_MILE,
    ConsumptionUnit.MPG_US: 100.0 / KM_PER_MILE * LITRES_PER_US_GALLON,
    ConsumptionUnit.MPG_UK: 100.0 / KM_PER_MILE * LITRES_PER_UK_GALLON,
}
_QUANTITY_PER_DISTANCE = {
    ConsumptionUnit.L_PER_100KM: 1.0,
    ConsumptionUnit.KG_PER_100KM: 1.0,
    ConsumptionUnit.KWH_PER_100KM: 1.0,
    ConsumptionUnit.KWH_PER_100MI: KM_PER_MILE,
    ConsumptionUnit.WH_PER_KM: 10.0,
}


def consumption_in(unit: ConsumptionUnit, per_100km: float) -> float:
    """Return *per_100km* (l, kg or kWh per 100 km, more than 0) in *unit*."""
    if unit.more_is_better:
        return _DISTANCE_PER_QUANTITY[unit] / per_100km
    return _QUANTITY_PER_DISTANCE[unit] * per_100km


def per_100km_of(unit: ConsumptionUnit, value: float) -> float:
    """Return *value* (more than 0) of *unit* as l, kg or kWh per 100 km."""
    if unit.more_is_better:
        return _DISTANCE_PER_QUANTITY[unit] / value
    return value / _QUANTITY_PER_DISTANCE[unit]
