"""What burning fuel emits: carbon dioxide from the tank, by the default factors of the IPCC."""

from __future__ import annotations

from collections.abc import Mapping

from fleetcore.vehicles.carriers import Carrier

from .years import Co2Factor

__all__ = ["factors_with"]

# 2006 IPCC Guidelines, volume 2: net calorific values (table 1.2, TJ/Gg) times effective CO2 emission factors
# (table 1.4, kg/TJ) give grams per kilogram. Litres need a density, which the guidelines leave to the country:
# petrol 0.745, diesel 0.835, LPG 0.54 kg/l are the middle of EN 228, EN 590 and EN 589.
IPCC = "2006 IPCC Guidelines for National Greenhouse Gas Inventories, vol. 2, tables 1.2 and 1.4"
_FIXED = (
    Co2Factor(carrier=Carrier.PETROL, grams=2287, unit="l", source=f"{IPCC}; 0.745 kg/l"),
    Co2Factor(carrier=Carrier.DIESEL, grams=2661, unit="l", source=f"{IPCC}; 0.835 kg/l"),
    Co2Factor(carrier=Carrier.LPG, grams=1612, unit="l", source=f"{IPCC}; 0.54 kg/l"),
    Co2Factor(carrier=Carrier.CNG, grams=2693, unit="kg", source=IPCC),
    Co2Factor(
        carrier=Carrier.HYDROGEN, grams=0, unit="kg", source="none at the vehicle; its production is not counted"
    ),
)


def factors_with(grid_g_per_kwh: int | None) -> Mapping[Carrier, Co2Factor]:
    """Return the factor of each carrier; electricity has one when somebody says what the grid emits."""
    known = {factor.carrier: factor for factor in _FIXED}
    if grid_g_per_kwh is not None:
        known[Carrier.ELECTRICITY] = Co2Factor(
            carrier=Carrier.ELECTRICITY, grams=grid_g_per_kwh, unit="kWh", source="as given for the grid"
        )
    return known
