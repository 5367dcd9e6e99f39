"""Several lines of the same fields in one form: the parts of a service, the checks of a checklist.

A line's fields are called ``parts.0.name``. Without a script there are a few empty lines below the filled ones; what
is left empty is no line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import attrs
from attrs import evolve

from fleetcore.kernel.wire import bare_type

from .forms import Field, Form

__all__ = ["compact", "gather", "line_fields", "with_enums"]

EMPTY_LINES = 2
LINES_MAX = 200


def line_fields(
    name: str,
    of_one: Sequence[Field],
    sent: Mapping[str, Any],
    record: Any,
    *,
    group: str = "",
    empty: int = EMPTY_LINES,
) -> tuple[Field, ...]:
    """Return the fields of every line of *name*: as many as were sent or are stored, and a few *empty* ones."""
    stored = len(getattr(record, name, ()) or ())
    numbers = [int(key.split(".")[1]) for key in sent if key.startswith(f"{name}.") and key.split(".")[1].isdigit()]
    count = min(max([number + 1 for number in numbers], default=stored + empty), LINES_MAX)
    return tuple(
        evolve(
            each,
            name=f"{name}.{number}.{each.name}",
            label=f"{each.label} {number + 1}",
            beside=place > 0,
            group=group,
        )
        for number in range(count)
        for place, each in enumerate(of_one)
    )


def compact(form: Form, name: str) -> None:
    """Move the filled lines of *name* up, so that a line's number is its place in the command."""
    lines: dict[int, dict[str, str]] = {}
    for key in [key for key in form.texts if key.startswith(f"{name}.")]:
        _, number, part = key.split(".", 2)
        text = form.texts.pop(key)
        if text.strip():
            lines.setdefault(int(number), {})[part] = text
    for place, line in enumerate(sorted(lines)):
        form.texts |= {f"{name}.{place}.{part}": text for part, text in lines[line].items()}


def gather(values: dict[str, Any], name: str, made: type) -> None:
    """Put what was typed into the lines of *name* together, as a tuple of *made*; needed words may be empty."""
    lines: dict[int, dict[str, Any]] = {}
    for key in [key for key in values if key.startswith(f"{name}.")]:
        _, number, part = key.split(".", 2)
        lines.setdefault(int(number), {})[part] = values.pop(key)
    filled = [
        lines[number] for number in sorted(lines) if any(value not in {False, ""} for value in lines[number].values())
    ]
    needed = {
        each.name: ""
        for each in attrs.fields(made)
        if each.default is attrs.NOTHING and bare_type(each.type) in {str, "str"}
    }
    values[name] = tuple(made(**with_enums({**needed, **line}, made)) for line in filled)


def with_enums(values: dict[str, Any], made: Any) -> dict[str, Any]:
    """Return *values* with the words of *made*'s choices as members of their enumerations."""
    attrs.resolve_types(made)
    found = dict(values)
    for each in attrs.fields(made):
        kind = bare_type(each.type)
        if isinstance(kind, type) and issubclass(kind, Enum) and isinstance(found.get(each.name), str):
            found[each.name] = kind(found[each.name])
    return found
