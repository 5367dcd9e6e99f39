"""``fleet worker``: do what is due in the background, until stopped."""

from __future__ import annotations

import logging
import os
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext, redirect_stdout
from typing import Any

import click
import orjson

from fleetcore.kernel.wire import unstructure
from fleetcore.worker.loop import Worker
from fleetcore.worker.model import Happening
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetCommand
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.stopping import stopping_on_signals
from fleetserver.cli.tables import plain

from .jobs import jobs

__all__ = ["jobs", "worker"]

THREADS_MAX = 10  # each takes two connections, of which a process has fifteen of either role
SUMMED = {"done": "Jobs done", "heard": "Events heard", "failed": "Tried again later", "dead": "Failed for good"}
TROUBLE = {"failed", "dead", "lost"}
SAYINGS = {
    "scheduled": "{name}: {count} to do",
    "relayed": "{count} events passed on",
    "heard": "{name} heard {count} events ({seconds:.2f} s)",
    "done": "{name} done ({seconds:.2f} s)",
    "failed": "{name} failed and is tried again: {error}",
    "dead": "{name} failed for good: {error}. See `fleet jobs dead` and `fleet jobs list --state dead`",
    "lost": "{name} was taken over by another worker: this one was silent for too long",
}


class _Teller:
    """Writes what the worker does: lines for people, or JSON lines; trouble always, and then to standard error."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.lines = sys.stdout  # what channels and plugins print may be led elsewhere
        self.counts: Counter[str] = Counter()

    def __call__(self, happening: Happening) -> None:
        self.counts[happening.what] += happening.count
        is_trouble = happening.what in TROUBLE
        if self.session.quiet and not is_trouble:
            return
        at = self.session.core.clock.now()
        if self.session.as_json:
            line = orjson.dumps({"at": at, **unstructure(happening)}).decode()
        else:
            line = f"{at:%Y-%m-%d %H:%M:%S}Z  {_sentence(happening)}"
        # One write for the whole line: the threads of the worker share the stream.
        to_people = is_trouble and not self.session.as_json
        click.echo(line, file=sys.stderr if to_people else self.lines)
        self.lines.flush()

    def summary(self) -> str:
        """Return what was done in one sentence."""
        done = [f"{word}: {self.counts[what]:,}" for what, word in SUMMED.items() if self.counts[what]]
        return ", ".join(done) if done else "Nothing was due."


def _sentence(happening: Happening) -> str:
    said: dict[str, Any] = {
        "name": happening.name,
        "count": happening.count,
        "seconds": happening.seconds,
        "error": plain((happening.error or "").strip().rpartition("\n")[2]),
    }
    return SAYINGS[happening.what].format(**said)


def _log_teller() -> Callable[[Happening], None]:
    """Return what writes what the worker does to the log; raises BadInput without the libraries of the server."""
    try:
        from fleetserver.logs import LogSettings, configure_logs

        from .process import Teller
    except ModuleNotFoundError as error:
        raise BadInput.because(
            "FLEET_LOG_FORMAT", f"logs need {error.name}, which is not installed: pip install 'fleetcore[server]'"
        ) from None
    configure_logs(LogSettings.from_environment(os.environ))
    return Teller()


@click.command("worker", cls=FleetCommand)
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
@click.option(
    "--threads", type=click.IntRange(1, THREADS_MAX), default=1, metavar="N", help="How many jobs side by side."
)
@pass_session
def worker(session: Session, *, once: bool, threads: int) -> None:
    """Do what is due in the background, for every fleet of the database, until stopped.

    It notices what has become due, records recurring expenses and premiums, passes events on, runs jobs and cleans up.
    Run as many as you like, on as many machines: they share the work. Ctrl-C or SIGTERM lets it finish what it has in
    hand. With FLEET_LOG_FORMAT set it writes the same log as the server.

    fleet worker --once
    """
    if threads > 1 and session.core.database.url in {"sqlite://", "sqlite:///:memory:"}:
        raise BadInput.because("--threads", "a database in memory takes one thread")
    # Everything is told below; without a handler Python would write the same once more, with its traceback.
    logging.getLogger("fleetcore.worker").addHandler(logging.NullHandler())
    tell = _Teller(session)
    to_log = bool(os.environ.get("FLEET_LOG_FORMAT"))
    working = Worker(session.core, threads=threads, tell=_log_teller() if to_log else tell)
    # Whoever reads JSON lines gets nothing else: what the console channel prints goes to standard error then.
    printing = redirect_stdout(sys.stderr) if session.as_json else nullcontext()
    with stopping_on_signals(working.stop), printing:
        if once:
            working.drain()
        else:
            if not to_log:
                session.note(f"Working on {session.place}. Stop with Ctrl-C.")
            working.run()
    if not session.as_json and not to_log:
        session.note(tell.summary())
