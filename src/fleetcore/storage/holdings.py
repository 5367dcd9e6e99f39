"""What each table holds of persons: whose a row is, which of its words are theirs, and what becomes of them.

Every table stands here; a test says so. Whose a row is says the first of its *owners* that names somebody: a trip is
its driver's, and of who wrote it down where there is no driver. **Words** (notes, places, messages) are erased in rows
of a person who is erased. **Names** of things (a vehicle's name and plate, a title of a service) belong to the fleet,
and are erased only in a fleet that was theirs alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

__all__ = ["ERASED", "HOLDINGS", "IMAGE_OWNERS", "IMAGE_WORDS", "IMAGE_WORDS_OF", "PERSONAL_PAPERS", "Holding"]

ERASED = "[erased]"


@frozen(kw_only=True)
class Holding:
    """What one table holds of persons. Rows that are *dropped* are deleted with their owner.

    *words* and *names* are columns of text, *blanks* are given another value (a list without anything in it). *hidden*
    columns are secrets, which no export tells. *why* says what else is to be known, and why nothing is erased.
    """

    owners: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    blanks: Mapping[str, Any] = field(factory=dict)
    hidden: tuple[str, ...] = ()
    is_dropped: bool = False
    why: str = ""


MAKER = ("created_by",)
DRIVER = ("driver_id", "created_by")
PERSON = ("person_id", "created_by")
# Of papers that are a person's own (a licence), not a vehicle's: what is written on them.
PERSONAL_PAPERS = ("number", "issuer", "contact", "notes")
IMAGE_OWNERS = ("person_id", "driver_id", "user_id", "recorded_by", "invited_by", "created_by")
IMAGE_WORDS = frozenset(
    {
        *("notes", "note", "place", "start_place", "end_place", "driver_name", "client", "reason", "message", "email"),
        *("latitude", "longitude", "start_latitude", "start_longitude", "end_latitude", "end_longitude", "tags"),
        *("file_name", "storage_place", "addresses", "contact_person", "phone"),
    }
)
IMAGE_WORDS_OF: Mapping[str, frozenset[str]] = {
    "accounts.api_key": frozenset({"name", "prefix"}),
    "calendars.feed": frozenset({"name"}),
    "expenses.expense": frozenset({"title"}),
    "expenses.recurring": frozenset({"title"}),
}
OWN_WORDS: Mapping[str, Holding] = {
    "trips_trips": Holding(
        owners=DRIVER,
        words=("driver_name", "start_place", "end_place", "client", "notes", "reason"),
        blanks={
            **dict.fromkeys(("start_latitude", "start_longitude", "end_latitude", "end_longitude")),
            "tags": [],
        },
    ),
    "fuel_fills": Holding(
        owners=DRIVER, words=("place", "notes"), blanks={"latitude": None, "longitude": None, "tags": []}
    ),
    "vehicles_assignments": Holding(owners=DRIVER, words=("driver_name", "notes")),
    "vehicles_readings": Holding(owners=("recorded_by",), words=("note",)),
    "vehicles_vehicles": Holding(
        owners=MAKER,
        words=("notes",),
        names=("name", "make", "model", "variant", "colour"),
        blanks={},
        why="in a fleet of theirs alone plate, VIN, tags and own fields go too",
    ),
    "expenses_expenses": Holding(owners=MAKER, words=("title", "place", "notes"), blanks={"tags": []}),
    "expenses_recurring": Holding(owners=MAKER, words=("title", "place", "notes"), blanks={"tags": []}),
    "documents_documents": Holding(
        owners=PERSON, words=("notes",), names=("issuer", "number", "contact"), why="a licence goes whole: see below"
    ),
    "reminders_reminders": Holding(owners=PERSON, words=("notes",), names=("title",)),
    "maintenance_services": Holding(owners=MAKER, words=("place", "notes"), names=("title",), blanks={"tags": []}),
    "maintenance_jobs": Holding(owners=MAKER, words=("notes", "reason"), names=("title",), blanks={"tags": []}),
    "maintenance_inspections": Holding(owners=MAKER, words=("notes",), names=("title",)),
    "maintenance_plan_items": Holding(owners=MAKER, words=("notes",), names=("title",)),
    "maintenance_checklists": Holding(owners=MAKER, words=("notes",), names=("name",)),
    "maintenance_templates": Holding(owners=MAKER, words=("notes",), names=("name",)),
    "maintenance_tyre_sets": Holding(owners=MAKER, words=("storage_place", "notes"), names=("name",)),
    "maintenance_providers": Holding(
        owners=MAKER, words=("notes",), names=("name", "address", "phone", "email", "website")
    ),
    "fuel_stations": Holding(owners=MAKER, names=("name", "address", "phone", "website"), why="a place of trade"),
    "attachments_attachments": Holding(owners=MAKER, words=("name",)),
    "imports_imports": Holding(owners=MAKER, words=("file_name",), why="the raw rows of theirs are emptied"),
    "sharing_invitations": Holding(owners=("invited_by",), words=("message",), hidden=("token_hash",)),
    "people_fleets": Holding(owners=MAKER, names=("name",), why="a fleet is its members', whoever founded it"),
}
DROPPED: Mapping[str, Holding] = {
    **{
        name: Holding(owners=("user_id",), is_dropped=True, hidden=hidden)
        for name, hidden in {
            "accounts_accounts": ("password_hash",),
            "accounts_api_keys": ("secret_hash",),
            "accounts_links": ("token_hash",),
            "accounts_recovery_codes": ("code_hash",),
            "accounts_security_log": (),
            "accounts_sessions": ("family_hash", "token_hash"),
            "accounts_totp": ("sealed_seed",),
            "calendars_feeds": ("secret_hash",),
            "notifications_deliveries": ("secret",),
            "notifications_inbox": (),
            "notifications_preferences": ("token_key",),
            "people_members": (),
        }.items()
    },
    "idempotency_keys": Holding(owners=("actor_id",), is_dropped=True, hidden=("response", "request_hash")),
}
KEPT: Mapping[str, Holding] = {
    "people_users": Holding(owners=("id",), why="the row stays as nobody: others' rows name its id"),
    "audit_log": Holding(owners=("actor_id",), hidden=("before", "after"), why="personal words in its images go"),
    "accounts_stamps": Holding(why="counts changes by id"),
    "accounts_limits": Holding(why="keys are hashes, gone within the hour"),
    "vehicles_grants": Holding(owners=("user_id",), why="ids and times"),
    "people_roles": Holding(owners=MAKER, why="names of roles are the fleet's"),
    "expenses_categories": Holding(owners=MAKER, why="names of categories are the fleet's"),
    "ledger_accounts": Holding(owners=MAKER, why="names of accounts are the fleet's"),
    "ledger_journal_entries": Holding(owners=("posted_by",), why="numbers, and words of the program's own"),
    "ledger_journal_lines": Holding(why="numbers"),
    "documents_payments": Holding(why="numbers"),
    "imports_rows": Holding(why="emptied with their import", hidden=("raw",)),
    "maintenance_treads": Holding(owners=MAKER, why="numbers"),
    "maintenance_tyre_fittings": Holding(owners=MAKER, why="numbers"),
    "reminders_completions": Holding(owners=MAKER, why="numbers and days"),
    "trips_closed_months": Holding(owners=("closed_by",), why="months"),
    "trips_rates": Holding(owners=MAKER, why="numbers"),
    "jobs": Holding(why="work in progress: ids, swept for their address"),
    "inbox": Holding(why="which events were heard"),
    "outbox": Holding(why="events hold no words of persons, but are swept for their address"),
    "dead_letters": Holding(why="as the outbox"),
    "outbox_order": Holding(why="numbers of events alone"),
    "live_tickets": Holding(hidden=("token_hash",), why="they live for half a minute"),
    "schedules": Holding(why="when work is due"),
    "vin_answers": Holding(why="what makers say of a type"),
}
HOLDINGS: Mapping[str, Holding] = {**OWN_WORDS, **DROPPED, **KEPT}
