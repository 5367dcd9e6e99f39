"""``fleet notifications``: the inbox, preferences, the delivery log."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import click

from fleetcore.kernel.paging import Page
from fleetcore.notifications.model import (
    ArchiveNotifications,
    DeliveryState,
    ListDeliveries,
    ListNotifications,
    Notification,
    ReadNotifications,
    SendTest,
    Unsubscribe,
)
from fleetcore.notifications.service import (
    archive_notifications,
    list_deliveries,
    list_notifications,
    read_notifications,
    send_test,
    unsubscribe,
    unsubscriber,
)
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import everything, pick, short_id, some_of
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import all_option, choice_of, limit_option, rows_wanted
from fleetserver.cli.tables import Column, table

from .preferences import preferences

__all__ = ["notifications"]

INBOX = (Column("Told"), Column("What", flexible=True), Column("Kind", drop=1), Column("Read", drop=2), Column("Id"))
LOG = (
    *(Column("Made"), Column("Channel"), Column("What", flexible=True), Column("State")),
    *(Column("Attempts", drop=2), Column("Why", flexible=True, drop=1)),
)


@click.group("notifications", cls=FleetGroup)
def notifications() -> None:
    """What you were told, by which channel, and how you want to be told.

    `fleet worker` tells and sends; `fleet plugins` lists the channels.
    """


notifications.add_command(preferences)


def _page(session: Session, archived: bool, cursor: str | None, limit: int) -> Page[Notification]:
    return session.read(list_notifications, ListNotifications(archived=archived, cursor=cursor, limit=limit))


def _found(session: Session, ids: tuple[str, ...]) -> tuple[Notification, ...]:
    def get(key: object) -> Notification:
        return next(each for each in candidates() if each.id == key)

    def candidates() -> Iterator[Notification]:
        for archived in (False, True):
            yield from everything(partial(_page, session, archived))

    return tuple(pick(text, "notification", get, candidates) for text in ids)


@notifications.command("list")
@click.option("--unread", is_flag=True, help="Only what was not read.")
@click.option("--archived", is_flag=True, help="What was archived, or settled by itself.")
@limit_option()
@all_option()
@pass_session
def list_(session: Session, *, unread: bool, archived: bool, limit: int | None, show_all: bool) -> None:
    """List your inbox, newest first.

    fleet notifications list --unread
    """
    found, more = some_of(
        lambda cursor, most: session.read(
            list_notifications, ListNotifications(unread_only=unread, archived=archived, cursor=cursor, limit=most)
        ),
        rows_wanted(limit, show_all, session.as_json),
    )

    def human() -> Iterator[str]:
        if not found:
            yield "Nothing to read. `fleet worker --once` looks what is due; `fleet due` shows it."
            return
        yield from table(
            INBOX,
            [
                [
                    session.display.day(each.told_at),
                    each.title,
                    each.kind.value,
                    "yes" if each.read_at else "",
                    short_id(each.id),
                ]
                for each in found
            ],
        )
        if more:
            session.note("There are more: --all lists them.")

    session.show({"notifications": found}, human)


@notifications.command("read")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything_", is_flag=True, help="All of them.")
@click.option("--archive", is_flag=True, help="Put them out of the inbox, too.")
@pass_session
def read(session: Session, *, ids: tuple[str, ...], everything_: bool, archive: bool) -> None:
    """Show and mark notifications as read: those with these IDs (or the ends of their ids), or all.

    fleet notifications read 1a2b3c4d
    """
    if bool(ids) is everything_:
        raise BadInput.because("", "name notifications by their ids, or say --all")
    found = _found(session, ids)
    keys = tuple(each.id for each in found)
    changed = session.run(read_notifications, ReadNotifications(ids=keys, all=everything_)).changed
    if archive:
        session.run(archive_notifications, ArchiveNotifications(ids=keys, all_read=everything_))

    def human() -> Iterator[str]:
        for each in found:
            yield f"{each.title}\n{each.body}\n"
        yield f"Marked {changed} as read."

    session.show({"notifications": found, "changed": changed}, human)


@notifications.command("deliveries")
@click.option("--fleet-wide", is_flag=True, help="Everybody's, if you may see the fleet's audit log.")
@click.option("--state", type=choice_of(DeliveryState), help="Only those that stand like this.")
@limit_option()
@all_option()
@pass_session
def deliveries(session: Session, *, fleet_wide: bool, state: str | None, limit: int | None, show_all: bool) -> None:
    """List what was sent, by which channel, and what came of it, newest first.

    fleet notifications deliveries --state rejected
    """
    wanted = None if state is None else DeliveryState(state)
    found, more = some_of(
        lambda cursor, most: session.read(
            list_deliveries, ListDeliveries(whole_fleet=fleet_wide, state=wanted, cursor=cursor, limit=most)
        ),
        rows_wanted(limit, show_all, session.as_json),
    )

    def human() -> Iterator[str]:
        if not found:
            yield "Nothing was sent yet. `fleet worker` sends; `fleet notifications send-test` tries it out."
            return
        yield from table(
            LOG,
            [
                [
                    session.display.day(each.created_at),
                    each.channel,
                    each.title,
                    each.state.value,
                    str(each.attempts),
                    each.error,
                ]
                for each in found
            ],
        )
        if more:
            session.note("There are more: --all lists them.")

    session.show({"deliveries": found}, human)


@notifications.command("send-test")
@click.option("--channel", required=True, help="Which channel; `fleet plugins` lists them.")
@pass_session
def send_test_(session: Session, *, channel: str) -> None:
    """Send yourself a message, at once, and say what came of it.

    fleet notifications send-test --channel email
    """
    from fleetcore.worker.loop import Worker

    usable = session.core.channels.names
    if channel not in usable:
        raise BadInput.because(
            "--channel", f"must be one of {', '.join(usable)}; `fleet plugins` says why others are not"
        )
    session.run(send_test, SendTest(channel=channel))
    Worker(session.core).drain()
    mine = session.read(list_deliveries, ListDeliveries(limit=20)).items
    sent = next(each for each in mine if each.channel == channel and each.kind.value == "test")
    session.done(sent, f"The test by {channel}: {sent.state.value}{f', {sent.error}' if sent.error else ''}.")


@notifications.command("unsubscribe")
@click.argument("token", metavar="TOKEN")
@pass_session
def unsubscribe_(session: Session, *, token: str) -> None:
    """Switch off the kind of message that TOKEN came with, for the channel that it came by.

    fleet notifications unsubscribe AbC...xyz
    """
    after = session.core.run(unsubscriber(token), unsubscribe, Unsubscribe(token=token))
    words = [f"{kind} by {', '.join(channels)}" for kind, channels in after.switched_off.items() if channels]
    session.done(after, f"Switched off: {'; '.join(words)}.")
