"""The worker beside the processes that serve: one for all of them, with its own lines in the log."""

from __future__ import annotations

import logging
import os
import signal

import structlog
from prometheus_client import Counter

import fleetcore
from fleetcore.worker.loop import Worker
from fleetcore.worker.model import Happening
from fleetserver.cli.places import attachments_folder
from fleetserver.logs import LogSettings, configure_logs
from fleetserver.stopping import end_with_parent, end_within

__all__ = ["run_worker"]

log = structlog.get_logger("fleetserver.worker")
LEVELS = {
    "done": logging.INFO,
    "failed": logging.WARNING,
    "lost": logging.WARNING,
    "dead": logging.ERROR,
}


class Teller:
    """Writes what the worker does to the log and counts it; of an error its kind, as its text may quote anybody."""

    def __init__(self) -> None:
        self._counted = Counter("fleet_worker", "What the worker did, by job kind or consumer.", ("what", "name"))

    def __call__(self, happening: Happening) -> None:
        """Hear of *happening*."""
        self._counted.labels(happening.what, happening.name).inc(happening.count)
        fields = {"what": happening.what, "name": happening.name, "count": happening.count}
        if happening.fleet_id is not None:
            fields["fleet_id"] = str(happening.fleet_id)
        if happening.id is not None:
            fields["job_id"] = str(happening.id)
        if happening.error:
            last = happening.error.strip().rpartition("\n")[2]
            fields["error"] = last.partition(":")[0].rpartition(".")[2][:80]
        seconds = round(happening.seconds * 1000, 2)
        log.log(LEVELS.get(happening.what, logging.DEBUG), "worker", duration_ms=seconds, **fields)


def run_worker(url: str, stop_within_s: float) -> None:
    """Work on the database at *url* until SIGTERM or SIGINT; what is in hand then gets *stop_within_s*.

    A job that takes longer is given up: its lease runs out, and it is done again.
    """
    configure_logs(LogSettings.from_environment(os.environ))
    end_with_parent()
    with fleetcore.open(url, attachments=attachments_folder(url)) as core:
        working = Worker(core, tell=Teller())

        def stop(_number: int, _frame: object) -> None:
            working.stop()
            end_within(stop_within_s)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        log.info("worker begins")
        working.run()
        log.info("worker ends")
