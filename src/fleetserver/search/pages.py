"""The search page: vehicles, records of every kind and pages by their words; the palette shows its results."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import orjson
from attrs import frozen

from fleetcore.documents.commands import ListDocuments
from fleetcore.documents.service import list_documents
from fleetcore.expenses.model import ListExpenses
from fleetcore.expenses.service import list_expenses
from fleetcore.fuel.model import ListFills
from fleetcore.fuel.service import list_fills
from fleetcore.kernel.errors import FleetError
from fleetcore.maintenance.commands import ListJobs
from fleetcore.maintenance.jobs import list_jobs
from fleetcore.maintenance.model import ListServices
from fleetcore.maintenance.service import list_services
from fleetcore.reminders.model import ListReminders
from fleetcore.reminders.service import list_reminders
from fleetcore.trips.model import ListTrips
from fleetcore.trips.queries import list_trips
from fleetcore.vehicles.model import PageVehicles
from fleetcore.vehicles.service import page_vehicles
from fleetserver.pages.routing import Document, Outcome, PageRoute, View
from fleetserver.pages.visits import Visit

from .places import PLACES, Part, Place

__all__ = ["PAGES"]

EACH_MAX = 5
WORDS_MAX = 100


@frozen(kw_only=True)
class Hit:
    """Something that was found: where it is, what it is called, what else is said of it."""

    to: str
    name: str
    detail: str
    icon: str
    keys: str = ""


@frozen(kw_only=True)
class Group:
    """What was found of one kind."""

    name: str
    hits: tuple[Hit, ...]
    is_wide: bool = False


def _vehicles(visit: Visit, words: str) -> Iterable[Hit]:
    for each in visit.answer(page_vehicles, PageVehicles(text=words, limit=EACH_MAX)).items:
        detail = " · ".join(filter(None, [each.make, each.model, each.plate]))
        yield Hit(to=f"/vehicles/{each.id}", name=each.name, detail=detail, icon="car")


def _services(visit: Visit, words: str) -> Iterable[Hit]:
    for each in visit.answer(list_services, ListServices(text=words, limit=EACH_MAX)).items:
        yield Hit(to=f"/maintenance/{each.id}", name=each.title, detail=visit.day(each.done_on), icon="wrench")


def _fills(visit: Visit, words: str) -> Iterable[Hit]:
    for each in visit.answer(list_fills, ListFills(text=words, limit=EACH_MAX)).items:
        name = " ".join(filter(None, [visit.display.quantity(each.quantity), each.place]))
        yield Hit(to=f"/fuel/{each.id}", name=name, detail=visit.day(each.at), icon="fuel")


def _expenses(visit: Visit, words: str) -> Iterable[Hit]:
    for each in visit.answer(list_expenses, ListExpenses(text=words, limit=EACH_MAX)).items:
        detail = f"{visit.money(each.amount)}, {visit.day(each.spent_on)}"
        name = each.title or visit.language.text(each.category.capitalize())
        yield Hit(to=f"/expenses/{each.id}", name=name, detail=detail, icon="coins")


def _trips(visit: Visit, words: str) -> Iterable[Hit]:
    for each in visit.answer(list_trips, ListTrips(text=words, limit=EACH_MAX)).items:
        name = " - ".join(filter(None, [each.start_place, each.end_place])) or each.client or each.purpose
        yield Hit(to=f"/trips/{each.id}", name=name, detail=visit.day(each.started_at), icon="route")


def _documents(visit: Visit, words: str) -> Iterable[Hit]:
    for each in visit.answer(list_documents, ListDocuments(text=words, limit=EACH_MAX)).items:
        name = ", ".join(filter(None, [visit.language.text(each.kind.value.capitalize()), each.issuer]))
        yield Hit(to=f"/documents/{each.id}", name=name, detail=each.number, icon="file-text")


def _jobs(visit: Visit, words: str) -> Iterable[Hit]:
    for each in visit.answer(list_jobs, ListJobs(text=words, limit=EACH_MAX)).items:
        yield Hit(to=f"/jobs/{each.id}", name=each.title, detail=visit.day(each.planned_on), icon="calendar")


def _reminders(visit: Visit, words: str) -> Iterable[Hit]:
    for each in visit.answer(list_reminders, ListReminders(text=words, limit=EACH_MAX)).items:
        detail = visit.day(each.expected_on)
        yield Hit(to=f"/reminders/rules/{each.id}", name=each.title, detail=detail, icon="bell")


Find = Callable[[Visit, str], Iterable[Hit]]
KINDS: tuple[tuple[str, str, Find], ...] = (
    ("Vehicles", "vehicles.read", _vehicles),
    ("Services", "maintenance.read", _services),
    ("Reminders", "reminders.read", _reminders),
    ("Documents", "documents.read", _documents),
    ("Jobs", "maintenance.read", _jobs),
    ("Expenses", "expenses.read", _expenses),
    ("Fill-ups", "fuel.read", _fills),
    ("Trips", "trips.read", _trips),
)


def _part_names(visit: Visit) -> dict[Part, str]:
    _ = visit.language.text
    return {
        Part.WRITE: _("Write down"),
        Part.LOOK: _("Look up"),
        Part.PLAN: _("Plan and check"),
        Part.ARRANGE: _("Data and settings"),
        Part.HELP: _("Help"),
    }


def _places(visit: Visit, words: str, part: Part | None = None) -> tuple[Hit, ...]:
    asked = words.casefold().split()

    def fits(place: Place) -> bool:
        said = f"{place.name} {visit.language.text(place.name)} {place.words}".casefold()
        return all(word in said for word in asked)

    return tuple(
        Hit(to=place.to, name=visit.language.text(place.name), detail="", icon=place.icon, keys=place.keys)
        for place in PLACES
        if part in {None, place.part} and (not place.permission or visit.may(place.permission)) and fits(place)
    )


def _found(visit: Visit, words: str) -> list[Group]:
    groups = []
    for name, permission, find in KINDS if words else ():
        if not visit.may(permission):
            continue
        try:
            hits = tuple(find(visit, words))
        except FleetError:  # a kind that cannot be searched for these words hides no other
            continue
        groups.append(Group(name=visit.language.text(name), hits=hits))
    if words:
        groups.append(Group(name=visit.language.text("Pages"), hits=_places(visit, words), is_wide=True))
    else:
        named = _part_names(visit).items()
        groups += [Group(name=name, hits=_places(visit, "", part), is_wide=True) for part, name in named]
    return [group for group in groups if group.hits]


def show(visit: Visit) -> Outcome:
    """Show what has the words that were asked for; without any, every page there is."""
    words = " ".join(visit.sent.query.get("q", "").split())[:WORDS_MAX]
    values = {"q": words, "groups": _found(visit, words)}
    return View(template="search/index.html", values=values, part="results")


def shortcuts(visit: Visit) -> Outcome:
    """Tell the script which keys lead where."""
    found = {
        place.keys: place.to for place in PLACES if place.keys and (not place.permission or visit.may(place.permission))
    }
    return Document(body=orjson.dumps(found), content_type="application/json")


PAGES = (
    PageRoute(method="GET", path="/search", show=show),
    PageRoute(method="GET", path="/search/shortcuts", show=shortcuts),
)
