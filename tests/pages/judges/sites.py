"""All pages with an example of each: one line for a page whose address has names in braces, none for the others.

An example says which query lists records of the kind; the first one that the garage has is looked at. A page that is
added without an example fails a test, so no judge leaves it out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

from fleetcore.kernel.actor import Actor
from fleetserver.imports.background import Importer
from fleetserver.imports.staging import Staging
from fleetserver.pages.routing import PageRoute
from fleetserver.pages.site import page_routes

from .chromium import Site

__all__ = ["EXAMPLES", "OPEN", "PAPERS", "PATHS", "address_of"]

Named = Callable[[Site, Actor], str]


def first(query: str, name: str = "id", *, is_own: bool = False) -> Named:
    """Return what finds the first record that *query* lists, by the attribute that stands in its address.

    With *is_own* those are left out that ship with the program, and have no id.
    """

    def find(site: Site, actor: Actor) -> str:
        found = site.core.perform(actor, query, {})
        record = next((each for each in getattr(found, "items", found) if not is_own or each.id), None)
        if record is None:
            raise LookupError(f"{query} lists nothing: let the garage of the judges have one (conftest, lived)")
        return str(getattr(record, name))

    return find


def own_role(site: Site, actor: Actor) -> str:
    """Return the id of a role of the fleet's own."""
    return next(str(role.id) for role in site.core.perform(actor, "people.list_roles", {}) if role.id is not None)


def driver(site: Site, actor: Actor) -> str:
    """Return the id of an assignment, of the vehicle that the address is filled with."""
    of = VEHICLE(site, actor)
    return str(site.core.perform(actor, "vehicles.list_assignments", {"vehicle_id": of}).items[0].id)


def staged(site: Site, actor: Actor) -> str:
    """Return the id of a file that waits to be imported, with a row that has a problem."""
    staging = Staging(site.accounts.settings.data_dir / "imports")
    log, now = BytesIO(LOG), site.core.clock.now()
    kept = staging.keep(log, fleet_id=actor.fleet_id, user_id=actor.user_id, file_name="log.csv", now=now)
    Importer(core=site.core, staging=staging, actor=actor, correlation_id="judge", address=None).look(kept)
    return str(kept.id)


LOG = b"Date,Odometer,Litres,Total\n2026-01-05,910000,40,60.00\n2026-01-20,910600,3x,58.00\n"
VEHICLE, DOCUMENT = first("vehicles.list"), first("documents.list")
TYRES, CHECK = first("maintenance.list_tyre_sets"), first("maintenance.list_inspections")
REMINDER = first("reminders.list")
# The example for each address with a name in braces; those below a record's address are of the same record.
EXAMPLES: dict[str, Named] = {
    "/checklists/{id}": first("maintenance.list_checklists", "key"),
    "/documents/{id}": DOCUMENT,
    "/expense-categories/{id}": first("expenses.list_categories", "key", is_own=True),
    "/expenses/{id}": first("expenses.list"),
    "/fuel/{id}": first("fuel.list_fills"),
    "/history/{id}": VEHICLE,
    "/imports/staged/{id}": staged,
    "/imports/{id}": first("imports.list"),
    "/inspections/{id}": CHECK,
    "/jobs/{id}": first("maintenance.list_jobs"),
    "/maintenance/{id}": first("maintenance.list_services"),
    "/people/roles/{id}": own_role,
    "/people/{id}": first("people.list_members", "user_id"),
    "/plans/{id}": first("maintenance.list_plan_items"),
    "/providers/{id}": first("maintenance.list_providers"),
    "/recurring/{id}": first("expenses.list_recurring"),
    "/reminders/rules/{id}": REMINDER,
    "/reminders/{id}": REMINDER,
    "/stations/{id}": first("fuel.list_stations"),
    "/templates/{id}": first("maintenance.list_templates", "key"),
    "/trips/{id}": first("trips.list"),
    "/tyres/{id}": TYRES,
    "/vehicles/{id}": VEHICLE,
}
# Names that are no ids, by what they are called.
WORDS = {"kind": "economy", "name": "fuel"}
# Not for people: files to keep, data for the scripts of a page or for other programs.
DATA = {
    *("/outbox/whom", "/search/shortcuts", "/vehicles/models"),  # read by our scripts
    *("/files/{id}", "/files/{id}/small"),  # as they were attached
    *("/reports/{kind}/csv", "/exports/archive", "/exports/tables/{name}", "/exports/journals/{name}"),
}
# For paper: documents with a style of their own, without our header, that load nothing and run nothing.
PAPERS = {"/vehicles/{id}/passport"}
GETS: tuple[PageRoute, ...] = tuple(route for route in page_routes() if route.method == "GET")
OPEN = {route.path for route in GETS if route.is_open}
PATHS = [route.path for route in GETS if route.path not in DATA | PAPERS]


def example_of(path: str) -> Named:
    """Return the example of *path*, or of the record that it stands below. Raises KeyError."""
    above = path
    while above not in EXAMPLES and "{" in above:
        above = above.rpartition("/")[0]
    return EXAMPLES[above]


def address_of(path: str, site: Site, actor: Actor) -> str:
    """Return an address of the page at *path*; raises KeyError for a page without an example."""
    if "{" not in path:
        return path
    filled = re.sub(r"\{(\w+)\}", lambda found: WORDS.get(found[1], found[0]), path)
    filled = filled.replace("{assignment}", driver(site, actor)) if "{assignment}" in filled else filled
    return re.sub(r"\{\w+\}", lambda _: example_of(path)(site, actor), filled)
