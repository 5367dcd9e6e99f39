"""``fleet serve``: the API over HTTP."""

from __future__ import annotations

import logging
import os

import click

from .failures import BadInput
from .groups import FleetCommand
from .places import data_folder
from .session import Session, pass_session

__all__ = ["require_server", "run_server", "serve"]

WORKERS_MAX = 64


@click.command("serve", cls=FleetCommand)
@click.option("--host", metavar="NAME", help="The address to listen on. Default: 127.0.0.1, this machine alone.")
@click.option("--port", type=int, metavar="N", help="The port; 0 takes a free one. Default: 8000.")
@click.option(
    "--workers", type=click.IntRange(1, WORKERS_MAX), default=1, show_default=True, help="How many processes serve."
)
@click.option("--with-worker", is_flag=True, help="Also do what is due in the background, in a process of its own.")
@click.option("--database", metavar="URL", help="The database to serve, as with `fleet --database URL serve`.")
@click.option("--single-user", is_flag=True, help="Nobody logs in: whoever reaches this machine's server is the owner.")
@pass_session
def serve(
    session: Session,
    *,
    host: str | None,
    port: int | None,
    workers: int,
    with_worker: bool,
    database: str | None,
    single_user: bool,
) -> None:
    """Serve the API over HTTP until stopped with Ctrl+C.

    People sign in with the accounts of `fleet users`, or register; on your own machine --single-user spares you that.

    fleet serve --port 8000 --with-worker
    """
    session.chosen_database = database or session.chosen_database
    run_server(session, workers=workers, with_worker=with_worker, host=host, port=port, single_user=single_user or None)


def require_server() -> None:
    """Raise BadInput where the packages of the server are not installed."""
    try:
        import fleetserver.serve  # noqa: F401 - only whether it can be
    except ModuleNotFoundError as error:
        raise BadInput.because(
            "", f"the server needs {error.name}, which is not installed: pip install 'fleetcore[server]'"
        ) from None


def run_server(session: Session, *, workers: int = 1, with_worker: bool = False, **chosen: object) -> None:
    """Serve the session's database until stopped; *chosen* settings go before those of the environment."""
    from fleetserver.settings import read_settings

    require_server()
    from fleetserver.logs import LogSettings, configure_logs
    from fleetserver.serve import accounts_of
    from fleetserver.serve import serve as run

    settings = read_settings(os.environ, data_dir=data_folder(), **chosen)
    logs = LogSettings.from_environment(os.environ)
    configure_logs(logs)
    # Whoever reads lines of JSON gets nothing else.
    say = logging.getLogger("fleetserver").info if logs.format == "json" else session.note
    core = session.open()  # an absent file is made here, once, before any process serves it
    if settings.single_user:
        core.actor()  # says what to do where there is no fleet, or more than one
    accounts_of(core, settings, say).close()  # keys are made, or found missing, now and not in a process
    url = session.url
    session.close()
    run(
        url,
        settings,
        workers=workers,
        with_worker=with_worker,
        told=lambda address: say(f"Serving {address}/api/v1 (Ctrl+C stops it). The pages, for a browser: {address}/"),
    )
