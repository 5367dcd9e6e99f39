"""Pages of invitations: make a link with which somebody comes in, make it anew, take it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Forbidden, NotFound, Rejected
from fleetcore.people.commands import ListRoles
from fleetcore.people.members import list_roles
from fleetcore.people.model import GUEST, OWNER
from fleetcore.sharing.model import Invite, OfferedGrant, ResendInvitation, RevokeInvitation, SentInvitation
from fleetcore.sharing.service import invite, resend_invitation, revoke_invitation
from fleetcore.vehicles.model import GrantScope
from fleetserver.auth.desk import form_of, require_sign_in
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, View
from fleetserver.pages.visits import Visit
from fleetserver.pages.words import role_name
from fleetserver.people.pages import may_manage, scope_choices, vehicle_choices

__all__ = ["PAGES"]


def _require(visit: Visit) -> None:
    require_sign_in(visit)
    if not may_manage(visit):
        raise Forbidden("only who manages the people of the fleet invites others")


def _form(visit: Visit) -> Form:
    _ = visit.language.text
    actor = visit.caller.actor
    roles = [
        Choice(role.name, role_name(visit.language, role.name))
        for role in visit.answer(list_roles, ListRoles())
        if role.name != GUEST
        and (role.name != OWNER or actor.scope("people.owners") is Scope.ALL)
        and all((actor.scope(name) or 0) >= scope for name, scope in role.permissions.items())
    ]
    lending = _("Lend a vehicle")
    return form_of(
        visit,
        Field(name="roles", label=_("They become"), kind=Kind.CHOICE, choices=tuple(roles),
              empty=_("a guest with a lent vehicle"),
              hint=_("A guest sees nothing but the vehicle that you lend below.")),
        Field(name="email", label=_("E-mail"), kind=Kind.EMAIL, length_max=320,
              hint=_("Then only the user of this address can accept, and the link is mailed where mail is set up.")),
        Field(name="vehicle_id", label=_("Vehicle"), kind=Kind.ID, choices=vehicle_choices(visit), group=lending,
              empty=_("none")),
        Field(name="scope", label=_("They may"), kind=Kind.CHOICE, choices=scope_choices(visit), group=lending,
              empty=_("all that their role allows")),
        Field(name="until", label=_("Last day"), kind=Kind.DAY, group=lending,
              hint=_("Leave it empty for until you end it.")),
        Field(name="message", label=_("A word to them"), kind=Kind.LONG_TEXT, length_max=1000),
        Field(name="valid_days", label=_("The link works for this many days"), kind=Kind.WHOLE, is_required=True),
    )  # fmt: skip


def show(visit: Visit) -> Outcome:
    """Ask whom one invites as what."""
    _require(visit)
    form = _form(visit)
    form.texts.setdefault("valid_days", "7")
    if (role := visit.sent.query.get("role")) is not None:
        form.texts["roles"] = role
    return View(template="people/invite.html", values={"form": form})


def _grants(values: dict[str, Any], ends_at: datetime | None) -> tuple[OfferedGrant, ...]:
    vehicle_id: UUID | None = values.get("vehicle_id")
    if vehicle_id is None:
        return ()
    scope = values.get("scope")
    return (OfferedGrant(vehicle_id=vehicle_id, scope=None if scope is None else GrantScope(scope), ends_at=ends_at),)


def make(visit: Visit) -> Outcome:
    """Make the invitation; its link is shown on the page that comes, and never again."""
    _require(visit)
    form = _form(visit)
    typed = visit.typed()
    values = form.values(typed)
    if not form.has_errors:
        command = Invite(
            roles=(values["roles"],) if "roles" in values else (),
            grants=_grants(values, typed.midnight_after(values.get("until"))),
            email=values.get("email"),
            message=values.get("message", ""),
            valid_days=values["valid_days"],
        )
        try:
            sent = visit.run(invite, command)
        except Rejected as rejected:
            form.refuse(rejected.problems)
        else:
            return _sent_view(visit, sent)
    return View(template="people/invite.html", values={"form": form}, status=422)


def _sent_view(visit: Visit, sent: SentInvitation) -> Outcome:
    if sent.token is None:  # the same form came twice: the page before has told the link
        return Redirect(to="/people", message=visit.language.text("This invitation is made already."))
    link = f"{visit.accounts.settings.public_url}/invitations/{sent.token}"
    return View(template="people/invited.html", values={"link": link, "invitation": sent.invitation})


def _id(visit: Visit) -> UUID:
    found = visit.id("id")
    if found is None:
        raise NotFound("invitation", visit.sent.names["id"])
    return found


def resend(visit: Visit) -> Outcome:
    """Make a new link; the old one ends."""
    _require(visit)
    return _sent_view(visit, visit.run(resend_invitation, ResendInvitation(id=_id(visit))))


def revoke(visit: Visit) -> Outcome:
    """Take an invitation back."""
    _require(visit)
    visit.run(revoke_invitation, RevokeInvitation(id=_id(visit)))
    return Redirect(to="/people", message=visit.language.text("The invitation is taken back."))


PAGES = (
    PageRoute(method="GET", path="/people/invite", show=show),
    PageRoute(method="POST", path="/people/invite", show=make),
    PageRoute(method="POST", path="/people/invitations/{id}/resend", show=resend),
    PageRoute(method="POST", path="/people/invitations/{id}/revoke", show=revoke),
)
