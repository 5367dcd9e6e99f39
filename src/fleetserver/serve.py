"""Run the server: one process for each core, all on one port, ended gently."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.synchronize import Event
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
from .cli.places import attachments_folder
from .logs import LogSettings, configure_logs
from .processes import Task, supervise
from .settings import ServerSettings, is_loopback
from .stopping import GRACE_S, end_with_parent, end_within
from .web.connections import ConnectionLimits
from .web.health import HEALTH
from .web.memory import keep_what_is_loaded
from .web.runner import Runner
from .worker.process import run_worker

__all__ = ["bound_socket", "serve"]

log = logging.getLogger("fleetserver")
BACKLOG = 1024
OPEN_FILES = 65_536
RELAY_LAG_MAX_S = 120.0  # where a worker is expected, and no other limit is set
SWITCH_INTERVAL_S = 0.001  # the loop waits this long for each thread that works before it
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def bound_socket(host: str, port: int, *, listens: bool = True) -> socket.socket:
    """Return a listening socket that several processes may share. Raises Rejected for an address that cannot be had.

    One that does not listen only holds the port for others.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind(address)
    except OSError as error:
        raise Rejected.because("FLEET_PORT", f"cannot listen on {host} port {port}: {error.strerror}") from None
    if listens:
        made.listen(BACKLOG)
    return made


def serve(
    url: str, settings: ServerSettings, *, workers: int, told: Callable[[str], None], with_worker: bool = False
) -> None:
    """Serve the database at *url* until SIGTERM or SIGINT; *told* hears when requests are taken.

    With more than one worker each is a process pinned to a core of its own: a thread pool that wanders between
    cores costs nearly twice the CPU. *with_worker* starts one process more, which does what is due in the background.
    """
    _raise_open_files()
    first = bound_socket(settings.host, settings.port, listens=False)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{first.getsockname()[1]}"
    if with_worker and settings.relay_lag_max_s is None:
        settings = attrs.evolve(settings, relay_lag_max_s=RELAY_LAG_MAX_S)
    if workers == 1 and not with_worker:
        _run(url, settings, first, lambda: told(address))
        return
    stop_within_s = settings.drain_delay_s + settings.drain_s + GRACE_S
    port = first.getsockname()[1]
    tasks = []
    for number in range(workers):
        takes_requests = get_context("spawn").Event()
        arguments = (url, settings, port, number if workers > 1 else None, takes_requests)
        tasks.append(Task(f"server process {number}", _child, arguments, takes_requests))
    if with_worker:
        tasks.append(Task("worker", run_worker, (url, stop_within_s)))

    def ready() -> None:
        first.close()  # it held the port until others had it
        told(address)

    supervise(tasks, stop_within_s=stop_within_s, ready=ready)


def accounts_of(core: fleetcore.Core, settings: ServerSettings, say: Callable[[str], None] = log.warning) -> Accounts:
    """Return the accounts of the server; on this machine alone, keys are made where there are none, and *say* is told.

    Raises Rejected for keys that are missing or weak where others reach the server.
    """
    folder = settings.data_dir or Path.cwd()
    read = AuthSettings.from_environment(os.environ, data_dir=folder, host=settings.host)
    chosen = attrs.evolve(read, single_user=settings.single_user)
    if not os.environ.get("FLEET_PUBLIC_URL") and is_loopback(settings.host) and settings.port:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        chosen = attrs.evolve(chosen, public_url=f"http://{host}:{settings.port}")
    return Accounts(core, chosen, keys=load_keys(chosen, core.clock, say))


def _run(url: str, settings: ServerSettings, listening: socket.socket, ready: Callable[[], None]) -> None:
    with contextlib.suppress(ImportError):  # uvloop is not there for every platform
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    _work_in_turn()
    pool = PoolSettings(size=settings.pool_size, idle_s=settings.pool_idle_s, statement_s=settings.request_s)
    with fleetcore.open(url, attachments=attachments_folder(url), pool=pool) as core:
        asyncio.run(_live(core, settings, listening, ready))


async def _live(
    core: fleetcore.Core, settings: ServerSettings, listening: socket.socket, ready: Callable[[], None]
) -> None:
    app = create_app(core, settings, accounts_of(core, settings))
    runner = Runner(app, ConnectionLimits.of(settings), handle_signals=False, access_log=None)
    await runner.setup()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop.set)
    keep_what_is_loaded()
    await web.SockSite(runner, listening, backlog=BACKLOG).start()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    ready()
    await stop.wait()
    end_within(settings.drain_delay_s + settings.drain_s + GRACE_S)
    app[HEALTH].is_stopping = True
    await asyncio.sleep(settings.drain_delay_s)  # so that a balancer hears of it before connections are refused
    await runner.drain(listening, settings.drain_s)


def _work_in_turn() -> None:
    """Let a thread of this process that wakes up wait until the one at work pauses.

    Only one of them can have the interpreter. One that pushes another off the core while that has it finds nothing to
    do there, and has to be put to sleep again: that was an eighth of the CPU of a short request.
    """
    if hasattr(os, "sched_setscheduler"):
        with contextlib.suppress(OSError):  # where it may not, nothing but speed is lost
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _raise_open_files() -> None:
    """Let this process and its children open many files, and so connections, as far as the system allows."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every platform, and not everybody may
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def _child(url: str, settings: ServerSettings, port: int, core_number: int | None, takes_requests: Event) -> None:
    configure_logs(LogSettings.from_environment(os.environ))
    end_with_parent()
    if core_number is not None and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[core_number % len(cores)]})
    _run(url, settings, bound_socket(settings.host, port), takes_requests.set)
