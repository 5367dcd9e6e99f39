"""What is typed about documents, and how they are found and written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import click

from fleetcore.documents.commands import GetDocument, ListDocuments
from fleetcore.documents.model import (
    Allowance,
    Cover,
    Document,
    DocumentFields,
    InspectionResult,
    PaymentSchedule,
)
from fleetcore.documents.service import get_document, list_documents
from fleetcore.kernel.errors import NotFound
from fleetcore.kernel.money import UnitPrice
from fleetcore.kernel.quantities import DistanceUnit
from fleetcore.kernel.wire import unstructure
from fleetcore.people.commands import ListMembers
from fleetcore.people.members import list_members
from fleetcore.people.model import ListedMember
from fleetcore.vehicles.model import Vehicle
from fleetserver.cli.failures import BadInput
from fleetserver.cli.picking import everything, given, pick, vehicles_by_id
from fleetserver.cli.session import Session
from fleetserver.cli.shared import choice_of, with_options
from fleetserver.presentation.typed import Typed

__all__ = [
    "FIELD_OPTIONS",
    "document_fields",
    "find_document",
    "find_member",
    "json_of",
    "pairs_of",
    "sentence_of",
    "whose",
]

FIELD_OPTIONS = with_options(
    click.option("--issuer", metavar="NAME", help="The insurer, authority, inspector, warrantor or lessor."),
    click.option("--number", help="The number on it."),
    click.option("--cover", type=choice_of(Cover), help="What an insurance covers."),
    click.option("--start", metavar="DAY", help="Its first day; the day of an inspection."),
    click.option("--end", metavar="DAY", help="The day on which it ends."),
    click.option("--amount", metavar="AMOUNT", help="The premium, instalment or fee that is paid each time."),
    click.option("--schedule", type=choice_of(PaymentSchedule), help="How often. Default: an insurance yearly, "
                 "a lease monthly, anything else once."),
    click.option("--excess", metavar="AMOUNT", help="What the insured pay of a damage themselves."),
    click.option("--result", type=choice_of(InspectionResult), help="What came of an inspection."),
    click.option("--until-odometer", metavar="N", help="The odometer at which a warranty ends."),
    click.option("--start-odometer", metavar="N", help="The odometer when a lease began."),
    click.option("--allowed-distance", metavar="N", help="How far a leased vehicle may go."),
    click.option("--allowance", type=choice_of(Allowance), help="Whether that is each year (default) or in all."),
    click.option("--excess-fee", metavar="AMOUNT", help="The fee for each km, or mile, beyond."),
    click.option("--class", "classes", multiple=True, metavar="CLASS", help="A class of a licence; may be repeated."),
    click.option("--contact", help="Whom to call."),
    click.option("--notes", help="Anything else."),
    click.option("--remind/--no-remind", default=None, help="Whether to remind of its end. Default: yes."),
)  # fmt: skip


def document_fields(typed: Typed, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that *options* give."""
    found = given(
        issuer=options["issuer"],
        number=options["number"],
        cover=options["cover"] and Cover(options["cover"]),
        starts_on=typed.day("--start", options["start"], end=False),
        ends_on=typed.day("--end", options["end"], end=True),
        amount=typed.money("--amount", options["amount"]),
        schedule=options["schedule"] and PaymentSchedule(options["schedule"]),
        excess=typed.money("--excess", options["excess"]),
        result=options["result"] and InspectionResult(options["result"]),
        until_odometer=typed.distance("--until-odometer", options["until_odometer"]),
        start_odometer=typed.distance("--start-odometer", options["start_odometer"]),
        allowed_distance=typed.distance("--allowed-distance", options["allowed_distance"]),
        allowance=options["allowance"] and Allowance(options["allowance"]),
        excess_fee_per_km=_fee(typed, options["excess_fee"]),
        classes=options["classes"] or None,
        contact=options["contact"],
        notes=options["notes"],
        remind=options["remind"],
    )
    typed.check()
    return found


def _fee(typed: Typed, text: str | None) -> UnitPrice | None:
    price = typed.unit_price("--excess-fee", text, "distance")
    if price is None or typed.scale.distance is DistanceUnit.KM:
        return price
    return UnitPrice.of(price.amount * 1000 / typed.scale.distance.metres, price.currency)


