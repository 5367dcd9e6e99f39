"""``fleet outbox``: the events of every fleet on their way to their consumers. For whoever runs the host."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import attrs
import click

from fleetcore.kernel.actor import Actor, Scope
from fleetcore.worker.model import GetDeadLetter, OutboxItem, Replay
from fleetcore.worker.ports import INBOX, OUTBOX
from fleetcore.worker.service import get_dead_letter, replay
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import short_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.tables import Column, details, table

__all__ = ["outbox"]

STATES = ("unpublished", "waiting", "dead")
ROWS, ROWS_MAX, ROWS_AT_ONCE = 30, 10_000, 5000
COLUMNS = (
    Column("Event", flexible=True),
    Column("State"),
    Column("For", flexible=True, drop=2),
    Column("Tries", right=True, drop=3),
    Column("Since", drop=1),
    Column("Id"),
)


@click.group("outbox", cls=FleetGroup)
def outbox() -> None:
    """Events of every fleet on their way: those that wait for a worker, and those that a consumer could not take.

    For whoever runs the host. Those of one fleet that failed are `fleet jobs dead`.
    """


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}Z"


def _items(session: Session, states: Sequence[str], most: int) -> list[OutboxItem]:
    with session.core.across_fleets(snapshot=True) as uow:
        found = [*uow[OUTBOX].waiting(most), *uow[OUTBOX].dead(most)]
    return [item for item in found if not states or item.state in states][:most]


def _find(session: Session, text: str, *states: str) -> OutboxItem:
    named = [item for item in _items(session, states, ROWS_MAX) if str(item.id).endswith(text.lower())]
    if len({item.id for item in named}) == 1:
        return named[0]
    why = f"there is no event {text!r} that waits or failed" if not named else f"several events end in {text!r}"
    raise BadInput.because("ID", f"{why}: `fleet outbox list` shows them")


@outbox.command("list")
@click.option("--state", type=click.Choice(STATES), multiple=True, help="Only in this state; may be repeated.")
@click.option("--limit", type=click.IntRange(1, ROWS_MAX), default=ROWS, show_default=True, help="How many.")
@pass_session
def list_(session: Session, *, state: tuple[str, ...], limit: int) -> None:
    """List the events that wait, the oldest first, and those that failed for good.

    fleet outbox list --state dead
    """
    found = _items(session, state, limit)
    with session.core.across_fleets(snapshot=True) as uow:
        figures = uow[OUTBOX].figures()

    def human() -> Iterator[str]:
        rows = [
            [item.name, item.state, item.consumer or "", str(item.attempts), _moment(item.at), short_id(item.id)]
            for item in found
        ]
        yield from table(COLUMNS, rows) if rows else ["Nothing waits."]
        session.note(
            f"Not relayed yet: {figures.unpublished:,}, waiting for a consumer: {figures.deliveries:,}, "
            f"failed for good: {figures.dead:,}."
        )

    session.show({"events": found, "figures": figures}, human)


@outbox.command("show")
@click.argument("event_id", metavar="ID")
@pass_session
def show(session: Session, event_id: str) -> None:
    """Show the event ID; of one that failed for good, the whole error.

    fleet outbox show 1a2b3c4d
    """
    item = _find(session, event_id)
    error = None
    if item.state == "dead":
        error = session.core.read(_host(item), get_dead_letter, GetDeadLetter(id=item.id)).error

    def human() -> Iterator[str]:
        yield from details(
            [
                ("Event", item.name),
                ("State", item.state),
                ("For", item.consumer or ""),
                ("Of", item.key),
                ("Fleet", str(item.fleet_id)),
                ("Told", _moment(item.at)),
                ("Tries", str(item.attempts)),
                ("Next try", _moment(item.next_at)),
                ("Request", item.correlation_id or ""),
                ("Trace", item.trace_id or ""),
                ("Id", str(item.id)),
            ]
        )
        if error is not None:
            yield ""
            yield from error.rstrip().splitlines()

    session.show({**attrs.asdict(item), "error": error}, human)


def _host(item: OutboxItem) -> Actor:
    """Return whoever runs the host, as somebody who may look after the events of the item's fleet."""
    from fleetcore.running import NOBODY

    may = {"jobs.read": Scope.ALL, "outbox.replay": Scope.ALL}
    return attrs.evolve(NOBODY, fleet_id=item.fleet_id, permissions=may)


@outbox.command("retry")
@click.argument("event_id", metavar="ID")
@pass_session
def retry(session: Session, event_id: str) -> None:
    """Have the waiting event ID, which rests after a failure, tried again at once.

    fleet outbox retry 1a2b3c4d
    """
    item = _find(session, event_id, "waiting", "unpublished")
    with session.core.across_fleets() as uow:
        count = uow[OUTBOX].hasten(item.id, uow.now)
    session.done({"id": item.id, "deliveries": count}, f"{item.name} is tried again as soon as a worker runs.")


@outbox.command("replay")
@click.argument("event_id", metavar="ID", required=False)
@click.option("--all", "replay_all", is_flag=True, help="Every event of every fleet that failed for good.")
@pass_session
def replay_(session: Session, *, event_id: str | None, replay_all: bool) -> None:
    """Send the failed event ID to its consumer again, or --all of them, once the cause is mended.

    fleet outbox replay --all
    """
    if (event_id is None) is not replay_all:
        raise BadInput.because("", "name the failed event, or say --all: `fleet outbox list --state dead` shows them")
    found = _items(session, ["dead"], ROWS_MAX) if event_id is None else [_find(session, event_id, "dead")]
    for item in found:
        session.core.run(_host(item), replay, Replay(id=item.id))
    what = "1 event is" if len(found) == 1 else f"{len(found)} events are"
    session.done({"events": found}, f"{what} sent again as soon as a worker runs.")


@outbox.command("prune")
@click.option("--older-than", "days", type=click.IntRange(1), metavar="DAYS", help="Default: as the worker keeps them.")
@click.option("--dry-run", is_flag=True, help="Only say how many there are.")
@pass_session
def prune(session: Session, *, days: int | None, dry_run: bool) -> None:
    """Remove events that every consumer has heard; the worker does so each hour.

    fleet outbox prune --older-than 3 --dry-run
    """
    days = days or session.core.retention.events_days
    with session.core.across_fleets(snapshot=dry_run) as uow:
        before = uow.now - timedelta(days=days)
        count = uow[OUTBOX].prunable(before)
    if not dry_run:
        left = count
        while left > 0:
            with session.core.across_fleets() as uow:
                left -= uow[INBOX].clean(before, ROWS_AT_ONCE) or left
    would = "would be" if dry_run else "were"
    session.done(
        {"events": count, "dry_run": dry_run, "before": before},
        f"{count:,} event{'' if count == 1 else 's'} from before {_moment(before)} {would} removed.",
    )
