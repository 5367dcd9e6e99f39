"""The proxies of the how-to, run as it shows them in front of real servers; skipped where a proxy is not installed."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from tests.server.serving import HOST, running, serving

from fleetcore import Core

from .pages import ROOT, blocks_of

PAGE = ROOT / "docs/how-to/put-a-proxy-in-front.md"
NAME = "fleet.example.org"
needs_nginx = pytest.mark.skipif(shutil.which("nginx", path="/usr/sbin:/usr/bin") is None, reason="nginx is not here")
needs_caddy = pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not here")


def block_of(kind: str) -> str:
    """Return the page's one block of that kind."""
    (block,) = [block for block in blocks_of(PAGE.read_text("utf-8")) if block.kind == kind]
    return block.text


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a certificate and its key, made for the name of the page."""
    folder = tmp_path_factory.mktemp("tls")
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    subprocess.run([*request, "-addext", f"subjectAltName=DNS:{NAME}", *files], check=True, capture_output=True)
    return folder


@contextmanager
def run_until_left(command: list[str], port: int, log: Path) -> Iterator[None]:
    """Run a proxy until the block is left; it must answer on *port*."""
    own = {**os.environ, "XDG_CONFIG_HOME": str(log.parent), "XDG_DATA_HOME": str(log.parent)}
    with log.open("w") as told, subprocess.Popen(command, stdout=told, stderr=told, env=own) as process:
        try:
            end = time.monotonic() + 300
            while process.poll() is None and time.monotonic() < end:
                with socket.socket() as probe:
                    if probe.connect_ex((HOST, port)) == 0:
                        break
                time.sleep(0.05)
            else:
                pytest.fail(log.read_text())
            yield
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def nginx(upstream: int, certificate: Path, folder: Path) -> Iterator[int]:
    """Run nginx as the page shows it in front of *upstream* and yield its port."""
    port, plain = free_port(), free_port()
    said = block_of("nginx")
    for shown, real in {
        "127.0.0.1:8000": f"{HOST}:{upstream}",
        "listen 443": f"listen {HOST}:{port}",
        "listen 80": f"listen {HOST}:{plain}",
        "/etc/ssl/fleet": str(certificate),
    }.items():
        assert shown in said
        said = said.replace(shown, real)
    places = "\n".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if folder.owner() == "root" else ""
    config = folder / "nginx.conf"
    config.write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off;\n{places}\n{said}\n}}\n"
    )
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin") or "nginx"
    with run_until_left([program, "-p", str(folder), "-c", str(config)], port, folder / "log"):
        yield port


@contextmanager
def caddy(upstream: int, certificate: Path, folder: Path) -> Iterator[int]:
    """Run Caddy as the page shows it, with the certificate given and no port but one, and yield that."""
    port = free_port()
    said = block_of("caddy").replace("127.0.0.1:8000", f"{HOST}:{upstream}")
    tls = f"tls {certificate}/cert.pem {certificate}/key.pem"
    said = said.replace(f"{NAME} {{", f"https://{NAME}:{port} {{\n\tbind {HOST}\n\t{tls}", 1)
    config = folder / "Caddyfile"
    config.write_text(f"{{\n\tadmin off\n\tauto_https off\n}}\n{said}")
    with run_until_left(["caddy", "run", "--config", str(config)], port, folder / "log"):
        yield port


PROXIES = [pytest.param(nginx, marks=needs_nginx, id="nginx"), pytest.param(caddy, marks=needs_caddy, id="caddy")]


async def ask(port: int, certificate: Path, path: str, **headers: str) -> tuple[int, Any]:
    """Ask the proxy by HTTPS, checking its certificate; returns status and body."""
    async with (
        session_of(port, certificate) as session,
        session.get(f"https://{NAME}:{port}{path}", headers=headers) as got,
    ):
        text = await got.text()
        return got.status, json.loads(text) if text.startswith("{") else text


def session_of(port: int, certificate: Path) -> aiohttp.ClientSession:
    """Return a client that finds the page's name on this machine and trusts its certificate."""

    class Here(aiohttp.ThreadedResolver):
        async def resolve(self, host: str, _port: int = 0, family: Any = socket.AF_INET) -> Any:
            assert host == NAME
            return await super().resolve(HOST, port, family)

    trust = ssl.create_default_context(cafile=str(certificate / "cert.pem"))
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust, resolver=Here()))


