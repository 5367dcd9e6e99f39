"""Pages of who changed what: of one record, and of the whole fleet for those who answer for it."""

from __future__ import annotations

from typing import Any

from fleetcore.audit.model import READ_ENTITY, AuditEntry, ListAudit
from fleetcore.audit.service import list_audit
from fleetcore.history.model import RecordHistory
from fleetcore.history.records import kind_of, record_history, told_fields
from fleetcore.kernel.errors import NotFound, Rejected
from fleetcore.people.commands import ListMembers
from fleetcore.people.members import list_members
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.log_words import READ, done, field_word, record_name
from fleetserver.pages.routing import Outcome, PageRoute, View
from fleetserver.pages.visits import Visit

from .readable import names_at_hand, steps_of

__all__ = ["PAGES"]

ROWS = 50


def show_record(visit: Visit) -> Outcome:
    """Show who changed one record, and what, the newest first."""
    if (record_id := visit.id("id")) is None:
        raise NotFound("record", visit.sent.names["id"])
    asked = RecordHistory(id=record_id, cursor=visit.sent.query.get("after") or None, limit=ROWS)
    back = visit.sent.query.get("back", "/")
    back = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
    page = visit.answer(record_history, asked)
    names = names_at_hand(visit)
    rows = [(each, done(visit.language, each.kind), steps_of(visit, each, names)) for each in page.items]
    values = {"page": page, "rows": rows, "back": back, "record_id": record_id}
    return View(template="history/record.html", values=values)


def _fields(visit: Visit, people: dict[Any, str]) -> tuple[Field, ...]:
    _ = visit.language.text
    chosen = tuple(Choice(str(user_id), name) for user_id, name in people.items())
    return (
        Field(name="actor_id", label=_("Who"), kind=Kind.ID, choices=chosen, empty=_("everybody")),
        Field(name="since", label=_("From"), kind=Kind.DAY),
        Field(name="until", label=_("Until"), kind=Kind.DAY),
        Field(name="reads", label=_("Show also what was only read"), kind=Kind.CHECK),
    )


def show_audit(visit: Visit) -> Outcome:
    """Show what was changed in the fleet, by whom and when."""
    people: dict[Any, str] = {}
    if visit.may("people.read"):
        people = {each.user_id: each.name for each in visit.answer(list_members, ListMembers(limit=200)).items}
    form = Form(fields=_fields(visit, people), display=visit.display, scale=visit.display.scale())
    form.take(visit.sent.query)
    typed = visit.typed()
    values = form.values(typed)
    asked: dict[str, Any] = {"actor_id": values.get("actor_id"), "reads": values["reads"], "limit": ROWS}
    asked["since"], asked["until"] = typed.midnight(values.get("since")), typed.midnight_after(values.get("until"))
    page = None
    if not form.has_errors:
        try:
            page = visit.answer(list_audit, ListAudit(**asked, cursor=visit.sent.query.get("after") or None))
        except Rejected as rejected:
            form.refuse(rejected.problems)
    rows = [(entry, people.get(entry.actor_id, ""), *_told(visit, entry)) for entry in page.items] if page else []
    values = {"form": form, "page": page, "rows": rows, "is_narrowed": bool(form.texts)}
    return View(template="history/audit.html", values=values, status=422 if form.has_errors else 200)


def _told(visit: Visit, entry: AuditEntry) -> tuple[str, str, list[str]]:
    """Return what was done, to what kind of record, and the fields that were changed."""
    language = visit.language
    if entry.entity == READ_ENTITY:
        return language.text(READ), entry.operation.replace(".", ": ").replace("_", " "), []
    fields = dict.fromkeys(field_word(language, name) for name in told_fields(entry))
    return done(language, kind_of(entry)), record_name(language, entry.entity), list(fields)


PAGES = (
    PageRoute(method="GET", path="/audit", show=show_audit),
    PageRoute(method="GET", path="/history/{id}", show=show_record),
)
