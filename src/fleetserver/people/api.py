"""Routes of fleets, users, members and roles."""

from __future__ import annotations

from fleetserver.web.routing import Route, act, create, merge, read, remove, replace, resource

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    read("/fleet", "people.get_fleet"),
    replace("/fleet", "people.edit_fleet", getter="people.get_fleet"),
    merge("/fleet", "people.edit_fleet", getter="people.get_fleet"),
    read("/users/{user_id}", "people.get_user"),
    replace("/users/{user_id}", "people.edit_user", getter="people.get_user"),
    merge("/users/{user_id}", "people.edit_user", getter="people.get_user"),
    act("/users/{user_id}/disable", "people.disable_user"),
    act("/users/{user_id}/enable", "people.enable_user"),
    read("/members", "people.list_members"),
    create("/members", "people.add_member"),
    read("/members/{user_id}", "people.get_member"),
    replace("/members/{user_id}", "people.edit_member", getter="people.get_member"),
    merge("/members/{user_id}", "people.edit_member", getter="people.get_member"),
    remove("/members/{user_id}", "people.remove_member"),
    *resource("/roles", add="people.define_role", list_="people.list_roles", edit="people.edit_role"),
    remove("/roles/{id}", "people.delete_role"),
    act("/members/{user_id}/ownership", "people.transfer_ownership"),
    replace("/fleet/quotas", "people.set_quotas", getter="people.get_fleet"),
    read("/permissions", "people.list_permissions"),
)
