"""Examples for the description of the API: recorded from the demo's household, see docs/reference/write_examples.py."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import orjson

from .openapi_parts import Schema
from .routing import Route, Shape

__all__ = ["add_examples", "add_plain_examples", "borrow_examples"]

PASSWORD = "seventeen quiet lanterns"  # noqa: S105 - nobody's
LINK_TOKEN, CODE = "fl_9t2N4c1eTj0sVb7yHq8mZk3wXr5uLd6oPa", "492039"
TOKENS = {
    "access_token": "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTk4YjRhNiJ9.c2lnbmF0dXJl",
    "refresh_token": "fr_Qm3xT7aVn5kLw9cEj2sYb8uHd4oRp6zFg1i",
    "expires_in": 900,
    "token_type": "Bearer",
}
FLEET_ID, USER_ID, SESSION_ID, KEY_ID = (f"0198b4a6-5ad1-7000-8000-00000000000{number}" for number in range(1, 5))
NOW = "2026-10-01T16:00:00+00:00"
ME = {
    "user_id": USER_ID,
    "name": "Ada",
    "email": "ada@example.org",
    "is_email_verified": True,
    "has_second_factor": False,
    "fleet_id": FLEET_ID,
    "permissions": {"vehicles.read": "all", "vehicles.write": "all"},
    "fleets": [{"fleet_id": FLEET_ID, "name": "Home", "roles": ["owner"]}],
    "session_id": SESSION_ID,
    "key_id": None,
}
SESSION = {
    "id": SESSION_ID,
    "device": "Firefox on Linux",
    "address": "192.0.2.7",
    "created_at": NOW,
    "last_used_at": NOW,
    "expires_at": "2026-10-31T16:00:00+00:00",
    "is_current": True,
}
KEY = {
    "id": KEY_ID,
    "name": "Phone",
    "user_id": USER_ID,
    "prefix": "fk_7Qm2",
    "permissions": {"vehicles.read": "all"},
    "expires_at": None,
    "last_used_at": None,
    "revoked_at": None,
    "created_at": NOW,
    "created_by": USER_ID,
    "updated_at": NOW,
    "updated_by": USER_ID,
    "version": 1,
}
AUTHENTICATOR = {
    "secret": "JBSWY3DPEHPK3PXP",
    "uri": "otpauth://totp/fleetcore:ada@example.org?secret=JBSWY3DPEHPK3PXP",
}
OFFER = {
    "fleet_id": FLEET_ID,
    "fleet_name": "Home",
    "inviter_name": "Alex",
    "roles": ["family"],
    "vehicles": [],
    "email": None,
    "message": "Come in.",
    "expires_at": "2026-10-08T16:00:00+00:00",
}
ERASURE = {
    "user_id": USER_ID,
    "rows": {"people_users": 1, "accounts_sessions": 2},
    "emptied_fleets": [FLEET_ID],
    "left_fleets": [],
    "is_dry_run": False,
}
# What the household of the demo has no use for, by operation.
ASKED: Mapping[str, Any] = {
    "attachments.sweep": {"kept_days": 30, "grace_hours": 24},
    "expenses.edit_category": {"name": "Car care"},
    "maintenance.rotate_tyres": {"moves": [{"number": 1, "position": "rear_left"}]},
    "notifications.send_test": {"channel": "email"},
    "notifications.unsubscribe": {"token": LINK_TOKEN},
    "people.set_quotas": {"vehicles_max": 50, "storage_bytes_max": 1_073_741_824},
    "people.transfer_ownership": {"roles": ["family"]},
    "trips.restore": {"reason": "deleted by mistake"},
}
ANSWERED: Mapping[str, Any] = {"accounts.list_keys": {"items": [KEY], "next": None}, "accounts.revoke_key": KEY}
# By method and path: what is asked, and what is answered.
AUTH: Mapping[str, tuple[Any, Any]] = {
    "POST /auth/register": ({"email": "ada@example.org", "password": PASSWORD, "name": "Ada"}, TOKENS),
    "POST /auth/login": ({"email": "ada@example.org", "password": PASSWORD}, TOKENS),
    "POST /auth/refresh": ({"refresh_token": TOKENS["refresh_token"]}, TOKENS),
    "POST /auth/verify-email": ({"token": LINK_TOKEN}, None),
    "POST /auth/request-reset": ({"email": "ada@example.org"}, None),
    "POST /auth/reset": ({"token": LINK_TOKEN, "password": "eleven loud fountains"}, None),
    "POST /auth/switch": ({"fleet_id": FLEET_ID}, {**TOKENS, "refresh_token": None}),
    "POST /auth/step-up": ({"code": CODE}, None),
    "POST /auth/password": ({"password": PASSWORD, "new_password": "eleven loud fountains"}, None),
    "POST /auth/totp": ({"password": PASSWORD}, AUTHENTICATOR),
    "POST /auth/totp/confirm": ({"code": CODE}, {"items": ["7kq2-m9xd", "p4ht-w8sv"], "next": None}),
    "POST /auth/totp/recovery-codes": ({"password": PASSWORD}, {"items": ["7kq2-m9xd", "p4ht-w8sv"], "next": None}),
    "POST /auth/totp/disable": ({"password": PASSWORD}, None),
    "POST /auth/keys": (
        {"name": "Phone", "permissions": {"vehicles.read": "all"}, "expires_at": NOW},
        {"key": KEY, "secret": f"{KEY['prefix']}xT7aVn5kLw9cEj2"},
    ),
    "POST /auth/invitations/look": ({"token": LINK_TOKEN}, OFFER),
    "POST /auth/invitations/register": ({"token": LINK_TOKEN, "password": PASSWORD, "name": "Ada"}, TOKENS),
    "POST /auth/invitations/accept": ({"token": LINK_TOKEN}, {"fleet_id": FLEET_ID, "roles": ["family"]}),
    "GET /auth/me": (None, ME),
    "DELETE /auth/me": ({"password": PASSWORD, "with_fleets": True}, ERASURE),
    "POST /auth/me/erase": ({"password": PASSWORD, "with_fleets": True}, ERASURE),
    "POST /live/tickets": (None, {"ticket": "ft_Zk3wXr5uLd6oPa9t2N4c1eTj", "expires_in": 30, "protocol": "fleet.v1"}),
    "GET /auth/sessions": (None, {"items": [SESSION], "next": None}),
}


@lru_cache(maxsize=1)
def _recorded() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = orjson.loads((files(__package__) / "examples.json").read_bytes())
    return found


def add_examples(route: Route, described: Schema) -> None:
    """Write what was recorded of the route's operation into its description."""
    recorded = _recorded().get(route.operation, {})
    said = ASKED.get(route.operation) or recorded.get("request", {})
    answered = ANSWERED.get(route.operation) or recorded.get("response")
    for parameter in described["parameters"]:
        if parameter.get("name") in said:
            parameter["example"] = said[parameter["name"]]
    implied = {*route.path_fields, *route.fixed, *({"version"} if route.shape is not Shape.CREATE else set())}
    body = {name: value for name, value in said.items() if name not in implied}
    is_many = route.shape is Shape.BATCH
    if body and _fits(route, said):
        _say(described.get("requestBody", {}), {"items": [body]} if is_many else body)
    if answered is not None:
        answered = {"items": [answered], "next": None} if is_many else answered
        response = next(each for status, each in described["responses"].items() if status.startswith("2"))
        _say(response, answered)


