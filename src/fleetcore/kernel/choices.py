"""Fields of commands that are text and take one of few values."""

from __future__ import annotations

from typing import Any

__all__ = ["CHOICES", "choices_of"]

CHOICES = "one_of"  # in the metadata of the field


def choices_of(attribute: Any) -> tuple[str, ...]:
    """Return what the field of a command may be; nothing where its type says it all."""
    chosen: tuple[str, ...] = attribute.metadata.get(CHOICES, ())
    return chosen
