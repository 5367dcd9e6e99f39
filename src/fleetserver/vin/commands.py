"""``fleet vin``: what a vehicle identification number tells."""

from __future__ import annotations

from collections.abc import Iterator

import click

from fleetcore.kernel.errors import FleetError
from fleetcore.kernel.when import SystemClock
from fleetcore.vin.model import FIELDS, DecodedVin
from fleetcore.vin.service import decode_offline
from fleetserver.cli.failures import FAILURE, NoGarage
from fleetserver.cli.groups import FleetCommand
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.tables import Column, details, table

__all__ = ["vin"]

COLUMNS = (Column("What"), Column("Value", flexible=True), Column("Source"), Column("How sure"))


@click.command("vin", cls=FleetCommand)
@click.argument("code")
@click.option("--offline", is_flag=True, help="Ask no decoder of a plugin, and open no database.")
@click.pass_context
@pass_session
def vin(session: Session, ctx: click.Context, *, code: str, offline: bool) -> None:
    """Say what the vehicle identification number CODE tells: make, model, year, and what is wrong with it.

    fleet vin WVWZZZ1JZXW000001

    Ends with 0 for any 17 legal characters, right or wrong, and with 1 for what cannot be a VIN.
    """
    found = _decoded(session, code, offline=offline)
    session.show(found, lambda: _lines(found))
    if found.wmi is None:
        ctx.exit(FAILURE)


def _decoded(session: Session, code: str, *, offline: bool) -> DecodedVin:
    if not offline:
        try:
            return session.core.decode_vin(session.actor, code)
        except NoGarage:
            pass  # the number tells most of it by itself
        except FleetError as error:
            session.note(f"No decoder was asked: {error}")
    return decode_offline(code, SystemClock().now().year)


def _lines(found: DecodedVin) -> Iterator[str]:
    yield f"{found.vin or 'This'} {_judgement(found)}"
    for problem in (*found.problems, *found.warnings):
        yield f"  {problem}"
    if found.suggestions:
        yield f"  perhaps {' or '.join(found.suggestions)}?"
    if found.wmi is None:
        return
    yield ""
    known = [(name, found.findings[name]) for name in FIELDS if name in found.findings]
    if known:
        rows = [[name.capitalize(), each.value, each.source, each.confidence.value] for name, each in known]
        yield from table(COLUMNS, rows)
        yield ""
    country = f"{found.country} ({found.country_code})" if found.country else ""
    yield from details(
        (
            ("Manufacturer code", found.wmi),
            ("Registered in", country or found.region or ""),
            ("Plant code", found.plant_code or ""),
            ("Serial number", found.serial or ""),
        )
    )


def _judgement(found: DecodedVin) -> str:
    if found.wmi is None:
        return "is not a VIN:"
    if not found.valid:
        return "is not right:"
    return "may be right, but:" if found.warnings else "is a valid VIN."