def echoing() -> web.Application:
    """Return an application that tells what it was sent, over HTTP and over a WebSocket."""

    async def tell(request: web.Request) -> web.Response:
        return web.json_response({name.lower(): value for name, value in request.headers.items()})

    async def live(request: web.Request) -> web.WebSocketResponse:
        socket_ = web.WebSocketResponse()
        await socket_.prepare(request)
        async for message in socket_:
            await socket_.send_str(f"{request.headers['X-Forwarded-Proto']} {message.data}")
        return socket_

    app = web.Application()
    app.router.add_get("/api/v1/live", live)
    app.router.add_get("/{rest:.*}", tell)
    return app


@pytest.mark.parametrize("proxy", PROXIES)
def test_the_api_is_reached_by_https(proxy: Any, certificate: Path, tmp_path: Path, sqlite_core: Core) -> None:
    """Requests come through with their headers; what is for the operator does not."""
    owner = sqlite_core.create_fleet("Home")
    with running(sqlite_core, {"owner": owner}) as upstream, proxy(upstream, certificate, tmp_path) as port:
        paths = {"/api/v1/vehicles": 200, "/livez": 200, "/metrics": 404, "/readyz": 404}
        found = {path: asyncio.run(ask(port, certificate, path, **{"X-Test-User": "owner"}))[0] for path in paths}
        assert paths == found
        status, problem = asyncio.run(ask(port, certificate, "/api/v1/vehicles"))
        assert (401, 401) == (status, problem["status"])


@pytest.mark.parametrize("proxy", PROXIES)
def test_the_proxy_says_who_asked_and_how(proxy: Any, certificate: Path, tmp_path: Path) -> None:
    """Scheme and address are the proxy's word; what a client claims of them does not arrive."""
    with serving(echoing()) as upstream, proxy(upstream, certificate, tmp_path) as port:
        claims = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"}
        _status, seen = asyncio.run(ask(port, certificate, "/anything", **claims))
    assert (HOST, "https") == (seen["x-forwarded-for"], seen["x-forwarded-proto"])
    assert seen["host"].partition(":")[0] == NAME


@pytest.mark.parametrize("proxy", PROXIES)
def test_websockets_come_through(proxy: Any, certificate: Path, tmp_path: Path) -> None:
    """An upgrade is passed on, and messages go both ways."""

    async def talk(port: int) -> str:
        async with (
            session_of(port, certificate) as session,
            session.ws_connect(f"wss://{NAME}:{port}/api/v1/live") as ws,
        ):
            await ws.send_str("hello")
            return str(await ws.receive_str(timeout=120))

    with serving(echoing()) as upstream, proxy(upstream, certificate, tmp_path) as port:
        assert "https hello" == asyncio.run(talk(port))


@needs_nginx
def test_plain_http_is_sent_to_https(certificate: Path, tmp_path: Path) -> None:
    """Who comes without TLS is told where to go."""

    async def location(port: int) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session:
            url = f"http://{HOST}:{port}/api/v1/vehicles"
            async with session.get(url, headers={"Host": NAME}, allow_redirects=False) as got:
                return got.status, got.headers["Location"]

    with serving(echoing()) as upstream, nginx(upstream, certificate, tmp_path):
        plain = int(re.findall(rf"listen {re.escape(HOST)}:(\d+);", (tmp_path / "nginx.conf").read_text())[0])
        assert (301, f"https://{NAME}/api/v1/vehicles") == asyncio.run(location(plain))
