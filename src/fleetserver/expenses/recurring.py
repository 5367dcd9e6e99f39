"""``fleet expenses recurring``: what comes again and again, recorded when it falls due."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from fleetcore.expenses.model import (
    AddRecurring,
    EditRecurring,
    GetRecurring,
    ListRecurring,
    Recurring,
    RecurringFields,
    RunRecurring,
    StopRecurring,
)
from fleetcore.expenses.recurring import (
    add_recurring,
    edit_recurring,
    get_recurring,
    list_recurring,
    run_recurring,
    stop_recurring,
)
from fleetcore.kernel.when import Period
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import everything, find_vehicle, given, pick, short_id, some_of, typed_for, vehicles_by_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import (
    all_option,
    choice_of,
    clear_option,
    clearable,
    emptied,
    limit_option,
    rows_wanted,
    said,
    vehicle_option,
    with_options,
)
from fleetserver.cli.tables import Column, table
from fleetserver.presentation.typed import Typed

__all__ = ["recurring"]

COLUMNS = (
    Column("Vehicle", flexible=True, drop=2),
    Column("Category"),
    Column("Amount", right=True),
    Column("Every"),
    Column("Next"),
    Column("What", flexible=True, drop=1),
    Column("Id"),
)
FIELD_OPTIONS = with_options(
    click.option("--currency", metavar="CODE", help="The currency. Default: the fleet's."),
    click.option("--every", type=click.IntRange(min=1), metavar="N", help="Every so many periods. Default: 1."),
    click.option("--end", "ends_on", metavar="DAY", help="The last day on which it may fall due."),
    click.option("--title", help="What it is, in a few words."),
    click.option("--place", help="Where."),
    click.option("--tag", "tags", multiple=True, help="A word to find it by; may be repeated."),
    click.option("--notes", help="Anything else."),
)


@click.group("recurring", cls=FleetGroup)
def recurring() -> None:
    """What comes again and again: taxes, insurance, leases."""


def _fields(typed: Typed, options: dict[str, Any]) -> dict[str, Any]:
    found = given(
        amount=typed.money("--amount", options["amount"], options["currency"] and options["currency"].upper()),
        period=options["period"] and Period(options["period"]),
        starts_on=typed.day("--start", options["starts_on"]),
        ends_on=typed.day("--end", options["ends_on"]),
        tags=options["tags"] or None,
        **{name: options[name] for name in ("category", "every", "title", "place", "notes")},
    )
    typed.check()
    return found


def _when(made: Recurring) -> str:
    return made.period if made.every == 1 else f"{made.every} {made.period}s"


@recurring.command("add")
@vehicle_option()
@click.option("--category", required=True, help="What for: `fleet expenses categories list`.")
@click.option("--amount", required=True, metavar="AMOUNT", help="How much each time.")
@click.option("--period", type=choice_of(Period), required=True, help="How often.")
@click.option("--start", "starts_on", required=True, metavar="DAY", help="When it falls due for the first time.")
@FIELD_OPTIONS
@pass_session
def add(session: Session, /, vehicle: str | None, **options: Any) -> None:
    """Set up a recurring expense; what fell due until today is recorded by `fleet expenses recurring run`.

    fleet expenses recurring add --vehicle Golf --category insurance --amount 48 --period month --start 2026-01-31
    """
    chosen = find_vehicle(session, vehicle) if vehicle else None
    fields = _fields(typed_for(session, chosen), options)
    made = session.run(add_recurring, AddRecurring(vehicle_id=chosen.id if chosen else None, **fields))
    session.done(
        made,
        f"Set up: {made.category}, {session.display.money(made.amount)} every {_when(made)}, "
        f"next on {made.next_on or '-'} ({short_id(made.id)}).",
    )


@recurring.command("list")
@vehicle_option()
@click.option("--ended", is_flag=True, help="With those that have ended.")
@limit_option()
@all_option()
@pass_session
def list_(session: Session, *, vehicle: str | None, ended: bool, limit: int | None, show_all: bool) -> None:
    """List recurring expenses, newest first."""
    chosen = find_vehicle(session, vehicle) if vehicle else None

    def asked(cursor: str | None, most: int) -> ListRecurring:
        vehicle_id = chosen.id if chosen else None
        return ListRecurring(vehicle_id=vehicle_id, include_ended=ended, cursor=cursor, limit=most)

    found, more = some_of(
        lambda cursor, most: session.read(list_recurring, asked(cursor, most)),
        rows_wanted(limit, show_all, session.as_json),
    )
    names = vehicles_by_id(session)

    def human() -> Iterator[str]:
        if not found:
            yield "No recurring expenses. Set one up: fleet expenses recurring add --help"
            return
        yield from table(
            COLUMNS,
            [
                [
                    names[each.vehicle_id].name if each.vehicle_id in names else "",
                    each.category,
                    session.display.money(each.amount),
                    _when(each),
                    str(each.next_on or "ended"),
                    each.title,
                    short_id(each.id),
                ]
                for each in found
            ],
        )
        if more:
            session.note("There are more: --all lists them.")

    session.show({"recurring": found}, human)


def _find(session: Session, text: str) -> Recurring:
    return pick(
        text,
        "recurring expense",
        lambda key: session.read(get_recurring, GetRecurring(id=key)),
        lambda: everything(
            lambda cursor, most: session.read(
                list_recurring, ListRecurring(include_ended=True, cursor=cursor, limit=most)
            )
        ),
    )


@recurring.command("edit")
@click.argument("recurring_id", metavar="ID")
@vehicle_option()
@click.option("--category", help="What for.")
@click.option("--amount", metavar="AMOUNT", help="How much each time.")
@click.option("--period", type=choice_of(Period), help="How often.")
@click.option("--start", "starts_on", metavar="DAY", help="When it falls due for the first time.")
@FIELD_OPTIONS
@clear_option([name for name in clearable(RecurringFields) if name != "every"])
@pass_session
def edit(session: Session, /, recurring_id: str, vehicle: str | None, cleared: tuple[str, ...], **options: Any) -> None:
    """Change the recurring expense ID from its next time on; what is not given stays."""
    before = _find(session, recurring_id)
    chosen = find_vehicle(session, vehicle) if vehicle else None
    fields = {
        **said(before, RecurringFields),
        **emptied(RecurringFields, cleared),
        **_fields(typed_for(session, chosen), options),
        **({"vehicle_id": chosen.id} if chosen else {}),
    }
    after = session.run(edit_recurring, EditRecurring(id=before.id, version=before.version, **fields))
    session.done(after, f"Changed: {after.category}, {session.display.money(after.amount)} every {_when(after)}.")


@recurring.command("stop")
@click.argument("recurring_id", metavar="ID")
@click.option("--on", metavar="DAY", help="The last day on which it may fall due. Default: today.")
@pass_session
def stop(session: Session, recurring_id: str, on: str | None) -> None:
    """End the recurring expense ID; what it recorded stays."""
    before = _find(session, recurring_id)
    typed = typed_for(session)
    last_on = typed.day("--on", on)
    typed.check()
    after = session.run(stop_recurring, StopRecurring(id=before.id, version=before.version, last_on=last_on))
    session.done(after, f"{after.category} ends with {after.ends_on}.")


@recurring.command("run")
@pass_session
def run(session: Session) -> None:
    """Record every recurring expense that has fallen due up to today and is not recorded yet."""
    made = session.run(run_recurring, RunRecurring())
    session.done(made, f"Recorded {len(made.expenses)} expenses that fell due up to {made.ran_on}.")
