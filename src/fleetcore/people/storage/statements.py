"""The statements of the people area, built once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    delete,
    insert,
    select,
    type_coerce,
    update,
)

from fleetcore.people.model import OWNER
from fleetcore.storage.ordering import Ordering
from fleetcore.storage.types import Id

from .tables import people_fleets, people_members, people_roles, people_users


def _replacement(table: Table, this: ColumnElement[bool]) -> Update:
    """Return the update of one row, found by *this* and its version; new values are called ``new_<column>``."""
    written: dict[str, Any] = {
        column.name: bindparam(f"new_{column.name}") for column in table.c if not column.primary_key
    }
    return update(table).where(this & (table.c.version == bindparam("old_version"))).values(written)


ROLES_OF_FLEET = (
    select(people_roles).where(people_roles.c.fleet_id == bindparam("in_fleet")).order_by(people_roles.c.name_key)
)

_this_fleet = people_fleets.c.fleet_id == bindparam("in_fleet")
FLEET_INSERT = insert(people_fleets)
FLEET_GET = select(people_fleets).where(_this_fleet)
# Not FOR UPDATE, which would stop every insert into the fleet: their foreign keys share the row's key.
FLEET_LOCK = FLEET_GET.with_for_update(key_share=True)
FLEET_UPDATE = _replacement(people_fleets, _this_fleet)
FLEETS = select(people_fleets).order_by(people_fleets.c.created_at, people_fleets.c.fleet_id).limit(bindparam("most"))
FLEETS_CALLED = FLEETS.where(people_fleets.c.name_key == bindparam("called"))

_this_user = people_users.c.id == bindparam("by_user")
USER_INSERT = insert(people_users)
USER_GET = select(people_users).where(_this_user)
USER_LOCK = USER_GET.with_for_update(key_share=True)
USER_BY_EMAIL = select(people_users).where(people_users.c.email_key == bindparam("by_email"))
USERS_AFTER = (
    select(people_users)
    .where(people_users.c.id > bindparam("after_id", type_=Id))
    .order_by(people_users.c.id)
    .limit(bindparam("most"))
)
USER_UPDATE = _replacement(people_users, _this_user)

_in_fleet = people_members.c.fleet_id == bindparam("in_fleet")
_this_member = _in_fleet & (people_members.c.user_id == bindparam("by_user"))
MEMBER_INSERT = insert(people_members)
MEMBER_GET = select(people_members).where(_this_member)
MEMBER_UPDATE = _replacement(people_members, _this_member)
MEMBER_DELETE = delete(people_members).where(_this_member)

_with_user = people_members.join(people_users, people_users.c.id == people_members.c.user_id)
_by_arrival = (people_members.c.created_at, people_members.c.user_id)
_role_text = type_coerce(people_members.c.roles, Text)
_LISTED: Select[Any] = (
    select(
        *(people_members.c[name] for name in ("user_id", "roles", "created_at", "version")),
        *(people_members.c[name] for name in ("staff_kind", "daily_rate_minor", "daily_rate_currency")),
        *(people_users.c[name] for name in ("name", "email", "is_active")),
    )
    .select_from(_with_user)
    .where(_in_fleet)
)
LISTED_ONE = _LISTED.where(people_members.c.user_id == bindparam("by_user"))
LISTED = Ordering(
    _LISTED, people_members.c.user_id, {"created_at": people_members.c.created_at, "name": people_users.c.name}
)
# Roles are a short list in one column; their names in quotes are found in its text, then checked one by one.
LISTED_WITH_ROLE = _LISTED.order_by(*_by_arrival).where(_role_text.contains(bindparam("quoted_role", type_=Text)))

_PLACES: Select[Any] = (
    select(people_fleets, people_users, people_members)
    .select_from(_with_user.join(people_fleets, people_fleets.c.fleet_id == people_members.c.fleet_id))
    .order_by(*_by_arrival, people_members.c.fleet_id)
)
PLACES_OF_USER = _PLACES.where(people_members.c.user_id == bindparam("by_user"))
PLACE = _PLACES.where(_this_member)
PLACES_OF_OWNERS = _PLACES.where(_in_fleet & _role_text.contains(f'"{OWNER}"'))
