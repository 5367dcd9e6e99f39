"""``fleet init``, ``fleet settings`` and ``fleet members``."""

from __future__ import annotations

from typing import Any

import click

from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Conflict, Rejected
from fleetcore.kernel.quantities import DistanceUnit, VolumeUnit
from fleetcore.people.commands import (
    AddMember,
    EditFleet,
    EditMember,
    GetFleet,
    ListRoles,
    RemoveMember,
)
from fleetcore.people.members import add_member, edit_member, list_roles, remove_member
from fleetcore.people.model import FleetFields, Units
from fleetcore.people.service import edit_fleet, get_fleet
from fleetserver.cli.groups import FleetCommand, FleetGroup
from fleetserver.cli.picking import given
from fleetserver.cli.places import local_currency, local_timezone, local_units, sqlite_file
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import choice_of, said, with_options
from fleetserver.cli.tables import Column, details, table
from fleetserver.sharing.invitations import INVITATION_COMMANDS

from .finding import all_members, find_member

__all__ = ["ensure_fleet", "existing_fleet", "fit_fleet", "found", "init", "members", "settings"]

DEFAULT_NAME = "Home"
FIELD_OPTIONS = with_options(
    click.option("--currency", metavar="CODE", help="Its currency by ISO 4217. Default: that of your locale, or EUR."),
    click.option("--timezone", metavar="ZONE", help="Its time zone, such as Europe/Berlin. Default: this machine's."),
    click.option("--units", type=choice_of(Units), help="km and litres, miles and UK or US gallons."),
    click.option("--country", metavar="CODE", help="Its country by ISO 3166, such as DE."),
    click.option("--locale", metavar="TAG", help="Its language, such as de-DE."),
)
MEMBER_COLUMNS = (
    Column("Name", flexible=True),
    Column("E-mail", flexible=True, drop=1),
    Column("Roles", flexible=True),
    Column("", drop=2),
)


def _fields(options: dict[str, Any]) -> dict[str, Any]:
    options = {**options, "units": Units(options["units"]) if options["units"] else None}
    for name in ("currency", "country"):
        options[name] = options[name] and options[name].upper()
    return given(**options)


@click.command("init", cls=FleetCommand)
@click.option("--name", default=DEFAULT_NAME, show_default=True, help="What the fleet is called.")
@FIELD_OPTIONS
@click.option("--owner", "owner_name", metavar="NAME", help="What the owner is called.")
@click.option("--email", "owner_email", metavar="EMAIL", help="The owner's e-mail address, to log in with later.")
@click.option("--another", is_flag=True, help="Found it though the database has a fleet already.")
@pass_session
def init(session: Session, /, another: bool, name: str, **options: Any) -> None:
    """Found a fleet, and the database where there is none.

    fleet init --name Home --currency EUR --timezone Europe/Berlin --units metric --email ada@example.org
    """
    session.open()
    if not another and (there := existing_fleet(session)):
        raise Conflict(f"this database has {there} already: use it, or found a second one with --another")
    found(session, name, **_fields(options))
    fleet = session.read(get_fleet, GetFleet())
    session.done(
        fleet,
        f"Founded the fleet {fleet.name} ({fleet.currency}, {fleet.timezone}, {fleet.units}). "
        "Next: fleet vehicles add --name ..., or fleet import FILE",
    )


def existing_fleet(session: Session) -> str | None:
    """Name the fleet that the database has; None when it has none."""
    try:
        session.core.actor()
    except Rejected as rejected:
        return None if rejected.has_code("fleet.none") else "several fleets"
    return "a fleet"


def found(session: Session, name: str, **fields: Any) -> Actor:
    """Found a fleet with defaults for what *fields* do not say, and act as its owner from now on."""
    currency = fields.pop("currency", None) or local_currency()
    defaults = {"timezone": local_timezone(), "units": local_units(currency)}
    actor = session.open().create_fleet(name, currency=currency, **{**defaults, **fields})
    session.act_as(actor)
    return actor


def ensure_fleet(session: Session, currency: str | None, *, in_memory: bool = False) -> bool:
    """Found a fleet with defaults where the database has none; says whether it did.

    With *in_memory* the fleet is founded in a database in memory, so that nothing is written.
    """
    file = sqlite_file(session.url)
    is_missing = file is not None and not file.exists()
    if session.fleet_name or session.email or (not is_missing and existing_fleet(session)):
        return False
    if in_memory:
        session.close()
        session.chosen_database = "sqlite://"
    found(session, DEFAULT_NAME, **given(currency=currency))
    return True


