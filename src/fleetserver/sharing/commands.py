"""``fleet grants``, ``fleet fleets`` and, from its own module, ``fleet drivers``."""

from __future__ import annotations

from collections.abc import Iterator

import click

from fleetcore.people.model import Quotas
from fleetcore.vehicles.model import GrantScope, GrantVehicle, ListGrants, RevokeGrant, VehicleGrant
from fleetcore.vehicles.service import grant_vehicle, list_grants, revoke_grant
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import find_vehicle, pick, short_id, typed_for, vehicles_by_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import choice_of, vehicle_option
from fleetserver.cli.tables import Column, table
from fleetserver.people.finding import find_member, name_of, names_of_members

from .drivers import drivers
from .moments import beginning, ending

__all__ = ["drivers", "fleets", "grants"]

NO_GRANTS = (
    "No vehicle is granted to anybody. Lend one to a member: fleet grants add --vehicle NAME --to MEMBER\n"
    "or to someone outside the fleet: fleet members invite --vehicle NAME --scope drive"
)
GRANT_COLUMNS = (
    Column("Vehicle", flexible=True),
    Column("To", flexible=True),
    Column("For"),
    Column("From"),
    Column("Until"),
    Column("Id"),
)


@click.group("grants", cls=FleetGroup)
def grants() -> None:
    """Who else may use which vehicle, for what and until when."""


@grants.command("add")
@vehicle_option(required=True)
@click.option("--to", "member", required=True, metavar="MEMBER", help="Name, e-mail or id of a member or guest.")
@click.option("--scope", type=choice_of(GrantScope), help="What they may do with it. Default: all their role allows.")
@click.option("--from", "since", metavar="DAY", help="The first day, or a time. Default: now.")
@click.option("--until", metavar="DAY", help="The last day, or a time. Default: until it is revoked.")
@pass_session
def add(
    session: Session, *, vehicle: str, member: str, scope: str | None, since: str | None, until: str | None
) -> None:
    """Let a member or a guest use a vehicle; for others, `fleet members invite --vehicle`.

    fleet grants add --vehicle Golf --to bob@example.org --scope drive --until 2026-08-31
    """
    typed = typed_for(session)
    starts_at, ends_at = beginning(typed, "--from", since), ending(typed, "--until", until)
    typed.check()
    lent, to = find_vehicle(session, vehicle), find_member(session, member)
    command = GrantVehicle(
        vehicle_id=lent.id,
        user_id=to.user_id,
        scope=GrantScope(scope) if scope else None,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    grant = session.run(grant_vehicle, command)
    end = f" until {session.display.minute(grant.ends_at)}" if grant.ends_at else ""
    session.done(grant, f"{to.name} may use {lent.name}{end}.")


@grants.command("list")
@vehicle_option()
@click.option("--to", "member", metavar="MEMBER", help="Only those of this member or guest.")
@pass_session
def list_(session: Session, *, vehicle: str | None, member: str | None) -> None:
    """List who may use which vehicle, newest first, past grants too."""
    question = ListGrants(
        vehicle_id=find_vehicle(session, vehicle).id if vehicle else None,
        user_id=find_member(session, member).user_id if member else None,
    )
    found = session.read(list_grants, question)

    def human() -> Iterator[str]:
        if not found:
            yield NO_GRANTS
            return
        names = names_of_members(session)
        vehicles, show = vehicles_by_id(session), session.display.minute
        yield from table(
            GRANT_COLUMNS,
            [
                [
                    vehicles[each.vehicle_id].name if each.vehicle_id in vehicles else "(removed)",
                    *(name_of(each.user_id, names), each.scope or "all", show(each.starts_at), show(each.ends_at)),
                    short_id(each.id),
                ]
                for each in found
            ],
        )

    session.show({"grants": found}, human)


def _find(session: Session, text: str) -> VehicleGrant:
    by_id = {each.id: each for each in session.read(list_grants, ListGrants())}
    return pick(text, "grant", lambda key: by_id[key], by_id.values)


@grants.command("revoke")
@click.argument("grant_id", metavar="ID")
@pass_session
def revoke(session: Session, *, grant_id: str) -> None:
    """End the grant ID now.

    fleet grants revoke 5f3a09c1
    """
    grant = session.run(revoke_grant, RevokeGrant(id=_find(session, grant_id).id))
    session.done(grant, "The grant has ended.")


@grants.command("give-back")
@vehicle_option(required=True)
@pass_session
def give_back(session: Session, *, vehicle: str) -> None:
    """Give a vehicle back that was lent to you.

    fleet --as bob@example.org grants give-back --vehicle Golf
    """
    lent = find_vehicle(session, vehicle)
    mine = ListGrants(vehicle_id=lent.id, user_id=session.actor.user_id)
    now = session.core.clock.now()
    open_ones = [each for each in session.read(list_grants, mine) if each.ends_at is None or each.ends_at > now]
    if not open_ones:
        raise BadInput.because("--vehicle", f"{lent.name} is not lent to you")
    ended = [session.run(revoke_grant, RevokeGrant(id=each.id)) for each in open_ones]
    session.done({"grants": ended}, f"You gave {lent.name} back.")


@click.group("fleets", cls=FleetGroup)
def fleets() -> None:
    """The fleets that you belong to, and how much each may hold."""


@fleets.command("list")
@pass_session
def mine(session: Session) -> None:
    """List the fleets you belong to; name one with --fleet to work in it.

    fleet --as bob@example.org fleets list
    """
    user_id = session.core.user(session.email).id if session.email else session.actor.user_id
    places = session.core.fleets_of(user_id)
    rows = [[place.fleet.name, ", ".join(place.member.roles), place.fleet.currency] for place in places]
    columns = (Column("Fleet", flexible=True), Column("You are", flexible=True), Column("Currency"))
    told = [
        {"id": place.fleet.id, "name": place.fleet.name, "roles": place.member.roles, "since": place.member.created_at}
        for place in places
    ]
    empty = ["You belong to no fleet. Found one with `fleet init`, or accept an invitation."]
    session.show({"fleets": told}, lambda: table(columns, rows) if places else empty)


@fleets.command("limit")
@click.option("--vehicles", type=click.IntRange(min=0), metavar="N", help="How many vehicles at most.")
@click.option("--storage-bytes", type=click.IntRange(min=0), metavar="N", help="How many bytes of attachments at most.")
@pass_session
def limit(session: Session, *, vehicles: int | None, storage_bytes: int | None) -> None:
    """Set how much the fleet may hold; what is left out has no limit. For whoever runs the database.

    fleet --fleet Home fleets limit --vehicles 10 --storage-bytes 5000000000
    """
    quotas = Quotas(vehicles_max=vehicles, storage_bytes_max=storage_bytes)
    fleet = session.core.set_quotas(session.actor.fleet_id, quotas)
    limits = [
        f"{value:,} {what}" for value, what in ((vehicles, "vehicles"), (storage_bytes, "bytes")) if value is not None
    ]
    session.done(fleet, f"{fleet.name} may hold {' and '.join(limits) or 'as much as it likes'}.")
