"""Which permissions a grant opens on its vehicle, by its scope.

A role of a member and the scope of a grant narrow each other: on a granted vehicle a member may do what both allow.
The role ``guest`` (``people/roles.toml``) holds all that any scope opens, and nothing else.

No scope opens papers (``documents.read``): they hold numbers of policies, premiums and excesses, and nobody says of a
paper that it is shared. A workshop gets a paper by a file on the vehicle or on a job, which every scope may read.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fleetcore.kernel.actor import Scope

from .model import GrantScope

__all__ = ["OPENED_BY_ANY", "opened_by"]

_READ = {"vehicles.read": Scope.GRANTED, "maintenance.read": Scope.GRANTED, "reminders.read": Scope.GRANTED}
_DRIVE = {
    **_READ,
    "odometer.record": Scope.GRANTED,
    "fuel.read": Scope.GRANTED,
    "fuel.write": Scope.OWN,
    "trips.read": Scope.OWN,
    "trips.write": Scope.OWN,
    "trips.location.read": Scope.OWN,
}
_SERVICE = {
    **_READ,
    "odometer.record": Scope.GRANTED,
    "maintenance.schedule": Scope.GRANTED,
    "maintenance.work": Scope.GRANTED,
}
OPENED: Mapping[GrantScope, Mapping[str, Scope]] = MappingProxyType(
    {GrantScope.READ: _READ, GrantScope.DRIVE: _DRIVE, GrantScope.SERVICE: _SERVICE}
)
OPENED_BY_ANY: Mapping[str, Scope] = MappingProxyType({**_DRIVE, **_SERVICE})


def opened_by(scope: GrantScope | None) -> Mapping[str, Scope]:
    """Return the permissions that a grant of *scope* opens; without a scope, those of all of them."""
    return OPENED_BY_ANY if scope is None else OPENED[scope]
