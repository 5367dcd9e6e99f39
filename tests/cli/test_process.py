"""The command as a process of its own: streams, pipes, signals, a file that may not be written."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import IO

import orjson
import pytest

from .running import Command

FLEET = [sys.executable, "-m", "fleetserver.cli.main"]


def run(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a process."""
    return subprocess.run([*FLEET, *arguments], capture_output=True, check=False, timeout=300, env=env)


def test_demo_needs_nothing(tmp_path: Path) -> None:
    """The first thing that people run works with no setting at all, within ten seconds of CPU."""
    result = run("demo", env={"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PATH": os.environ["PATH"]})

    assert (0, b"") == (result.returncode, result.stderr)
    assert "The books are sound" in result.stdout.decode()
    assert not (tmp_path / ".local").exists()


def test_installed_command_is_the_same() -> None:
    """The entry point of the distribution starts the same command."""
    installed = shutil.which("fleet", path=Path(sys.executable).parent)
    if installed is None:
        pytest.skip("fleetcore is not installed")
    result = subprocess.run([installed, "--version"], capture_output=True, check=True)

    assert result.stdout.startswith(b"fleet, version ")


def test_json_is_alone_on_standard_output(golf: Command) -> None:
    """Notes and progress go to standard error; JSON is UTF-8 even where the terminal is not."""
    golf("vehicles", "edit", "Golf", "--notes", "Zoë → 東京")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    told = run("--database", golf.url, "vehicles", "list", "--json", env=environment)
    shown = run("--database", golf.url, "vehicles", "show", "Golf", env=environment)

    assert "Zoë → 東京" == orjson.loads(told.stdout)["vehicles"][0]["notes"]
    assert (0, b"") == (shown.returncode, shown.stderr)


def test_reader_that_goes_away(golf: Command) -> None:
    """`fleet ... | head -1` ends quietly."""
    process = subprocess.Popen(
        [*FLEET, "--database", golf.url, "operations", "list", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()

    assert (0, b"") == (process.wait(30), told)


def heed_interrupts() -> None:
    """Take SIGINT as usual, also where the tests run in the background of a shell, which ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def unread(pipe: IO[bytes]) -> int:
    """Return how many bytes of *pipe* its reader has not taken yet."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for processes")
def test_interrupt_while_waiting(golf: Command) -> None:
    """Ctrl+C while reading standard input ends with 130 and no traceback."""
    process = subprocess.Popen(
        [*FLEET, "--database", golf.url, "operations", "run", "vehicles.add", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed_interrupts,  # noqa: PLW1509 - this test starts no threads, and signal() is all it calls
    )
    assert process.stdin is not None
    process.stdin.write(b"{")
    process.stdin.flush()
    while unread(process.stdin):  # from then on it waits for the rest
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=300)

    assert 130 == process.returncode
    assert b"Traceback" not in told


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_database(golf: Command) -> None:
    """A file that may not be written can be read, and says so when it should be written."""
    file = Path(golf.url.removeprefix("sqlite:///"))
    file.chmod(0o444)
    file.parent.chmod(0o555)
    try:
        result = golf("vehicles", "add", "--name", "Van", code=1)
    finally:
        file.parent.chmod(0o755)

    assert result.stderr.startswith("fleet: ")
    assert "Traceback" not in result.stderr
