"""Progress on standard error, for someone who is watching."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

import click

__all__ = ["Progress"]

PATIENCE_SECONDS = 0.5  # what is done sooner needs no progress
STEP_SECONDS = 0.1
BAR_WIDTH = 24


class Progress:
    """Counts rows as they are read, then fills a bar as they are stored; silent unless on a terminal."""

    def __init__(self, quiet: bool) -> None:
        self._shown = not quiet and sys.stderr.isatty()
        self._next_at = time.monotonic() + PATIENCE_SECONDS
        self._total = 0
        self._written = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._written:
            click.echo("\r\x1b[K", err=True, nl=False)

    def tell(self, stage: str, rows: int) -> None:
        """Show that *rows* rows have been read or stored."""
        if stage == "reading":
            self._total = rows
        if not self._shown or time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + STEP_SECONDS
        self._written = True
        click.echo(f"\r\x1b[K{self._line(stage, rows)}", err=True, nl=False)

    def _line(self, stage: str, rows: int) -> str:
        if stage == "reading" or not self._total:
            return f"{stage} {rows:,} rows"
        share = min(rows / self._total, 1.0)
        filled = round(share * BAR_WIDTH)
        return f"{stage} [{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {share:4.0%} {rows:,} of {self._total:,} rows"
