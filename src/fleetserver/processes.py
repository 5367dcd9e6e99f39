"""Several processes as one server: HTTP and the worker, started again when they die, ended together."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from typing import Any

from attrs import define, field, frozen

from .stopping import GRACE_S
from .web.metrics import SHARED_FOLDER

__all__ = ["Task", "supervise"]

log = logging.getLogger("fleetserver")
LOOK_S = 0.5
RESTART_FIRST_S, RESTART_LONGEST_S = 0.5, 30.0
SOUND_AFTER_S = 30.0  # a process that lived for so long is started again at once
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@frozen
class Task:
    """What one process does: a function of a module, with what it takes; *is_ready* is set when it is under way."""

    name: str
    target: Callable[..., None]
    arguments: tuple[Any, ...]
    is_ready: Event | None = None


@define
class _Slot:
    """A task, and the process that does it at the moment."""

    task: Task
    process: BaseProcess | None = None
    began_at: float = 0.0
    failures: int = 0
    next_at: float = field(default=0.0)

    def start(self) -> None:
        made = get_context("spawn").Process(target=self.task.target, args=self.task.arguments, name=self.task.name)
        made.start()
        self.process, self.began_at = made, time.monotonic()

    def look(self) -> None:
        """Start the process again if it died; the more often it does so soon after its start, the later."""
        now = time.monotonic()
        if self.process is not None:
            if self.process.is_alive():
                return
            self.failures = 0 if now - self.began_at > SOUND_AFTER_S else self.failures + 1
            rest_s = min(RESTART_FIRST_S * 2 ** (self.failures - 1), RESTART_LONGEST_S) if self.failures else 0.0
            log.error(
                "%s ended with code %s: it is started again in %.1f s", self.task.name, self.process.exitcode, rest_s
            )
            forget_figures(self.process.pid)
            self.process, self.next_at = None, now + rest_s
        if now >= self.next_at:
            self.start()


def forget_figures(pid: int | None) -> None:
    """Leave out of the metrics what a process was doing when it died."""
    if pid is not None and SHARED_FOLDER in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid)  # type: ignore[no-untyped-call]  # the library declares no types for it


@contextmanager
def shared_figures() -> Iterator[None]:
    """Let the processes that are started meanwhile keep their figures where each can sum them up."""
    if SHARED_FOLDER in os.environ:
        yield
        return
    folder = tempfile.mkdtemp(prefix="fleet-metrics-")
    os.environ[SHARED_FOLDER] = folder
    try:
        yield
    finally:
        del os.environ[SHARED_FOLDER]
        shutil.rmtree(folder, ignore_errors=True)


def supervise(tasks: Sequence[Task], *, stop_within_s: float, ready: Callable[[], None]) -> None:
    """Keep a process running for each of *tasks* until SIGTERM or SIGINT; then all of them end, within that time."""
    slots = [_Slot(task) for task in tasks]
    is_stopping = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal is_stopping
        is_stopping = True
        for slot in slots:
            if slot.process is not None:
                slot.process.terminate()

    with shared_figures():
        for number in STOP_SIGNALS:
            signal.signal(number, stop)
        for slot in slots:
            slot.start()
        is_told = False
        while not is_stopping:
            if not is_told and all(slot.task.is_ready is None or slot.task.is_ready.is_set() for slot in slots):
                ready()
                is_told = True
            wait(
                [slot.process.sentinel for slot in slots if slot.process is not None],
                timeout=LOOK_S if is_told else LOOK_S / 10,
            )
            for slot in slots:
                if not is_stopping:
                    slot.look()
        _end([slot.process for slot in slots if slot.process is not None], stop_within_s)


def _end(processes: Sequence[BaseProcess], within_s: float) -> None:
    for each in processes:
        each.terminate()  # again: one may have been starting when the signal came
    until = time.monotonic() + within_s + GRACE_S / 2  # each has a clock of its own, which strikes first
    for each in processes:
        each.join(max(until - time.monotonic(), 0.0))
        if each.is_alive():
            log.critical("%s did not end in time: it is killed", each.name)
            each.kill()
            each.join()
    if failed := {each.name: each.exitcode for each in processes if each.exitcode not in {0, -signal.SIGTERM}}:
        sys.exit(f"not every process came to a good end: {failed}")
