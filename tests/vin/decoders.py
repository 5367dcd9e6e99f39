"""Decoders as plugins bring them: one that knows, and all the ways in which one may fail."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from fleetcore import hookimpl
from fleetcore.vin.model import VinAnswer
from fleetcore.vin.ports import VinDecoderSpec


class Says:
    """Answers with what it was given, or calls it; counts how often it was asked."""

    def __init__(self, answer: VinAnswer | Callable[[str], Any] | None) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def decode(self, vin: str) -> VinAnswer | None:
        """Answer."""
        self.asked.append(vin)
        return self.answer(vin) if callable(self.answer) else self.answer


class Decoders:
    """A plugin that registers decoders."""

    def __init__(self, *specs: VinDecoderSpec) -> None:
        self.specs = list(specs)

    @hookimpl
    def fleetcore_vin_decoders(self) -> list[VinDecoderSpec]:
        """Return the decoders."""
        return self.specs


def spec(name: str, answer: Any, *, priority: int = 100, seconds: float = 5) -> VinDecoderSpec:
    """Return a decoder called *name* that says *answer*."""
    return VinDecoderSpec(name=name, decoder=Says(answer), priority=priority, time_limit=timedelta(seconds=seconds))


def raises(_vin: str) -> None:
    """Fail."""
    raise RuntimeError("no service today")


def hangs(_vin: str) -> None:
    """Never answer."""
    threading.Event().wait(30)
