"""What no value of any command may be, whoever made it: checked once, at the border of the core.

Databases differ in what they refuse (PostgreSQL the character NUL, both numbers beyond 64 bits) or
misread (times without an offset); so it never gets that far.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any

import attrs

from .choices import choices_of
from .errors import Problem

__all__ = [
    "INTEGER_LIMIT",
    "LENGTH_MAX",
    "NOT_TEXT",
    "TEXT_LENGTH_MAX",
    "is_text",
    "label_problems",
    "length_max_of",
    "value_problems",
]

INTEGER_LIMIT = 2**63
TEXT_LENGTH_MAX = 10_000  # characters; a field that takes more, or rules that allow less, say so themselves
LENGTH_MAX = "length_max"  # in an attrs field's metadata: the most characters of its text
NOT_TEXT = "contains characters that are not text: remove NUL characters and broken escapes"


def is_text(value: str) -> bool:
    """Say whether *value* can be written as UTF-8 and holds no NUL, which PostgreSQL cannot store."""
    if value.isascii():
        return "\x00" not in value
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, from a badly decoded command line
        return False
    return "\x00" not in value


def length_max_of(attribute: Any) -> int:
    """Return how many characters the text in an attrs field may have."""
    return int(attribute.metadata.get(LENGTH_MAX, TEXT_LENGTH_MAX))


def value_problems(value: Any, path: str = "", length_max: int = TEXT_LENGTH_MAX) -> Iterator[Problem]:
    """Yield what cannot be stored anywhere in *value*: broken or endless text, huge integers, times without offset."""
    if isinstance(value, str):
        if not is_text(value):
            yield Problem(path, NOT_TEXT)
        elif len(value) > length_max and not isinstance(value, Enum):
            yield Problem(path, f"is longer than {length_max} characters", "too_long")
    elif isinstance(value, bool | Enum) or value is None:
        return
    elif isinstance(value, int):
        if not -INTEGER_LIMIT <= value < INTEGER_LIMIT:
            yield Problem(path, "is too large to be real")
    elif isinstance(value, datetime):
        if value.utcoffset() is None:
            yield Problem(path, f"the time {value.isoformat()} needs an offset, for example +00:00")
    else:
        yield from _inner_problems(value, path, length_max)


def _inner_problems(value: Any, path: str, length_max: int) -> Iterator[Problem]:
    if isinstance(value, tuple | list | frozenset | set):
        for index, item in enumerate(value):
            yield from value_problems(item, _join(path, index), length_max)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(key, str):
                yield from _key_problems(key, path, length_max)
            yield from value_problems(item, _join(path, key), length_max)
    else:
        cls: Any = type(value)
        for name, choices in _choices(cls):
            if (said := getattr(value, name)) not in choices:
                message = f"cannot be {str(said)[:100]!r}; it must be one of {', '.join(choices)}"
                yield Problem(_join(path, name), message, "choice.unknown")
        for name, longest in _fields(cls):
            inner = getattr(value, name)
            if inner is not None:
                yield from value_problems(inner, _join(path, name), longest)


def _key_problems(key: str, path: str, length_max: int) -> Iterator[Problem]:
    if not is_text(key):
        yield Problem(_join(path, repr(key)), NOT_TEXT)
    elif len(key) > length_max:
        message = f"the name is longer than {length_max} characters"
        yield Problem(_join(path, f"{key[:40]}..."), message, "too_long")


@lru_cache(maxsize=1024)
def _fields(cls: Any) -> tuple[tuple[str, int], ...]:
    return tuple((each.name, length_max_of(each)) for each in attrs.fields(cls)) if attrs.has(cls) else ()


@lru_cache(maxsize=1024)
def _choices(cls: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the fields of few values that are text, with these values."""
    found = attrs.fields(cls) if attrs.has(cls) else ()
    return tuple((attribute.name, chosen) for attribute in found if (chosen := choices_of(attribute)))


def _join(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def label_problems(field: str, label: str | None, length_max: int) -> Iterator[Problem]:
    """Yield what is wrong with a key or id that a client chose for a request; None is none."""
    if label is not None and not 1 <= len(label) <= length_max:
        yield Problem(field, f"must have 1 to {length_max} characters")
    elif label is not None and not is_text(label):
        yield Problem(field, NOT_TEXT)
