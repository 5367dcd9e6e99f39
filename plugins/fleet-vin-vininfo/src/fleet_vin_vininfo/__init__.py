"""Decodes VINs of some makers with the library vininfo."""

from __future__ import annotations

from typing import Any

from vininfo import Vin
from vininfo.exceptions import VininfoException

from fleetcore import hookimpl
from fleetcore.vin.model import Confidence, VinAnswer
from fleetcore.vin.ports import VinDecoderSpec

__all__ = ["VininfoDecoder", "fleetcore_vin_decoders"]

# Makers whose details vininfo reads, and what we call them. Nissan's are left out: the NHTSA's patterns, which
# fleetcore has, know more of them.
MAKES = {
    "Opel": "Opel",
    "Renault": "Renault",
    "Lada": "Lada",
    "Bajaj": "Bajaj",
    "Dafra": "Dafra",
    "FordAustralia": "Ford",
}
DETAILS = ("model", "body", "engine", "transmission", "plant")


class VininfoDecoder:
    """Answers with what vininfo reads from the number; of several candidates it claims none."""

    def decode(self, vin: str) -> VinAnswer | None:
        """Return what vininfo knows of *vin*; None for a maker that it knows no details of."""
        try:
            read = Vin(vin)
        except VininfoException:
            return None
        make = MAKES.get(type(read.brand).__name__) or MAKES.get(str(read.brand.title))
        details = read.details
        if make is None or details is None:
            return None
        named: dict[str, Any] = {name: getattr(details, name).name for name in DETAILS}
        return VinAnswer(
            make=make,
            model=_only(named["model"]),
            engine=_only(named["engine"]),
            body=_only(named["body"]),
            confidence=Confidence.LIKELY,
            raw={name: value for name, value in named.items() if value},
        )


def _only(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


@hookimpl
def fleetcore_vin_decoders() -> list[VinDecoderSpec]:
    """Register the decoder."""
    return [VinDecoderSpec(name="vininfo", decoder=VininfoDecoder(), priority=200)]
