"""Builders for the tests of people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.people.commands import AddMember
from fleetcore.people.members import add_member

Join = Callable[..., Actor]


@pytest.fixture
def join(core: Core, owner: Actor) -> Join:
    """Add someone with the given roles to the owner's fleet, and return them as an actor."""

    def joined(name: str, *roles: str, **details: Any) -> Actor:
        command = AddMember(name=name, email=f"{name.lower()}@example.org", roles=roles, **details)
        member = core.run(owner, add_member, command)
        return core.actor(user_id=member.user_id, fleet_id=owner.fleet_id)

    return joined
