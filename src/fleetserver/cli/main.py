"""The root of the ``fleet`` command; loads the area of a command only when the command is used."""

from __future__ import annotations

import click

from fleetcore import __version__

from .groups import Entry, RootGroup
from .session import Session

__all__ = ["fleet", "main"]

AREA = "fleetserver.{0}.commands:{1}"


def _entry(name: str, area: str, help_text: str, attribute: str | None = None) -> Entry:
    return Entry(name, AREA.format(area, attribute or name.replace("-", "_")), help_text)


SECTIONS = (
    (
        "Start",
        (
            Entry(
                "demo",
                "fleetserver.cli.demo:demo",
                "Look at a garage with five years of two cars.",
            ),
            Entry("simulate", "fleetserver.cli.simulate:simulate", "Let vehicles of a demo fleet drive, live."),
            _entry("init", "people", "Found a fleet: a household, a company, a workshop."),
            _entry("import", "imports", "Read the log of another app: Fuelio, Drivvo, aCar, Fuelly, CSV...", "import_"),
        ),
    ),
    (
        "Record",
        (
            _entry("vehicles", "vehicles", "Add, list, show, edit and remove vehicles."),
            _entry("odometer", "vehicles", "Note and correct what odometers and hour meters show."),
            _entry("fuel", "fuel", "Record fills and charges."),
            _entry("stations", "fuel", "Keep the places that sell fuel and electricity."),
            _entry("expenses", "expenses", "Record what vehicles cost besides fuel, once or again and again."),
            _entry("maintenance", "maintenance", "Keep the service book: services, jobs, workshops."),
            Entry(
                "plans",
                "fleetserver.maintenance.plans:plans",
                "Plan the services of vehicles: items that come again, from templates or your own.",
            ),
            Entry(
                "inspections",
                "fleetserver.maintenance.inspections:inspections",
                "Check vehicles by checklists, test again what failed.",
            ),
            Entry(
                "tyres",
                "fleetserver.maintenance.tyres:tyres",
                "Keep tyre sets: mounted, stored, how far they went, how worn they are.",
            ),
            _entry("trips", "trips", "Keep a logbook of trips, with mileage rates and reports for tax offices."),
            _entry("documents", "documents", "File insurance, registration, leases, licences; their costs and ends."),
            _entry("attachments", "attachments", "Keep photos, receipts and papers with the records they belong to."),
            _entry(
                "reminders", "reminders", "Set what is to be done by distance, date or engine hours; say it is done."
            ),
        ),
    ),
    (
        "Look",
        (
            _entry("due", "reminders", "What is due, soonest first, and why."),
            _entry("vin", "vin", "What a vehicle identification number tells: make, model, year."),
            _entry("history", "history", "What happened to a vehicle, and who changed a record."),
            _entry("passport", "history", "Write a vehicle's service passport, a page to print for its buyer."),
            _entry("notifications", "notifications", "What you were told, and how you want to be told."),
            _entry("calendar", "calendars", "Put what is due into your calendar program."),
            _entry("report", "reports", "Consumption and costs: what was, what is, and what comes."),
            _entry("ledger", "ledger", "Check, sum up and export the books."),
        ),
    ),
    (
        "Manage",
        (
            _entry("imports", "imports", "List imports, take them back, make their services records."),
            _entry("export", "exports", "Write everything of the fleet to one file, for you and for restore."),
            _entry("backup", "exports", "Write every fleet of the database to one file."),
            _entry("snapshot", "exports", "Copy the SQLite database to one file, also while it is served."),
            _entry("restore", "exports", "Read a backup or an export back."),
            _entry("members", "people", "Who belongs to the fleet, and in which role."),
            _entry("users", "accounts", "Who can sign in: passwords, sessions, second factors; for who runs the host."),
            Entry("keys", "fleetserver.accounts.keys:keys", "The host's own keys: make, list and rotate them."),
            _entry("grants", "sharing", "Who else may use which vehicle: lend one, take it back."),
            _entry("drivers", "sharing", "Who has which vehicle when; who had it on a day, as for a fine."),
            _entry("fleets", "sharing", "The fleets that you belong to, and how much each may hold."),
            _entry("settings", "people", "Show or change the fleet's name, currency, time zone and units."),
            _entry("worker", "worker", "Do what is due in the background, until stopped."),
            _entry("jobs", "worker", "Look at background jobs and failed events, and have them tried again."),
            Entry(
                "outbox",
                "fleetserver.worker.outbox:outbox",
                "Events of all fleets on their way: what waits, what failed; for who runs the host.",
            ),
            _entry("tick", "reminders", "Run the daily evaluation of what is due."),
            Entry("serve", "fleetserver.cli.serve:serve", "Serve the API over HTTP."),
            Entry("plugins", "fleetserver.cli.plugins:plugins", "What plugins bring, and why one cannot be used."),
            Entry("migrate", "fleetserver.cli.maintenance:migrate", "Bring the database to the newest schema."),
            Entry("operations", "fleetserver.cli.operations:operations", "Everything the library can do, by name."),
        ),
    ),
)


class _Root(RootGroup):
    sections = SECTIONS


@click.group(
    "fleet",
    cls=_Root,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Try it: fleet demo. Your own log: fleet import FILE. Then: fleet report economy.",
)
@click.option(
    "--database",
    metavar="URL",
    envvar="FLEET_DATABASE",
    help="The database: sqlite:////absolute/path, a file, or postgresql://user@host/name. "
    "Default: fleet.db in FLEET_DATA_DIR or in your data folder.",
)
@click.option("--fleet", "fleet_name", metavar="NAME", help="The fleet, where the database holds several.")
@click.option("--as", "email", metavar="EMAIL", help="Act as this user. Default: the fleet's owner.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON alone on standard output.")
@click.option("--quiet", is_flag=True, help="Keep notes and progress to yourself.")
@click.version_option(__version__, prog_name="fleet")
@click.pass_context
def fleet(
    ctx: click.Context, *, database: str | None, fleet_name: str | None, email: str | None, as_json: bool, quiet: bool
) -> None:
    """Everything a vehicle needs in its life: how far, how much, at what cost.

    Global options stand before the command. Numbers may carry their unit (12345mi, 10gal, 40,5l);
    without one they are in your own units.
    """
    ctx.obj = Session(database=database, fleet_name=fleet_name, email=email, as_json=as_json, quiet=quiet)
    ctx.call_on_close(ctx.obj.close)


def main() -> None:
    """Run the ``fleet`` command."""
    fleet()


if __name__ == "__main__":
    main()
