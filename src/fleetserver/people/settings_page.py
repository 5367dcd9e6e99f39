"""The page of the fleet's own settings: name, currency, units, time zone, country, language."""

from __future__ import annotations

from fleetcore.kernel.actor import Scope
from fleetcore.kernel.errors import Conflict, Forbidden, Rejected
from fleetcore.kernel.money import currencies
from fleetcore.people.commands import EditFleet
from fleetcore.people.model import Units
from fleetcore.people.service import edit_fleet
from fleetserver.auth.account_pages import language_choices, units_choices, zone_choices
from fleetserver.auth.desk import form_of
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, View
from fleetserver.pages.undoing import undo_of_edit
from fleetserver.pages.visits import Visit

__all__ = ["PAGES"]


def _form(visit: Visit) -> Form:
    _ = visit.language.text
    return form_of(
        visit,
        Field(name="name", label=_("Name"), is_required=True, hint=_("Of the household or the company.")),
        Field(name="currency", label=_("Currency"), kind=Kind.CHOICE, is_required=True,
              choices=tuple(Choice(code, code) for code in sorted(currencies())),
              hint=_("For what comes: what was recorded keeps its currency.")),
        Field(name="units", label=_("Units"), kind=Kind.CHOICE, is_required=True, choices=units_choices(visit)),
        Field(name="timezone", label=_("Time zone"), kind=Kind.CHOICE, is_required=True, choices=zone_choices()),
        Field(name="locale", label=_("Language"), kind=Kind.CHOICE, choices=language_choices(),
              empty=_("as each browser asks for"), hint=_("For members who choose none themselves.")),
        Field(name="country", label=_("Country"), length_max=2, hint=_("Two letters, such as DE or GB.")),
    )  # fmt: skip


def _require(visit: Visit) -> None:
    if visit.caller.actor.scope("fleet.write") is not Scope.ALL:
        raise Forbidden("this needs the permission fleet.write for the whole fleet")


def show(visit: Visit) -> Outcome:
    """Show the settings, to be changed."""
    _require(visit)
    form = _form(visit)
    form.show(visit.fleet)
    return _view(visit, form)


def _view(visit: Visit, form: Form, status: int = 200) -> View:
    return View(template="people/settings.html", values={"form": form, "version": visit.fleet.version}, status=status)


def change(visit: Visit) -> Outcome:
    """Keep the settings."""
    _require(visit)
    form, before = _form(visit), visit.fleet
    values = form.values(visit.typed())
    said = str(visit.sent.form.get("_version", ""))
    version = int(said) if said.isdigit() and len(said) < 18 else visit.fleet.version
    if not form.has_errors:
        if "country" in values:
            values["country"] = values["country"].upper()
        try:
            after = visit.run(edit_fleet, EditFleet(version=version, **values | {"units": Units(values["units"])}))
        except Rejected as rejected:
            form.refuse(rejected.problems)
        except Conflict:
            told = visit.language.text("Somebody changed this meanwhile. Check what stands below and save again.")
            form.general.append(told)
            return _view(visit, form, 409)
        else:
            undo = undo_of_edit(edit_fleet, before, after)
            return Redirect(to="/people", message=visit.language.text("Saved."), undo=undo)
    return _view(visit, form, 422)


PAGES = (
    PageRoute(method="GET", path="/people/settings", show=show),
    PageRoute(method="POST", path="/people/settings", show=change),
)
