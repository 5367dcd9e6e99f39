"""``fleet reminders``: set what is to be done, and say that it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import click

from fleetcore.kernel.quantities import EngineHours
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import (
    AddReminder,
    DeleteReminder,
    EditReminder,
    FinishReminder,
    GetReminder,
    ListDue,
    ListReminders,
    Reminder,
    ReminderFields,
    ReopenReminder,
    RestoreReminder,
    SkipReminder,
    SnoozeReminder,
    Urgency,
)
from fleetcore.reminders.service import (
    add_reminder,
    delete_reminder,
    edit_reminder,
    finish_reminder,
    get_reminder,
    list_reminders,
    reopen_reminder,
    restore_reminder,
    skip_reminder,
    snooze_reminder,
)
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.lists import narrowed_by
from fleetserver.cli.picking import everything, find_vehicle, given, pick, short_id, some_of, typed_for, vehicles_by_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import (
    all_option,
    clear_option,
    clearable,
    emptied,
    limit_option,
    rows_wanted,
    said,
    vehicle_option,
    with_options,
)
from fleetserver.cli.tables import Column, details, plain, table
from fleetserver.presentation.typed import Typed

from .due import due, tick
from .words import NOTHING_SET, due_words, rule_words, urgency_words

__all__ = ["due", "reminders", "tick"]

LIST_COLUMNS = (
    Column("Vehicle", flexible=True, drop=2),
    Column("What", flexible=True),
    Column("Rule", flexible=True, drop=3),
    Column("Next"),
    Column("Urgency", drop=1),
    Column("Id"),
)
RULE_OPTIONS = with_options(
    click.option("--every-km", metavar="N", help="Every so many kilometres."),
    click.option("--every-miles", metavar="N", help="Every so many miles."),
    click.option("--every-months", type=int, metavar="N", help="Every so many months."),
    click.option("--every-days", type=int, metavar="N", help="Every so many days."),
    click.option("--every-hours", metavar="N", help="Every so many engine hours."),
    click.option("--on", metavar="DATE", help="The first due day; the only one without an interval."),
    click.option("--at-km", metavar="N", help="The first due odometer in kilometres."),
    click.option("--at-miles", metavar="N", help="The first due odometer in miles."),
    click.option("--at-hours", metavar="N", help="The first due engine hours."),
    click.option("--soon-days", type=int, metavar="N", help="Days ahead that are soon. Default: 30."),
    click.option("--very-soon-days", type=int, metavar="N", help="Days ahead that are very soon. Default: 7."),
    click.option("--soon-km", metavar="N", help="Kilometres ahead that are soon. Default: 1000."),
    click.option("--very-soon-km", metavar="N", help="Kilometres ahead that are very soon. Default: 250."),
    click.option("--soon-hours", metavar="N", help="Engine hours ahead that are soon. Default: 50."),
    click.option("--very-soon-hours", metavar="N", help="Engine hours ahead that are very soon. Default: 10."),
    click.option("--expected-cost", metavar="AMOUNT", help="What one time costs, as far as you know."),
    click.option("--notes", help="Anything else."),
)
FIXED_HELP = "Keep the grid of dues; without it each counts from when the work was done."


@click.group("reminders", cls=FleetGroup)
def reminders() -> None:
    """What is to be done again, or once: by distance, date or engine hours."""


def _hours(typed: Typed, option: str, text: str | None) -> EngineHours | None:
    counted = typed.decimal(option, text)
    return None if counted is None else EngineHours.of(counted)


def _fields(typed: Typed, options: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that were given."""

    def metres(name: str) -> Any:
        km, miles = options[f"{name}_km"], options.get(f"{name}_miles")
        if km is not None and miles is not None:
            raise click.UsageError(f"give --{name}-km or --{name}-miles, not both")
        if miles is not None:
            return typed.distance(f"--{name}-miles", f"{miles} mi")
        return typed.distance(f"--{name.replace('_', '-')}-km", None if km is None else f"{km} km")

    found = given(
        every=metres("every"),
        at_odometer=metres("at"),
        soon_distance=metres("soon"),
        very_soon_distance=metres("very_soon"),
        every_engine_hours=_hours(typed, "--every-hours", options["every_hours"]),
        at_engine_hours=_hours(typed, "--at-hours", options["at_hours"]),
        soon_engine_hours=_hours(typed, "--soon-hours", options["soon_hours"]),
        very_soon_engine_hours=_hours(typed, "--very-soon-hours", options["very_soon_hours"]),
        on=typed.day("--on", options["on"]),
        expected_cost=typed.money("--expected-cost", options["expected_cost"]),
        **{name: options[name] for name in ("every_months", "every_days", "soon_days", "very_soon_days", "notes")},
    )
    typed.check()
    return found


