"""``?units=us`` and ``?units=imperial``: what is metric, told in the reader's units besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fleetcore.kernel.consumption import ConsumptionUnit, consumption_in
from fleetcore.kernel.quantities import METRES_PER_MILE, MILLILITRES_PER_UK_GALLON, MILLILITRES_PER_US_GALLON
from fleetcore.people.model import Units

__all__ = ["beside_metric", "name_in", "units_of"]

KG_PER_POUND = 0.45359237
PLACES = 3
Conversion = tuple[str, Callable[[float], float]]


def _by(factor: float) -> Callable[[float], float]:
    return lambda value: round(value / factor, PLACES)


def _per_gallon(unit: ConsumptionUnit) -> Callable[[float], float]:
    return lambda value: round(consumption_in(unit, value), PLACES) if value > 0 else 0.0


def _suffixes(litres_per_gallon: float, unit: ConsumptionUnit) -> Mapping[str, Conversion]:
    # The longest first: "_l_per_100km" ends in "km" too.
    return {
        "_l_per_100km": ("_mpg", _per_gallon(unit)),
        "_kwh_per_100km": ("_kwh_per_100mi", _per_gallon(ConsumptionUnit.KWH_PER_100MI)),
        "_km": ("_mi", _by(float(METRES_PER_MILE) / 1000)),
        "_l": ("_gal", _by(litres_per_gallon)),
        "_kg": ("_lb", _by(KG_PER_POUND)),
    }


CONVERSIONS: Mapping[Units, Mapping[str, Conversion]] = {
    Units.METRIC: {},
    Units.US: _suffixes(float(MILLILITRES_PER_US_GALLON) / 1000, ConsumptionUnit.MPG_US),
    Units.IMPERIAL: _suffixes(float(MILLILITRES_PER_UK_GALLON) / 1000, ConsumptionUnit.MPG_UK),
}


def units_of(said: str | None) -> Units | None:
    """Return the units that a query asks for; None for metric or nothing. Raises ValueError for unknown ones."""
    if said is None or (units := Units(said)) is Units.METRIC:
        return None
    return units


def beside_metric(value: Any, units: Units) -> Any:
    """Return plain *value* with metric figures told in *units* too: ``odometer_mi`` beside ``odometer_km``."""
    if isinstance(value, dict):
        told: dict[str, Any] = {}
        for name, inner in value.items():
            told[name] = beside_metric(inner, units)
            if isinstance(inner, int | float) and not isinstance(inner, bool):
                told |= _converted(name, inner, CONVERSIONS[units])
        return told
    if isinstance(value, list | tuple):
        return [beside_metric(inner, units) for inner in value]
    return value


def name_in(name: str, units: Units) -> str | None:
    """Return under which name a figure called *name* is told in *units*; None where it is the same in all."""
    for suffix, (other, _convert) in CONVERSIONS[units].items():
        if name.endswith(suffix):
            return name.removesuffix(suffix) + other
    return None


def _converted(name: str, figure: float, conversions: Mapping[str, Conversion]) -> dict[str, float]:
    for suffix, (other, convert) in conversions.items():
        if name.endswith(suffix):
            return {name.removesuffix(suffix) + other: convert(figure)}
    return {}
