"""Pages of a fleet's own roles: made from one that is nearly right, changed for everyone who holds it, deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.kernel.wire import unstructure
from fleetcore.people.commands import DefineRole, DeleteRole, EditRole, ListPermissions, ListRoles
from fleetcore.people.members import define_role, delete_role, edit_role, list_permissions, list_roles
from fleetcore.people.model import OWNER, FleetRole
from fleetserver.auth.desk import form_of
from fleetserver.pages.faults import told_error
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.records import said_version
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.undoing import fits, undo_of_edit
from fleetserver.pages.visits import Visit
from fleetserver.pages.words import permission_name

from .pages import may_manage

__all__ = ["PAGES"]

PATH = "/people/roles"
MAY = "may."


@frozen
class Shelf:
    """Permissions that stand together: those whose names begin so."""

    title: str
    starts: tuple[str, ...]


def _shelves(visit: Visit) -> tuple[Shelf, ...]:
    _ = visit.language.text
    return (
        Shelf(_("Vehicles, fuel, trips and expenses"), ("vehicles.", "odometer.", "fuel.", "trips.", "expenses.")),
        Shelf(_("Services, reminders and papers"), ("maintenance.", "parts.", "reminders.", "documents.")),
        Shelf(_("Reports, files and books"), ("reports.", "imports.", "exports.", "ledger.", "audit.")),
        Shelf(_("People, settings and everything else"), ("",)),
    )


def _scopes(visit: Visit, most: Scope) -> tuple[Choice, ...]:
    _ = visit.language.text
    words = {Scope.OWN: _("what is their own"), Scope.GRANTED: _("lent vehicles"), Scope.ALL: _("the whole fleet")}
    return tuple(Choice(scope.name.lower(), said) for scope, said in words.items() if scope <= most)


def _fields(visit: Visit, role: FleetRole | None) -> Iterator[Field]:
    """Yield one field for each permission that the visitor may give, or that the role has already."""
    _ = visit.language.text
    if role is None:
        hint = _("Such as Courier or Apprentice. It stays as it is.")
        yield Field(name="name", label=_("What the role is called"), is_required=True, length_max=60, hint=hint)
    left = {each.name for each in visit.answer(list_permissions, ListPermissions())}
    for shelf in _shelves(visit):
        for name in sorted(left):
            held = role.permissions.get(name) if role is not None else None
            most = max(visit.caller.actor.scope(name) or 0, held or 0)
            if not name.startswith(shelf.starts) or not most:
                continue
            left.discard(name)
            label = permission_name(visit.language, name)
            choices = _scopes(visit, Scope(most))
            yield Field(name=MAY + name, label=label, kind=Kind.CHOICE, choices=choices, group=shelf.title,
                        empty=_("not at all"))  # fmt: skip


def _form(visit: Visit, role: FleetRole | None = None) -> Form:
    return form_of(visit, *_fields(visit, role))


def _fill(form: Form, permissions: Mapping[str, Scope]) -> None:
    form.texts |= {MAY + name: scope.name.lower() for name, scope in permissions.items()}


def _permissions(values: Mapping[str, object]) -> dict[str, Scope]:
    return {name.removeprefix(MAY): Scope[str(said).upper()] for name, said in values.items() if name.startswith(MAY)}


def _require(visit: Visit) -> None:
    if not may_manage(visit):
        raise Forbidden("people.write")


def _roles(visit: Visit) -> tuple[FleetRole, ...]:
    return visit.answer(list_roles, ListRoles())


def _role(visit: Visit) -> tuple[FleetRole, UUID]:
    asked = visit.id("id")
    found = next((each for each in _roles(visit) if each.id is not None and each.id == asked), None)
    if found is None or asked is None:
        raise NotFound("role", visit.sent.names["id"])
    return found, asked


def _view(visit: Visit, form: Form, role: FleetRole | None, status: int = 200) -> View:
    bases = [each for each in _roles(visit) if each.name != OWNER] if role is None else []
    values = {"form": form, "role": role, "bases": bases, "base": visit.sent.query.get("like", "")}
    return View(template="people/role.html", values=values, status=status)


def show_new(visit: Visit) -> Outcome:
    """Ask for a new role; it begins like the one that is named."""
    _require(visit)
    form = _form(visit)
    base = next((each for each in _roles(visit) if each.name == visit.sent.query.get("like")), None)
    if base is not None:
        mine = visit.caller.actor
        _fill(form, {name: scope for name, scope in base.permissions.items() if (mine.scope(name) or 0) >= scope})
    return _view(visit, form, None)


def make(visit: Visit) -> Outcome:
    """Make the role."""
    _require(visit)
    form = _form(visit)
    values = form.values(visit.typed())
    if not form.has_errors:
        try:
            role = visit.run(define_role, DefineRole(name=values["name"], permissions=_permissions(values)))
        except Rejected as rejected:
            form.refuse(rejected.problems)
        except Conflict as conflict:
            form.general.append(told_error(visit.language, conflict))
        else:
            said = visit.language.text("The role {name} is there. Give it to people.", name=role.name)
            undo = Undo(operation=delete_role.name, values={"id": str(role.id)})
            return Redirect(to="/people", message=said, undo=undo)
    return _view(visit, form, None, 422)


def show(visit: Visit) -> Outcome:
    """Show a role of the fleet's own, to be changed."""
    _require(visit)
    role, _id = _role(visit)
    form = _form(visit, role)
    _fill(form, role.permissions)
    return _view(visit, form, role)


def change(visit: Visit) -> Outcome:
    """Change what everyone may who holds the role."""
    _require(visit)
    role, role_id = _role(visit)
    form = _form(visit, role)
    values = form.values(visit.typed())
    if not form.has_errors:
        version = said_version(visit) or role.version or 1
        try:
            after = visit.run(edit_role, EditRole(id=role_id, permissions=_permissions(values), version=version))
        except Rejected as rejected:
            form.refuse(rejected.problems)
        except Conflict:
            said = visit.language.text("Somebody changed this meanwhile. Check what stands below and save again.")
            form.general.append(said)
            return _view(visit, form, _role(visit)[0], 409)
        else:
            undo = undo_of_edit(edit_role, role, after)
            return Redirect(to="/people", message=visit.language.text("Saved."), undo=undo)
    return _view(visit, form, role, 422)


def remove(visit: Visit) -> Outcome:
    """Delete a role that nobody holds; what is offered next takes it back."""
    _require(visit)
    role, role_id = _role(visit)
    try:
        visit.run(delete_role, DeleteRole(id=role_id))
    except Conflict as conflict:
        return Redirect(to=f"{PATH}/{role_id}", message=told_error(visit.language, conflict))
    again = unstructure(DefineRole(id=role_id, name=role.name, permissions=role.permissions))
    undo = Undo(operation=define_role.name, values=again) if fits(again) else None
    return Redirect(to="/people", message=visit.language.text("Deleted."), undo=undo)


PAGES = (
    PageRoute(method="GET", path=f"{PATH}/new", show=show_new),
    PageRoute(method="POST", path=f"{PATH}/new", show=make),
    PageRoute(method="GET", path=f"{PATH}/{{id}}", show=show),
    PageRoute(method="POST", path=f"{PATH}/{{id}}", show=change),
    PageRoute(method="POST", path=f"{PATH}/{{id}}/delete", show=remove),
)
