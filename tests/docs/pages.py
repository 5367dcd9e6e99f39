"""Markdown pages as programs: their fenced blocks are run as a reader would run them.

A fence says by its first word what it is, and by a second one, if there is one, the file to write it to:

- ``python`` runs, in one namespace a page; an ``output`` block after it is what it prints
- ``console`` runs its lines that begin with ``$``; lines below a command are what it prints. A command may
  fail only where the page shows it, by ``$ echo $?`` as the next one
- ``csv Fuelio.csv``, ``toml pyproject.toml``: written to a file of that name
- any other is only read

In output, ``...`` stands for anything, and an id of eight characters for the id that is there in fact; where the
page uses it in a later command, the real one is taken.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field, frozen
from click.testing import CliRunner

from fleetserver.cli.main import fleet

__all__ = ["ROOT", "Block", "Page", "blocks_of", "pages"]

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
TOKEN = re.compile(r"\b[A-Z]+-TOKEN\b")  # of an invitation: learned where it is shown, put in where it is used
SHORT_ID = re.compile(r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{8}\b")
JUDGES = {"hledger", "ledger", "bean-check"}  # other people's programs: not run where they are not there
TOOLS = {"ls", "cat", "cp", "mv", "mkdir", "rm"}


def pages() -> list[Path]:
    """Return every page of the documentation, the README first."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@frozen
class Block:
    """A fenced block: its kind, the file it is to be written to, its text, and where it stands."""

    kind: str
    file: str
    text: str
    line: int


def blocks_of(text: str) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    found = []
    for match in FENCE.finditer(text):
        kind, _, file = match["info"].strip().partition(" ")
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(kind, file.strip(), textwrap.dedent(match["body"]), line))
    return found


@define
class Page:
    """Runs the blocks of one page, one after the other, in the working directory."""

    path: Path
    replaced: dict[str, str] = field(factory=dict)
    names: dict[str, Any] = field(factory=lambda: {"__name__": "page"})
    ids: dict[str, str] = field(factory=dict)
    exit_code: int = 0

    def run(self) -> int:
        """Run every block; returns how many there were to run."""
        blocks = blocks_of(self.path.read_text("utf-8"))
        done = 0
        for block, after in zip(blocks, [*blocks[1:], None], strict=True):
            if block.file:
                Path(block.file).write_text(self._own(block.text), "utf-8")
            elif block.kind == "python":
                printed = self._python(block)
                if after is not None and after.kind == "output":
                    self._compare(after.text, printed, after.line)
            elif block.kind == "console":
                self._console(block)
            else:
                continue
            done += 1
        return done

    def _own(self, text: str) -> str:
        """Put this test's names in the place of the page's."""
        for shown, real in {**self.replaced, **self.ids}.items():
            text = text.replace(shown, real)
        return text

    def _python(self, block: Block) -> str:
        source = "\n" * block.line + self._own(block.text)
        printed = StringIO()
        with redirect_stdout(printed):
            code = compile(source, str(self.path), "exec", dont_inherit=True)
            exec(code, self.names)  # noqa: S102 - that is what this is for
        return printed.getvalue()

    def _console(self, block: Block) -> None:
        commands = list(_commands(block))
        for (line, command, wanted), after in zip(commands, [*commands[1:], None], strict=True):
            if command == "echo $?":
                assert f"{self.exit_code}\n" == wanted, f"{self.path.name}:{line}: the exit code"
                continue
            output = self._command(command)
            if output is None:
                continue
            may_fail = after is not None and after[1] == "echo $?"
            assert may_fail or self.exit_code == 0, f"{self.path.name}:{line}: {command}\n{output}"
            if wanted:
                self._compare(wanted, output, line)

    def _command(self, command: str) -> str | None:
        """Run *command* and return what it wrote; None where the program is not on this machine."""
        words = shlex.split(self._own(command))
        target = None
        if ">" in words:
            *words, _, target = words
        program, *arguments = words
        if program == "fleet":
            result = CliRunner().invoke(fleet, arguments, standalone_mode=False, prog_name="fleet")
            self.exit_code = result.return_value if isinstance(result.return_value, int) else result.exit_code
            output, told = result.output, result.stdout
        else:
            assert program in JUDGES | TOOLS, f"{self.path.name}: {program} is no program that a page may run"
            found = _program(program)
            if found is None:
                return None
            ran = subprocess.run([found, *arguments], capture_output=True, text=True, check=False)
            self.exit_code, output, told = ran.returncode, ran.stdout + ran.stderr, ran.stdout
        if target is not None:
            Path(target).write_text(told, "utf-8")
            return ""
        return output

    def _compare(self, wanted: str, output: str, line: int) -> None:
        """Compare what the page shows with what is there, and learn the ids."""
        lines = "\n".join(text.rstrip() for text in output.strip().splitlines())
        shown = self._own("\n".join(text.rstrip() for text in wanted.strip().splitlines()))
        new_ids = dict.fromkeys(found for found in SHORT_ID.findall(shown) if found not in self.ids.values())
        pattern = re.escape(shown).replace(re.escape("..."), ".*?")
        for number, found in enumerate(new_ids):
            pattern = pattern.replace(found, f"(?P<id{number}>[0-9a-f]{{8}})", 1).replace(found, f"(?P=id{number})")
        new_token = TOKEN.search(shown)
        if new_token:
            pattern = pattern.replace(re.escape(new_token[0]), "(?P<token>[A-Za-z0-9_-]{64})", 1)
        match = re.fullmatch(pattern, lines, re.DOTALL)
        if match is None:
            pytest.fail(f"{self.path.name}:{line} shows\n\n{shown}\n\nbut there is\n\n{lines}\n")
        self.ids |= {found: match[f"id{number}"] for number, found in enumerate(new_ids)}
        self.ids |= {new_token[0]: match["token"]} if new_token else {}


def _commands(block: Block) -> Iterator[tuple[int, str, str]]:
    """Yield line, command and shown output of each command in a console block."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    line = block.line + 1 + parts[0].count("\n")
    for part in parts[1:]:
        joined = part.replace("\\\n", "  ")
        command, _, wanted = joined.partition("\n")
        yield line, " ".join(command.split()) if "'" not in command and '"' not in command else command.strip(), wanted
        line += part.count("\n")


def _program(name: str) -> str | None:
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)
