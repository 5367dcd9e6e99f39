"""Pages of API keys: make one and see its secret once, list them, revoke them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from fleetcore.accounts.commands import ListKeys, RevokeKey
from fleetcore.accounts.keys import list_keys, revoke_key
from fleetcore.accounts.model import ApiKey
from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import NotFound, Problem, Rejected
from fleetcore.people.commands import ListMembers
from fleetcore.people.members import list_members
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, View
from fleetserver.pages.visits import Visit
from fleetserver.pages.words import permission_name

from .desk import form_of, origin_of, require_sign_in

__all__ = ["PAGES"]

PATH = "/account/keys"
READS = ".read"
# What a program that keeps records needs nothing of: people, keys, money by hand, and what cannot be taken back.
GUARDED = (
    *("people.", "keys.", "webhooks.", "fleet.", "users.", "backups.", "outbox.", "jobs.", "audit.", "ledger."),
    *("vehicles.purge", "vehicles.transfer", "vehicles.decommission"),
)


def _permissions(visit: Visit, choice: str, ticked: Collection[str]) -> Mapping[str, Scope]:
    """Return what a key of this *choice* may do, of what its maker may."""
    mine = visit.caller.actor.permissions
    if choice == "chosen":
        return {name: scope for name, scope in mine.items() if name in ticked}
    if choice == "all":
        return dict(mine)
    if choice == "read":
        return {name: scope for name, scope in mine.items() if name.endswith(READS)}
    return {name: scope for name, scope in mine.items() if name.endswith(READS) or not name.startswith(GUARDED)}


def _form(visit: Visit) -> Form:
    _ = visit.language.text
    mine, chosen = sorted(visit.caller.actor.permissions), _("Choose it one by one")
    sees = tuple(Choice(each, permission_name(visit.language, each)) for each in mine if each.endswith(READS))
    does = tuple(Choice(each, permission_name(visit.language, each)) for each in mine if not each.endswith(READS))
    return form_of(
        visit,
        Field(name="name", label=_("What the key is for"), is_required=True, length_max=100,
              hint=_("Such as the name of the program or the device.")),
        Field(name="reach", label=_("What it may do"), kind=Kind.CHOICE, is_required=True, choices=(
            Choice("read", _("Read everything that I may see")),
            Choice("records", _("Read, and write records: fill-ups, trips, expenses, services")),
            Choice("all", _("Everything that I may do")),
            Choice("chosen", _("Only what I tick below")),
        )),
        Field(name="days", label=_("Ends after"), kind=Kind.CHOICE, is_required=True, choices=(
            Choice("30", _("30 days")), Choice("90", _("90 days")), Choice("365", _("a year")),
            Choice("0", _("never, until I revoke it")),
        )),
        Field(name="sees", label=_("It may see"), kind=Kind.TICKS, choices=sees, group=chosen),
        Field(name="does", label=_("It may do"), kind=Kind.TICKS, choices=does, group=chosen),
    )  # fmt: skip


def show(visit: Visit) -> Outcome:
    """List the keys, and ask for what a new one needs."""
    require_sign_in(visit)
    form = _form(visit)
    form.texts.setdefault("days", "90")
    return _view(visit, form)


def _view(visit: Visit, form: Form, status: int = 200) -> View:
    may = visit.caller.actor.scope("keys.write") is Scope.ALL
    keys: tuple[ApiKey, ...] = visit.answer(list_keys, ListKeys()) if may else ()
    names = {each.user_id: each.name for each in visit.answer(list_members, ListMembers(limit=200)).items}
    values = {"form": form, "keys": keys, "names": names, "may": may, "now": visit.core.clock.now()}
    return View(template="accounts/keys.html", values=values, status=status)


def make(visit: Visit) -> Outcome:
    """Make a key; its secret is told on the page that comes, and never again."""
    require_sign_in(visit)
    form = _form(visit)
    values = form.values(visit.typed())
    ticked = {*values.get("sees", ()), *values.get("does", ())}
    if values.get("reach") == "chosen" and not ticked:
        form.refuse([Problem("reach", "tick below what it may do")])
    if not form.has_errors:
        days = int(values["days"])
        visit.close()
        visit.accounts.require_fresh_factor(visit.caller, "keys.write")
        try:
            made = visit.accounts.make_key(
                visit.caller,
                values["name"],
                _permissions(visit, values["reach"], ticked),
                expires_at=visit.core.clock.now() + timedelta(days=days) if days else None,
                origin=origin_of(visit),
            )
        except Rejected as rejected:
            form.refuse(rejected.problems)
        else:
            return View(template="accounts/key_made.html", values={"made": made})
    return _view(visit, form, 422)


def revoke(visit: Visit) -> Outcome:
    """End a key for good."""
    require_sign_in(visit)
    key_id = visit.id("id")
    if key_id is None:
        raise NotFound("key", visit.sent.names["id"])
    key = visit.run(revoke_key, RevokeKey(id=key_id))
    return Redirect(to=PATH, message=visit.language.text("The key {name} is revoked.", name=key.name))


PAGES = (
    PageRoute(method="GET", path=PATH, show=show),
    PageRoute(method="POST", path=PATH, show=make),
    PageRoute(method="POST", path=f"{PATH}/{{id}}", show=revoke),
)
