"""Files that somebody means harm with: they are kept as they are, and nothing of them is run, unpacked or believed."""

from __future__ import annotations

import io
import socket
import time
import zipfile
import zlib
from collections.abc import Iterator
from email.message import Message
from urllib.parse import quote

import pytest
from tests.server.serving import HOST, Client, Reply, running

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetserver.settings import ServerSettings

MIB = 1024 * 1024
UPLOAD_MAX = 2 * MIB
TAKEN_MAX = 24 * MIB  # the limit, and what the buffers of both machines hold
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc00000030101"
    "00c9fe92ef0000000049454e44ae426082"
)
SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"


@pytest.fixture
def client(core: Core, owner: Actor) -> Iterator[Client]:
    """The owner's client of a server that takes small files."""
    with running(core, {"owner": owner}, ServerSettings(upload_max=UPLOAD_MAX)) as port:
        yield Client(port)


def uploaded(client: Client, name: str, data: bytes, media_type: str = "text/html") -> Reply:
    """Hang a file on a vehicle, which the client says is of *media_type*."""
    vehicle = client.made("/vehicles", {"name": "Golf"})
    path = f"/attachments?entity=vehicles.vehicle&entity_id={vehicle['id']}&name={quote(name, safe='')}"
    return client.ask("POST", path, raw=data, headers={"Content-Type": media_type})


def fetched(client: Client, made: Reply) -> Reply:
    """Fetch the file again."""
    assert made.status == 201, made.body
    return client.get(f"/attachments/{made.value['id']}/content")


HARMFUL = {
    "text that is a page": ("notes.txt", b"Notes\n" + SCRIPT),
    "a page": ("page.html", b"<!doctype html>" + SCRIPT),
    "a drawing that is a program": ("drawing.svg", SVG),
    "a picture that is a page": ("photo.html", PNG + SCRIPT),
    "a page that begins like a picture": ("photo.png", PNG[:8] + SCRIPT),
    "a GIF that is a script": ("photo.js", b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)"),
    "a PDF that is a page": ("paper.pdf", b"%PDF-1.7\n" + SCRIPT),
    "an archive that is a page": ("archive.zip", b"PK\x03\x04" + SCRIPT),
    "XML that reads files": ("a.xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_what_could_run_is_only_ever_saved(client: Client, name: str) -> None:
    """What is not what it pretends to be is refused; else a browser saves it, guesses no type, and runs nothing."""
    called, data = HARMFUL[name]
    made = uploaded(client, called, data)
    if made.status == 422:
        assert {"attachment.type", "attachment.broken"} & {fault["code"] for fault in made.value["errors"]}
        return
    reply = fetched(client, made)
    assert (data, "nosniff") == (reply.body, reply.headers["x-content-type-options"])
    assert reply.headers["content-type"] in {"text/plain", "application/pdf"}
    assert reply.headers["content-disposition"].startswith("attachment")
    assert reply.headers["content-security-policy"].startswith(("default-src 'none'", "sandbox"))


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "..\\..\\windows\\win.ini",
        "/etc/passwd",
        "C:\\boot.ini",
        "a\r\nSet-Cookie: a=b.txt",
        'a"; filename="b.exe',
        "a\0.txt",
        "\u202etxt.exe",
        "." * 300,
        "x" * 3000,
        "CON.txt",
        "~root/.ssh/id",
    ],
)
def test_names_lead_nowhere_and_break_no_header(client: Client, name: str) -> None:
    """A name is a name: no folder, no line break, no second header comes of it, or it is refused by its field."""
    made = uploaded(client, name, b"paid in full\n", "text/plain")
    if made.status == 422:
        assert "name" in str(made.value["errors"])
        return
    kept = made.value["name"]
    assert not set(kept) & set('/\\\r\n\0"')
    assert not kept.startswith((".", "~/"))
    reply = fetched(client, made)
    assert "set-cookie" not in reply.headers
    assert [kept] == unpacked(reply)


def unpacked(reply: Reply) -> list[str | None]:
    """Return the names that a header gives to a file, as a program reads them."""
    message = Message()
    message["content-disposition"] = reply.headers["content-disposition"]
    return [message.get_filename()]


def bomb(size: int) -> bytes:
    """Return a small zip archive of a file of *size* zeros."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("log.csv", "w") as file,
    ):
        for _ in range(size // MIB):
            file.write(bytes(MIB))
    return made.getvalue()


def test_a_bomb_is_not_unpacked(client: Client) -> None:
    """A small archive of a large file costs neither time nor memory: it is refused as it is."""
    archive = bomb(256 * MIB)
    began = time.monotonic()
    assert 422 == uploaded(client, "a.zip", archive).status
    for path in ("/imports/preview", "/imports"):
        assert 422 == client.ask("POST", f"{path}?file_name=log.zip", raw=archive).status
    assert 60 > time.monotonic() - began  # a quarter of a gigabyte would take minutes to read as a log


def test_a_body_that_is_packed_is_not_unpacked_beyond_the_limit(client: Client) -> None:
    """Content-Encoding is no way around the limit."""
    packed = zlib.compress(bytes(200 * MIB), 9)
    reply = client.ask("POST", "/vehicles", raw=packed, headers={"Content-Encoding": "deflate"})
    assert reply.status in {400, 413, 415}


@pytest.mark.parametrize("path", ["/attachments?entity=vehicles.vehicle&entity_id=x&name=a", "/imports", "/vehicles"])
@pytest.mark.parametrize("is_chunked", [True, False], ids=["chunked", "of a told length"])
def test_a_stream_above_the_limit_is_cut(client: Client, path: str, *, is_chunked: bool) -> None:
    """The server says 413 and takes no more than the limit and what the buffers hold, however much is to come."""
    told = b"Transfer-Encoding: chunked\r\n" if is_chunked else b"Content-Length: 1000000000\r\n"
    head = f"POST /api/v1{path} HTTP/1.1\r\nHost: a\r\nX-Test-User: owner\r\nContent-Type: application/json\r\n"
    block = bytes(MIB)
    piece = b"100000\r\n" + block + b"\r\n" if is_chunked else block
    sent = 0
    with socket.create_connection((HOST, client.port), timeout=120) as connection:
        connection.sendall(head.encode() + told + b"\r\n")
        connection.settimeout(30)
        try:
            while sent < 400 * MIB:
                connection.sendall(piece)
                sent += len(piece)
        except OSError:
            pass
        try:
            answer = connection.recv(4096)
        except OSError:
            answer = b""
    assert sent < TAKEN_MAX, f"took {sent // MIB} MiB"
    assert b" 413 " in answer[:20] or not answer
