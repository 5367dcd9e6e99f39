"""The channels that are always there, besides the inbox: the console."""

from __future__ import annotations

import sys
from datetime import timedelta

from .channels import Addressing, Channel, ChannelSpec, Delivered, Limits, Message, NoSettings, Outcome, Target
from .model import CONSOLE

__all__ = ["CONSOLE_CHANNEL"]


class ConsoleChannel:
    """Prints a line to standard output: for whoever watches a worker."""

    async def open(self) -> None:
        """Nothing to open."""

    async def send(self, message: Message, target: Target) -> Outcome:
        """Print who is told what."""
        sys.stdout.write(f"{message.at:%Y-%m-%d %H:%M} {target.name}: {message.title}\n")
        sys.stdout.flush()
        return Delivered()

    async def close(self) -> None:
        """Nothing to close."""


def _console(_settings: NoSettings) -> Channel:
    return ConsoleChannel()


CONSOLE_CHANNEL = ChannelSpec(
    name=CONSOLE,
    factory=_console,
    limits=Limits(per_second=1000, per_target=1000, burst=1000, timeout=timedelta(seconds=5)),
    addressing=Addressing.NONE,
)
