"""Whether an actor may hear of an event, from facts alone."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.actor import Actor, Scope

from .sights import Kind, Sight

__all__ = ["Reach", "Subject", "is_told", "needs_reading"]

Reach = Callable[[str], frozenset[UUID] | None]
"""The vehicles that a permission reaches for an actor at this moment; None is the whole fleet."""


@frozen(kw_only=True)
class Subject:
    """What an event is about: the sight it takes, the vehicle or person, whom the payload names as its maker.

    *made_by* looks the maker of the record up; None when there is no such record any more.
    """

    sight: Sight
    vehicle_id: UUID | None
    person_id: UUID | None
    named_id: UUID | None
    made_by: Callable[[], UUID | None]


def needs_reading(actor: Actor) -> bool:
    """Say whether what reaches *actor* must be looked up: not for who has every permission for the whole fleet."""
    return actor.is_guest or any(scope is not Scope.ALL for scope in actor.permissions.values())


def is_told(subject: Subject, actor: Actor, reach: Reach) -> bool:
    """Say whether *actor* may hear of what is about *subject*."""
    sight = subject.sight
    if sight.kind is Kind.MEMBERS:
        return not actor.is_guest
    scope = None if sight.permission is None else actor.scope(sight.permission)
    if sight.kind is Kind.PERSON:
        return scope is Scope.ALL or subject.named_id == actor.user_id
    if scope is None:
        return False
    if sight.kind is Kind.FLEET:
        return scope is Scope.ALL
    if sight.kind is Kind.SHARED:
        return not actor.is_guest
    return _reaches(subject, actor, scope, reach) and _is_theirs(subject, actor, scope)


def _reaches(subject: Subject, actor: Actor, scope: Scope, reach: Reach) -> bool:
    """Say whether the vehicle, the person or the fleet that it is about is within reach."""
    permission = subject.sight.permission or ""
    if subject.vehicle_id is None:
        return scope is Scope.ALL or (subject.person_id is not None and subject.person_id == actor.user_id)
    if scope is Scope.ALL:
        return True
    reachable = reach(permission)
    return reachable is None or subject.vehicle_id in reachable


def _is_theirs(subject: Subject, actor: Actor, scope: Scope) -> bool:
    """Say whether a permission for one's own, or a sight with *others*, covers what it is about."""
    sight = subject.sight
    is_named = subject.named_id is not None and subject.named_id == actor.user_id
    if sight.others is not None and actor.scope(sight.others) is not Scope.ALL and not is_named:
        return False
    if scope is not Scope.OWN or sight.any_own or is_named:
        return True
    if subject.vehicle_id is None and subject.person_id == actor.user_id:
        return True
    return subject.made_by() == actor.user_id
