"""How a list is narrowed and sorted: one pair of options for every command that lists."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import attrs
import click

from fleetcore.kernel.choices import choices_of

__all__ = ["narrowed_by"]

F = TypeVar("F", bound=Callable[..., Any])


def narrowed_by(question: type) -> Callable[[F], F]:
    """Give a list the options ``--text`` and ``--sort`` of *question*; they come as the mapping *narrowed*."""
    fields = {attribute.name: attribute for attribute in attrs.fields(question)}
    options: list[Callable[[Any], Any]] = []
    if "text" in fields:
        options.append(click.option("--text", default="", metavar="TEXT", help="Only those that hold this text."))
    if "sort" in fields:
        default = fields["sort"].default
        help_text = f"By what; with - before it backwards. Default: {default}."
        options.append(
            click.option("--sort", type=click.Choice(choices_of(fields["sort"])), default=default, help=help_text)
        )

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def gathered(*args: Any, **given: Any) -> Any:
            narrowed = {name: given.pop(name) for name in ("text", "sort") if name in fields}
            return function(*args, narrowed=narrowed, **given)

        decorated: Any = gathered
        for option in reversed(options):
            decorated = option(decorated)
        return decorated  # type: ignore[no-any-return]  # what was decorated, with options

    return decorate
