"""The places of the site, by name, with the keys that lead there: for the palette, the search page and the help."""

from __future__ import annotations

from attrs import frozen

__all__ = ["PLACES", "SHORTCUTS", "Place", "Shortcut"]


@frozen(kw_only=True)
class Place:
    """A page that one may go to: its address and English name, other words for it, who may, and the keys."""

    to: str
    name: str
    icon: str
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
    Place(to="/", name="Garage", icon="house", words="home dashboard start", keys="g g"),
    Place(
        to="/q/fuel", name="Quick fill-up", icon="fuel", words="fuel petrol charge", permission="fuel.write", keys="n f"
    ),
    Place(
        to="/q/odometer",
        name="Odometer reading",
        icon="gauge",
        words="new kilometres miles meter",
        permission="odometer.record",
        keys="n o",
    ),
    Place(
        to="/maintenance/new",
        name="Add a service",
        icon="wrench",
        words="new repair oil",
        permission="maintenance.work",
        keys="n s",
    ),
    Place(
        to="/expenses/new",
        name="Add an expense",
        icon="coins",
        words="new cost",
        permission="expenses.write",
        keys="n e",
    ),
    Place(to="/trips/new", name="Add a trip", icon="route", words="new logbook", permission="trips.write", keys="n t"),
    Place(
        to="/reminders/rules/new",
        name="Add a reminder",
        icon="bell",
        words="new due rule",
        permission="reminders.write",
        keys="n r",
    ),
    Place(
        to="/documents/new",
        name="File a document",
        icon="file-text",
        words="new insurance registration licence",
        permission="documents.write",
        keys="n d",
    ),
    Place(
        to="/vehicles/new", name="Add a vehicle", icon="plus", words="new car", permission="vehicles.write", keys="n v"
    ),
    Place(to="/vehicles", name="Vehicles", icon="car", words="cars fleet list", permission="vehicles.read", keys="g v"),
    Place(to="/reminders", name="Reminders", icon="bell", words="due overdue", permission="reminders.read", keys="g r"),
    Place(to="/fuel", name="Fill-ups", icon="fuel", words="petrol charging log", permission="fuel.read", keys="g f"),
    Place(
        to="/maintenance", name="Services", icon="wrench", words="repairs", permission="maintenance.read", keys="g s"
    ),
    Place(to="/expenses", name="Expenses", icon="coins", words="costs", permission="expenses.read", keys="g e"),
    Place(to="/trips", name="Trips", icon="route", words="logbook", permission="trips.read", keys="g t"),
    Place(
        to="/documents",
        name="Documents",
        icon="file-text",
        words="insurance registration warranty lease licence papers",
        permission="documents.read",
        keys="g d",
    ),
    Place(to="/jobs", name="Jobs", icon="calendar", words="planned work", permission="maintenance.read", keys="g j"),
    Place(to="/plans", name="Plans", icon="clipboard-check", words="schedule", permission="maintenance.read"),
    Place(to="/templates", name="Templates of plans", icon="clipboard-check", permission="maintenance.read"),
    Place(
        to="/inspections",
        name="Inspections",
        icon="shield-check",
        words="checks",
        permission="maintenance.read",
        keys="g i",
    ),
    Place(to="/checklists", name="Checklists", icon="clipboard-check", permission="maintenance.read"),
    Place(to="/tyres", name="Tyres", icon="gauge", words="tires wheels tread", permission="maintenance.read"),
    Place(to="/providers", name="Workshops", icon="wrench", words="garages providers", permission="maintenance.read"),
    Place(to="/stations", name="Stations", icon="map-pin", words="fuel petrol places", permission="fuel.read"),
    Place(to="/recurring", name="Recurring expenses", icon="calendar", permission="expenses.read"),
    Place(to="/expense-categories", name="Categories of expenses", icon="settings", permission="expenses.read"),
    Place(to="/rates", name="What a kilometre is worth", icon="coins", words="mileage rates", permission="trips.read"),
    Place(to="/reminders/rules", name="Rules of reminders", icon="bell", permission="reminders.read"),
    Place(to="/reports", name="Reports", icon="chart-line", words="charts costs economy", permission="reports.read"),
    Place(to="/imports", name="Import", icon="upload", words="csv log other app", permission="imports.write"),
    Place(to="/exports", name="Export", icon="download", words="csv backup data", permission="exports.read"),
    Place(to="/audit", name="What was changed", icon="history", words="audit log", permission="audit.read"),
    Place(to="/account", name="Account", icon="user", words="password keys preferences sessions"),
    Place(to="/help", name="Help", icon="info", words="how manual phone app install offline"),
    Place(to="/help/glossary", name="Glossary", icon="info", words="words abbreviations help"),
    Place(to="/help/accessibility", name="Accessibility", icon="info", words="help"),
    Place(to="/help/shortcuts", name="Keyboard shortcuts", icon="info", words="help keys", keys="?"),
)
SHORTCUTS = (
    Shortcut(keys="Ctrl K", name="Find a vehicle, a record or a page"),
    Shortcut(keys="/", name="Find a vehicle, a record or a page"),
    *(Shortcut(keys=place.keys, name=place.name, to=place.to) for place in PLACES if place.keys),
)