@reminders.command("add")
@vehicle_option(required=True)
@click.option("--title", required=True, metavar="TEXT", help="What is to be done, in a few words.")
@RULE_OPTIONS
@click.option("--fixed", "is_fixed", is_flag=True, help=FIXED_HELP)
@pass_session
def add(session: Session, /, vehicle: str, title: str, is_fixed: bool, **options: Any) -> None:
    """Set a reminder; of several measures whichever comes first decides.

    fleet reminders add --vehicle Golf --title "Oil change" --every-km 15000 --every-months 12
    """
    chosen = find_vehicle(session, vehicle)
    fields = _fields(typed_for(session, chosen), options)
    made = session.run(add_reminder, AddReminder(vehicle_id=chosen.id, title=title, is_fixed=is_fixed, **fields))
    session.done(made, f"Set: {made.title}, next {due_words(session, made, chosen)} ({short_id(made.id)}).")


@reminders.command("list")
@vehicle_option()
@click.option("--finished", is_flag=True, help="With those that are finished.")
@click.option("--removed", is_flag=True, help="Those that were removed.")
@narrowed_by(ListReminders)
@limit_option()
@all_option()
@pass_session
def list_(
    session: Session,
    *,
    vehicle: str | None,
    finished: bool,
    removed: bool,
    limit: int | None,
    show_all: bool,
    narrowed: dict[str, Any],
) -> None:
    """List reminders, newest first."""
    chosen = find_vehicle(session, vehicle) if vehicle else None

    def asked(cursor: str | None, most: int) -> ListReminders:
        vehicle_id = chosen.id if chosen else None
        return ListReminders(
            vehicle_id=vehicle_id, include_finished=finished, deleted=removed, cursor=cursor, limit=most, **narrowed
        )

    found, more = some_of(
        lambda cursor, most: session.read(list_reminders, asked(cursor, most)),
        rows_wanted(limit, show_all, session.as_json),
    )
    vehicles = vehicles_by_id(session)

    def human() -> Iterator[str]:
        if not found:
            yield "No reminders were removed." if removed else NOTHING_SET
            return
        yield from table(
            LIST_COLUMNS,
            [
                [
                    vehicle.name if vehicle else "",
                    each.title,
                    rule_words(session, each, vehicle),
                    due_words(session, each, vehicle),
                    "" if each.is_finished else urgency_words(each.urgency),
                    short_id(each.id),
                ]
                for each in found
                for vehicle in [_among(vehicles, each)]
            ],
        )
        if more:
            session.note("There are more: --all lists them.")

    session.show({"reminders": found}, human)


def _among(vehicles: Mapping[UUID, Vehicle], reminder: Reminder) -> Vehicle | None:
    return None if reminder.vehicle_id is None else vehicles[reminder.vehicle_id]


def _vehicle_of(session: Session, reminder: Reminder) -> Vehicle | None:
    """Return the vehicle of a reminder; one about a person's papers has none."""
    return _among(vehicles_by_id(session), reminder)


def _find(session: Session, text: str, *, removed: bool = False) -> Reminder:
    """Return the reminder whose id ends with *text*, or the only one that is called so."""

    def candidates() -> list[Reminder]:
        return list(
            everything(
                lambda cursor, most: session.read(
                    list_reminders, ListReminders(include_finished=True, deleted=removed, cursor=cursor, limit=most)
                )
            )
        )

    named = [each for each in candidates() if each.title.casefold() == text.strip().casefold()]
    if len(named) == 1:
        return named[0]
    if named:
        choices = ", ".join(short_id(each.id) for each in named)
        raise BadInput.because("", f"{len(named)} reminders are called {text!r}: use the id, one of {choices}")
    return pick(text, "reminder", lambda key: session.read(get_reminder, GetReminder(id=key)), candidates)


@reminders.command("show")
@click.argument("reminder", metavar="ID")
@pass_session
def show(session: Session, reminder: str) -> None:
    """Show the reminder ID (its id or its title) and why it is as urgent as it is."""
    found = _find(session, reminder)
    vehicle = _vehicle_of(session, found)
    standing = session.read(list_due, ListDue(vehicle_id=found.vehicle_id))
    because = next((each.because for each in standing if each.reminder_id == found.id), "")

    def human() -> Iterator[str]:
        yield plain(found.title)
        yield from details(
            (
                ("Vehicle", vehicle.name if vehicle else ""),
                ("Rule", rule_words(session, found, vehicle)),
                ("Next", due_words(session, found, vehicle)),
                ("Urgency", "finished" if found.is_finished else urgency_words(found.urgency)),
                ("Because", because),
                ("Expected cost", session.display.money(found.expected_cost) if found.expected_cost else ""),
                ("Last done", str(found.last_done_on or "")),
                ("Snoozed until", str(found.snoozed_until or "")),
                ("Notes", found.notes),
                ("Id", str(found.id)),
            )
        )

    session.show(found, human)


