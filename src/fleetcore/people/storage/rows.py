"""From facts to rows and back."""

from __future__ import annotations

from typing import Any

import attrs
from sqlalchemy import RowMapping, Table

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.money import Money
from fleetcore.people.model import (
    CustomRole,
    Fleet,
    ListedMember,
    Member,
    Membership,
    StaffKind,
    StaffProfile,
    Units,
    User,
)
from fleetcore.people.roles import role_word
from fleetcore.people.rules import email_key

from .tables import people_fleets, people_members, people_users

__all__ = [
    "fleet_from_row",
    "fleet_to_row",
    "listed_from_row",
    "member_from_row",
    "member_to_row",
    "place_from_row",
    "role_from_row",
    "role_to_row",
    "user_from_row",
    "user_to_row",
]


HISTORY = ("created_at", "created_by", "updated_at", "updated_by", "version")


def _history_of(table: Table, row: RowMapping) -> dict[str, Any]:
    return {name: row[table.c[name]] for name in HISTORY}


def fleet_to_row(fleet: Fleet) -> dict[str, Any]:
    """Return the row of a fleet."""
    row = attrs.asdict(fleet, filter=lambda attribute, _value: attribute.name != "id")
    return row | {"fleet_id": fleet.id, "units": str(fleet.units), "name_key": fleet.name.casefold()}


def fleet_from_row(row: RowMapping) -> Fleet:
    """Return the fleet of a row."""
    columns = people_fleets.c
    return Fleet(
        id=row[columns.fleet_id],
        name=row[columns.name],
        currency=row[columns.currency],
        timezone=row[columns.timezone],
        units=Units(row[columns.units]),
        country=row[columns.country],
        locale=row[columns.locale],
        vehicles_max=row[columns.vehicles_max],
        storage_bytes_max=row[columns.storage_bytes_max],
        **_history_of(people_fleets, row),
    )


def user_to_row(user: User) -> dict[str, Any]:
    """Return the row of a user."""
    row = attrs.asdict(user)
    key = None if user.email is None else email_key(user.email)
    return row | {"email_key": key, "units": user.units and str(user.units)}


def user_from_row(row: RowMapping) -> User:
    """Return the user of a row."""
    columns = people_users.c
    units = row[columns.units]
    return User(
        id=row[columns.id],
        email=row[columns.email],
        name=row[columns.name],
        is_active=row[columns.is_active],
        locale=row[columns.locale],
        timezone=row[columns.timezone],
        units=None if units is None else Units(units),
        home_fleet_id=row[columns.home_fleet_id],
        is_email_unproven=row[columns.is_email_unproven],
        created_at=row[columns.created_at],
        updated_at=row[columns.updated_at],
        version=row[columns.version],
    )


def member_to_row(member: Member) -> dict[str, Any]:
    """Return the row of a member."""
    rate = member.staff and member.staff.daily_rate
    return {
        "user_id": member.user_id,
        "roles": list(member.roles),
        "staff_kind": member.staff and str(member.staff.kind),
        "daily_rate_minor": rate and rate.minor,
        "daily_rate_currency": rate and rate.currency,
        "created_at": member.created_at,
        "created_by": member.created_by,
        "updated_at": member.updated_at,
        "updated_by": member.updated_by,
        "version": member.version,
    }


def _staff_from_row(row: RowMapping) -> StaffProfile | None:
    columns = people_members.c
    if (kind := row[columns.staff_kind]) is None:
        return None
    minor = row[columns.daily_rate_minor]
    rate = None if minor is None else Money(minor, row[columns.daily_rate_currency])
    return StaffProfile(kind=StaffKind(kind), daily_rate=rate)


def member_from_row(row: RowMapping) -> Member:
    """Return the member of a row."""
    return Member(
        user_id=row[people_members.c.user_id],
        roles=tuple(row[people_members.c.roles]),
        staff=_staff_from_row(row),
        **_history_of(people_members, row),
    )


def listed_from_row(row: RowMapping) -> ListedMember:
    """Return a member as lists show them, from a row of members and users."""
    return ListedMember(
        user_id=row[people_members.c.user_id],
        name=row[people_users.c.name],
        email=row[people_users.c.email],
        is_active=row[people_users.c.is_active],
        roles=tuple(row[people_members.c.roles]),
        staff=_staff_from_row(row),
        created_at=row[people_members.c.created_at],
        version=row[people_members.c.version],
    )


def place_from_row(row: RowMapping) -> Membership:
    """Return a membership, from a row of fleets, users and members."""
    return Membership(fleet=fleet_from_row(row), user=user_from_row(row), member=member_from_row(row))


def role_to_row(role: CustomRole) -> dict[str, Any]:
    """Return the row of a custom role."""
    permissions = {name: scope.name.lower() for name, scope in role.permissions.items()}
    return attrs.asdict(role) | {"permissions": permissions, "name_key": role_word(role.name)}


def role_from_row(row: RowMapping) -> CustomRole:
    """Return the custom role of a row."""
    return CustomRole(
        id=row["id"],
        name=row["name"],
        permissions={name: Scope[scope.upper()] for name, scope in row["permissions"].items()},
        **{name: row[name] for name in HISTORY},
    )
