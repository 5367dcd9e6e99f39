"""Settings of plugins: a frozen attrs class, filled from a mapping or from environment variables.

``FLEET_<PLUGIN>_<FIELD>`` sets a field; ``FLEET_<PLUGIN>_<FIELD>_FILE`` names a file that holds a secret, as
containers hand them over. A mapping given by the program goes before both. Unknown names are errors.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import attrs

from .errors import Problem, Rejected, reject_if_any

__all__ = ["Secret", "field_names", "read_settings", "variable_of"]

PREFIX, FILE = "FLEET_", "_FILE"
YES, NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
FILE_BYTES_MAX = 65_536


class Secret:
    """A password or a key: what prints, logs or compares it sees stars; :meth:`reveal` gives it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret itself, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('***')"

    def __str__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> Any:
        raise TypeError("a secret is not pickled")


def variable_of(plugin: str, field: str) -> str:
    """Return the name of the environment variable of a plugin's field."""
    return f"{PREFIX}{plugin}_{field}".upper().replace("-", "_")


def field_names(config: type[Any]) -> tuple[str, ...]:
    """Return the names of the fields of a class of settings."""
    return tuple(field.name for field in attrs.fields(config))


def read_settings(
    plugin: str,
    config: type[Any],
    given: Mapping[str, Any],
    environment: Mapping[str, str],
    others: Iterable[str] = (),
) -> Any:
    """Return *config* filled for *plugin*: from *given*, else from *environment*, else by its defaults.

    *others* are plugins whose variables may begin like this one's. Raises Rejected with every problem; no message
    holds a value of a secret.
    """
    attrs.resolve_types(config)
    fields = {field.name: field for field in attrs.fields(config)}
    problems = [
        Problem(name, f"{plugin} has no setting {name!r}: it has {', '.join(fields) or 'none'}", "setting.unknown")
        for name in given
        if name not in fields
    ]
    problems += _unknown_variables(plugin, fields, environment, others)
    values: dict[str, Any] = {}
    for name, field in fields.items():
        try:
            found, value = _value(plugin, name, field.type, given, environment)
            if found:
                values[name] = value
            elif field.default is attrs.NOTHING:
                problems.append(
                    Problem(name, f"is needed: set {variable_of(plugin, name)} or give it", "setting.missing")
                )
        except Rejected as rejected:
            problems += rejected.problems
    reject_if_any(problems)
    try:
        return config(**values)
    except (ValueError, TypeError) as error:  # a validator of the plugin's class
        raise Rejected.because(
            "", f"the settings of {plugin} do not fit: {error.args[0] if error.args else error}"
        ) from None


def _unknown_variables(
    plugin: str, fields: Mapping[str, Any], environment: Mapping[str, str], others: Iterable[str]
) -> list[Problem]:
    prefix = variable_of(plugin, "")
    longer = tuple(variable_of(other, "") for other in others if variable_of(other, "").startswith(prefix))
    known = {variable_of(plugin, name) for name in fields}
    known |= {variable_of(plugin, name) + FILE for name, field in fields.items() if _is_secret(field.type)}
    return [
        Problem(name, f"{plugin} has no such setting: it has {', '.join(sorted(known))}", "setting.unknown")
        for name in sorted(environment)
        if name.startswith(prefix)
        and name not in known
        and not any(name.startswith(other) and other != prefix for other in longer)
    ]


def _value(
    plugin: str, name: str, declared: Any, given: Mapping[str, Any], environment: Mapping[str, str]
) -> tuple[bool, Any]:
    if name in given:
        value = given[name]
        return True, Secret(value) if _is_secret(declared) and isinstance(value, str) else value
    variable = variable_of(plugin, name)
    if variable in environment:
        return True, _parsed(name, declared, environment[variable])
    if _is_secret(declared) and (path := environment.get(variable + FILE)):
        try:
            with Path(path).open(encoding="utf-8") as file:
                text = file.read(FILE_BYTES_MAX).rstrip("\r\n")
        except (OSError, ValueError):
            raise Rejected.because(name, f"{variable}{FILE} names a file that cannot be read") from None
        return True, Secret(text)
    return False, None


def _bare(declared: Any) -> Any:
    if get_origin(declared) in {Union, types.UnionType}:
        members = [member for member in get_args(declared) if member is not type(None)]
        return members[0] if len(members) == 1 else declared
    return declared


def _is_secret(declared: Any) -> bool:
    return _bare(declared) is Secret


def _parsed(name: str, declared: Any, text: str) -> Any:
    kind = _bare(declared)
    try:
        if kind is Secret:
            return Secret(text)
        if kind is bool:
            return _truth(text)
        if kind is timedelta:
            return timedelta(seconds=float(text))
        if kind in {str, int, float, Path} or (isinstance(kind, type) and issubclass(kind, Enum)):
            return kind(text)
        if get_origin(kind) is tuple:
            return tuple(part.strip() for part in text.split(",") if part.strip())
    except (ValueError, OverflowError):
        wanted = ", ".join(str(member.value) for member in kind) if issubclass(kind, Enum) else kind.__name__
        raise Rejected.because(name, f"{text!r} is not what is wanted: {wanted}") from None
    raise Rejected.because(name, f"settings of the type {declared} cannot come from the environment")


def _truth(text: str) -> bool:
    word = text.strip().lower()
    if word not in YES | NO:
        raise ValueError(text)
    return word in YES
