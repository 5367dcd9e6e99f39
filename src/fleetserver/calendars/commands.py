"""``fleet calendar``: what is due in other people's calendar programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from fleetcore.calendars.model import Calendar, Feed, ListFeeds, MakeFeed, ReadCalendar, RevokeFeed
from fleetcore.calendars.service import list_feeds, make_feed, read_calendar, revoke_feed
from fleetcore.kernel.errors import NotFound
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import pick, short_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.tables import Column, table

__all__ = ["calendar", "write_calendar"]

COLUMNS = (Column("Name", flexible=True), Column("Made on"), Column("Id"))
NONE_YET = "No addresses. Make one: fleet calendar token --name Phone"


@click.group("calendar", cls=FleetGroup)
def calendar() -> None:
    """What is due in your calendar program, by a file or a secret address."""


@calendar.command("token")
@click.option("--name", metavar="TEXT", default="Calendar", show_default=True, help="Which device or program has it.")
@pass_session
def token(session: Session, *, name: str) -> None:
    """Make a secret token for your calendar; it is shown now and never again.

    fleet calendar token --name Phone
    """
    made = session.run(make_feed, MakeFeed(name=name))

    def human() -> Iterator[str]:
        yield f"Made for {made.name}; whoever has this token sees what is due, and nothing else:"
        yield f"  {made.token}"
        yield f"Look: fleet calendar feed --token TOKEN. Take it back: fleet calendar revoke {short_id(made.id)}"

    session.show(made, human)


@calendar.command("list")
@pass_session
def list_(session: Session) -> None:
    """List your tokens; what they are is not known any more."""
    found = session.read(list_feeds, ListFeeds())

    def human() -> Iterator[str]:
        if not found:
            yield NONE_YET
            return
        rows = [[feed.name, session.display.day(feed.created_at), short_id(feed.id)] for feed in found]
        yield from table(COLUMNS, rows)

    session.show({"feeds": found}, human)


@calendar.command("revoke")
@click.argument("feed", metavar="ID")
@pass_session
def revoke(session: Session, feed: str) -> None:
    """Take the token ID (its id or its name) back: its calendar shows nothing any more."""
    feeds = session.read(list_feeds, ListFeeds())
    named = [each for each in feeds if each.name.casefold() == feed.strip().casefold()]

    def by_id(key: UUID) -> Feed:
        for each in feeds:
            if each.id == key:
                return each
        raise NotFound("calendar address", key)

    found = named[0] if len(named) == 1 else pick(feed, "calendar address", by_id, lambda: feeds)
    session.done(session.run(revoke_feed, RevokeFeed(id=found.id)), f"Taken back: {found.name}.")


@calendar.command("feed")
@click.argument("file", metavar="[FILE]", required=False)
@click.option("--token", "given", metavar="TOKEN", help="As who fetches the calendar under this token sees it.")
@pass_session
def feed(session: Session, *, file: str | None, given: str | None) -> None:
    """Write the calendar of what is due to FILE, or to standard output.

    fleet calendar feed dues.ics
    """
    if given is not None:
        session.act_as(session.core.feed_actor(given))
    write_calendar(session, file or "-", ReadCalendar())


def write_calendar(session: Session, file: str, command: ReadCalendar) -> None:
    """Write the calendar to *file*; "-" is standard output."""
    found: Calendar = session.read(read_calendar, command)
    if file == "-":
        value: Any = found
        session.show(value, lambda: [found.text.replace("\r\n", "\n").rstrip("\n")])
        return
    try:
        Path(file).write_bytes(found.text.encode())
    except OSError as error:
        raise BadInput.because("FILE", f"{file} cannot be written: {error.strerror}") from error
    undated = f" {found.undated} have no day yet: they wait for readings." if found.undated else ""
    said = {"file": file, "entries": found.entries, "undated": found.undated, "etag": found.etag}
    session.done(said, f"Wrote {found.entries} entries to {file}.{undated}")
