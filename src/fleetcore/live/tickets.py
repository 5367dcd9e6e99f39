"""Tickets: a secret for one connection, so that no token stands in an address; and who is behind them."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

import attrs

from fleetcore.accounts.model import Stamp
from fleetcore.accounts.ports import STAMPS
from fleetcore.accounts.secrets import hash_of
from fleetcore.accounts.service import actor_of_key_id, actor_of_session
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Forbidden, Rejected
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import Query
from fleetcore.people.actors import find_actor
from fleetcore.people.ports import DIRECTORY
from fleetcore.vehicles.access import guest_permissions

from .model import TICKET_LIFETIME, Bearer, Known, TicketTold
from .ports import TICKETS, Host

__all__ = ["has_nothing", "known_bearers", "make_ticket", "stamps_since", "use_ticket"]

SECRET_BYTES, SECRET_LENGTH_MAX = 32, 100


def make_ticket(host: Host, bearer: Bearer) -> TicketTold:
    """Make a ticket for *bearer*; it opens one connection within half a minute."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with host.across_fleets() as uow:
        uow[TICKETS].prune(uow.now)
        uow[TICKETS].add(hash_of(secret), bearer, uow.now + TICKET_LIFETIME)
    return TicketTold(secret=secret)


def use_ticket(host: Host, secret: str) -> Known | None:
    """Use a ticket up and say who it is for; None for one that is unknown, used or late, or whose bearer is gone."""
    if not secret.isascii() or len(secret) > SECRET_LENGTH_MAX:
        return None
    with host.across_fleets(snapshot=True) as uow:  # what was made up must not hold writers up
        if not uow[TICKETS].is_known(hash_of(secret)):
            return None
    with host.across_fleets() as uow:
        bearer = uow[TICKETS].use(hash_of(secret), uow.now)
        return None if bearer is None else _known(uow, bearer)


def known_bearers(host: Host, bearers: Collection[Bearer]) -> dict[Bearer, Known]:
    """Return who *bearers* are at this moment; those who are gone, disabled or signed out are missing."""
    with host.across_fleets(snapshot=True) as uow:
        found = {bearer: _known(uow, bearer) for bearer in bearers}
    return {bearer: known for bearer, known in found.items() if known is not None}


def _known(uow: UnitOfWork, bearer: Bearer) -> Known | None:
    try:
        if bearer.session_id is not None:
            found = actor_of_session(uow, bearer.session_id, bearer.user_id, bearer.fleet_id)
            return None if found is None else Known(bearer=bearer, actor=found[0])
        if bearer.key_id is not None:
            by_key = actor_of_key_id(uow, bearer.fleet_id, bearer.key_id)
            if by_key is None:
                return None
            return Known(bearer=attrs.evolve(bearer, expires_at=by_key[1].expires_at), actor=by_key[0])
        actor = find_actor(uow[DIRECTORY], user_id=bearer.user_id, fleet_id=bearer.fleet_id)
    except (Forbidden, Rejected):  # disabled, or no member any more
        return None
    return Known(bearer=bearer, actor=actor)


def stamps_since(host: Host, at: datetime) -> tuple[datetime, Sequence[Stamp]]:
    """Return the present instant and what changed since *at* of what somebody may do."""
    with host.across_fleets(snapshot=True) as uow:
        return uow.now, uow[STAMPS].since(at)


def has_nothing(host: Host, actor: Actor) -> bool:
    """Say whether nothing is open any more to *actor*, a guest."""

    def look(uow: UnitOfWork, _command: Bearer) -> bool:
        return not guest_permissions(uow)

    question = Bearer(user_id=actor.user_id, fleet_id=actor.fleet_id)
    return actor.is_guest and host.read(actor, Query("live.look", None, look), question)
