"""What ``?units=`` adds to the schemas of answers: ``odometer_mi`` beside ``odometer_km``."""

from __future__ import annotations

from collections.abc import Mapping

from fleetcore.people.model import Units

from .openapi_parts import Schema
from .units import CONVERSIONS

__all__ = ["with_other_units"]

NUMBERS = {"number", "integer"}


def with_other_units(schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return *schemas* with the fields that only those get who ask for other units."""
    return {name: schema if name.endswith("Input") else _widened(schema) for name, schema in schemas.items()}


def _widened(schema: Schema) -> Schema:
    properties = schema.get("properties", {})
    told = {"type": "number", "description": "with ?units="}
    added = {_beside(name): told for name, each in properties.items() if _is_metric(name, each)}
    return {**schema, "properties": {**properties, **added}} if added else schema


def _is_metric(name: str, schema: Schema) -> bool:
    kinds = schema.get("type", [])
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    return bool(kinds & NUMBERS) and _beside(name) != name


def _beside(name: str) -> str:
    for suffix, (other, _) in CONVERSIONS[Units.US].items():
        if name.endswith(suffix):
            return name.removesuffix(suffix) + other
    return name
