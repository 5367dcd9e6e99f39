"""Writes docs/reference/commands.md from the commands themselves: ``python docs/reference/write_commands.py``."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from fleetserver.cli.main import SECTIONS, fleet

PAGE = Path(__file__).with_name("commands.md")
SHARED = {"--json", "--help"}  # every command has them: said once, at the top
INTRODUCTION = """\
# Command line

<!-- Written by docs/reference/write_commands.py; a test compares it with the commands. -->

`fleet [global options] COMMAND [options]`. Global options stand before the command. What is typed may carry its unit
(`12345mi`, `10gal_us`, `40.5l`) or currency (`67.09 GBP`); without one it is in your own units and the fleet's
currency. A day is `2025-03-10`, `today` or `yesterday`, a time `'2025-03-10 16:01'`. A vehicle is named by its name,
plate, VIN or id, other records by their id or the end of it, as lists show it.

Every command has `--help` and `--json`: with `--json` standard output is JSON alone; messages and progress go to
standard error. The exit code is 0 when it worked, 1 when it failed or `fleet ledger check` found something, 2 when what
was typed, or the file that was named, cannot be read (with `fleet import --strict` also when a row was rejected).
"""


def page() -> str:
    """Return the whole page."""
    context = click.Context(fleet, info_name="fleet")
    parts = [INTRODUCTION, "## Global options\n", *_options(fleet, context), ""]
    for title, entries in SECTIONS:
        parts += [f"## {title}\n", "| command | what it does |", "| --- | --- |"]
        parts += [f"| [`fleet {entry.name}`](#fleet-{entry.name}) | {entry.help} |" for entry in entries]
        parts.append("")
        for entry in entries:
            command = fleet.get_command(context, entry.name)
            if command is not None:
                parts += _described(command, click.Context(command, info_name=entry.name, parent=context))
    return "\n".join(parts).rstrip() + "\n"


def _described(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield the lines about one command, then those about the commands in its group."""
    path = context.command_path
    yield f"### {path}\n"
    yield from _prose(command)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _described(inner, click.Context(inner, info_name=name, parent=context))
        return
    pieces = " ".join(command.collect_usage_pieces(context))
    yield f"```text\n{path} {pieces}\n```\n"
    yield from _options(command, context)
    yield ""


def _prose(command: click.Command) -> Iterator[str]:
    """Yield the help of a command; what begins with fleet in it is an example."""
    for paragraph in inspect.cleandoc(command.help or "").replace("\b", "").split("\n\n"):
        text = paragraph.strip()
        if text.startswith("fleet "):
            yield f"```sh\n{text}\n```\n"
        elif text:
            yield " ".join(text.split()) + "\n"


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield the options of a command as a table."""
    rows = [
        (" ".join(_names(each, context)), _meaning(each, context))
        for each in command.get_params(context)
        if isinstance(each, click.Option) and not SHARED.intersection(each.opts) and not each.hidden
    ]
    if rows:
        yield "| option | meaning |"
        yield "| --- | --- |"
        yield from (f"| {names} | {meaning} |" for names, meaning in rows)


def _names(option: click.Option, context: click.Context) -> Iterator[str]:
    names = ", ".join(f"`{name}`" for name in option.opts)
    if option.secondary_opts:
        names += " / " + ", ".join(f"`{name}`" for name in option.secondary_opts)
    yield names
    if option.metavar or not (option.is_flag or isinstance(option.type, click.Choice)):
        yield f"`{option.make_metavar(context)}`"


def _meaning(option: click.Option, context: click.Context) -> str:
    parts = [option.help or ""]
    if isinstance(option.type, click.Choice) and not option.metavar:
        parts.append("One of " + ", ".join(f"`{_plain(choice)}`" for choice in option.type.choices) + ".")
    if option.required:
        parts.append("Required.")
    default = option.get_default(context)
    if option.show_default and default not in {None, (), False}:
        parts.append(f"Default: `{_plain(default)}`.")
    if option.envvar:
        parts.append(f"Also from the variable `{option.envvar}`.")
    return " ".join(filter(None, parts)).replace("|", "\\|")


def _plain(value: Any) -> str:
    return str(getattr(value, "value", value))


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
