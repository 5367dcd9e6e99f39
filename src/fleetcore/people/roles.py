"""The built-in roles and the permissions they give, from the data file ``roles.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from attrs import frozen

from fleetcore.kernel.actor import Scope

from .model import GUEST

__all__ = ["BuiltInRole", "Matrix", "Permission", "PermissionGrant", "matrix", "role_word", "union"]

CELLS: Mapping[str, Scope] = {"A": Scope.ALL, "G": Scope.GRANTED, "O": Scope.OWN}
NOTHING = "-"
SECOND_FACTOR = "+2"


@frozen(kw_only=True)
class Permission:
    """Something that members may be allowed to do: its *name*, and in words what it is *about*."""

    name: str
    about: str


@frozen(kw_only=True)
class PermissionGrant:
    """How a built-in role holds a permission."""

    scope: Scope
    needs_second_factor: bool = False
    limit: str | None = None


@frozen(kw_only=True)
class BuiltInRole:
    """A role that every fleet has."""

    name: str
    title: str
    grants: Mapping[str, PermissionGrant]
    permissions: Mapping[str, Scope]


@frozen(kw_only=True)
class Matrix:
    """Every permission, every built-in role, and other words for the roles."""

    permissions: Mapping[str, Permission]
    roles: Mapping[str, BuiltInRole]
    aliases: Mapping[str, str]


@lru_cache(maxsize=1)
def matrix() -> Matrix:
    """Return the matrix of roles and permissions."""
    read = tomllib.loads((files(__package__) / "roles.toml").read_text("utf-8"))
    titles: dict[str, str] = read["roles"]
    limits: dict[str, dict[str, str]] = read["limits"]
    grants: dict[str, dict[str, PermissionGrant]] = {role: {} for role in titles}
    for permission, (cells, _about) in read["permissions"].items():
        for role, cell in zip(titles, cells.split(), strict=True):
            if cell != NOTHING:
                grants[role][permission] = _grant(cell, limits.get(permission, {}).get(role))
    guest = read["guest"]
    titles |= {GUEST: guest["title"]}
    grants[GUEST] = {name: _grant(cell, None) for name, cell in guest["permissions"].items()}
    return Matrix(
        permissions=MappingProxyType(
            {name: Permission(name=name, about=about) for name, (_, about) in read["permissions"].items()}
        ),
        roles=MappingProxyType({role: _role(role, title, grants[role]) for role, title in titles.items()}),
        aliases=MappingProxyType(read["aliases"]),
    )


def _grant(cell: str, limit: str | None) -> PermissionGrant:
    letter = cell.removesuffix(SECOND_FACTOR)
    return PermissionGrant(scope=CELLS[letter], needs_second_factor=letter != cell, limit=limit)


def _role(name: str, title: str, grants: dict[str, PermissionGrant]) -> BuiltInRole:
    permissions = {permission: grant.scope for permission, grant in grants.items()}
    return BuiltInRole(
        name=name, title=title, grants=MappingProxyType(grants), permissions=MappingProxyType(permissions)
    )


def role_word(name: str) -> str:
    """Return the plain form of a role's name: lower case, one underscore between words, no alias."""
    word = "_".join(name.casefold().replace("-", " ").replace("_", " ").split())
    return matrix().aliases.get(word, word)


def union(held: Iterable[Mapping[str, Scope]]) -> dict[str, Scope]:
    """Return all permissions of *held*, each as far as the widest of them reaches."""
    together: dict[str, Scope] = {}
    for permissions in held:
        for name, scope in permissions.items():
            together[name] = max(scope, together.get(name, scope))
    return together
