"""The places of the site, by name, with the keys that lead there: for the palette, the search page and the help."""

from __future__ import annotations

from enum import Enum, auto

from attrs import frozen

__all__ = ["PLACES", "SHORTCUTS", "Part", "Place", "Shortcut"]


class Part(Enum):
    """Where a page belongs among the others, in the order in which they are listed."""

    WRITE = auto()
    LOOK = auto()
    PLAN = auto()
    ARRANGE = auto()
    HELP = auto()


@frozen(kw_only=True)
class Place:
    """A page that one may go to: its address and English name, where it belongs, other words, who may, the keys."""

    to: str
    name: str
    icon: str
    part: Part
    words: str = ""
    permission: str = ""
    keys: str = ""


@frozen(kw_only=True)
class Shortcut:
    """Keys, pressed one after the other, and what they do, in English."""

    keys: str
    name: str
    to: str = ""


PLACES = (
    Place(to="/", part=Part.LOOK, name="Garage", icon="house", words="home dashboard start", keys="g g"),
    Place(
        to="/q/fuel",
        part=Part.WRITE,
        name="Quick fill-up",
        icon="fuel",
        words="fuel petrol charge",
        permission="fuel.write",
        keys="n f",
    ),
    Place(
        to="/q/odometer",
        part=Part.WRITE,
        name="Odometer reading",
        icon="gauge",
        words="new kilometres miles meter",
        permission="odometer.record",
        keys="n o",
    ),
    Place(
        to="/maintenance/new",
        part=Part.WRITE,
        name="Add a service",
        icon="wrench",
        words="new repair oil",
        permission="maintenance.work",
        keys="n s",
    ),
    Place(
        to="/expenses/new",
        part=Part.WRITE,
        name="Add an expense",
        icon="coins",
        words="new cost",
        permission="expenses.write",
        keys="n e",
    ),
    Place(
        to="/trips/new",
        part=Part.WRITE,
        name="Add a trip",
        icon="route",
        words="new logbook",
        permission="trips.write",
        keys="n t",
    ),
    Place(
        to="/reminders/rules/new",
        part=Part.WRITE,
        name="Add a reminder",
        icon="bell",
        words="new due rule",
        permission="reminders.write",
        keys="n r",
    ),
    Place(
        to="/documents/new",
        part=Part.WRITE,
        name="File a document",
        icon="file-text",
        words="new insurance registration licence",
        permission="documents.write",
        keys="n d",
    ),
    Place(
        to="/vehicles/new",
        part=Part.WRITE,
        name="Add a vehicle",
        icon="plus",
        words="new car",
        permission="vehicles.write",
        keys="n v",
    ),
    Place(
        to="/vehicles",
        part=Part.LOOK,
        name="Vehicles",
        icon="car",
        words="cars fleet list",
        permission="vehicles.read",
        keys="g v",
    ),
    Place(
        to="/reminders",
        part=Part.PLAN,
        name="Reminders",
        icon="bell",
        words="due overdue",
        permission="reminders.read",
        keys="g r",
    ),
    Place(
        to="/fuel",
        part=Part.LOOK,
        name="Fill-ups",
        icon="fuel",
        words="petrol charging log",
        permission="fuel.read",
        keys="g f",
    ),
    Place(
        to="/maintenance",
        part=Part.LOOK,
        name="Services",
        icon="wrench",
        words="repairs",
        permission="maintenance.read",
        keys="g s",
    ),
    Place(
        to="/expenses",
        part=Part.LOOK,
        name="Expenses",
        icon="coins",
        words="costs",
        permission="expenses.read",
        keys="g e",
    ),
    Place(
        to="/trips", part=Part.LOOK, name="Trips", icon="route", words="logbook", permission="trips.read", keys="g t"
    ),
    Place(
        to="/documents",
        part=Part.LOOK,
        name="Documents",
        icon="file-text",
        words="insurance registration warranty lease licence papers",
        permission="documents.read",
        keys="g d",
    ),
    Place(
        to="/jobs",
        part=Part.PLAN,
        name="Jobs",
        icon="calendar",
        words="planned work",
        permission="maintenance.read",
        keys="g j",
    ),
    Place(
        to="/plans",
        part=Part.PLAN,
        name="Plans",
        icon="clipboard-check",
        words="schedule",
        permission="maintenance.read",
    ),
    Place(
        to="/templates",
        part=Part.ARRANGE,
        name="Templates of plans",
        icon="clipboard-check",
        permission="maintenance.read",
    ),
    Place(
        to="/inspections",
        part=Part.PLAN,
        name="Inspections",
        icon="shield-check",
        words="checks",
        permission="maintenance.read",
        keys="g i",
    ),
    Place(
        to="/checklists", part=Part.ARRANGE, name="Checklists", icon="clipboard-check", permission="maintenance.read"
    ),
    Place(
        to="/tyres",
        part=Part.PLAN,
        name="Tyres",
        icon="gauge",
        words="tires wheels tread",
        permission="maintenance.read",
    ),
    Place(
        to="/providers",
        part=Part.ARRANGE,
        name="Workshops",
        icon="wrench",
        words="garages providers",
        permission="maintenance.read",
    ),
    Place(
        to="/stations",
        part=Part.ARRANGE,
        name="Stations",
        icon="map-pin",
        words="fuel petrol places",
        permission="fuel.read",
    ),
    Place(to="/recurring", part=Part.ARRANGE, name="Recurring expenses", icon="calendar", permission="expenses.read"),
    Place(
        to="/expense-categories",
        part=Part.ARRANGE,
        name="Categories of expenses",
        icon="settings",
        permission="expenses.read",
    ),
    Place(
        to="/rates",
        part=Part.ARRANGE,
        name="What a kilometre is worth",
        icon="coins",
        words="mileage rates",
        permission="trips.read",
    ),
    Place(
        to="/reminders/rules", part=Part.ARRANGE, name="Rules of reminders", icon="bell", permission="reminders.read"
    ),
    Place(
        to="/reports",
        part=Part.LOOK,
        name="Reports",
        icon="chart-line",
        words="charts costs economy",
        permission="reports.read",
    ),
    Place(
        to="/imports",
        part=Part.ARRANGE,
        name="Import",
        icon="upload",
        words="csv log other app",
        permission="imports.write",
    ),
    Place(
        to="/exports",
        part=Part.ARRANGE,
        name="Export",
        icon="download",
        words="csv backup data",
        permission="exports.read",
    ),
    Place(
        to="/audit",
        part=Part.ARRANGE,
        name="What was changed",
        icon="history",
        words="audit log",
        permission="audit.read",
    ),
    Place(to="/account", part=Part.ARRANGE, name="Account", icon="user", words="password keys preferences sessions"),
    Place(to="/people", part=Part.ARRANGE, name="People", icon="users", words="members invite share roles drivers"),
    Place(to="/notifications", part=Part.PLAN, name="Inbox", icon="bell", words="notifications messages told"),
    Place(to="/help", part=Part.HELP, name="Help", icon="info", words="how manual phone app install offline"),
    Place(to="/help/glossary", part=Part.HELP, name="Glossary", icon="info", words="words abbreviations help"),
    Place(to="/help/accessibility", part=Part.HELP, name="Accessibility", icon="info", words="help"),
    Place(to="/help/shortcuts", part=Part.HELP, name="Keyboard shortcuts", icon="info", words="help keys", keys="?"),
)
SHORTCUTS = (
    Shortcut(keys="Ctrl K", name="Find a vehicle, a record or a page"),
    Shortcut(keys="/", name="Find a vehicle, a record or a page"),
    *(Shortcut(keys=place.keys, name=place.name, to=place.to) for place in PLACES if place.keys),
)
