"""What every answer says to browsers and caches, at every address: successes, errors, streams, and what is no HTTP."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import closing
from ipaddress import ip_network
from itertools import islice
from typing import Any

import pytest
from tests.server.security.asking import SIGNED_IN, Request, every_request, open_requests
from tests.server.security.estates import Estate
from tests.server.security.town import OWN, Town, served_also
from tests.server.serving import HOST, Reply

from fleetserver.pages.handlers import PAGE_HEADERS
from fleetserver.web.caching import ASK_AGAIN, KEPT, NEVER
from fleetserver.web.headers import HSTS, SECURITY_HEADERS
from fleetserver.web.routing import Shape

# What is decided before the database is asked is the same on each engine.
pytestmark = pytest.mark.parametrize("town", ["sqlite"], indirect=True, scope="session")
APP = "https://app.example.org"
EVIL = "https://evil.example.org"
NAME = re.compile(r"\{.*?\}")
# What a browser is told of installing: the same for all, asked for again each time.
INSTALLED = {"/sw.js": "no-cache", "/manifest.webmanifest": "no-cache"}
# Probes, and pages that the links in mails lead to.
UNKEPT = {
    "/livez",
    "/readyz",
    "/metrics",
    "/verify-email",
    "/reset-password",
    "/invitations/{token}",
    "/unsubscribe/{token}",
}
LOOPBACK = (ip_network("127.0.0.0/8"),)


def estate(town: Town) -> Estate:
    """Return the owner's estate."""
    return town.estates["owner", OWN]


def all_requests(town: Town) -> Iterator[Request]:
    """Yield a request to each address."""
    yield from every_request(town.core, estate(town))
    yield from open_requests()


def answers(town: Town, role: str | None, **headers: str) -> Iterator[tuple[Request, Reply]]:
    """Yield the answer to each request, with *headers*."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(town.visitor(role)) as visitor:
        for request in all_requests(town):
            yield request, visitor.send(request, named)


def unsafe(reply: Reply) -> list[str]:
    """Return which of the headers a reply lacks, and what it should not have."""
    lacking = [name for name, value in SECURITY_HEADERS.items() if name.lower() not in reply.headers]
    if reply.headers.get("x-content-type-options") != "nosniff":
        lacking.append("nosniff")
    policy = reply.headers.get("content-security-policy", "")
    if "default-src 'none'" not in policy and policy != PAGE_HEADERS["Content-Security-Policy"]:
        lacking.append("policy")
    if "cache-control" not in reply.headers:
        lacking.append("Cache-Control")
    if "Python" in reply.headers.get("server", "Python") or "aiohttp" in reply.headers["server"]:
        lacking.append("a Server that says nothing")
    return lacking + [name for name in reply.headers if name.startswith("access-control-") or name == "x-powered-by"]


def raw(port: int, data: bytes) -> bytes:
    """Send *data* as it is, and return all that comes back until the server hangs up."""
    with socket.create_connection((HOST, port), timeout=300) as connection:
        connection.sendall(data)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
        return received


@pytest.mark.parametrize("role", ["owner", "guest", None])
def test_every_answer_is_safe_to_show(town: Town, role: str | None) -> None:
    """Successes, refusals, streams: all have the headers, none lets another origin read."""
    found = {
        request.route: lacking for request, reply in answers(town, role, Origin=EVIL) if (lacking := unsafe(reply))
    }
    assert {} == found


def test_no_address_takes_another_method(town: Town) -> None:
    """A method that an address does not have is 405, told by a problem with Allow; OPTIONS is no exception.

    An address of fixed words answers for itself, where names in braces would fit it too.
    """
    wrong = []
    with closing(town.visitor("owner")) as owner:
        for _, path in town.addresses:
            address = path.replace("{", "").replace("}", "")
            taken = {method for method, other in town.addresses if NAME.sub("{}", other) == NAME.sub("{}", path)}
            for method in sorted({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - taken):
                reply = owner.ask(method, address)
                if (405, []) != (reply.status, unsafe(reply)) or set(reply.headers["allow"].split(",")) != taken:
                    wrong.append((method, path, taken, reply))
    assert [] == wrong


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404),
        (b"BREW /api/v1/fuel HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 431),
        (b"GET /livez HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\nConnection: close\r\n\r\n", 417),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (
            b"POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            400,
        ),
        (
            b"POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: 3000000\r\n\r\n" + b"x" * 3_000_000,
            413,
        ),
    ],
)
def test_what_is_hardly_http_is_answered_safely_too(town: Town, data: bytes, status: int) -> None:
    """Errors below the application are problems with the same headers, and tell nothing of the machinery."""
    head, _, body = raw(town.port, data).partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert (status, []) == (int(first.split()[1]), unsafe(Reply(status, headers, body)))
    assert headers["content-type"].startswith("application/problem+json")
    assert b"Traceback" not in body
    assert b"aiohttp" not in body


def test_an_error_of_ours_is_safe_too(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the server is 500 with the headers and a correlation id, and nothing of what went wrong."""
    monkeypatch.setattr(type(town.core), "read", property(lambda _core: 1 / 0))
    with closing(town.visitor("owner")) as owner:
        reply = owner.ask("GET", "/api/v1/vehicles")
    assert (500, []) == (reply.status, unsafe(reply))
    assert b"division" not in reply.body


