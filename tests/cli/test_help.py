"""Every command is reachable and explains itself, and asking for help is cheap."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

import fleetcore
from fleetserver.cli.main import SECTIONS, fleet

HELP_MODULES_MAX = 300  # 117, and 230 while coverage is measured; SQLAlchemy alone brings 300 more
HEAVY = {"sqlalchemy", "alembic", "fleetcore.core", "fleetcore.areas", "fleetcore.vehicles", "fleetcore.ledger"}


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command below *group* with the words that lead to it."""
    ctx = click.Context(group, info_name="fleet")
    for name in group.list_commands(ctx):
        found = group.get_command(ctx, name)
        assert found is not None
        yield (*path, name), found
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))


EVERY = dict(commands(fleet))
LEAVES = {path: found for path, found in EVERY.items() if not isinstance(found, click.Group)}


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    """Each command has a help text, each option too, and --help shows them."""
    result = CliRunner().invoke(fleet, [*path, "--help"])
    undocumented = [
        option.opts[0] for option in EVERY[path].params if isinstance(option, click.Option) and not option.help
    ]

    assert 0 == result.exit_code
    assert len(EVERY[path].get_short_help_str()) > 10
    assert [] == undocumented


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_takes_json(path: tuple[str, ...]) -> None:
    """--json may stand after each command."""
    assert "--json" in [option for parameter in LEAVES[path].params for option in parameter.opts]


def test_names_are_those_of_the_table() -> None:
    """What the table of the root calls a command is what the command calls itself."""
    table = [entry.name for _, entries in SECTIONS for entry in entries]

    assert table == [EVERY[(name,)].name for name in table]


@pytest.mark.parametrize(
    "words",
    [
        "init", "vehicles add", "vehicles list", "vehicles show", "vehicles edit", "vehicles remove", "backup",
        "restore", "fuel add", "fuel list", "fuel edit", "fuel remove", "expenses add", "import", "imports list",
        "imports undo", "report economy", "report costs", "ledger check", "ledger balances", "ledger export",
        "export", "migrate", "demo",
    ],
)  # fmt: skip
def test_promised_commands_are_there(words: str) -> None:
    """Every command of the specification exists."""
    assert tuple(words.split()) in LEAVES


def test_help_is_cheap() -> None:
    """`fleet --help` loads no database library and no area, and few modules in all."""
    code = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
        "from fleetserver.cli.main import main; sys.argv = ['fleet', '--help']; main()"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "vehicles" in run.stdout
    assert set() == HEAVY & set(run.stderr.split())
    assert len(run.stderr.split()) < HELP_MODULES_MAX


def test_version_is_printed() -> None:
    """--version names the library's version."""
    assert f"fleet, version {fleetcore.__version__}\n" == CliRunner().invoke(fleet, ["--version"]).output


@pytest.mark.parametrize(
    ("words", "meant"), [(["vehicels"], "vehicles"), (["fuel", "ad"], "add"), (["report", "cost"], "costs")]
)
def test_a_misspelt_command_is_answered_with_what_may_be_meant(words: list[str], meant: str) -> None:
    """An unknown name ends with exit code 2 and a suggestion."""
    result = CliRunner().invoke(fleet, words)

    assert 2 == result.exit_code
    assert f"did you mean {meant}?" in result.stderr
