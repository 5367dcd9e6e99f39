"""By what a list can be sorted: a field of its command that takes one of few names, each also backwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from attrs import field

from .choices import CHOICES
from .paging import Position

__all__ = ["is_backwards", "position_by", "sort_field", "sorted_by"]


def sort_field(default: str, *names: str) -> Any:
    """Return the field ``sort`` of a command: by *names*, ``-name`` being the last first; *default* is one of them."""
    choices = tuple(choice for name in names for choice in (name, f"-{name}"))
    return field(default=default, metadata={CHOICES: choices})


def sorted_by(sort: str) -> str:
    """Return the name in *sort*, without its direction."""
    return sort.removeprefix("-")


def is_backwards(sort: str) -> bool:
    """Say whether *sort* has the last first."""
    return sort.startswith("-")


def position_by(sort: str, keys: Mapping[str, Callable[[Any], Any]]) -> Callable[[Any], Position]:
    """Return what tells where a page ends that is sorted by *sort*: *keys* read the value off a fact.

    A day stands for its first instant.
    """
    key = keys[sorted_by(sort)]

    def position(fact: Any) -> Position:
        value = key(fact)
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time(), UTC)
        return Position(value, fact.id)

    return position
