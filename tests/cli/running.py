"""The fleet command, run inside the test; and the small log that most tests import."""

from __future__ import annotations

from typing import Any

import orjson
from click.testing import CliRunner, Result

from fleetserver.cli.main import fleet

LOG = """date,odometer,liters,total cost,full
2026-01-01,1000,40,60.00,1
2026-01-10,1500,35,52.50,1
2026-01-20,2000,20,30.00,0
2026-02-01,2600,45.5,68.25,1
"""
BAD_LOG = LOG.replace("1500,35", "1500,abc")


class Command:
    """The fleet command over one database."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, *arguments: str, code: int = 0, stdin: str | None = None) -> Result:
        """Run the command; its exit code must be *code*."""
        result = CliRunner().invoke(fleet, ["--database", self.url, *arguments], input=stdin)
        told = f"{arguments} ended with {result.exit_code}\n{result.stdout}\n{result.stderr}"
        assert code == result.exit_code, told
        return result

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run the command with --json and return what it printed, which must be JSON alone."""
        return orjson.loads(self(*arguments, "--json", code=code).stdout)
