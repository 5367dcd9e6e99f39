"""Fleets, users, members and custom roles in a database."""

from __future__ import annotations

from .directory import SqlDirectory
from .stores import SqlFleetStore, SqlMemberStore, SqlRoleStore, SqlUserStore
from .tables import people_fleets, people_members, people_roles, people_users

__all__ = [
    "SqlDirectory",
    "SqlFleetStore",
    "SqlMemberStore",
    "SqlRoleStore",
    "SqlUserStore",
    "people_fleets",
    "people_members",
    "people_roles",
    "people_users",
]
