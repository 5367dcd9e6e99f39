"""The matrix of roles and permissions."""

from __future__ import annotations

import pytest

from fleetcore.areas import built_in_areas
from fleetcore.kernel.actor import Scope
from fleetcore.people.model import GUEST
from fleetcore.people.roles import matrix, role_word, union
from fleetcore.vehicles.scopes import OPENED_BY_ANY

ALL, GRANTED, OWN = Scope.ALL, Scope.GRANTED, Scope.OWN
ROLES = ["owner", "family", "mechanic", "technician", "rental_agent", "accountant", "fleet_manager", "admin"]

# A cell of each row of the specification that is a rule of its own.
CELLS = [
    ("vehicles.read", [ALL, GRANTED, GRANTED, OWN, ALL, ALL, ALL, ALL]),
    ("vehicles.write", [ALL, None, None, None, None, None, ALL, None]),
    ("vehicles.decommission", [ALL, None, None, None, None, None, ALL, None]),
    ("odometer.record", [ALL, GRANTED, GRANTED, OWN, ALL, None, ALL, None]),
    ("trips.write", [ALL, OWN, None, None, None, None, ALL, None]),
    ("trips.location.read", [ALL, OWN, None, None, OWN, None, ALL, None]),
    ("fuel.write", [ALL, OWN, None, None, OWN, ALL, ALL, None]),
    ("expenses.write", [ALL, OWN, None, None, OWN, ALL, ALL, None]),
    ("maintenance.read", [ALL, GRANTED, GRANTED, OWN, ALL, ALL, ALL, ALL]),
    ("maintenance.schedule", [ALL, None, GRANTED, None, None, None, ALL, None]),
    ("documents.read", [ALL, GRANTED, GRANTED, None, ALL, ALL, ALL, None]),
    ("ledger.read", [ALL, None, OWN, None, OWN, ALL, ALL, None]),
    ("ledger.post", [ALL, None, None, None, None, ALL, None, None]),
    ("people.write", [ALL, None, OWN, None, None, None, ALL, ALL]),
    ("webhooks.write", [ALL, None, None, None, None, None, ALL, ALL]),
    ("audit.read", [ALL, OWN, OWN, OWN, OWN, ALL, ALL, ALL]),
    ("backups.run", [None, None, None, None, None, None, None, ALL]),
]


def test_built_in_roles_are_these_nine() -> None:
    """The built-in roles are the eight of the specification, and the guest."""
    assert [*ROLES, GUEST] == list(matrix().roles)


def test_guests_hold_what_grants_open() -> None:
    """The role of a guest is what the scopes of grants open, no more and no less."""
    assert OPENED_BY_ANY == matrix().roles[GUEST].permissions


@pytest.mark.parametrize(("permission", "scopes"), CELLS)
def test_roles_reach_as_far_as_specified(permission: str, scopes: list[Scope | None]) -> None:
    """Each role holds the permission as far as its cell says."""
    assert scopes == [matrix().roles[role].permissions.get(permission) for role in ROLES]


def test_every_operation_asks_for_a_known_permission() -> None:
    """No operation asks for a permission that the matrix lacks: nobody could ever run it."""
    asked = {found.permission for area in built_in_areas() for found in area.operations} - {None}

    assert set() == asked - matrix().permissions.keys()


def test_every_permission_is_somebodys() -> None:
    """Each permission of the matrix is held by a role, and says what it is about."""
    held = {name for role in matrix().roles.values() for name in role.permissions}

    assert matrix().permissions.keys() == held
    assert all(permission.about for permission in matrix().permissions.values())


def test_writers_read() -> None:
    """Whoever may write records of an area may read at least the same ones."""
    for role in matrix().roles.values():
        for name, scope in role.permissions.items():
            reading = name.rpartition(".")[0] + ".read"
            if name.endswith(".write") and reading in matrix().permissions:
                assert role.permissions.get(reading, 0) >= scope, f"{role.name} {name}"


def test_fleet_managers_can_appoint_those_below_them() -> None:
    """A fleet manager holds everything that drivers, mechanics, technicians and rental agents hold."""
    manager = matrix().roles["fleet_manager"].permissions

    for role in ("family", "mechanic", "technician", "rental_agent", GUEST):
        for name, scope in matrix().roles[role].permissions.items():
            assert manager.get(name, 0) >= scope, f"{role} {name}"


@pytest.mark.parametrize("role", ["owner", "accountant"])
def test_second_factor_is_recorded(role: str) -> None:
    """Where a fresh second factor is wanted, the grant says so."""
    assert matrix().roles[role].grants["ledger.post"].needs_second_factor


def test_limits_are_recorded() -> None:
    """Where a grant is limited, it says by what; and no limit belongs to an empty cell."""
    assert "up to an amount" == matrix().roles["fleet_manager"].grants["maintenance.approve"].limit
    limited = [grant for role in matrix().roles.values() for grant in role.grants.values() if grant.limit]
    assert 15 == len(limited)


@pytest.mark.parametrize("name", ["driver", "Driver", "family member", "Family-Member", "FAMILY"])
def test_roles_have_other_names(name: str) -> None:
    """A driver is a family member, however it is written."""
    assert "family" == role_word(name)


def test_several_roles_give_the_union() -> None:
    """Of several roles a permission reaches as far as in the widest."""
    assert {"fuel.read": ALL, "fuel.write": OWN} == union(
        [{"fuel.read": GRANTED, "fuel.write": OWN}, {"fuel.read": ALL}]
    )
