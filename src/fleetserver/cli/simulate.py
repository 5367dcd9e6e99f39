"""``fleet simulate``: vehicles of a demo fleet drive while you watch."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

import click
import orjson

from .failures import BadInput
from .groups import FleetCommand
from .output import can_show
from .session import Session, pass_session
from .stopping import stopping_on_signals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .simulation import Simulation, Step

__all__ = ["drive", "simulate"]

FLEET_NAME = "Simulated fleet"
VEHICLES_MAX = 1000
FLEETS_LOOKED_AT = 1000
DEMO_HOURS, DEMO_PAUSE_S = 0.1, 3.0
ARROW = "\u2192"


@click.command("simulate", cls=FleetCommand)
@click.option("--vehicles", type=click.IntRange(1, VEHICLES_MAX), default=3, show_default=True, help="How many drive.")
@click.option("--speed", type=click.FloatRange(0.1, 10_000), default=60.0, show_default=True,
              help="How many times faster than life the vehicles drive.")  # fmt: skip
@click.option("--pause", type=click.FloatRange(0, 3600), default=1.0, show_default=True, metavar="SECONDS",
              help="Between two steps.")  # fmt: skip
@click.option("--count", type=click.IntRange(1), metavar="N", help="End after so many steps.")
@click.option("--duration", type=click.FloatRange(0.1), metavar="SECONDS", help="End after so many seconds.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same number makes the same choices.")
@click.option("--in-real-fleet", is_flag=True, help="Write into a fleet that is no demo. Its books will show it.")
@pass_session
def simulate(
    session: Session, *, vehicles: int, speed: float, pause: float, count: int | None, duration: float | None,
    seed: int, in_real_fleet: bool,
) -> None:  # fmt: skip
    """Let vehicles of a demo fleet drive, fill up, fall due and be serviced, in a database that is in use.

    For watching dashboards and the live stream. It writes into the garage of `fleet demo`, or in an empty database
    founds a fleet called "Simulated fleet". It moves only vehicles that it has added itself, with the tag
    "simulated". Ctrl+C ends it.

    fleet --database demo.db simulate --vehicles 5 --speed 120 --count 100
    """
    from .simulation import Simulation

    session.open()
    _choose_fleet(session, in_real_fleet=in_real_fleet)
    simulation = Simulation(session.core, session.actor, vehicles=vehicles, seed=seed)
    names = ", ".join(car.vehicle.name for car in simulation.cars[:5])
    session.note(f"{names}{' and more' if vehicles > 5 else ''} in {session.place}. Stop with Ctrl+C.")
    counts: Counter[str] = Counter()
    is_over = threading.Event()
    with stopping_on_signals(is_over.set):
        hours = speed * (pause or 1.0) / 3600
        for step in _steps(simulation, hours, pause_s=pause, count=count, duration_s=duration, is_over=is_over):
            counts[step.what] += 1
            _tell(session, step)
    if not session.as_json:
        session.note(", ".join(f"{what}: {number:,}" for what, number in sorted(counts.items())) or "Nothing happened.")


def _choose_fleet(session: Session, *, in_real_fleet: bool) -> None:
    """Let the session act in a demo fleet: the named one, the only one, or a new one. Raises BadInput for others."""
    from fleetcore.people.commands import GetFleet
    from fleetcore.people.ports import DIRECTORY
    from fleetcore.people.service import get_fleet

    from .demo_life import FLEET_NAME as DEMO_NAME

    if session.fleet_name is None:
        with session.core.across_fleets(snapshot=True) as uow:
            fleets = list(uow[DIRECTORY].fleets(FLEETS_LOOKED_AT))
        demos = [fleet for fleet in fleets if fleet.name in {FLEET_NAME, DEMO_NAME}]
        if not fleets:
            session.act_as(session.core.create_fleet(FLEET_NAME, currency="EUR", owner_name="Simulation"))
            return
        if len(demos) == 1:
            session.act_as(session.core.actor(fleet_id=demos[0].id))
            return
    name = session.read(get_fleet, GetFleet()).name
    if name not in {FLEET_NAME, DEMO_NAME} and not in_real_fleet:
        raise BadInput.because(
            "--fleet",
            f"{name!r} is no demo fleet: what is simulated would stand in its books for good. Name a new file "
            "(fleet --database simulated.db simulate), or insist with --in-real-fleet",
        )


def _steps(
    simulation: Simulation, hours: float, *, pause_s: float, count: int | None, duration_s: float | None,
    is_over: threading.Event,
) -> Iterator[Step]:  # fmt: skip
    until = None if duration_s is None else time.monotonic() + duration_s
    done = 0
    while (count is None or done < count) and (until is None or time.monotonic() < until) and not is_over.is_set():
        yield from simulation.step(hours)
        done += 1
        if pause_s:
            is_over.wait(pause_s)


def _tell(session: Session, step: Step) -> None:
    if session.as_json:
        line = {"what": step.what, "vehicle": step.vehicle, "detail": step.detail}
        click.echo(orjson.dumps(line).decode())
    elif not session.quiet:
        arrow = ARROW if can_show(ARROW) else "->"
        click.echo(f"{step.vehicle:<16} {step.what:<9} {arrow} {step.detail}")


def drive(url: str) -> None:
    """Let one car drive in the demo's fleet at *url* until this process is ended, or the one that started it is."""
    import fleetcore
    from fleetserver.stopping import end_with_parent

    from .simulation import Simulation

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C ends the server, and that ends this
    end_with_parent()
    with fleetcore.open(url) as core:
        simulation, never = Simulation(core, core.actor(), vehicles=1, seed=1), threading.Event()
        for _step in _steps(simulation, DEMO_HOURS, pause_s=DEMO_PAUSE_S, count=None, duration_s=None, is_over=never):
            pass
