"""The decoder keeps the contract of its hook, and knows what it says it knows."""

from __future__ import annotations

from pathlib import Path

import pytest

import fleet_vin_vininfo
import fleetcore
from fleetcore.testing.contracts import VinDecoderContract
from fleetcore.vin.ports import VinDecoderSpec


class TestContract(VinDecoderContract):
    """What every decoder keeps to."""

    known = "XTAGFK330JY144213"
    make = "Lada"

    def spec(self) -> VinDecoderSpec:
        """Return the decoder as it is registered."""
        return fleet_vin_vininfo.fleetcore_vin_decoders()[0]


@pytest.mark.parametrize(
    ("vin", "make", "model"),
    [
        ("XTAGFK330JY144213", "Lada", "Vesta"),
        ("92TA36FX9TML92914", "Bajaj", "Dominar NS200"),
        ("6FPAAAJGAT4Z00001", "Ford", "Territory"),
        ("W0LPC6DB3CC123456", "Opel", None),  # the letter stands for two models
        ("VF14SRAP451234567", "Renault", None),  # and this one for five
    ],
)
def test_makers_beyond_north_america(vin: str, make: str, model: str | None) -> None:
    """Models are claimed where the number names one."""
    answer = fleet_vin_vininfo.VininfoDecoder().decode(vin)

    assert answer is not None
    assert (make, model) == (answer.make, answer.model)


def test_other_makers_are_left_to_others() -> None:
    """What vininfo knows no details of gets no answer."""
    assert fleet_vin_vininfo.VininfoDecoder().decode("WVWZZZ1JZXW000001") is None


def test_it_works_inside_a_core(tmp_path: Path) -> None:
    """Through the hook, the answer joins what the number tells."""
    url = f"sqlite:///{tmp_path / 'fleet.db'}"
    with fleetcore.open(url, plugins=[fleet_vin_vininfo], installed_plugins=False) as core:
        found = core.decode_vin(core.create_fleet("Home"), "W0LPC6DB3CC123456")

    assert (found.make, found.year, found.body) == ("Opel", 2012, "Hatchback, 5-Door")
    assert found.answers[0].answer.raw["model"] == ["Astra J", "Zafira C"]