# --- who may keep what ----------------------------------------------------------------------------------------------


def test_the_table_decides_who_keeps_what(town: Town) -> None:
    """Records are asked for again, accounts and errors are never kept, what is the same for all may be."""
    wrong = {}
    for request, reply in answers(town, "owner"):
        method, _, path = request.route.partition(" ")
        told, is_account = reply.headers["cache-control"], request.route in SIGNED_IN or "/v1/auth/" in path
        if reply.status >= 400 or is_account or path in UNKEPT:
            expected = NEVER
        else:
            known = INSTALLED.get(path) or KEPT.get(path, KEPT.get(f"/api/v1{path}", ASK_AGAIN))
            expected = known if method == "GET" else ASK_AGAIN
        if told != expected:
            wrong[request.route] = (reply.status, told)
    assert {} == wrong


def test_what_may_be_kept_can_be_validated(town: Town) -> None:
    """Every read of JSON, text and files has an ETag, by which it is not sent again; 304 says who may keep it too."""
    from fleetserver.app import api_routes

    readable = {f"GET {route.path}" for route in api_routes() if route.shape in {Shape.READ, Shape.CONTENT}}
    with closing(town.visitor("owner")) as owner:
        for request in (*every_request(town.core, estate(town)), Request("openapi", "GET", "/api/v1/openapi.json")):
            if (
                request.route not in readable | {"openapi"} or request.route == "GET /dead-letters/{id}"
            ):  # none is there
                continue
            first = owner.send(request)
            again = owner.send(request, {"If-None-Match": first.tag})
            assert (304, b"", first.tag) == (again.status, again.body, again.tag), request.route
            assert first.headers["cache-control"] == again.headers["cache-control"]


def test_nothing_is_public_that_needs_a_login(town: Town) -> None:
    """Only what anyone may read is marked for shared caches."""
    shared = [request.route for request, reply in answers(town, "owner") if "public" in reply.headers["cache-control"]]
    assert ["GET /api/v1/openapi.json", "GET /api/v1/docs"] == shared


# --- other origins --------------------------------------------------------------------------------------------------


def test_without_origins_no_page_of_elsewhere_is_answered(town: Town) -> None:
    """CORS is off by default: a preflight is refused at every address."""
    asked = {"Origin": EVIL, "Access-Control-Request-Method": "POST"}
    with closing(town.visitor(None)) as browser:
        for request in all_requests(town):
            reply = browser.ask("OPTIONS", request.address, headers=asked)
            assert (405, []) == (reply.status, unsafe(reply)), request.route


