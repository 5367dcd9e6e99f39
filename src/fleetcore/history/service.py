"""The timeline of a vehicle: every source's newest entries, merged, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

import attrs

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Problem, reject_if_any
from fleetcore.kernel.paging import Page, Position, decode_cursor, page_limit, page_of
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.timeline import TimelineEntry, TimelineQuestion, TimelineStore
from fleetcore.kernel.when import local_date, span_of_days
from fleetcore.operations import query
from fleetcore.people.service import fleet_of
from fleetcore.vehicles.access import reachable_by, reachable_vehicles, vehicle_for

from .model import ListTimeline
from .sources import KINDS, SOURCES, Source

__all__ = ["list_timeline"]

READ = "vehicles.read"
TEXT_MAX = 200
FEW = 2  # kinds that are asked at once; of more, it is asked first which of them there are
Asked = tuple[TimelineStore, TimelineQuestion]


@query("history.timeline", permission=READ, snapshot=True)
def list_timeline(uow: UnitOfWork, command: ListTimeline) -> Page[TimelineEntry]:
    """List what happened to a vehicle, newest first: of each kind of record what the actor may see.

    Records of one day without an instant stand at its noon. Raises NotFound for a vehicle that is removed, unknown
    or out of reach, Rejected for an unknown kind or an impossible range.
    """
    reject_if_any(_problems(command))
    vehicle_for(uow, command.vehicle_id, READ)
    limit, timezone = page_limit(command.limit), fleet_of(uow).timezone
    wanted = frozenset(command.kinds or KINDS)
    question = TimelineQuestion(
        vehicle_id=command.vehicle_id,
        kinds=wanted,
        after=decode_cursor(command),
        limit=limit + 1,
        span=span_of_days(command.since, command.until, timezone),
        since=command.since,
        until=command.until,
        text=" ".join(command.text.split()),
        cost_min=command.cost_min,
        cost_max=command.cost_max,
        today=local_date(uow.now, timezone),
    )
    asked = [
        (uow[source.store], narrowed)
        for source in SOURCES
        if wanted & set(source.kinds) and (narrowed := _for_actor(uow, source, question)) is not None
    ]
    if len(wanted) > FEW:
        asked = _with_limits(asked, attrs.evolve(question, own=uow.actor.user_id))
    found = [entry for store, narrowed in asked for entry in store.timeline(narrowed)]
    found.sort(key=_sort_key, reverse=True)
    return page_of(found[: limit + 1], limit, lambda entry: Position(entry.at, entry.id), command)


def _with_limits(asked: Sequence[Asked], whole: TimelineQuestion) -> list[Asked]:
    """Return what is left to ask once it is known of which kinds the newest entries are: most have none among them."""
    heads = [head for store, question in asked for head in store.heads(question)]
    if not heads:
        return []
    limits = asked[0][0].newest(heads, whole)
    return [(store, attrs.evolve(question, limits=limits)) for store, question in asked]


def _sort_key(entry: TimelineEntry) -> tuple[object, ...]:
    return entry.at, entry.id


def _problems(command: ListTimeline) -> Iterator[Problem]:
    for index, kind in enumerate(command.kinds):
        if kind not in KINDS:
            yield Problem(f"kinds.{index}", f"there is no kind {kind!r}: choose among {', '.join(KINDS)}")
    if command.since is not None and command.until is not None and command.since > command.until:
        yield Problem("until", f"lies before since, {command.since}")
    if len(command.text) > TEXT_MAX:
        yield Problem("text", f"is longer than {TEXT_MAX} characters", "too_long")
    low, high = command.cost_min, command.cost_max
    if low is not None and high is not None:
        if low.currency != high.currency:
            yield Problem("cost_max", f"is in {high.currency}, the least cost in {low.currency}")
        elif low.minor > high.minor:
            yield Problem("cost_max", "is less than the least cost")


def _for_actor(uow: UnitOfWork, source: Source, question: TimelineQuestion) -> TimelineQuestion | None:
    """Return *question* as far as the actor may ask it of *source*; None where they may see nothing."""
    scope = uow.actor.scope(source.permission)
    if scope is None:
        return None
    reachable = reachable_vehicles(uow, source.permission)
    if reachable is not None and question.vehicle_id not in reachable:
        return None
    sees_others = source.others is None or uow.actor.scope(source.others) is Scope.ALL
    own = uow.actor.user_id if scope is Scope.OWN or not sees_others else None
    sees_places = source.places is not None and _sees_places(uow, source.places, question.vehicle_id, own)
    return attrs.evolve(question, own=own, with_places=sees_places)


def _sees_places(uow: UnitOfWork, permission: str, vehicle_id: UUID, own: UUID | None) -> bool:
    """Say whether the actor may see the places of every entry that they see; *own* says that these are their own."""
    scope, reachable = uow.actor.scope(permission), reachable_by(uow, uow.actor, permission)
    if scope is None or (reachable is not None and vehicle_id not in reachable):
        return False
    return scope is not Scope.OWN or own is not None
