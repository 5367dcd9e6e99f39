"""``fleet trips rates``: what a kilometre of a purpose is worth."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import click

from fleetcore.kernel.money import UnitPrice
from fleetcore.trips.model import AddRate, ListRates, Rate, RateTier, RemoveRate
from fleetcore.trips.rates import add_rate, list_rates, remove_rate
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import pick, short_id, typed_for
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import choice_of
from fleetserver.cli.tables import Column, table

__all__ = ["rates"]

NONE_YET = (
    "No mileage rates yet. Set one: fleet trips rates add --purpose business --per 0.30 --valid-from 2026-01-01\n"
    "with a second tier: --first 20 --within trip --beyond 0.38"
)
COLUMNS = (
    Column("Purpose", flexible=True),
    Column("From"),
    Column("Rate", right=True),
    Column("First", right=True),
    Column("Within"),
    Column("Beyond", right=True),
    Column("Id"),
)


@click.group("rates", cls=FleetGroup)
def rates() -> None:
    """What a kilometre or mile of a purpose is worth."""


@rates.command("add")
@click.option("--purpose", required=True, metavar="WORD", help="business, private, commute or a word of your own.")
@click.option("--per", required=True, metavar="AMOUNT", help="How much for each of your kilometres or miles.")
@click.option("--valid-from", required=True, metavar="DAY", help="From this day on, until the next rate.")
@click.option("--first", metavar="N", help="The distance up to which this rate holds.")
@click.option("--within", type=choice_of(RateTier), help="Whether that is of each trip or of a driver's year.")
@click.option("--beyond", metavar="AMOUNT", help="How much for each kilometre or mile after that.")
@click.option("--year-starts", metavar="MM-DD", default="01-01", show_default=True, help="Where a tax year begins.")
@pass_session
def add(
    session: Session, *, purpose: str, per: str, valid_from: str, first: str | None, within: str | None,
    beyond: str | None, year_starts: str,
) -> None:  # fmt: skip
    """Set what a kilometre or mile of a purpose is worth from a day on.

    fleet trips rates add --purpose business --per 0.30 --valid-from 2026-01-01
    """
    typed = typed_for(session)
    amounts = {
        name: typed.decimal(f"--{name}", text) for name, text in (("per", per), ("beyond", beyond)) if text is not None
    }
    distance, day = typed.distance("--first", first), typed.day("--valid-from", valid_from)
    typed.check()
    if day is None or "per" not in amounts:
        raise BadInput.because("--valid-from", "is needed")
    rate = session.run(
        add_rate,
        AddRate(
            purpose=purpose,
            valid_from=day,
            per_km=_per_km(session, amounts["per"]),
            tier=RateTier(within) if within else None,
            tier_distance=distance,
            per_km_beyond=_per_km(session, amounts["beyond"]) if "beyond" in amounts else None,
            year_starts=year_starts,
        ),
    )
    session.done(rate, f"Set: {rate.purpose}, {_shown(session, rate.per_km)} from {rate.valid_from}.")


def _per_km(session: Session, amount: Decimal | None) -> UnitPrice:
    """Return an amount for one of the user's own units as one for a kilometre."""
    unit = session.display.scale().distance
    return UnitPrice.of((amount or Decimal(0)) * 1000 / unit.metres, session.display.currency)


def _shown(session: Session, price: UnitPrice | None) -> str:
    return "" if price is None else session.display.per_distance(price)


@rates.command("list")
@click.option("--purpose", metavar="WORD", help="Only of this purpose.")
@pass_session
def list_(session: Session, *, purpose: str | None) -> None:
    """List the rates, by purpose, newest first."""
    found = session.read(list_rates, ListRates(purpose=purpose))

    def human() -> Iterator[str]:
        if not found:
            yield NONE_YET
            return
        yield from table(
            COLUMNS,
            [
                [
                    rate.purpose,
                    str(rate.valid_from),
                    _shown(session, rate.per_km),
                    session.display.distance(rate.tier_distance),
                    rate.tier or "",
                    _shown(session, rate.per_km_beyond),
                    short_id(rate.id),
                ]
                for rate in found
            ],
        )

    session.show({"rates": found}, human)


@rates.command("remove")
@click.argument("rate_id", metavar="ID")
@pass_session
def remove(session: Session, *, rate_id: str) -> None:
    """Remove the rate ID; the one before it holds on."""
    by_id: dict[object, Rate] = {rate.id: rate for rate in session.read(list_rates, ListRates())}
    rate = pick(rate_id, "rate", lambda key: by_id[key], by_id.values)
    session.run(remove_rate, RemoveRate(id=rate.id))
    session.done(rate, f"Removed the rate for {rate.purpose} from {rate.valid_from}.")
