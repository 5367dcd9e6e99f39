"""Headers that every answer carries, and what no request gets."""

from __future__ import annotations

import pytest

from .serving import Client

EVERY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.mark.parametrize("path", ["/vehicles", "/vehicles/none", "//nowhere", "/openapi.json", "//livez", "/audit"])
def test_every_answer_carries_them(client: Client, path: str) -> None:
    """Good answers and errors alike; none may be framed, sniffed or read by another origin.

    Proxies keep the description of the API alone.
    """
    reply = client.ask("GET", path, headers={"Origin": "https://elsewhere.example"})
    assert EVERY == {name: reply.headers.get(name) for name in EVERY}
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
    assert "base-uri 'none'" in reply.headers["content-security-policy"]
    allowed = {"public, max-age=300"} if path == "/openapi.json" else {"private, no-cache", "no-store"}
    assert reply.headers["cache-control"] in allowed
    assert not [name for name in reply.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT"])
def test_trace_is_no_method(client: Client, method: str) -> None:
    """What was sent is never told back."""
    reply = client.ask(method, "/vehicles", headers={"X-Canary": "kanarie"})
    assert reply.status in {400, 404, 405}
    assert b"kanarie" not in reply.body


@pytest.mark.parametrize("field", ["fleet_id", "created_by", "version", "deleted_at", "state"])
def test_a_field_that_no_command_names_is_refused(client: Client, field: str) -> None:
    """Whose a record is, who made it, and what became of it are not a client's to say."""
    reply = client.post("/vehicles", {"name": "Golf", field: "x"})
    assert 422 == reply.status
    assert f"/{field}" in {fault["pointer"] for fault in reply.value["errors"]}
