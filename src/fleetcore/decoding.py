"""Decoding a VIN with the decoders of plugins: they are asked outside of any transaction, and may fail."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from attrs import evolve

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Unavailable
from fleetcore.vin.model import DecodedVin, DecodeVin
from fleetcore.vin.service import KEEP_ANSWERS, KeepAnswers, decode_vin, join_answers

if TYPE_CHECKING:
    from fleetcore.core import Core

__all__ = ["decode"]

log = logging.getLogger("fleetcore")


def decode(core: Core, actor: Actor, vin: str) -> DecodedVin:
    """Return what *vin* tells, with what plugins' decoders answer; they are asked unless they did so lately."""
    actor.require("vehicles.read")
    known = core.read(actor, decode_vin, DecodeVin(vin=vin))
    if known.wmi is None:
        return known
    now = core.clock.now()
    answers, failures = core.plugins.vin_desk.ask(known.vin, now, [kept.source for kept in known.answers])
    if answers:
        known = join_answers(known, now.year, answers)
        try:
            core.run(actor, KEEP_ANSWERS, KeepAnswers(vin=known.vin, answers=tuple(answers)))
        except Unavailable as error:
            log.warning("the answers of VIN decoders could not be kept: %s", error)
    return evolve(known, warnings=(*known.warnings, *failures))