def _fits(route: Route, said: Mapping[str, Any]) -> bool:
    return all(said.get(name) == value for name, value in route.fixed.items())


def add_plain_examples(method: str, path: str, described: Schema) -> None:
    """Write examples into the description of an address that no operation answers."""
    said, answered = AUTH.get(f"{method} {path}", (None, None))
    if said is not None and "requestBody" in described:
        _say(described["requestBody"], said)
    if answered is not None:
        response = next(each for status, each in described["responses"].items() if status.startswith("2"))
        _say(response, answered)


def borrow_examples(paths: Mapping[str, Mapping[str, Schema]]) -> None:
    """Give answers without an example that of another operation with the same schema."""
    answers = [
        answer["content"]["application/json"]
        for methods in paths.values()
        for described in methods.values()
        for status, answer in described["responses"].items()
        if status.startswith("2") and "application/json" in answer.get("content", {})
    ]
    known = {orjson.dumps(each["schema"]): each["example"] for each in answers if "example" in each}
    for each in answers:
        if "example" not in each and (told := known.get(orjson.dumps(each["schema"]))) is not None:
            each["example"] = told


def _say(place: Schema, example: Any) -> None:
    for media_type, content in place.get("content", {}).items():
        if media_type.endswith("json"):
            content["example"] = example
