"""Options that commands of several areas share, and what editing has in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, TypeVar

import attrs
import click

from fleetcore.vehicles.carriers import Carrier

__all__ = [
    "CARRIERS",
    "ENERGY_CARRIERS",
    "all_option",
    "both",
    "choice_of",
    "clear_option",
    "clearable",
    "emptied",
    "limit_option",
    "rows_wanted",
    "said",
    "vehicle_option",
    "with_options",
]

F = TypeVar("F", bound=Callable[..., Any])
TABLE_ROWS = 30
CARRIERS = click.Choice([carrier.value for carrier in Carrier])
ENERGY_CARRIERS = click.Choice([carrier.value for carrier in Carrier if carrier.carries_energy])


def with_options(*options: Callable[[Any], Any]) -> Callable[[F], F]:
    """Give a command *options*, in this order."""

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def choice_of(words: type[StrEnum]) -> click.Choice[str]:
    """Return a choice among the values of an enumeration, as JSON and files write them."""
    return click.Choice([word.value for word in words])


def vehicle_option(required: bool = False) -> Callable[[F], F]:
    """Give a command the option that names a vehicle."""
    return click.option("--vehicle", metavar="NAME", required=required, help="Name, plate, VIN or id of the vehicle.")


def limit_option() -> Callable[[F], F]:
    """Give a list the option that says how much of it."""
    help_text = f"How many, newest first. Default: {TABLE_ROWS} in a table, all with --json."
    return click.option("--limit", type=click.IntRange(min=1), metavar="N", help=help_text)


def all_option() -> Callable[[F], F]:
    """Give a list the option that asks for all of it."""
    return click.option("--all", "show_all", is_flag=True, help="List them all.")


def rows_wanted(limit: int | None, show_all: bool, as_json: bool) -> int | None:
    """Return how many rows to list; None for all."""
    if limit is not None:
        return limit
    return None if show_all or as_json else TABLE_ROWS


def clear_option(fields: Sequence[str]) -> Callable[[F], F]:
    """Give an edit the option that empties fields."""
    return click.option(
        "--clear", "cleared", multiple=True, type=click.Choice(sorted(fields)), metavar="FIELD",
        help=f"Empty a field; may be repeated. Fields: {', '.join(sorted(fields))}.",
    )  # fmt: skip


def said(fact: Any, fields: type) -> dict[str, Any]:
    """Return what *fact* says in the fields that *fields* declares."""
    return {
        attribute.name: getattr(fact, attribute.name)
        for attribute in attrs.fields(fields)
        if hasattr(fact, attribute.name)
    }


def emptied(fields: type, cleared: Sequence[str]) -> dict[str, Any]:
    """Return the empty values of the *cleared* fields."""
    blank = {}
    for attribute in attrs.fields(fields):
        if attribute.name in cleared:
            default: Any = attribute.default
            blank[attribute.name] = default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]  # a factory here takes no self
    return blank


def clearable(fields: type) -> list[str]:
    """Return the fields that can be empty."""
    return [attribute.name for attribute in attrs.fields(fields) if attribute.default is not attrs.NOTHING]


def both(left: str, right: str) -> str:
    """Join two texts of which either may be empty."""
    return " ".join(part for part in (left, right) if part)
