"""Pages of a household or a fleet: who is in it, what they may do, which vehicles they may use."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import attrs

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetcore.kernel.wire import unstructure
from fleetcore.people.commands import (
    EditMember,
    GetMember,
    ListMembers,
    ListRoles,
    RemoveMember,
    TransferOwnership,
)
from fleetcore.people.members import edit_member, get_member, list_members, list_roles, remove_member
from fleetcore.people.model import GUEST, OWNER, FleetRole, ListedMember
from fleetcore.people.ownership import transfer_ownership
from fleetcore.sharing.model import Invitation, ListInvitations
from fleetcore.sharing.service import list_invitations
from fleetcore.vehicles.model import (
    GrantScope,
    GrantVehicle,
    ListGrants,
    ListVehicles,
    RevokeGrant,
    VehicleGrant,
)
from fleetcore.vehicles.service import grant_vehicle, list_grants, list_vehicles, revoke_grant
from fleetserver.auth.desk import form_of, origin_of
from fleetserver.auth.person_pages import SIGNED_OUT
from fleetserver.auth.sign_in_pages import entered
from fleetserver.pages.faults import told_error
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.undoing import undo_of_edit
from fleetserver.pages.visits import Visit
from fleetserver.pages.words import role_name, spoken

__all__ = ["PAGES", "may_manage", "scope_choices", "vehicle_choices"]

ROWS = 200
ROLE = "role."


def may_manage(visit: Visit) -> bool:
    """Say whether the visitor manages the people of the whole fleet."""
    return visit.caller.actor.scope("people.write") is Scope.ALL


def _is_owner(visit: Visit) -> bool:
    return visit.caller.actor.scope("people.owners") is Scope.ALL


def show(visit: Visit) -> Outcome:
    """Show who is in the fleet, who is invited, and which roles there are."""
    members = visit.answer(list_members, ListMembers(limit=ROWS))
    invitations: tuple[Invitation, ...] = ()
    if may_manage(visit):
        invitations = visit.answer(list_invitations, ListInvitations(pending=True, limit=ROWS)).items
    values = {
        "members": members.items,
        "invitations": invitations,
        "roles": visit.answer(list_roles, ListRoles()),
        "vehicle_count": len(visit.answer(list_vehicles, ListVehicles())) if visit.may("vehicles.read") else None,
        "may_manage": may_manage(visit),
        "may_transfer": _is_owner(visit) and len(members.items) > 1,
        "me": visit.accounts.me(visit.caller),
        "now": visit.core.clock.now(),
    }
    return View(template="people/index.html", values=values)


# --- one member -------------------------------------------------------------------------------------------------------


def _member(visit: Visit) -> ListedMember:
    user_id = visit.id("id")
    if user_id is None:
        raise NotFound("member", visit.sent.names["id"])
    return visit.answer(get_member, GetMember(user_id=user_id))


def _offered(visit: Visit, member: ListedMember) -> Iterator[FleetRole]:
    """Yield the roles that the visitor may give to *member*, and those that they hold."""
    actor = visit.caller.actor
    for role in visit.answer(list_roles, ListRoles()):
        is_within = all((actor.scope(name) or 0) >= scope for name, scope in role.permissions.items())
        if role.name in member.roles or (is_within and (role.name != OWNER or _is_owner(visit))):
            yield role


def _roles_form(visit: Visit, member: ListedMember) -> Form:
    language = visit.language
    return form_of(
        visit,
        *(
            Field(name=f"{ROLE}{role.name}", label=role_name(language, role.name), kind=Kind.CHECK)
            for role in _offered(visit, member)
        ),
    )


def vehicle_choices(visit: Visit) -> tuple[Choice, ...]:
    """Return the vehicles that can be lent."""
    if not visit.may("vehicles.read"):
        return ()
    return tuple(Choice(str(each.id), each.name) for each in visit.answer(list_vehicles, ListVehicles()))


def scope_choices(visit: Visit) -> tuple[Choice, ...]:
    """Return what can be opened of a vehicle, in words."""
    return tuple(Choice(scope.value, spoken(visit.language, scope)) for scope in GrantScope)


def _grant_form(visit: Visit) -> Form:
    _ = visit.language.text
    return form_of(
        visit,
        Field(name="vehicle_id", label=_("Vehicle"), kind=Kind.ID, is_required=True, choices=vehicle_choices(visit)),
        Field(name="scope", label=_("They may"), kind=Kind.CHOICE, choices=scope_choices(visit),
              empty=_("all that their role allows")),
        Field(name="until", label=_("Last day"), kind=Kind.DAY, hint=_("Leave it empty for until you end it.")),
    )  # fmt: skip


def show_member(visit: Visit) -> Outcome:
    """Show one member, to be changed by who may."""
    member = _member(visit)
    roles = _roles_form(visit, member) if may_manage(visit) else None
    if roles is not None:
        roles.texts.update({f"{ROLE}{name}": "on" for name in member.roles})
    return _member_view(visit, member, roles, _grant_form(visit))


def _member_view(visit: Visit, member: ListedMember, roles: Form | None, lend: Form, status: int = 200) -> View:
    now = visit.core.clock.now()
    vehicles = {each.id: each for each in visit.answer(list_vehicles, ListVehicles())}
    grants: list[VehicleGrant] = []
    if visit.may("vehicles.read"):
        found = visit.answer(list_grants, ListGrants(user_id=member.user_id))
        grants = [each for each in found if each.ends_at is None or each.ends_at > now]
    may_lend = visit.may("vehicles.write") and bool(vehicles)
    values = {
        "member": member,
        "roles": roles,
        "lend": lend if may_lend else None,
        "grants": grants,
        "vehicles": vehicles,
        "is_me": member.user_id == visit.caller.actor.user_id,
        "may_manage": may_manage(visit) and (OWNER not in member.roles or _is_owner(visit)),
    }
    return View(template="people/member.html", values=values, status=status)


def change_roles(visit: Visit) -> Outcome:
    """Replace what a member is here."""
    member = _member(visit)
    form = _roles_form(visit, member)
    values = form.values(visit.typed())
    roles = tuple(name.removeprefix(ROLE) for name, is_held in values.items() if is_held)
    said = str(visit.sent.form.get("_version", ""))
    version = int(said) if said.isdigit() and len(said) < 18 else member.version
    command = EditMember(user_id=member.user_id, roles=roles, staff=member.staff, version=version)
    try:
        after = visit.run(edit_member, command)
    except Rejected as rejected:
        form.refuse(rejected.problems)
        return _member_view(visit, member, form, _emptied(_grant_form(visit)), 422)
    except Conflict:
        told = visit.language.text("Somebody changed this meanwhile. Check what stands below and save again.")
        form.general.append(told)
        return _member_view(visit, _member(visit), form, _emptied(_grant_form(visit)), 409)
    is_me = member.user_id == visit.caller.actor.user_id  # who gives a role of theirs up may not take it back
    undo = None if is_me else undo_of_edit(edit_member, member, after)
    return Redirect(to=f"/people/{member.user_id}", message=visit.language.text("Saved."), undo=undo)


def _emptied(form: Form) -> Form:
    form.texts.clear()
    return form


def show_removal(visit: Visit) -> Outcome:
    """Ask once more before somebody is taken out."""
    return View(template="people/remove.html", values={"member": _member(visit)})


def remove(visit: Visit) -> Outcome:
    """Take a member out of the fleet."""
    member = _member(visit)
    visit.run(remove_member, RemoveMember(user_id=member.user_id))
    told = visit.language.text("{name} is no member any more.", name=member.name)
    return Redirect(to="/people", message=told)


# --- lending vehicles -------------------------------------------------------------------------------------------------


def lend(visit: Visit) -> Outcome:
    """Let a member use a vehicle."""
    member = _member(visit)
    form = _grant_form(visit)
    typed = visit.typed()
    values = form.values(typed)
    if not form.has_errors:
        scope = values.get("scope")
        command = GrantVehicle(
            vehicle_id=values["vehicle_id"],
            user_id=member.user_id,
            scope=None if scope is None else GrantScope(scope),
            ends_at=typed.midnight_after(values.get("until")),
        )
        try:
            grant = visit.run(grant_vehicle, command)
        except Rejected as rejected:
            form.refuse(attrs.evolve(each, field=FIELDS.get(each.field, each.field)) for each in rejected.problems)
        else:
            told = visit.language.text("Lent to {name}.", name=member.name)
            undo = Undo(operation=revoke_grant.name, values={"id": str(grant.id)})
            return Redirect(to=f"/people/{member.user_id}", message=told, undo=undo)
    roles = _roles_form(visit, member) if may_manage(visit) else None
    if roles is not None:
        roles.texts = {f"{ROLE}{name}": "on" for name in member.roles}
    return _member_view(visit, member, roles, form, 422)


def end_grant(visit: Visit) -> Outcome:
    """End a grant now."""
    grant_id = visit.id("id")
    if grant_id is None:
        raise NotFound("grant", visit.sent.names["id"])
    before = next((each for each in visit.answer(list_grants, ListGrants()) if each.id == grant_id), None)
    grant = visit.run(revoke_grant, RevokeGrant(id=grant_id))
    undo = None
    if before is not None and visit.may("vehicles.write"):
        again = GrantVehicle(
            vehicle_id=before.vehicle_id, user_id=before.user_id, scope=before.scope, ends_at=before.ends_at
        )
        undo = Undo(operation=grant_vehicle.name, values=unstructure(again))
    return Redirect(to=f"/people/{grant.user_id}", message=visit.language.text("The vehicle is back."), undo=undo)


# --- leave, hand over, switch -----------------------------------------------------------------------------------------


def show_leave(_visit: Visit) -> Outcome:
    """Ask once more before one leaves."""
    return View(template="people/leave.html", values={"error": None})


def leave(visit: Visit) -> Outcome:
    """Leave the fleet, and go on in another of one's own, if there is one."""
    try:
        visit.run(remove_member, RemoveMember(user_id=visit.caller.actor.user_id))
    except Rejected as rejected:
        values = {"error": told_error(visit.language, rejected)}
        return View(template="people/leave.html", values=values, status=422)
    return _gone_on(visit)


