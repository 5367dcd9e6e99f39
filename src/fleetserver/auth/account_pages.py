"""The page of one's account: name, language, units, time zone, and how this device shows things."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

import attrs

from fleetcore.kernel.errors import Conflict, Forbidden, Rejected
from fleetcore.kernel.languages import languages
from fleetcore.kernel.wire import unstructure
from fleetcore.people.commands import EditUser
from fleetcore.people.model import Units, User
from fleetcore.people.service import edit_user
from fleetserver.pages.faults import told_error
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.languages import language_names
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.visits import Visit
from fleetserver.presentation.display import DayForm

from .desk import form_of
from .sign_in_pages import place_after

__all__ = ["PAGES", "language_choices", "units_choices", "zone_choices"]

THEMES = ("light", "dark", "contrast")


@lru_cache(maxsize=1)
def zone_choices() -> tuple[Choice, ...]:
    """Return the time zones of places, by name."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return tuple(Choice(name, name.replace("_", " ")) for name in sorted((*places, "UTC")))


def language_choices() -> tuple[Choice, ...]:
    """Return the languages, each by its own name."""
    return tuple(Choice(code, name) for code, name in language_names())


def units_choices(visit: Visit) -> tuple[Choice, ...]:
    """Return the systems of units in words."""
    _ = visit.language.text
    return (
        Choice(Units.METRIC.value, _("Metric: kilometres, litres, l/100 km")),
        Choice(Units.IMPERIAL.value, _("British: miles, UK gallons, mpg")),
        Choice(Units.US.value, _("American: miles, US gallons, mpg")),
    )


def _form(visit: Visit) -> Form:
    _ = visit.language.text
    as_fleet = _("as {fleet} has it", fleet=visit.fleet.name)
    device = _("On this device")
    return form_of(
        visit,
        Field(name="name", label=_("Your name"), is_required=True, autocomplete="name"),
        Field(name="email", label=_("E-mail"), kind=Kind.EMAIL, autocomplete="email", length_max=320),
        Field(
            name="locale", label=_("Language"), kind=Kind.CHOICE, choices=language_choices(), empty=as_fleet,
            autocomplete="language",
        ),
        Field(name="units", label=_("Units"), kind=Kind.CHOICE, choices=units_choices(visit), empty=as_fleet),
        Field(name="timezone", label=_("Time zone"), kind=Kind.CHOICE, choices=zone_choices(), empty=as_fleet),
        Field(
            name="theme", label=_("Colours"), kind=Kind.CHOICE, group=device,
            choices=(
                Choice("light", _("Light")), Choice("dark", _("Dark")), Choice("contrast", _("High contrast")),
            ),
            empty=_("as your device is set"),
        ),
        Field(
            name="density", label=_("Rows of lists"), kind=Kind.CHOICE, group=device, empty=_("with room around them"),
            choices=(Choice("compact", _("close together, where a mouse is used")),),
        ),
        Field(
            name="days", label=_("How days are written"), kind=Kind.CHOICE, group=device,
            choices=_day_choices(visit),
        ),
    )  # fmt: skip


def _day_choices(visit: Visit) -> tuple[Choice, ...]:
    today = visit.core.clock.now().date()
    language = visit.language
    return (
        Choice(DayForm.WORDS.value, language.day(today)),
        Choice(DayForm.FIGURES.value, language.day_in_figures(today)),
        Choice(DayForm.ISO.value, today.isoformat()),
    )


def show(visit: Visit) -> Outcome:
    """Show who one is here, to be changed."""
    form = _form(visit)
    form.show(visit.user)
    form.texts["theme"] = visit.sent.cookies.get("fleet-theme", "")
    form.texts["density"] = visit.sent.cookies.get("fleet-density", "")
    form.texts["days"] = visit.display.day_form.value
    return _view(visit, form)


def _view(visit: Visit, form: Form, status: int = 200) -> View:
    me = visit.accounts.me(visit.caller)
    return View(template="accounts/account.html", values={"form": form, "me": me}, status=status)


def change(visit: Visit) -> Outcome:
    """Keep what was typed: what one is called for everybody, how it looks on this device alone."""
    form = _form(visit)
    values = form.values(visit.typed())
    before = visit.user
    theme, days, density = values.pop("theme", ""), values.pop("days", ""), values.pop("density", None)
    units = values.pop("units", None)
    if not form.has_errors:
        command = EditUser(
            user_id=before.id,
            version=before.version,
            units=None if units is None else Units(units),
            **{"name": "", "email": None} | values,
        )
        try:
            after = visit.run(edit_user, command)
        except Rejected as rejected:
            form.refuse(rejected.problems)
        except Conflict as conflict:
            form.general.append(told_error(visit.language, conflict))
        else:
            cookies = {
                "fleet-theme": theme if theme in THEMES else None,
                "fleet-days": days or None,
                "fleet-density": density,
            }
            told = visit.language.text("Saved.")
            undo = _as_it_was(before, after)
            return Redirect(to="/account", message=told, undo=undo, cookies={**cookies, "fleet-language": None})
    return _view(visit, form, 422)


def _as_it_was(before: User, after: User) -> Undo | None:
    """Return how one is called and reads as before; None where only this device shows things otherwise."""
    said: dict[str, Any] = {each.name: getattr(before, each.name, None) for each in attrs.fields(EditUser)}
    if all(said[name] == getattr(after, name, None) for name in said if name != "version"):
        return None
    return Undo(
        operation=edit_user.name,
        values=unstructure(EditUser(**said | {"user_id": before.id, "version": after.version})),
    )


def choose_language(visit: Visit) -> Outcome:
    """Read the pages in another language: on this device, and for who is signed in in all that is written to them."""
    said = str(visit.sent.form.get("language", ""))
    if said not in languages():
        said = ""
    if said and visit.known is not None:
        me = visit.user
        chosen = EditUser(
            user_id=me.id,
            version=me.version,
            name=me.name,
            email=me.email,
            timezone=me.timezone,
            units=me.units,
            locale=said,
        )
        with suppress(Conflict, Rejected, Forbidden):  # then it holds on this device alone
            visit.run(edit_user, chosen)
    cookies = {"fleet-language": said} if said else {}
    return Redirect(to=place_after(str(visit.sent.form.get("back", "/"))), cookies=cookies)


PAGES = (
    PageRoute(method="GET", path="/account", show=show),
    PageRoute(method="POST", path="/account", show=change),
    PageRoute(method="POST", path="/language", show=choose_language, is_open=True),
)
