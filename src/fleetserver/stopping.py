"""A process that was told to end does so in time, whatever its threads still wait for."""

from __future__ import annotations

import logging
import os
import signal
import threading
from multiprocessing import parent_process
from multiprocessing.connection import wait

__all__ = ["GRACE_S", "end_with_parent", "end_within"]

log = logging.getLogger("fleetserver")
GRACE_S = 2.0  # for what comes after the last request: closing connections, writing the last lines
FORCED = 70  # the exit code of a process that did not come to an end by itself


def end_within(seconds: float) -> None:
    """End this process after so many *seconds* if it still runs then: a transaction at work is rolled back."""
    timer = threading.Timer(seconds, _end)
    timer.daemon = True
    timer.start()


def _end() -> None:
    log.critical("work in hand did not end in time: it is given up")
    logging.shutdown()
    os._exit(FORCED)


def end_with_parent() -> None:
    """Stop this process, gently, when the one that started it is gone."""
    if (parent := parent_process()) is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="fleet-parent", daemon=True).start()
