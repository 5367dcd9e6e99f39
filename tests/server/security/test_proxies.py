"""Whose word is taken for where a request comes from."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_network

import pytest
from aiohttp import web
from tests.server.serving import HOST, Client, serving

from fleetcore.kernel.errors import Rejected
from fleetserver.settings import ServerSettings, read_settings
from fleetserver.web.proxies import PROXIES, TrustedProxies

PROXY, BALANCER = "127.0.0.0/8", "10.0.0.0/8"


async def mirror(request: web.Request) -> web.Response:
    """Tell a client what the server takes it for."""
    body = await request.read()
    return web.json_response({"remote": request.remote, "scheme": request.scheme, "size": len(body)})


def seen(trusted: tuple[str, ...], headers: Mapping[str, str]) -> tuple[str, str]:
    """Return address and scheme of a client that sends *headers* through a real server."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", mirror)
    app[PROXIES] = TrustedProxies(tuple(ip_network(each) for each in trusted))
    with serving(app) as port:
        answer = Client(port).ask("POST", "/", raw=b"x" * 300_000, headers=headers).value
    assert 300_000 == answer["size"]
    return answer["remote"], answer["scheme"]


CASES: list[tuple[tuple[str, ...], str, str, tuple[str, str]]] = [
    ((), "203.0.113.9", "https", (HOST, "http")),  # nobody is trusted, so nobody is believed
    ((BALANCER,), "203.0.113.9", "https", (HOST, "http")),  # another is
    ((PROXY,), "203.0.113.9", "https", ("203.0.113.9", "https")),
    ((PROXY,), "198.51.100.1, 203.0.113.9", "https", ("203.0.113.9", "https")),  # the client made up the first
    ((PROXY, BALANCER), "198.51.100.1, 203.0.113.9, 10.1.2.3", "https", ("203.0.113.9", "https")),
    ((PROXY,), "203.0.113.9, 10.1.2.3", "https", ("10.1.2.3", "https")),  # the balancer is not trusted
    ((PROXY,), "nonsense", "https", (HOST, "https")),
    ((PROXY,), "203.0.113.9, <script>", "ftp", (HOST, "http")),
    ((PROXY,), "2001:db8::7", "https", ("2001:db8::7", "https")),
    ((PROXY,), "[2001:db8::7]:4711", "https", ("2001:db8::7", "https")),
    ((PROXY,), "203.0.113.9:4711", "https", ("203.0.113.9", "https")),
    ((PROXY,), "::ffff:203.0.113.9", "https", ("203.0.113.9", "https")),
    ((PROXY, BALANCER), "203.0.113.9, 10.1.2.3", "https, http", ("203.0.113.9", "https")),
    ((PROXY,), "203.0.113.9", "https, http", ("203.0.113.9", "http")),  # the client made up the first
    ((PROXY,), ", ".join(["10.0.0.1"] * 500), "https", ("10.0.0.1", "https")),
    ((PROXY, BALANCER), ", ".join(["10.0.0.1"] * 300), "https", ("10.0.0.1", "https")),
]


@pytest.mark.parametrize(("trusted", "said", "scheme", "expected"), CASES)
def test_only_named_proxies_are_believed(
    trusted: tuple[str, ...], said: str, scheme: str, expected: tuple[str, str]
) -> None:
    """The list is read from the right, as far as each address is a trusted proxy's."""
    headers = {"X-Forwarded-For": said, "X-Forwarded-Proto": scheme}
    assert expected == seen(trusted, headers)


def test_settings_name_networks_and_origins() -> None:
    """Both are lists with commas; what is no network or no exact origin is refused by the name of the variable."""
    read = read_settings(
        {
            "FLEET_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "FLEET_CORS_ORIGINS": "https://app.example.org, http://localhost:5173",
            "FLEET_PUBLIC_URL": "https://fleet.example.org/",
        }
    )
    assert (ip_network("10.0.0.0/8"), ip_network("::1")) == read.trusted_proxies
    assert {"https://app.example.org", "http://localhost:5173"} == read.cors_origins
    assert "https://fleet.example.org" == read.public_url
    assert ServerSettings() == read_settings({})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("FLEET_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("FLEET_TRUSTED_PROXIES", "proxy.example.org"),
        ("FLEET_CORS_ORIGINS", "*"),
        ("FLEET_CORS_ORIGINS", "https://*.example.org"),
        ("FLEET_CORS_ORIGINS", "https://app.example.org/"),
        ("FLEET_CORS_ORIGINS", "null"),
        ("FLEET_CORS_ORIGINS", "app.example.org"),
        ("FLEET_CORS_ORIGINS", "https://App.example.org"),
        ("FLEET_CORS_ORIGINS", "https://app.example.org:many"),
        ("FLEET_PUBLIC_URL", "fleet.example.org"),
        ("FLEET_PUBLIC_URL", "https://"),
    ],
)
def test_what_is_no_network_or_origin_is_refused(name: str, text: str) -> None:
    """A mistake would let others in or keep everyone out, so the server does not start."""
    with pytest.raises(Rejected) as refused:
        read_settings({name: text})
    assert [name] == [each.field for each in refused.value.problems]
