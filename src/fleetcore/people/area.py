"""What the people area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area

from .events import EVENTS
from .members import (
    add_member,
    define_role,
    delete_role,
    edit_member,
    edit_role,
    get_member,
    list_members,
    list_permissions,
    list_roles,
    remove_member,
)
from .ownership import transfer_ownership
from .ports import DIRECTORY, FLEETS, MEMBERS, ROLES, USERS
from .service import disable_user, edit_fleet, edit_user, enable_user, get_fleet, get_user, set_quotas
from .storage import SqlDirectory, SqlFleetStore, SqlMemberStore, SqlRoleStore, SqlUserStore

__all__ = ["AREA"]

AREA = Area(
    name="people",
    stores={
        FLEETS: SqlFleetStore,
        USERS: SqlUserStore,
        MEMBERS: SqlMemberStore,
        ROLES: SqlRoleStore,
        DIRECTORY: SqlDirectory,
    },
    operations=(
        get_fleet,
        edit_fleet,
        set_quotas,
        get_user,
        edit_user,
        disable_user,
        enable_user,
        add_member,
        edit_member,
        remove_member,
        transfer_ownership,
        get_member,
        list_members,
        define_role,
        edit_role,
        delete_role,
        list_roles,
        list_permissions,
    ),
    events=EVENTS,
)
