"""The areas that ship with fleetcore, in rank order: they enter by the same door as a plugin's.

Importing all of them costs more than most commands do, so each is imported when it is first needed: for one of
its stores, for an event that it hears, or for the list of everything.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from attrs import frozen

from fleetcore.kernel.area import Area

__all__ = ["BUILT_IN", "AreaEntry", "built_in_areas"]

PURGED = "vehicles.vehicle_purged"


@frozen
class AreaEntry:
    """A built-in area before it is imported: its name, and the names of the events that its reactions hear.

    One that *sees_all* deals with the tables of every area and is imported with all of them.
    """

    name: str
    hears: tuple[str, ...] = ()
    sees_all: bool = False

    def load(self) -> Area:
        """Import the area."""
        return cast(Area, import_module(f"fleetcore.{self.name}.area").AREA)


BUILT_IN = (
    AreaEntry("audit"),
    AreaEntry("vin"),
    AreaEntry("worker"),
    AreaEntry("people"),
    AreaEntry("vehicles"),
    AreaEntry(
        "accounts",
        hears=(
            "people.member_edited",
            "people.member_removed",
            "people.role_deleted",
            "people.role_edited",
            "people.user_disabled",
            "people.user_enabled",
        ),
    ),
    AreaEntry(
        "sharing",
        hears=(
            "people.member_removed",
            "vehicles.driver_assigned",
            "vehicles.vehicle_added",
            "vehicles.vehicle_granted",
            "vehicles.vehicle_restored",
        ),
    ),
    AreaEntry("attachments", hears=(PURGED,)),
    AreaEntry("ledger", hears=("people.fleet_founded",)),
    AreaEntry(
        "reminders",
        hears=(
            "vehicles.meters_moved",
            "vehicles.vehicle_edited",
            "vehicles.vehicle_removed",
            "vehicles.vehicle_restored",
            "vehicles.vehicle_state_changed",
            PURGED,
        ),
    ),
    AreaEntry("fuel", hears=(PURGED,)),
    AreaEntry("expenses", hears=(PURGED,)),
    AreaEntry("maintenance", hears=(PURGED,)),
    AreaEntry("trips", hears=(PURGED,)),
    AreaEntry(
        "documents",
        hears=("vehicles.vehicle_edited", "vehicles.vehicle_restored", "vehicles.vehicle_state_changed", PURGED),
    ),
    AreaEntry("calendars", hears=("people.member_removed",)),
    AreaEntry("imports", hears=(PURGED,)),
    AreaEntry("exports", sees_all=True),
    AreaEntry("live"),
    AreaEntry(
        "notifications",
        hears=(
            "people.member_removed",
            "sharing.invitation_accepted",
            "sharing.invitation_issued",
            "sharing.invitation_revoked",
            PURGED,
        ),
    ),
    AreaEntry("reports"),
    AreaEntry("history"),
)


def built_in_areas() -> tuple[Area, ...]:
    """Import every area that ships with fleetcore, in rank order."""
    return tuple(entry.load() for entry in BUILT_IN)
