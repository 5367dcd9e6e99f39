"""From an error to one clear message and an exit code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import click

from fleetcore.kernel.errors import FleetError, NotFound, Problem, Rejected
from fleetcore.kernel.wire import UNIT_SUFFIXES
from fleetserver.presentation.bad_input import BadInput

from .output import write_json

__all__ = ["FAILURE", "USAGE", "BadInput", "NoGarage", "report"]

FAILURE = 1
USAGE = 2
HINTS = {
    "odometer.jump": "if the number is right, add --accept-jump",
    "fleet.several": "choose one with fleet --fleet NAME ...",
}


class NoGarage(FleetError):
    """There is no database yet where one was looked for."""


def report(error: Exception, *, as_json: bool) -> int:
    """Tell the user about *error* on standard error, with JSON on standard output too; returns the exit code."""
    if isinstance(error, click.ClickException):
        if as_json:
            write_json({"error": {"kind": "usage", "message": error.format_message(), "problems": []}})
        return _show_usage(error)
    code = USAGE if isinstance(error, BadInput) else FAILURE
    problems = list(_problems(error))
    message = _message(error)
    if as_json:
        write_json({"error": {"kind": _kind(error), "message": message, "problems": problems}})
    click.echo(f"fleet: {message}", err=True)
    for hint in _hints(error):
        click.echo(f"  {hint}", err=True)
    return code


def _show_usage(error: click.ClickException) -> int:
    ctx = getattr(error, "ctx", None)
    if ctx is None or isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
    else:
        click.echo(f"fleet: {error.format_message()}\n  see {ctx.command_path} --help", err=True)
    return error.exit_code


def _kind(error: Exception) -> str:
    """Name the kind of an error for programs: rejected, not_found, bad_input..."""
    name = type(error).__name__ if isinstance(error, FleetError) else "Failure"
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _problems(error: Exception) -> Iterator[dict[str, str]]:
    if isinstance(error, Rejected):
        for problem in error.problems:
            yield {"field": problem.field, "message": problem.message, "code": problem.code}
    elif isinstance(error, FleetError):
        yield {"field": "", "message": str(error), "code": _kind(error)}


def _message(error: Exception) -> str:
    if isinstance(error, Rejected):
        return _listed(error.problems)
    if isinstance(error, NotFound):
        return f"there is no {error.what} {error.key!r} in this fleet"
    if isinstance(error, FleetError):
        return str(error)
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return f"{error.filename}: {reason}" if error.filename else reason
    return (
        f"this should not have happened: {type(error).__name__}: {error} (FLEET_DEBUG=1 shows where; please report it)"
    )


def _listed(problems: Iterable[Problem]) -> str:
    lines = list(dict.fromkeys(_said(problem) for problem in problems))
    if len(lines) == 1:
        return lines[0]
    return "\n".join([f"{len(lines)} things are wrong:", *(f"  - {line}" for line in lines)])


def _said(problem: Problem) -> str:
    field = problem.field
    for suffix in UNIT_SUFFIXES.values():
        field = field.removesuffix(suffix)  # people type their own units
    return f"{field}: {problem.message}" if field else problem.message


def _hints(error: Exception) -> list[str]:
    if not isinstance(error, Rejected):
        return []
    return [hint for code, hint in HINTS.items() if error.has_code(code)]
