"""Energy carriers: what a vehicle burns or is charged with, and what it merely consumes."""

from __future__ import annotations

from enum import StrEnum

from fleetcore.kernel.quantities import Energy, Mass, Quantity, Volume

__all__ = ["Carrier"]


class Carrier(StrEnum):
    """What is filled in. AdBlue and oil are consumables: they cost money but carry no energy."""

    PETROL = "petrol"
    DIESEL = "diesel"
    LPG = "lpg"
    CNG = "cng"
    ELECTRICITY = "electricity"
    HYDROGEN = "hydrogen"
    ADBLUE = "adblue"
    OIL = "oil"

    @property
    def carries_energy(self) -> bool:
        """Whether the vehicle moves by it, so that its economy means something."""
        return self not in {Carrier.ADBLUE, Carrier.OIL}

    @property
    def quantity_type(self) -> type[Quantity]:
        """In what it is sold: mass for the compressed gases, energy for electricity, else volume."""
        match self:
            case Carrier.CNG | Carrier.HYDROGEN:
                return Mass
            case Carrier.ELECTRICITY:
                return Energy
            case _:
                return Volume
