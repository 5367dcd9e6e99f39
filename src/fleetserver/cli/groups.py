"""Groups and commands as ``fleet`` wants them: loaded when used, with ``--json``, and with one way to fail."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import click

__all__ = ["Entry", "FleetCommand", "FleetGroup", "LaterGroup", "RootGroup"]

INTERRUPTED = 130  # 128 and the number of SIGINT, as shells do


def _set_json(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and ctx.obj is not None:
        ctx.obj.as_json = True


def json_option() -> click.Option:
    """Make the option that every command has."""
    return click.Option(
        ["--json"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_set_json,
        help="Print JSON alone on standard output.",
    )


class _ReaderGone(Exception):
    """Whoever read our output has seen enough."""


class FleetCommand(click.Command):
    """A command that takes ``--json`` after its name too; what begins with fleet in its help is an example."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(json_option())
        self.help = (self.help or "").replace("\n\nfleet ", "\n\n\b\nfleet ")


class FleetGroup(click.Group):
    """A group that offers what was meant when a name is misspelt."""

    command_class = FleetCommand
    group_class = type

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a name that is not there is an error with suggestions."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            close = difflib.get_close_matches(args[0], self.list_commands(ctx), 3)
            hint = f"; did you mean {' or '.join(close)}?" if close else ""
            raise click.UsageError(f"there is no command {ctx.command_path} {args[0]}{hint}", ctx)
        return super().resolve_command(ctx, args)


class LaterGroup(FleetGroup):
    """A group some of whose commands are loaded only when they are used: *later* says where each of them is."""

    later: Mapping[str, str] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands, those that come later behind the others."""
        return [*super().list_commands(ctx), *self.later]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command *cmd_name*, loaded if it has to be."""
        if (target := self.later.get(cmd_name)) is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


class Entry(NamedTuple):
    """A command of the root that is not loaded yet: where it is, and its help in one line."""

    name: str
    target: str
    help: str


class RootGroup(FleetGroup):
    """The root: knows every command by a table, loads only the one that is used, and reports every failure."""

    sections: Sequence[tuple[str, Sequence[Entry]]] = ()

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name the commands in the order of the table."""
        return [entry.name for _, entries in self.sections for entry in entries]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        """Load the command *cmd_name*."""
        for _, entries in self.sections:
            for entry in entries:
                if entry.name == cmd_name:
                    module, _, attribute = entry.target.partition(":")
                    command: click.Command = getattr(import_module(module), attribute)
                    return command
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the same
        """Write the table, without loading what it names."""
        for title, entries in self.sections:
            with formatter.section(title):
                formatter.write_dl([(entry.name, entry.help) for entry in entries])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that goes away is told apart from click's other ends."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _ReaderGone from None

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,  # noqa: ARG002 - it is called fleet, however it was started
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line; every failure ends in a message and an exit code."""
        arguments = list(sys.argv[1:] if args is None else args)
        for stream in (sys.stdout, sys.stderr):
            if reconfigure := getattr(stream, "reconfigure", None):
                reconfigure(errors="replace")  # a name that the terminal cannot show is no reason to stop
        code = self._guarded(arguments, complete_var, extra)
        if not standalone_mode:
            return code
        sys.exit(code)

    def _guarded(self, arguments: list[str], complete_var: str | None, extra: dict[str, Any]) -> int:
        try:
            done = super().main(arguments, "fleet", complete_var, standalone_mode=False, **extra)
            sys.stdout.flush()
        except click.Abort:
            return INTERRUPTED
        except (BrokenPipeError, _ReaderGone):
            _silence()
            return 0
        except SystemExit as leave:  # click's answer to shell completion
            return leave.code if isinstance(leave.code, int) else 0
        except Exception as error:  # nobody at a terminal is served by a traceback, unless they ask for it
            if os.environ.get("FLEET_DEBUG"):
                raise
            from .failures import report

            return report(error, as_json="--json" in arguments)
        return done if isinstance(done, int) else 0


def _silence() -> None:
    """Point standard output at nothing, so that the interpreter's last flush cannot fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