def _gone_on(visit: Visit) -> Outcome:
    """Lead who has left to another fleet of theirs, or out."""
    left = visit.caller.actor.fleet_id
    elsewhere = [place for place in visit.core.fleets_of(visit.caller.actor.user_id) if place.fleet.id != left]
    if not elsewhere or visit.caller.session_id is None:
        return Redirect(to="/login", cookies=SIGNED_OUT)
    return _switched(visit, elsewhere[0].fleet.id)


def _switched(visit: Visit, fleet_id: UUID) -> Outcome:
    visit.close()
    answer = visit.accounts.switch(visit.caller, fleet_id, origin=origin_of(visit))
    return Redirect(to="/", cookies=entered(visit, answer.access_token))


def switch(visit: Visit) -> Outcome:
    """Go on in another fleet of one's own."""
    fleet_id = visit.id("fleet_id")
    if fleet_id is None:
        raise NotFound("fleet", str(visit.sent.form.get("fleet_id", ""))[:50])
    return _switched(visit, fleet_id)


def _transfer_form(visit: Visit) -> Form:
    _ = visit.language.text
    me = visit.caller.actor.user_id
    others = visit.answer(list_members, ListMembers(limit=ROWS)).items
    roles = visit.answer(list_roles, ListRoles())
    return form_of(
        visit,
        Field(name="user_id", label=_("New owner"), kind=Kind.ID, is_required=True, choices=tuple(
            Choice(str(each.user_id), each.name) for each in others if each.user_id != me and each.is_active)),
        Field(name="roles", label=_("You become"), kind=Kind.CHOICE, choices=tuple(
            Choice(role.name, role_name(visit.language, role.name))
            for role in roles if role.name not in {OWNER, GUEST, "admin"}),
            empty=_("nothing: I leave the fleet")),
    )  # fmt: skip


