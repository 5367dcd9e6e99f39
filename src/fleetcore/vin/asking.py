"""Asks decoders, each on its own: one that raises, or takes too long, is reported and the others go on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any

import orjson

from fleetcore.kernel.errors import Problem
from fleetcore.kernel.wire import unstructure

from .model import RAW_BYTES_MAX, KeptAnswer, VinAnswer
from .ports import VinDecoderSpec

__all__ = ["DecoderDesk"]

log = logging.getLogger("fleetcore.vin")
HANGING_MAX = 4  # calls of one decoder that were given up and still run: then it is left alone


class DecoderDesk:
    """Asks the decoders of one Core. Safe to share between threads."""

    def __init__(self, specs: Sequence[VinDecoderSpec]) -> None:
        self.specs = tuple(sorted(specs, key=lambda spec: (spec.priority, spec.name)))
        self._running: dict[str, int] = {}
        self._lock = threading.Lock()

    def ask(self, vin: str, now: datetime, known: Sequence[str] = ()) -> tuple[list[KeptAnswer], list[Problem]]:
        """Ask all but the *known* ones at once; returns their answers, and why others gave none.

        An answer that knows nothing is one too. Waits no longer than the longest time limit.
        """
        asked = [(spec, self._start(spec, vin)) for spec in self.specs if spec.name not in known]
        began = time.monotonic()
        answers, failures = [], []
        for spec, box in asked:
            told = _wait(box, began + spec.time_limit.total_seconds()) if box else "is busy with earlier questions"
            if isinstance(told, VinAnswer):
                answers.append(KeptAnswer(source=spec.name, priority=spec.priority, at=now, answer=told))
            else:
                log.warning("the VIN decoder %s gave no answer: it %s", spec.name, told)
                failures.append(Problem("vin", f"the decoder {spec.name} {told}", "vin.decoder_failed"))
        return answers, failures

    def _start(self, spec: VinDecoderSpec, vin: str) -> SimpleQueue[VinAnswer | str] | None:
        """Start one call in a thread that may be left behind; None while too many of it already are."""
        with self._lock:
            if self._running.get(spec.name, 0) >= HANGING_MAX:
                return None
            self._running[spec.name] = self._running.get(spec.name, 0) + 1
        box: SimpleQueue[VinAnswer | str] = SimpleQueue()

        def call() -> None:
            try:
                box.put(_checked(spec.decoder.decode(vin)))
            except Exception as error:  # foreign code: whatever it raises is its own failure
                box.put(f"failed: {type(error).__name__}: {str(error)[:200]}")
            finally:
                with self._lock:
                    self._running[spec.name] -= 1

        threading.Thread(target=call, name=f"vin-{spec.name}", daemon=True).start()
        return box


def _wait(box: SimpleQueue[VinAnswer | str], until: float) -> VinAnswer | str:
    try:
        return box.get(timeout=max(until - time.monotonic(), 0.001))
    except Empty:
        return "took too long"


def _checked(answer: Any) -> VinAnswer:
    """Return the *answer* if it is one that can be kept; raises for any other."""
    if answer is None:
        return VinAnswer()
    if not isinstance(answer, VinAnswer):
        raise TypeError(f"it answered with {type(answer).__name__}, not with a VinAnswer")
    for name in ("make", "model", "engine", "body"):
        if not isinstance(getattr(answer, name), str | None):
            raise TypeError(f"{name} must be text")
    if isinstance(answer.year, bool) or not isinstance(answer.year, int | None):
        raise TypeError("year must be a whole number")
    if len(orjson.dumps(unstructure(answer.raw))) > RAW_BYTES_MAX:
        raise ValueError(f"its raw answer is larger than {RAW_BYTES_MAX} bytes")
    return answer