def fit_fleet(session: Session, currency: str, distance_unit: str | None, volume_unit: str | None) -> None:
    """Let a fleet that was founded for a file count as the file does, and tell the user."""
    fleet = session.read(get_fleet, GetFleet())
    units = fleet.units
    if volume_unit == VolumeUnit.US_GALLON:
        units = Units.US
    elif distance_unit is not None:
        units = Units.IMPERIAL if distance_unit == DistanceUnit.MILE else Units.METRIC
    if (currency, units) != (fleet.currency, fleet.units):
        fields = {**said(fleet, FleetFields), "currency": currency, "units": units}
        fleet = session.run(edit_fleet, EditFleet(version=fleet.version, **fields))
        session.act_as(session.actor)
    session.note(
        f"There was no fleet yet: founded {fleet.name!r} in {session.place} "
        f"({fleet.currency}, {fleet.timezone}, {fleet.units}). `fleet settings` changes that."
    )


@click.command("settings", cls=FleetCommand)
@click.option("--name", help="What the fleet is called.")
@FIELD_OPTIONS
@pass_session
def settings(session: Session, /, **options: Any) -> None:
    """Show the fleet's settings; with options, change them first."""
    fleet = session.read(get_fleet, GetFleet())
    if new := _fields(options):
        fleet = session.run(edit_fleet, EditFleet(version=fleet.version, **{**said(fleet, FleetFields), **new}))
    pairs = (
        ("Name", fleet.name),
        ("Currency", fleet.currency),
        ("Time zone", fleet.timezone),
        ("Units", fleet.units),
        ("Country", fleet.country or ""),
        ("Language", fleet.locale or ""),
        ("Vehicles", "" if fleet.vehicles_max is None else f"at most {fleet.vehicles_max}"),
        ("Storage", "" if fleet.storage_bytes_max is None else f"at most {fleet.storage_bytes_max:,} bytes"),
        ("Database", session.place),
    )
    session.show(fleet, lambda: details(pairs))


@click.group("members", cls=FleetGroup)
def members() -> None:
    """Who belongs to the fleet, and in which role."""


@members.command("list")
@pass_session
def list_(session: Session) -> None:
    """List the members, the first to come first."""
    listed = list(all_members(session))
    rows = [
        [each.name, each.email or "", ", ".join(each.roles), "" if each.is_active else "disabled"] for each in listed
    ]
    session.show({"members": listed}, lambda: table(MEMBER_COLUMNS, rows))


@members.command("add")
@click.option("--email", metavar="EMAIL", help="The e-mail address.")
@click.option("--name", help="The name, for someone who is new here.")
@click.option("--role", "roles", multiple=True, required=True, help="A role; may be repeated. `fleet members roles`")
@pass_session
def add(session: Session, *, email: str | None, name: str | None, roles: tuple[str, ...]) -> None:
    """Give someone a place in the fleet.

    fleet members add --email bob@example.org --name Bob --role driver
    """
    member = session.run(add_member, AddMember(roles=roles, email=email, name=name))
    session.done(member, f"Added {name or email or member.user_id} as {', '.join(member.roles)}.")


@members.command("edit")
@click.argument("member", metavar="MEMBER")
@click.option("--role", "roles", multiple=True, required=True, help="A role, of all that they shall have.")
@pass_session
def edit(session: Session, *, member: str, roles: tuple[str, ...]) -> None:
    """Give MEMBER (a name, e-mail or id) other roles."""
    before = find_member(session, member)
    command = EditMember(user_id=before.user_id, roles=roles, staff=before.staff, version=before.version)
    after = session.run(edit_member, command)
    session.done(after, f"{before.name} is {', '.join(after.roles)} now.")


@members.command("remove")
@click.argument("member", metavar="MEMBER")
@pass_session
def remove(session: Session, *, member: str) -> None:
    """Take MEMBER (a name, e-mail or id) out of the fleet; what they recorded stays."""
    before = find_member(session, member)
    after = session.run(remove_member, RemoveMember(user_id=before.user_id))
    session.done(after, f"{before.name} left the fleet.")


@members.command("roles")
@pass_session
def roles(session: Session) -> None:
    """List the roles that members can be given."""
    known = session.read(list_roles, ListRoles())
    columns = (Column("Role"), Column("Title", flexible=True), Column("Permissions", right=True))
    rows = [[role.name, role.title, str(len(role.permissions))] for role in known]
    session.show({"roles": known}, lambda: table(columns, rows))


for _command in INVITATION_COMMANDS:
    members.add_command(_command)
