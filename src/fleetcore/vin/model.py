"""What a VIN tells: the questions, the findings, and what a decoder of a plugin answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from fleetcore.kernel.checks import LENGTH_MAX
from fleetcore.kernel.errors import Problem

__all__ = [
    "FIELDS",
    "Confidence",
    "DecodeVin",
    "DecodedVin",
    "Finding",
    "KeptAnswer",
    "KnownMake",
    "KnownModel",
    "ListMakes",
    "ListModels",
    "VinAnswer",
]

FIELDS = ("make", "model", "year", "engine", "body")
RAW_BYTES_MAX = 200_000


class Confidence(StrEnum):
    """How sure a finding is."""

    CERTAIN = "certain"  # the law or an official table says so
    LIKELY = "likely"  # usually so
    GUESS = "guess"  # it may well be otherwise


@frozen(kw_only=True)
class Finding:
    """One thing that was found out: what, by whom, and how sure."""

    value: str
    source: str
    confidence: Confidence


@frozen(kw_only=True)
class DecodeVin:
    """Ask what a VIN tells, and what is wrong or odd about it."""

    vin: str


@frozen(kw_only=True)
class VinAnswer:
    """What a decoder knows of one VIN; None for what it does not know. *raw* is its whole answer, as JSON values."""

    make: str | None = None
    model: str | None = None
    year: int | None = None
    engine: str | None = None
    body: str | None = None
    confidence: Confidence = Confidence.LIKELY
    raw: Any = field(default=None, metadata={LENGTH_MAX: RAW_BYTES_MAX})


@frozen(kw_only=True)
class KeptAnswer:
    """The answer of the decoder *source*, as it was at *at*; of several, the one of lowest *priority* counts."""

    source: str
    priority: int
    at: datetime
    answer: VinAnswer


@frozen(kw_only=True)
class DecodedVin:
    """What a VIN tells.

    *valid* means that it may be a VIN: 17 legal characters and, where the check digit is the law, the right one.
    *problems* forbid the VIN, *warnings* do not. *suggestions* are VINs that may have been meant. *makes* are the
    brands that the manufacturer code stands for; *make* is None while that are several. *findings* tell of each
    field whence it comes; *answers* are those of decoders, whole.
    """

    vin: str
    valid: bool
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    suggestions: tuple[str, ...] = ()
    make: str | None = None
    model: str | None = None
    year: int | None = None
    engine: str | None = None
    body: str | None = None
    makes: tuple[str, ...] = ()
    kind: str | None = None
    wmi: str | None = None
    region: str | None = None
    country: str | None = None
    country_code: str | None = None
    plant_code: str | None = None
    serial: str | None = None
    findings: Mapping[str, Finding] = field(factory=dict)
    answers: tuple[KeptAnswer, ...] = ()


@frozen(kw_only=True)
class ListMakes:
    """Ask for the makes that begin with *prefix*, or have a word that does."""

    prefix: str = ""


@frozen(kw_only=True)
class ListModels:
    """Ask for the models of *make* that begin with *prefix*, or have a word that does."""

    make: str
    prefix: str = ""


@frozen(kw_only=True)
class KnownMake:
    """A make of the catalogue, and how many of its models are known."""

    name: str
    models: int


@frozen(kw_only=True)
class KnownModel:
    """A model of the catalogue, and the kinds of body that it is known with."""

    name: str
    bodies: tuple[str, ...] = ()