def readable_by(reply: Reply) -> str | None:
    """Return the origin whose pages may read *reply*; no answer is for pages with credentials."""
    assert "Origin" in reply.headers["vary"]
    assert "access-control-allow-credentials" not in reply.headers
    assert ("access-control-allow-origin" in reply.headers) == ("access-control-expose-headers" in reply.headers)
    return reply.headers.get("access-control-allow-origin")


def test_pages_of_named_origins_read_answers(town: Town) -> None:
    """The exact origin is named in each answer, never a wildcard; caches keep the answers to origins apart."""
    with served_also(town, cors_origins=frozenset({APP})) as open_town:
        assert {APP} == {readable_by(reply) for _, reply in answers(open_town, "owner", Origin=APP)}
        with closing(open_town.visitor("owner")) as owner:
            for origin in (EVIL, "null", "*", f"{APP}.evil.org", APP.replace("https", "http"), f"{APP}:8443"):
                assert readable_by(owner.ask("GET", "/api/v1/vehicles", headers={"Origin": origin})) is None
            assert readable_by(owner.ask("GET", "/api/v1/vehicles")) is None


def test_preflights_of_named_origins_are_answered(town: Town) -> None:
    """Each address allows the methods it has; others, and other origins, are refused."""
    with served_also(town, cors_origins=frozenset({APP})) as open_town, closing(open_town.visitor(None)) as browser:
        for request in all_requests(open_town):
            asked: dict[str, Any] = {"Origin": APP, "Access-Control-Request-Method": request.method}
            reply = browser.ask("OPTIONS", request.address, headers=asked)
            assert (204, APP) == (reply.status, reply.headers["access-control-allow-origin"]), request.route
            assert request.method in reply.headers["access-control-allow-methods"]
            assert "Authorization" in reply.headers["access-control-allow-headers"]
            refused = [browser.ask("OPTIONS", request.address, headers={**asked, "Origin": EVIL})]
            refused.append(
                browser.ask("OPTIONS", request.address, headers={**asked, "Access-Control-Request-Method": "BREW"})
            )
            assert [403, 403] == [each.status for each in refused]
            assert "access-control-allow-origin" not in refused[0].headers


# --- behind a proxy -------------------------------------------------------------------------------------------------


def hsts(replies: Iterator[tuple[Request, Reply]]) -> set[str | None]:
    """Return what is said of TLS in *replies*."""
    return {reply.headers.get("strict-transport-security") for _, reply in replies}


def test_secure_hosts_say_so(town: Town) -> None:
    """Behind a trusted proxy that took the request over TLS every answer has HSTS; nobody else is heard."""
    with served_also(town, trusted_proxies=LOOPBACK) as behind:
        assert {HSTS} == hsts(answers(behind, "owner", X_Forwarded_Proto="https"))
        assert {None} == hsts(islice(answers(behind, "owner", X_Forwarded_Proto="http"), 9))
        assert {None} == hsts(islice(answers(behind, "owner", X_Forwarded_Proto="gopher"), 9))
    assert {None} == hsts(islice(answers(town, "owner", X_Forwarded_Proto="https"), 9))


def test_other_names_are_refused_where_the_public_one_is_known(town: Town) -> None:
    """With a public address the server answers to its name and to this machine's; probes ask by any."""
    with served_also(town, public_url="https://fleet.example.org") as named, closing(named.visitor("owner")) as owner:
        for host, status in (
            ("fleet.example.org", 200),
            ("FLEET.example.org:443", 200),
            (f"127.0.0.1:{named.port}", 200),
            ("evil.example.org", 421),
            ("fleet.example.org.evil.org", 421),
            ("[bad", 421),
        ):
            assert status == owner.ask("GET", "/api/v1/vehicles", headers={"Host": host}).status, host
            assert 200 == owner.ask("GET", "/livez", headers={"Host": host}).status
