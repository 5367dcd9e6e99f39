"""The tutorial of the API, run as it stands: its shell commands against the server that it starts."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .pages import ROOT, blocks_of

PAGE = ROOT / "docs/tutorial/first-requests.md"
SHOWN = "127.0.0.1:8000"
SERVING = re.compile(r"Serving http://(127\.0\.0\.1:\d+)/api/v1")
MARK = "--- next block ---"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The address of the page's server, on a port that nobody has."""
    own = {**os.environ, "FLEET_DATA_DIR": str(tmp_path / "data")}
    words = f"{sys.executable} -m fleetserver.cli.main --database first.db serve --port 0".split()
    with subprocess.Popen(words, cwd=tmp_path, env=own, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        yield next(told[1] for line in server.stderr if (told := SERVING.search(line)))
        server.send_signal(signal.SIGTERM)
        server.stderr.read()
        assert 0 == server.wait(20)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")
def test_the_tutorial_runs(address: str, tmp_path: Path) -> None:
    """Its commands, copied one after the other into one shell, print what it shows."""
    blocks = blocks_of(PAGE.read_text("utf-8"))
    assert any(SHOWN in block.text for block in blocks if block.kind == "bash")
    commands = [block.text.replace(SHOWN, address) for block in blocks if block.kind == "bash"]
    script = f"echo '{MARK}'\n".join(["set -eu\n", *commands])
    ran = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600)
    assert 0 == ran.returncode, ran.stdout + ran.stderr
    printed = [part.strip() for part in ran.stdout.split(MARK)[1:]]
    shown = []
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        if block.kind == "bash":
            shown.append(after.text.strip() if after is not None and after.kind == "output" else "")
    assert shown == printed