def find_member(session: Session, text: str) -> ListedMember:
    """Return the member called *text*, by name, e-mail or id; raises NotFound, BadInput when several are."""
    wanted = text.casefold()
    found = [
        each
        for each in everything(lambda cursor, most: session.read(list_members, ListMembers(cursor=cursor, limit=most)))
        if wanted in {each.name.casefold(), (each.email or "").casefold(), str(each.user_id)}
    ]
    if not found:
        raise NotFound("member", text)
    if len(found) > 1:
        raise BadInput.because("", f"{len(found)} members are called {text!r}: name one by e-mail or id")
    return found[0]


def find_document(session: Session, text: str, *, removed: bool = False) -> Document:
    """Return the document whose id is, or ends with, *text*."""

    def candidates() -> Iterator[Document]:
        return everything(
            lambda cursor, most: session.read(list_documents, ListDocuments(deleted=removed, cursor=cursor, limit=most))
        )

    def get(key: UUID) -> Document:
        if not removed:
            return session.read(get_document, GetDocument(id=key))
        if (found := next((each for each in candidates() if each.id == key), None)) is None:
            raise NotFound("deleted document", key)
        return found

    return pick(text, "document", get, candidates)


def whose(session: Session, document: Document, vehicles: Mapping[UUID, Vehicle] | None = None) -> str:
    """Return the name of the vehicle or the person that a document is about."""
    if document.vehicle_id is not None:
        known = vehicles_by_id(session) if vehicles is None else vehicles
        vehicle = known.get(document.vehicle_id)
        return "" if vehicle is None else vehicle.name
    if document.person_id == session.actor.user_id:
        return "you"
    members = everything(lambda cursor, most: session.read(list_members, ListMembers(cursor=cursor, limit=most)))
    return next((each.name for each in members if each.user_id == document.person_id), "")


def json_of(session: Session, document: Document, vehicles: Mapping[UUID, Vehicle] | None = None) -> dict[str, Any]:
    """Return a document as JSON, with the name of whom it is about."""
    return {**unstructure(document), "about": whose(session, document, vehicles)}


def sentence_of(session: Session, document: Document) -> str:
    """Write a document in a few words."""
    until = f"until {document.ends_on}" if document.ends_on else ""
    words = (whose(session, document), str(document.kind), document.issuer, until)
    return ", ".join(word for word in words if word)


def pairs_of(session: Session, document: Document) -> list[tuple[str, str]]:
    """Return everything that is said of a document, as names and values."""
    display = session.display
    vehicle = vehicles_by_id(session).get(document.vehicle_id) if document.vehicle_id else None
    fee = document.excess_fee_per_km
    allowed = display.distance(document.allowed_distance, vehicle)
    if allowed:
        allowed += " in all" if document.allowance is Allowance.TOTAL else " a year"
    return [
        ("About", whose(session, document)),
        ("Kind", str(document.kind)),
        ("Issuer", document.issuer),
        ("Number", document.number),
        ("Cover", str(document.cover or "")),
        ("Classes", ", ".join(document.classes)),
        ("Result", str(document.result or "").replace("_", " ")),
        ("Starts", str(document.starts_on or "")),
        ("Ends", str(document.ends_on or "")),
        ("Ends at", display.distance(document.until_odometer, vehicle)),
        ("Cancelled", str(document.cancelled_on or "")),
        ("Amount", f"{display.money(document.amount)} {_often(document)}".strip()),
        ("Next payment", str(document.next_payment_on or "")),
        ("Excess", display.money(document.excess)),
        ("Allowed distance", allowed),
        ("Start odometer", display.distance(document.start_odometer, vehicle)),
        ("Fee beyond", "" if fee is None else display.per_distance(fee, vehicle)),
        ("Contact", document.contact),
        ("Notes", document.notes),
        ("Reminder", "" if document.remind else "none wanted"),
        ("Renews", str(document.renews_id or "")),
        ("Renewed by", str(document.renewed_by_id or "")),
        ("Id", str(document.id)),
    ]


def _often(document: DocumentFields) -> str:
    return "" if document.schedule is None else str(document.schedule).replace("_", "-")