@reminders.command("edit")
@click.argument("reminder", metavar="ID")
@click.option("--title", metavar="TEXT", help="What is to be done, in a few words.")
@RULE_OPTIONS
@click.option("--fixed/--rolling", "is_fixed", default=None, help=FIXED_HELP)
@clear_option(clearable(ReminderFields))
@pass_session
def edit(
    session: Session, /, reminder: str, title: str | None, is_fixed: bool | None, cleared: tuple[str, ...],
    **options: Any,
) -> None:  # fmt: skip
    """Change the reminder ID; what is not given stays."""
    before = _find(session, reminder)
    vehicle = _vehicle_of(session, before)
    fields = {
        **said(before, ReminderFields),
        **emptied(ReminderFields, cleared),
        **_fields(typed_for(session, vehicle), options),
        **given(title=title, is_fixed=is_fixed),
    }
    after = session.run(edit_reminder, EditReminder(id=before.id, version=before.version, **fields))
    session.done(after, f"Changed: {after.title}, next {due_words(session, after, vehicle)}.")


@reminders.command("done")
@click.argument("reminder", metavar="ID")
@click.option("--on", metavar="DATE", help="When it was done. Default: today.")
@click.option("--km", metavar="N", help="What the odometer showed then, in kilometres.")
@click.option("--miles", metavar="N", help="What the odometer showed then, in miles.")
@click.option("--hours", metavar="N", help="What the hour meter showed then.")
@pass_session
def done(
    session: Session, *, reminder: str, on: str | None, km: str | None, miles: str | None, hours: str | None
) -> None:
    """Say that the work of the reminder ID (its id or its title) was done; it goes on with the next due.

    fleet reminders done "Oil change" --on 2026-03-10 --km 45210
    """
    before = _find(session, reminder)
    vehicle = _vehicle_of(session, before)
    typed = typed_for(session, vehicle)
    if km is not None and miles is not None:
        raise click.UsageError("give --km or --miles, not both")
    shown = typed.distance("--miles", f"{miles} mi") if miles else typed.distance("--km", km and f"{km} km")
    command = FinishReminder(
        id=before.id,
        done_on=typed.day("--on", on),
        odometer=shown,
        engine_hours=_hours(typed, "--hours", hours),
    )
    typed.check()
    after = session.run(finish_reminder, command)
    session.done(after, _went_on(session, f"Done: {after.title}", after))


def _went_on(session: Session, what: str, after: Reminder) -> str:
    if after.is_finished:
        return f"{what}; that was the only time."
    return f"{what}, next {due_words(session, after, _vehicle_of(session, after))}."


@reminders.command("skip")
@click.argument("reminder", metavar="ID")
@pass_session
def skip(session: Session, reminder: str) -> None:
    """Leave this time of the reminder ID out and go on with the next."""
    after = session.run(skip_reminder, SkipReminder(id=_find(session, reminder).id))
    session.done(after, _went_on(session, f"Skipped: {after.title}", after))


@reminders.command("reopen")
@click.argument("reminder", metavar="ID")
@pass_session
def reopen(session: Session, reminder: str) -> None:
    """Take back that the reminder ID was done or skipped last."""
    after = session.run(reopen_reminder, ReopenReminder(id=_find(session, reminder).id))
    session.done(after, _went_on(session, f"Taken back: {after.title}", after))


@reminders.command("snooze")
@click.argument("reminder", metavar="ID")
@click.option("--until", metavar="DATE", help="The day on which it speaks again. Without it, it wakes now.")
@pass_session
def snooze(session: Session, reminder: str, until: str | None) -> None:
    """Let the reminder ID be quiet until a day."""
    before = _find(session, reminder)
    typed = typed_for(session)
    day = typed.day("--until", until)
    typed.check()
    after = session.run(snooze_reminder, SnoozeReminder(id=before.id, until=day))
    words = f"is quiet until {day}" if day else f"is awake: {urgency_words(Urgency(after.urgency))}"
    session.done(after, f"{after.title} {words}.")


@reminders.command("remove")
@click.argument("reminder", metavar="ID")
@pass_session
def remove(session: Session, reminder: str) -> None:
    """Remove the reminder ID; `fleet reminders restore` brings it back."""
    after = session.run(delete_reminder, DeleteReminder(id=_find(session, reminder).id))
    session.done(after, f"Removed: {after.title}. Bring it back: fleet reminders restore {short_id(after.id)}")


@reminders.command("restore")
@click.argument("reminder", metavar="ID")
@pass_session
def restore(session: Session, reminder: str) -> None:
    """Bring the removed reminder ID back."""
    after = session.run(restore_reminder, RestoreReminder(id=_find(session, reminder, removed=True).id))
    session.done(after, _went_on(session, f"Back again: {after.title}", after))
