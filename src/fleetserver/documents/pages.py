"""Pages of papers: insurance, registration, inspections, warranties, leases, licences; renewed, cancelled, forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fleetcore.documents.commands import ForecastLease, ListPayments
from fleetcore.documents.forecast import forecast_lease
from fleetcore.documents.model import (
    Allowance,
    Cover,
    Document,
    DocumentKind,
    InspectionResult,
    PaymentSchedule,
)
from fleetcore.documents.service import (
    add_document,
    cancel_document,
    delete_document,
    edit_document,
    get_document,
    list_documents,
    list_payments,
    renew_document,
    restore_document,
)
from fleetcore.kernel.errors import FleetError
from fleetcore.kernel.when import local_date
from fleetcore.people.commands import ListMembers
from fleetcore.people.members import list_members
from fleetserver.pages.forms import Choice, Field, Kind
from fleetserver.pages.records import Action, Column, Desk, Filter, Records, Words, vehicle_field
from fleetserver.pages.routing import Undo
from fleetserver.pages.steps import Step
from fleetserver.pages.visits import Visit

__all__ = ["PAGES"]

MEMBERS_MAX = 200


def _word(visit: Visit, value: Any) -> str:
    return visit.language.text(str(value).replace("_", " ").capitalize())


def _choices(visit: Visit, kinds: Any) -> tuple[Choice, ...]:
    return tuple(Choice(each.value, _word(visit, each)) for each in kinds)


def _kind(desk: Desk) -> DocumentKind:
    said = desk.record.kind if desk.record is not None else None
    said = said or desk.visit.sent.form.get("kind") or desk.visit.sent.query.get("kind")
    return DocumentKind(said) if said in set(DocumentKind) else DocumentKind.INSURANCE


def _people(visit: Visit) -> tuple[Choice, ...]:
    me = visit.user
    if visit.may("people.read"):
        found = visit.answer(list_members, ListMembers(limit=MEMBERS_MAX)).items
        return tuple(Choice(str(each.user_id), each.name) for each in found)
    return (Choice(str(me.id), me.name),)


def _own_fields(desk: Desk, kind: DocumentKind) -> tuple[Field, ...]:
    """Return the fields that only documents of this kind have."""
    visit, _ = desk.visit, desk.visit.language.text
    match kind:
        case DocumentKind.INSURANCE:
            return (
                Field(name="cover", label=_("It covers"), kind=Kind.CHOICE, choices=_choices(visit, Cover)),
                Field(name="excess", label=_("Excess"), kind=Kind.MONEY, beside=True),
            )
        case DocumentKind.INSPECTION:
            results = _choices(visit, InspectionResult)
            return (Field(name="result", label=_("Result"), kind=Kind.CHOICE, choices=results),)
        case DocumentKind.WARRANTY:
            return (Field(name="until_odometer", label=_("or until"), kind=Kind.DISTANCE),)
        case DocumentKind.LEASE:
            fee = f"{visit.display.currency}/km"
            allowances = _choices(visit, Allowance)
            return (
                Field(name="start_odometer", label=_("Odometer at the start"), kind=Kind.DISTANCE),
                Field(name="allowed_distance", label=_("Allowed distance"), kind=Kind.DISTANCE, beside=True),
                Field(name="allowance", label=_("for"), kind=Kind.CHOICE, choices=allowances, beside=True),
                Field(name="excess_fee_per_km", label=_("Fee above it"), kind=Kind.PLAIN_PRICE, unit_said=fee),
            )
        case DocumentKind.LICENCE:
            return (Field(name="classes", label=_("Classes"), kind=Kind.TAGS, hint=_("Separated by commas.")),)
        case _:
            return ()


ISSUERS: Mapping[DocumentKind, str] = {
    DocumentKind.INSURANCE: "Insurer",
    DocumentKind.REGISTRATION: "Authority",
    DocumentKind.INSPECTION: "Inspector",
    DocumentKind.WARRANTY: "Who gives it",
    DocumentKind.LEASE: "Lessor",
    DocumentKind.LICENCE: "Authority",
}


def _fields(desk: Desk) -> tuple[Field, ...]:
    visit, _ = desk.visit, desk.visit.language.text
    kind, more = _kind(desk), _("Contact, notes and more")
    owner = vehicle_field(desk)
    if kind is DocumentKind.LICENCE:
        owner = Field(name="person_id", label=_("Whose"), kind=Kind.ID, is_required=True, choices=_people(visit))
    schedules = _choices(visit, PaymentSchedule)
    return (
        Field(name="kind", label=_("Kind"), kind=Kind.HIDDEN, choices=_choices(visit, DocumentKind)),
        owner,
        Field(name="issuer", label=_(ISSUERS[kind])),
        Field(name="number", label=_("Number"), beside=True),
        Field(name="starts_on", label=_("Day") if kind is DocumentKind.INSPECTION else _("From"), kind=Kind.DAY),
        Field(name="ends_on", label=_("Holds until"), kind=Kind.DAY, beside=True),
        *_own_fields(desk, kind),
        Field(name="amount", label=_("Costs"), kind=Kind.MONEY),
        Field(name="schedule", label=_("How often it is paid"), kind=Kind.CHOICE, choices=schedules, beside=True),
        Field(name="remind", label=_("Remind me before it ends"), kind=Kind.CHECK),
        Field(name="contact", label=_("Contact"), group=more),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, group=more, length_max=10_000),
    )


def _starts(desk: Desk) -> Mapping[str, str]:
    kind = _kind(desk)
    said = {"kind": kind.value, "remind": "on"}
    if kind is DocumentKind.LICENCE:
        said["person_id"] = str(desk.visit.user.id)
    return said


def _title(visit: Visit, document: Document) -> str:
    return ", ".join(filter(None, [_word(visit, document.kind), document.issuer]))


def _standing(visit: Visit, document: Document, _vehicle: Any) -> str:
    """Say in a word where a document stands."""
    _ = visit.language.text
    today = local_date(visit.core.clock.now(), visit.display.timezone)
    if document.cancelled_on is not None:
        return _("cancelled")
    if document.renewed_by_id is not None:
        return _("renewed")
    if document.ends_on is None:
        return ""
    days = (document.ends_on - today).days
    if days < 0:
        return _("ended")
    return visit.language.count("one day left", "{number} days left", days)


def _actions(visit: Visit, document: Document) -> Sequence[Action]:
    if not visit.may("documents.write"):
        return ()
    _ = visit.language.text
    found = []
    if document.renewed_by_id is not None:
        found.append(Action(to=f"/documents/{document.renewed_by_id}", label=_("What follows it"), icon="file-text"))
    else:
        found.append(Action(to=f"/documents/{document.id}/renew", label=_("Renew"), icon="calendar", is_first=True))
    if document.renews_id is not None:
        found.append(Action(to=f"/documents/{document.renews_id}", label=_("What came before"), icon="history"))
    if document.cancelled_on is None:
        found.append(Action(to=f"/documents/{document.id}/cancel", label=_("End it early"), icon="x"))
    return found


def _more(visit: Visit, document: Document) -> Mapping[str, Any]:
    payments = visit.answer(list_payments, ListPayments(id=document.id))
    forecast: Any = None
    if document.kind is DocumentKind.LEASE:
        try:
            forecast = visit.answer(forecast_lease, ForecastLease(id=document.id))
        except FleetError as reason:
            forecast = str(reason)
    vehicle_id = document.vehicle_id
    return {"payments": payments, "forecast": forecast, "of_vehicle": vehicle_id}


RECORDS = Records(
    path="/documents",
    entity="documents.document",
    words=Words(
        one="Document",
        many="Documents",
        add="File a document",
        save="Save document",
        empty="Insurance, registration, inspections, warranties, leases, licences: filed once, told before they end.",
    ),
    columns=(
        Column(title="Document", text=lambda visit, document, _vehicle: _title(visit, document)),
        Column(title="Number", text=lambda _visit, document, _vehicle: document.number),
        Column(title="From", text=lambda visit, document, _vehicle: visit.day(document.starts_on)),
        Column(title="Until", text=lambda visit, document, _vehicle: visit.day(document.ends_on)),
        Column(title="Standing", text=_standing),
        Column(title="Costs", text=lambda visit, document, _vehicle: visit.money(document.amount), is_number=True),
    ),
    fields=_fields,
    list=list_documents,
    get=get_document,
    record=add_document,
    edit=edit_document,
    delete=delete_document,
    restore=restore_document,
    title=_title,
    starts_with=_starts,
    actions=_actions,
    more=_more,
    needs_vehicle=False,
    lands="record",
    template="documents/form.html",
    filters=(
        Filter(name="kind", label="Kind", choices=lambda desk: _choices(desk.visit, DocumentKind), read=DocumentKind),
        Filter(
            name="expiring_within",
            label="Ends",
            choices=lambda desk: (
                Choice("30", desk.visit.language.text("within 30 days")),
                Choice("90", desk.visit.language.text("within 90 days")),
                Choice("365", desk.visit.language.text("within a year")),
            ),
            read=int,
        ),
    ),
)


def _renewal_fields(desk: Desk) -> tuple[Field, ...]:
    visit, _ = desk.visit, desk.visit.language.text
    results = _choices(visit, InspectionResult)
    is_inspection = desk.record.kind is DocumentKind.INSPECTION
    return (
        Field(name="starts_on", label=_("From"), kind=Kind.DAY, hint=_("Left empty: where the old one ends.")),
        Field(name="ends_on", label=_("Holds until"), kind=Kind.DAY, beside=True, hint=_("Left empty: as long again.")),
        *([Field(name="result", label=_("Result"), kind=Kind.CHOICE, choices=results)] if is_inspection else []),
        Field(name="issuer", label=_("From whom"), hint=_("Left empty: as before.")),
        Field(name="number", label=_("Number"), beside=True),
        Field(name="amount", label=_("Costs"), kind=Kind.MONEY),
        Field(
            name="schedule",
            label=_("How often it is paid"),
            kind=Kind.CHOICE,
            choices=_choices(visit, PaymentSchedule),
            beside=True,
        ),
        Field(name="notes", label=_("Notes"), kind=Kind.LONG_TEXT, length_max=10_000),
    )


def _new_id(answer: Any) -> str:
    return str(getattr(answer, "document", answer).id)


RENEW = Step(
    path="/documents/{id}/renew",
    name="Renew the document",
    save="File the new one",
    intro="The new one begins where the old one ends, and is as long; what you leave empty is taken over.",
    get=get_document,
    operation=renew_document,
    fields=_renewal_fields,
    lands=lambda _record, answer: f"/documents/{_new_id(answer)}",
    undo=lambda _record, answer: Undo(
        operation=delete_document.name,
        values={"id": _new_id(answer), "version": getattr(answer, "document", answer).version},
    ),
)
CANCEL = Step(
    path="/documents/{id}/cancel",
    name="End the document early",
    save="End it",
    intro="What would have fallen due from that day on is not booked.",
    get=get_document,
    operation=cancel_document,
    fields=lambda desk: (
        Field(
            name="on",
            label=desk.visit.language.text("Ends on"),
            kind=Kind.DAY,
            hint=desk.visit.language.text("Left empty: today."),
        ),
    ),
    lands=lambda record, _answer: f"/documents/{record.id}",
    undo=lambda record, answer: Undo(
        operation=cancel_document.name,
        values={"id": str(record.id), "version": getattr(answer, "document", answer).version, "undo": True},
    ),
)
PAGES = (*RECORDS.routes(), *RENEW.routes(), *CANCEL.routes())