def show_transfer(visit: Visit) -> Outcome:
    """Ask who becomes the owner."""
    form = _transfer_form(visit)
    form.texts.setdefault("roles", "family")
    return View(template="people/transfer.html", values={"form": form})


def transfer(visit: Visit) -> Outcome:
    """Make another member the owner in one's own place."""
    form = _transfer_form(visit)
    values = form.values(visit.typed())
    if not form.has_errors:
        roles = (values["roles"],) if "roles" in values else ()
        try:
            visit.run(transfer_ownership, TransferOwnership(user_id=values["user_id"], roles=roles))
        except Rejected as rejected:
            form.refuse(rejected.problems)
        else:
            if not roles:
                return _gone_on(visit)
            return Redirect(to="/people", message=visit.language.text("The fleet has a new owner."))
    return View(template="people/transfer.html", values={"form": form}, status=422)


FIELDS = {"ends_at": "until", "user_id": ""}
PAGES = (
    PageRoute(method="GET", path="/people", show=show),
    PageRoute(method="GET", path="/people/leave", show=show_leave),
    PageRoute(method="POST", path="/people/leave", show=leave),
    PageRoute(method="POST", path="/account/fleet", show=switch),
    PageRoute(method="GET", path="/people/transfer", show=show_transfer),
    PageRoute(method="POST", path="/people/transfer", show=transfer),
    PageRoute(method="POST", path="/people/grants/{id}/end", show=end_grant),
    PageRoute(method="GET", path="/people/{id}", show=show_member),
    PageRoute(method="POST", path="/people/{id}", show=change_roles),
    PageRoute(method="GET", path="/people/{id}/remove", show=show_removal),
    PageRoute(method="POST", path="/people/{id}/remove", show=remove),
    PageRoute(method="POST", path="/people/{id}/grants", show=lend),
)
