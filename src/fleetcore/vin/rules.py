"""What a VIN tells by itself, and how the answers of decoders join in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from fleetcore.kernel.errors import Problem

from .model import FIELDS, Confidence, DecodedVin, Finding, KeptAnswer
from .numbers import clean_vin, has_vin_shape, suggestions, vin_problems, vin_warnings
from .tables import Maker, body_of, brands_of, country_of, engine_of, models_of, region_of
from .years import model_year

__all__ = ["decoded", "merged"]

NUMBER = "number"  # the characters themselves, and whom the codes in them were given to
PATTERNS = "nhtsa"  # the patterns that makers sent to the NHTSA
TEXT_MAX = 200


def decoded(text: str, this_year: int) -> DecodedVin:
    """Return what the VIN *text* tells, without asking anyone."""
    vin = clean_vin(text) or ""
    problems = tuple(vin_problems(vin))
    judged = DecodedVin(
        vin=vin,
        valid=not problems,
        problems=problems,
        warnings=tuple(vin_warnings(vin)),
        suggestions=suggestions(vin) if problems else (),
    )
    return _with_findings(judged, vin, this_year) if has_vin_shape(vin) else judged


def _with_findings(judged: DecodedVin, vin: str, this_year: int) -> DecodedVin:
    maker = brands_of(vin)
    makes = maker.brands if maker else ()
    kind = maker.kind if maker else None
    year = model_year(vin, kind=kind, makes=frozenset(makes), this_year=this_year)
    told = models_of(vin, year.year if year else None)
    findings: dict[str, Finding] = {}
    if len(makes) == 1:
        findings["make"] = Finding(value=makes[0], source=NUMBER, confidence=Confidence.CERTAIN)
    elif told:
        makes = tuple(dict.fromkeys(make for make, _ in told))
        if len(makes) == 1:
            findings["make"] = Finding(value=makes[0], source=PATTERNS, confidence=Confidence.CERTAIN)
    if year is not None:
        findings["year"] = Finding(value=str(year.year), source=NUMBER, confidence=year.confidence)
        findings.update(_pattern_findings(vin, year.year, told))
    country = country_of(vin)
    warned = (*judged.warnings, *_oddities(vin, maker, makes))
    found = attrs.evolve(
        judged,
        warnings=warned,
        makes=makes,
        kind=kind,
        wmi=maker.wmi if maker else vin[:3],
        region=region_of(vin),
        country_code=country[0] if country else None,
        country=country[1] if country else None,
        plant_code=vin[10],
        serial=vin[14:] if vin[2] == "9" else vin[11:],
    )
    return _shown(found, findings)


def _pattern_findings(vin: str, year: int, told: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Finding]]:
    models = {model for _, model in told}
    if len(models) == 1:
        yield "model", Finding(value=models.pop(), source=PATTERNS, confidence=Confidence.LIKELY)
    for name, value in (("body", body_of(vin, year)), ("engine", engine_of(vin, year))):
        if value is not None:
            yield name, Finding(value=value, source=PATTERNS, confidence=Confidence.LIKELY)


def _oddities(vin: str, maker: Maker | None, makes: Sequence[str]) -> Iterator[Problem]:
    if maker is None:
        yield Problem("make", f"the manufacturer code {vin[:3]} is not in our tables", "vin.unknown_wmi")
    elif len(makes) > 1:
        yield Problem("make", f"{maker.wmi} stands for several brands: {', '.join(makes)}", "vin.shared_wmi")


def _shown(found: DecodedVin, findings: dict[str, Finding]) -> DecodedVin:
    """Return *found* with its plain fields as *findings* say."""
    plain: dict[str, Any] = {name: findings[name].value if name in findings else None for name in FIELDS}
    if plain["year"] is not None:
        plain["year"] = int(plain["year"])
    return attrs.evolve(found, findings=findings, **plain)


def merged(number: DecodedVin, answers: Sequence[KeptAnswer]) -> DecodedVin:
    """Return what *number* tells with the *answers* of decoders before it; where they disagree, it says so."""
    findings = dict(number.findings)
    warnings: list[Problem] = []
    told: set[str] = set()
    ranked = sorted(answers, key=lambda kept: (kept.priority, kept.source))
    for kept in ranked:
        for name in FIELDS:
            value = getattr(kept.answer, name)
            if value in {None, ""}:
                continue
            mine = Finding(value=str(value)[:TEXT_MAX], source=kept.source, confidence=kept.answer.confidence)
            other = findings.get(name)
            if other is not None and _differ(name, other.value, mine.value):
                first, second = (other, mine) if name in told else (mine, other)
                warnings.append(_disagreement(name, first, second))
            if name not in told:
                findings[name] = mine
                told.add(name)
    joined = attrs.evolve(number, answers=tuple(ranked), warnings=(*number.warnings, *warnings))
    return _shown(joined, findings)


def _differ(name: str, left: str, right: str) -> bool:
    """Say whether two values contradict each other: the same words in another order or case do not."""
    if name in {"engine", "body"}:
        return False  # said in too many ways to compare
    plain = ["".join(c for c in value.casefold() if c.isalnum()) for value in (left, right)]
    return plain[0] not in plain[1] and plain[1] not in plain[0]


def _disagreement(name: str, first: Finding, second: Finding) -> Problem:
    message = f"{first.source} says {first.value}, {second.source} says {second.value}: compare it with the papers"
    return Problem(name, message, "vin.disagreement")
