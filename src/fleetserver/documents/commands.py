"""``fleet documents``: the papers of vehicles and drivers, what they cost and when they end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from fleetcore.documents.commands import (
    AddDocument,
    CancelDocument,
    DeleteDocument,
    EditDocument,
    ForecastLease,
    ListDocuments,
    ListPayments,
    RenewDocument,
    RestoreDocument,
    RunPremiums,
)
from fleetcore.documents.forecast import forecast_lease
from fleetcore.documents.model import Document, DocumentFields, DocumentKind, FiledDocument, Payment
from fleetcore.documents.payments import run_premiums
from fleetcore.documents.service import (
    add_document,
    cancel_document,
    delete_document,
    edit_document,
    list_documents,
    list_payments,
    renew_document,
    restore_document,
)
from fleetcore.kernel.quantities import Distance
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.lists import narrowed_by
from fleetserver.cli.picking import find_vehicle, short_id, some_of, typed_for, vehicles_by_id
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
)
from fleetserver.cli.tables import Column, details, table

from .papers import (
    FIELD_OPTIONS,
    document_fields,
    find_document,
    find_member,
    json_of,
    pairs_of,
    sentence_of,
    whose,
)

__all__ = ["documents"]

NONE_YET = (
    "No documents yet. File one: fleet documents add insurance --vehicle Golf --issuer Harbour\n"
    "  --cover liability --start 2026-01-01 --end 2026-12-31 --amount 30 --schedule monthly"
)
COLUMNS = (
    Column("Ends"),
    Column("About", flexible=True),
    Column("Kind"),
    Column("Issuer", flexible=True, drop=1),
    Column("Amount", right=True, drop=2),
    Column("", drop=3),
    Column("Id"),
)
PAYMENT_COLUMNS = (Column("Due"), Column("Amount", right=True))
NOT_CLEARABLE = {"kind", "vehicle_id", "person_id", "remind"}
RENEWABLE = ("issuer", "number", "starts_on", "ends_on", "amount", "schedule", "result", "notes")


@click.group("documents", cls=FleetGroup)
def documents() -> None:
    """File insurance, registration, inspections, warranties, leases and licences, and renew them in time."""


def _tell(session: Session, filed: FiledDocument, verb: str) -> None:
    document = filed.document
    value = {**json_of(session, document), "warnings": [warning.message for warning in filed.warnings]}
    for warning in filed.warnings:
        session.note(f"Note: {warning.message}.")
    session.done(value, f"{verb} {sentence_of(session, document)} ({short_id(document.id)}).")


@documents.command("add")
@click.argument("kind", type=choice_of(DocumentKind))
@vehicle_option()
@click.option("--person", metavar="MEMBER", help="Whose licence it is: name, e-mail or id. Default: yours.")
@FIELD_OPTIONS
@pass_session
def add(session: Session, /, kind: str, vehicle: str | None, person: str | None, **options: Any) -> None:
    """File a document. What it has cost until today is booked, and its end is reminded of.

    fleet documents add insurance --vehicle Golf --issuer Harbour --start 2026-01-01 --end 2026-12-31 --amount 30

    fleet documents add licence --person ada@example.org --number N72 --class B --end 2033-01-18
    """
    chosen = find_vehicle(session, vehicle) if vehicle else None
    owner: dict[str, Any] = {"vehicle_id": chosen.id if chosen else None}
    if kind == DocumentKind.LICENCE:
        owner["person_id"] = find_member(session, person).user_id if person else session.actor.user_id
    elif person:
        raise BadInput.because("--person", "fits a licence only: anything else belongs to a vehicle")
    elif chosen is None:
        raise BadInput.because("--vehicle", "is needed: which vehicle is it about?")
    fields = document_fields(typed_for(session, chosen), options)
    filed = session.run(add_document, AddDocument(kind=DocumentKind(kind), **owner, **fields))
    _tell(session, filed, "Filed")


@documents.command("list")
@vehicle_option()
@click.option("--kind", type=choice_of(DocumentKind), help="Only of this kind.")
@click.option("--person", metavar="MEMBER", help="Only the licences of this member.")
@click.option("--expiring", metavar="DAYS", help="Those that end within so many days, such as 60 or 60d.")
@click.option("--current", is_flag=True, help="Neither renewed nor cancelled ones.")
@click.option("--removed", is_flag=True, help="Those that were deleted and can be restored.")
@narrowed_by(ListDocuments)
@limit_option()
@all_option()
@pass_session
def list_(
    session: Session, *, vehicle: str | None, kind: str | None, person: str | None, expiring: str | None,
    current: bool, removed: bool, limit: int | None, show_all: bool, narrowed: dict[str, Any],
) -> None:  # fmt: skip
    """List documents, newest first; with --expiring those that end soonest first.

    fleet documents list --expiring 60d
    """
    asked: dict[str, Any] = {
        "vehicle_id": find_vehicle(session, vehicle).id if vehicle else None,
        "kind": DocumentKind(kind) if kind else None,
        "person_id": find_member(session, person).user_id if person else None,
        "expiring_within": _days(expiring),
        "include_past": not current,
        "deleted": removed,
        **narrowed,
    }
    found, more = some_of(
        lambda cursor, most: session.read(list_documents, ListDocuments(**asked, cursor=cursor, limit=most)),
        rows_wanted(limit, show_all, session.as_json),
    )
    names = vehicles_by_id(session)

    def human() -> Iterator[str]:
        if not found:
            yield "No documents of this kind." if any((vehicle, kind, person, expiring, current, removed)) else NONE_YET
            return
        yield from table(COLUMNS, [_row(session, each, whose(session, each, names)) for each in found])
        if more:
            session.note("There are more: --all lists them.")

    session.show({"documents": [json_of(session, each, names) for each in found]}, human)


def _days(text: str | None) -> int | None:
    if text is None:
        return None
    number = text.strip().lower().removesuffix("d")
    if not number.isdecimal():
        raise BadInput.because("--expiring", f"{text!r} is not a number of days such as 60")
    return int(number)


def _row(session: Session, document: Document, about: str) -> list[str]:
    state = "renewed" if document.renewed_by_id else "cancelled" if document.cancelled_on else ""
    kind = f"{document.kind} {document.cover}" if document.cover else str(document.kind)
    amount = session.display.money(document.amount)
    return [str(document.ends_on or ""), about, kind, document.issuer, amount, state, short_id(document.id)]


@documents.command("show")
@click.argument("document_id", metavar="ID")
@pass_session
def show(session: Session, document_id: str) -> None:
    """Show everything that is said of the document ID."""
    document = find_document(session, document_id)
    session.show(json_of(session, document), lambda: details(pairs_of(session, document)))


@documents.command("edit")
@click.argument("document_id", metavar="ID")
@FIELD_OPTIONS
@clear_option([name for name in clearable(DocumentFields) if name not in NOT_CLEARABLE])
@pass_session
def edit(session: Session, /, document_id: str, cleared: tuple[str, ...], **options: Any) -> None:
    """Change what is said of the document ID; what is not given stays. What it cost is booked anew.

    A premium that changes from a day on is a renewal.

    fleet documents edit 1a2b3c4d --end 2027-06-30
    """
    before = find_document(session, document_id)
    vehicle = vehicles_by_id(session).get(before.vehicle_id) if before.vehicle_id else None
    new = document_fields(typed_for(session, vehicle), options)
    fields = {**said(before, DocumentFields), **emptied(DocumentFields, cleared), **new}
    _tell(session, session.run(edit_document, EditDocument(id=before.id, version=before.version, **fields)), "Changed")


@documents.command("renew")
@click.argument("document_id", metavar="ID")
@FIELD_OPTIONS
@pass_session
def renew(session: Session, /, document_id: str, **options: Any) -> None:
    """File the successor of the document ID: it goes on where the old one ends; what is not given is copied.

    fleet documents renew 1a2b3c4d --amount 33
    """
    before = find_document(session, document_id)
    vehicle = vehicles_by_id(session).get(before.vehicle_id) if before.vehicle_id else None
    new = document_fields(typed_for(session, vehicle), options)
    if others := sorted(new.keys() - set(RENEWABLE)):
        raise BadInput.because("", f"{', '.join(others)}: renew first, then edit the successor")
    filed = session.run(renew_document, RenewDocument(id=before.id, version=before.version, **new))
    _tell(session, filed, "Renewed:")


@documents.command("cancel")
@click.argument("document_id", metavar="ID")
@click.option("--on", metavar="DAY", help="The day from which nothing is paid any more. Default: today.")
@click.option("--undo", is_flag=True, help="Take the cancellation back.")
@pass_session
def cancel(session: Session, *, document_id: str, on: str | None, undo: bool) -> None:
    """Let the document ID end early; payments from that day on are taken back.

    fleet documents cancel 1a2b3c4d --on 2026-09-30
    """
    before = find_document(session, document_id)
    typed = typed_for(session)
    day = typed.day("--on", on)
    typed.check()
    command = CancelDocument(id=before.id, version=before.version, on=day, undo=undo)
    after = session.run(cancel_document, command)
    words = "It goes on" if undo else f"Cancelled on {after.cancelled_on}"
    session.done(json_of(session, after), f"{words}: {sentence_of(session, after)}.")


@documents.command("delete")
@click.argument("document_id", metavar="ID")
@pass_session
def delete(session: Session, document_id: str) -> None:
    """Delete the document ID with its payments and its reminder; restore brings all back."""
    before = find_document(session, document_id)
    after = session.run(delete_document, DeleteDocument(id=before.id, version=before.version))
    words = f"Deleted {sentence_of(session, after)}. Back: fleet documents restore {short_id(after.id)}"
    session.done(json_of(session, after), words)


@documents.command("restore")
@click.argument("document_id", metavar="ID")
@pass_session
def restore(session: Session, document_id: str) -> None:
    """Bring the deleted document ID back."""
    before = find_document(session, document_id, removed=True)
    _tell(session, session.run(restore_document, RestoreDocument(id=before.id)), "Back:")


@documents.command("payments")
@click.argument("document_id", metavar="ID")
@pass_session
def payments(session: Session, document_id: str) -> None:
    """List what was booked for the document ID, by the days on which it fell due."""
    document = find_document(session, document_id)
    found = session.read(list_payments, ListPayments(id=document.id))

    def human() -> Iterator[str]:
        if not found:
            yield "Nothing has fallen due yet."
            return
        yield from table(PAYMENT_COLUMNS, [[str(each.due_on), session.display.money(each.amount)] for each in found])

    session.show({"payments": found}, human)


@documents.command("run")
@pass_session
def run(session: Session) -> None:
    """Book the premiums, instalments and fees that have fallen due, each once; `fleet worker` does so too."""
    booked: list[Payment] = []
    while True:
        report = session.run(run_premiums, RunPremiums())
        booked += report.payments
        if not report.has_more:
            break
    session.done({"ran_on": report.ran_on, "payments": booked}, f"Booked {len(booked)} payments up to {report.ran_on}.")


@documents.command("lease-forecast")
@click.argument("document_id", metavar="ID")
@click.option("--today", metavar="DAY", help="As of this day, ignoring later readings.")
@pass_session
def lease_forecast(session: Session, *, document_id: str, today: str | None) -> None:
    """Say how far a leased vehicle will have gone at the end, and what the overrun costs.

    fleet documents lease-forecast 1a2b3c4d
    """
    document = find_document(session, document_id)
    typed = typed_for(session)
    day = typed.day("--today", today)
    typed.check()
    forecast = session.read(forecast_lease, ForecastLease(id=document.id, today=day))
    vehicle = vehicles_by_id(session).get(forecast.vehicle_id)
    display = session.display

    def between(low: str, high: str) -> str:
        return f" (likely {low} to {high})"

    def human() -> Iterator[str]:
        far = [display.distance(each, vehicle) for each in (forecast.expected_low, forecast.expected_high)]
        fees = [display.money(each) for each in (forecast.fee_low, forecast.fee_high)]
        over = forecast.overrun.metres > 0
        distance = display.distance(forecast.overrun if over else Distance(-forecast.overrun.metres), vehicle)
        yield from details(
            [
                ("Vehicle", vehicle.name if vehicle else ""),
                ("Ends", f"{forecast.ends_on}, in {forecast.days_left} days"),
                ("Allowed", display.distance(forecast.allowed, vehicle)),
                ("Allowed by now", display.distance(forecast.allowed_by_today, vehicle)),
                ("Driven by now", display.distance(forecast.driven, vehicle)),
                ("At the end", display.distance(forecast.expected, vehicle) + between(*far)),
                ("Too far" if over else "To spare", distance),
                ("Fee", display.money(forecast.fee) + between(*fees) if forecast.fee is not None else ""),
                ("Because", forecast.because),
            ]
        )

    session.show(forecast, human)
