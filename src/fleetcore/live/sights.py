"""Who may hear of which event: the one table. An event that is not here is told to nobody.

Whoever may read the record that an event is about may hear of it. Where that cannot be said for a narrow role without
more than the event and its record tell, the narrow role does not hear of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from attrs import frozen

__all__ = ["SIGHTS", "Kind", "Sight"]


class Kind(Enum):
    """What an event is about, which decides how far a permission must reach."""

    VEHICLE = "vehicle"
    """A record of a vehicle; one without a vehicle is a person's, or the whole fleet's."""
    SHARED = "shared"
    """A record of no vehicle that all use: members who hold the permission; guests do not."""
    FLEET = "fleet"
    """Only for whom the permission reaches the whole fleet."""
    MEMBERS = "members"
    """For every member, whatever they may do."""
    PERSON = "person"
    """For the user whom it names, and for whom the permission, if one is named, reaches the whole fleet."""
    BORNE = "borne"
    """A file: for whoever may read the record that it hangs on."""


@frozen(kw_only=True)
class Sight:
    """What it takes to hear of an event.

    *record* is what find_record calls the record that the event's key names: who sees only their own must have made
    it. *any_own* says that the permission, held for one's own, covers the whole of an assigned vehicle. *mine* names
    the field of the payload whose user counts as its maker. With *others*, only that user hears of it, but for those
    who hold the permission *others* for the whole fleet. *lacks_vehicle*: the payload does not say the vehicle, the
    record does.
    """

    kind: Kind
    permission: str | None = None
    record: str | None = None
    any_own: bool = False
    mine: str | None = None
    others: str | None = None
    lacks_vehicle: bool = False


def _each(area: str, names: str, sight: Sight) -> dict[str, Sight]:
    return {f"{area}.{name}": sight for name in names.split()}


def _record(permission: str, record: str, **more: bool | str) -> Sight:
    return Sight(kind=Kind.VEHICLE, permission=permission, record=record, **more)  # type: ignore[arg-type]  # as named


def _fleet(permission: str) -> Sight:
    return Sight(kind=Kind.FLEET, permission=permission)


def _shared(permission: str) -> Sight:
    return Sight(kind=Kind.SHARED, permission=permission)


_VEHICLE = Sight(kind=Kind.VEHICLE, permission="vehicles.read", any_own=True)
_FUEL, _SERVICE, _PAPERS = "fuel.read", "maintenance.read", "documents.read"
_OWN_USER = Sight(kind=Kind.PERSON, mine="user_id")

SIGHTS: Mapping[str, Sight] = {
    **_each("accounts", "key_added key_revoked", _fleet("keys.write")),
    **_each("attachments", "attachment_added attachment_deleted attachment_restored", Sight(kind=Kind.BORNE)),
    **_each("attachments", "swept", _fleet("documents.write")),
    **_each("calendars", "feed_made feed_revoked", _OWN_USER),
    **_each(
        "documents",
        "cancelled deleted edited filed payment_booked payment_reversed renewed restored",
        _record(_PAPERS, "documents.document"),
    ),
    **_each("expenses", "category_added category_edited category_removed", _shared("expenses.read")),
    **_each(
        "expenses",
        "expense_deleted expense_edited expense_recorded expense_restored",
        _record("expenses.read", "expenses.expense"),
    ),
    **_each(
        "expenses",
        "recurring_added recurring_edited recurring_stopped",
        Sight(kind=Kind.VEHICLE, permission="expenses.read"),
    ),
    **_each("fuel", "fill_deleted fill_edited fill_recorded fill_restored", _record(_FUEL, "fuel.fill")),
    **_each("fuel", "station_added station_deleted station_edited", _shared(_FUEL)),
    **_each("imports", "import_completed import_undone services_converted", _fleet("imports.write")),
    **_each("ledger", "account_added account_closed account_renamed", _fleet("ledger.read")),
    **_each(
        "maintenance",
        "checklist_added checklist_edited checklist_removed provider_added provider_edited provider_removed "
        "template_added template_edited template_removed",
        _shared(_SERVICE),
    ),
    **_each(
        "maintenance",
        "inspection_closed inspection_deleted inspection_edited inspection_failed inspection_recorded "
        "inspection_repairs_scheduled",
        _record(_SERVICE, "maintenance.inspection"),
    ),
    **_each(
        "maintenance",
        "job_cancelled job_completed job_reopened job_rescheduled job_scheduled job_started",
        _record(_SERVICE, "maintenance.job"),
    ),
    **_each(
        "maintenance",
        "plan_item_added plan_item_edited plan_item_removed",
        _record(_SERVICE, "maintenance.plan_item"),
    ),
    **_each(
        "maintenance",
        "service_deleted service_edited service_recorded service_restored",
        _record(_SERVICE, "maintenance.service"),
    ),
    **_each("maintenance", "template_applied", Sight(kind=Kind.VEHICLE, permission=_SERVICE)),
    **_each(
        "maintenance",
        "tyre_fitting_removed tyre_set_added tyre_set_edited tyre_set_removed tyres_mounted tyres_rotated "
        "tyres_unmounted",
        _record(_SERVICE, "maintenance.tyre_set"),
    ),
    **_each(
        "maintenance",
        "tread_check_removed tread_measured",
        _record(_SERVICE, "maintenance.tyre_set", lacks_vehicle=True),
    ),
    **_each("notifications", "inbox_changed preferences_set test_requested unsubscribed", _OWN_USER),
    **_each("people", "fleet_edited", Sight(kind=Kind.MEMBERS)),
    **_each(
        "people",
        "fleet_founded ownership_transferred quotas_set role_defined role_deleted role_edited",
        _fleet("people.read"),
    ),
    **_each(
        "people",
        "member_added member_edited member_removed user_disabled user_edited user_enabled user_registered",
        Sight(kind=Kind.PERSON, permission="people.read", mine="user_id"),
    ),
    **_each(
        "reminders",
        "reminder_added reminder_deleted reminder_done reminder_edited reminder_reopened reminder_restored "
        "reminder_skipped reminder_snoozed state_changed",
        _record("reminders.read", "reminders.reminder"),
    ),
    **_each("sharing", "invitation_accepted invitation_revoked invitation_sent", _fleet("people.write")),
    **_each("trips", "month_closed", Sight(kind=Kind.VEHICLE, permission="trips.read", any_own=True)),
    **_each("trips", "rate_added rate_removed", _shared("trips.read")),
    **_each(
        "trips",
        "trip_deleted trip_edited trip_finished trip_recorded trip_restored trip_started",
        _record("trips.read", "trips.trip", mine="driver_id"),
    ),
    **_each(
        "vehicles",
        "meter_replaced reading_recorded reading_voided vehicle_added vehicle_edited vehicle_purged vehicle_removed "
        "vehicle_restored vehicle_state_changed",
        _VEHICLE,
    ),
    **_each(
        "vehicles",
        "assignment_deleted assignment_edited driver_assigned",
        Sight(kind=Kind.VEHICLE, permission="vehicles.read", any_own=True, mine="driver_id", others="vehicles.write"),
    ),
    **_each(
        "vehicles",
        "grant_revoked vehicle_granted",
        Sight(kind=Kind.VEHICLE, permission="vehicles.read", any_own=True, mine="user_id", others="vehicles.write"),
    ),
    **_each(
        "worker",
        "dead_letter_discarded dead_letter_replayed event_set_aside job_died job_discarded job_retried",
        _fleet("jobs.read"),
    ),
}
