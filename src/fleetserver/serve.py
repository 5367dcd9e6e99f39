"""Run the server: one process for each core, all on one port, ended gently."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import attrs
from aiohttp import web

import fleetcore
from fleetcore.core import PoolSettings
from fleetcore.kernel.errors import Rejected

from .app import create_app
from .auth.keys import load_keys
from .auth.service import Accounts
from .auth.settings import AuthSettings
from .settings import ServerSettings
from .web.runner import Runner

__all__ = ["bound_socket", "serve"]

log = logging.getLogger("fleetserver")
BACKLOG = 1024
RESTART_AFTER_S = 1.0
SWITCH_INTERVAL_S = 0.001  # the loop waits this long for each thread that works before it
COLLECTED_EVERY = (10_000, 20, 20)  # a request makes some hundred objects; nearly all are gone with it
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket that several processes may share. Raises Rejected for an address that cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind(address)
    except OSError as error:
        raise Rejected.because("FLEET_PORT", f"cannot listen on {host} port {port}: {error.strerror}") from None
    made.listen(BACKLOG)
    return made


def serve(url: str, settings: ServerSettings, *, workers: int, told: Callable[[str], None]) -> None:
    """Serve the database at *url* until SIGTERM or SIGINT; *told* hears when requests are taken.

    With more than one worker each is a process pinned to a core of its own: a thread pool that wanders between
    cores costs nearly twice the CPU.
    """
    first = bound_socket(settings.host, settings.port)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{first.getsockname()[1]}"
    if workers == 1:
        _run(url, settings, first, lambda: told(address))
        return
    _supervise(url, settings, workers, first, lambda: told(address))


def accounts_of(core: fleetcore.Core, settings: ServerSettings, say: Callable[[str], None] = log.warning) -> Accounts:
    """Return the accounts of the server; on this machine alone, keys are made where there are none, and *say* is told.

    Raises Rejected for keys that are missing or weak where others reach the server.
    """
    folder = settings.data_dir or Path.cwd()
    read = AuthSettings.from_environment(os.environ, data_dir=folder, host=settings.host)
    chosen = attrs.evolve(read, single_user=settings.single_user)
    return Accounts(core, chosen, keys=load_keys(chosen, core.clock, say))


def _run(url: str, settings: ServerSettings, listening: socket.socket, ready: Callable[[], None]) -> None:
    with contextlib.suppress(ImportError):  # uvloop is not there for every platform
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    pool = PoolSettings(size=settings.pool_size, idle_s=settings.pool_idle_s)
    with fleetcore.open(url, pool=pool) as core:
        asyncio.run(_live(core, settings, listening, ready))


async def _live(
    core: fleetcore.Core, settings: ServerSettings, listening: socket.socket, ready: Callable[[], None]
) -> None:
    app = create_app(core, settings, accounts_of(core, settings))
    runner = Runner(app, handle_signals=False, shutdown_timeout=settings.drain_s, access_log=None)
    await runner.setup()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop.set)
    await web.SockSite(runner, listening, backlog=BACKLOG).start()
    _leave_in_peace()
    ready()
    await stop.wait()
    await runner.cleanup()  # takes no new connections, lets those at work finish, then closes


def _leave_in_peace() -> None:
    """Let nothing stop the loop for long: no look at all garbage, no thread that keeps the interpreter to itself."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_EVERY)
    sys.setswitchinterval(SWITCH_INTERVAL_S)


def _child(url: str, settings: ServerSettings, port: int, core_number: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[core_number % len(cores)]})
    _run(url, settings, bound_socket(settings.host, port), lambda: None)


def _supervise(
    url: str, settings: ServerSettings, workers: int, first: socket.socket, ready: Callable[[], None]
) -> None:
    """Keep *workers* processes running; one that dies is started again, and a signal ends them all."""
    context = get_context("spawn")
    port = first.getsockname()[1]
    children: list[BaseProcess] = []

    def start(number: int) -> BaseProcess:
        child = context.Process(target=_child, args=(url, settings, port, number), name=f"fleet-serve-{number}")
        child.start()
        return child

    stopping = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True
        for child in children:
            child.terminate()

    for number in STOP_SIGNALS:
        signal.signal(number, stop)
    children.extend(start(number) for number in range(workers))
    first.close()  # it held the port; connections belong to the children
    ready()
    _watch(children, start, lambda: stopping)


def _watch(children: list[BaseProcess], start: Callable[[int], BaseProcess], is_stopping: Callable[[], bool]) -> None:
    while not is_stopping():
        for number, child in enumerate(children):
            child.join(RESTART_AFTER_S / len(children))
            if not child.is_alive() and not is_stopping():
                log.error("server process %s ended with code %s: starting it again", number, child.exitcode)
                children[number] = start(number)
    _end(children)


def _end(children: Sequence[BaseProcess]) -> None:
    for child in children:
        child.join()
    if failed := [child.exitcode for child in children if child.exitcode not in {0, -signal.SIGTERM}]:
        sys.exit(f"server processes ended with {failed}")
