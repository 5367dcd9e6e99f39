"""What every VIN decoder must keep to: subclass and say how to make one."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from fleetcore.kernel.wire import unstructure
from fleetcore.testing.clock import FixedClock
from fleetcore.vin.asking import DecoderDesk
from fleetcore.vin.model import VinAnswer
from fleetcore.vin.ports import API_VERSION, VinDecoderSpec

__all__ = ["VinDecoderContract"]

# Real shapes from every part of the world, one with a wrong check digit and one of an unknown maker.
NUMBERS = (
    "1FTFW5L86RFB45612",
    "WVWZZZ1JZXW000001",
    "VF14SRAP451234567",
    "JTDBBRBE6LJ007243",
    "9BWZZZ1JZXW000001",
    "1FTFW5L85RFB45612",
    "XX1AAAAA0AA000001",
)


class VinDecoderContract:
    """The tests of one decoder. Override :attr:`known`, a VIN of which it knows the make, and :meth:`spec`."""

    known = "1FTFW5L86RFB45612"
    make = "Ford"

    def spec(self) -> VinDecoderSpec:
        """Return the decoder as the plugin registers it."""
        raise NotImplementedError

    def answer(self, vin: str) -> VinAnswer:
        """Return the decoder's answer as fleetcore hears it."""
        answers, failures = DecoderDesk([self.spec()]).ask(vin, FixedClock().now())
        assert not failures
        return answers[0].answer

    def test_it_has_a_name_and_a_limit(self) -> None:
        """A decoder has a name, a time limit and the version of the hook that it was made for."""
        spec = self.spec()
        assert spec.name.strip() == spec.name != ""
        assert spec.time_limit.total_seconds() > 0
        assert API_VERSION == spec.api

    def test_it_knows_its_own(self) -> None:
        """It tells the make of a VIN that it knows."""
        assert self.make == self.answer(self.known).make

    @pytest.mark.parametrize("vin", NUMBERS)
    def test_any_vin_gets_an_answer(self, vin: str) -> None:
        """Any 17 legal characters get an answer in time, if only that nothing is known."""
        answer = self.answer(vin)
        assert answer.year is None or 1900 <= answer.year <= 2100
        for text in (answer.make, answer.model, answer.engine, answer.body):
            assert text is None or text.strip() == text != ""

    def test_the_same_vin_gets_the_same_answer(self) -> None:
        """A decoder has no memory that changes its answers."""
        assert self.answer(self.known) == self.answer(self.known)

    def test_its_raw_answer_can_be_kept(self) -> None:
        """The raw answer is made of JSON values."""
        raw: Any = unstructure(self.answer(self.known).raw)
        assert raw == orjson.loads(orjson.dumps(raw))
