"""A fleet with cars, and ways to invite people and let them in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from attrs import frozen

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.sharing.model import Invite, OfferedGrant, SentInvitation
from fleetcore.sharing.service import invite
from fleetcore.testing.builders import new_vehicle
from fleetcore.vehicles.model import GrantScope, Vehicle


@frozen
class House:
    """A core, the owner of a fleet in it, and the fleet's two cars."""

    core: Core
    owner: Actor
    golf: Vehicle
    van: Vehicle

    def invites(self, *roles: str, by: Actor | None = None, **said: Any) -> SentInvitation:
        """Invite somebody to *roles*."""
        return self.core.run(by or self.owner, invite, Invite(roles=roles, **said))

    def lends(self, scope: GrantScope | None = GrantScope.DRIVE, **said: Any) -> SentInvitation:
        """Invite a guest to the Golf."""
        ends_at = said.pop("ends_at", None)
        return self.invites(grants=(OfferedGrant(vehicle_id=self.golf.id, scope=scope, ends_at=ends_at),), **said)

    def accepts(self, sent: SentInvitation, name: str = "Bob", **who: Any) -> Actor:
        """Let somebody new in, or the user *user_id*."""
        assert sent.token is not None
        return self.core.accept_invitation(sent.token, **({"name": name} if "user_id" not in who else {}), **who)

    def guest(self, scope: GrantScope | None = GrantScope.DRIVE, name: str = "Gus", **said: Any) -> Actor:
        """Lend the Golf to somebody new."""
        return self.accepts(self.lends(scope, **said), name)


@pytest.fixture
def house(core: Core, owner: Actor) -> House:
    """The owner's fleet with a Golf and a van."""
    return House(core, owner, new_vehicle(core, owner, name="Golf"), new_vehicle(core, owner, name="Van"))


def ids(found: Any) -> set[UUID]:
    """Return the ids of *found*."""
    return {each.id for each in found}
