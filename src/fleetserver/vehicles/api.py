"""Routes of vehicles, their readings and who may use them."""

from __future__ import annotations

from fleetserver.web.routing import Route, act, create, read, remove, replace, resource

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    act("/vehicles/purge", "vehicles.purge"),
    *resource(
        "/vehicles",
        add="vehicles.add",
        get="vehicles.get",
        list_="vehicles.page",
        edit="vehicles.edit",
        delete="vehicles.remove",
        restore="vehicles.restore",
    ),
    act("/vehicles/{id}/transitions", "vehicles.change_state", getter="vehicles.get"),
    read("/vehicles/{vehicle_id}/odometer", "vehicles.get_odometer"),
    create("/vehicles/{vehicle_id}/odometer", "vehicles.record_reading"),
    act("/vehicles/{vehicle_id}/odometer/replacements", "vehicles.replace_meter"),
    read("/vehicles/{vehicle_id}/odometer/{id}", "vehicles.get_reading"),
    read("/vehicles/{vehicle_id}/readings", "vehicles.list_readings"),
    act("/readings/{id}/void", "vehicles.void_reading"),
    read("/grants", "vehicles.list_grants"),
    create("/grants", "vehicles.grant"),
    read("/grants/{id}", "vehicles.get_grant"),
    remove("/grants/{id}", "vehicles.revoke_grant", getter="vehicles.get_grant"),
    read("/assignments", "vehicles.list_assignments"),
    create("/assignments", "vehicles.assign_driver"),
    replace("/assignments/{id}", "vehicles.edit_assignment", getter=None),
    remove("/assignments/{id}", "vehicles.delete_assignment"),
    act("/vehicles/{vehicle_id}/hand-over", "vehicles.hand_over"),
    read("/vehicles/{vehicle_id}/drivers", "vehicles.who_drove"),
)
