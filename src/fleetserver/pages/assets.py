"""Files that browsers load with a page: named by their content, compressed once, kept by browsers for ever."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from aiohttp import web
from attrs import field, frozen

from .leaning import lean, lean_script

__all__ = ["WORKER", "Asset", "Assets"]

ROOT = "/static"
TYPES = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "png": "image/png",
    "txt": "text/plain",
    "webmanifest": "application/manifest+json",
}
WORKER = "sw.js"
JOINED = {"app.js": ("app.js", "keys.js", "live.js", "offline.js"), "htmx-sse.js": ("htmx.js", "hx-sse.js")}
FOR_EVER = "public, max-age=31536000, immutable"
COMPRESSIBLE = {"css", "js", "svg", "txt", "webmanifest"}


@frozen(kw_only=True)
class Asset:
    """One file: its plain name, the address with its hash, its bytes as they are and gzipped."""

    name: str
    url: str
    content_type: str
    body: bytes = field(repr=False)
    gzipped: bytes | None = field(repr=False)


class Assets:
    """Every file that pages load; style sheets are joined into one, and scripts that are loaded together as well.

    Scripts that few pages load stand below js/only.
    """

    def __init__(self) -> None:
        self._by_name = _shipped()
        self._by_url = {asset.url: asset for asset in self._by_name.values()}

    def __iter__(self) -> Iterator[Asset]:
        return iter(self._by_name.values())

    def url(self, name: str) -> str:
        """Return the address of the file called *name*, such as ``app.css``. Raises KeyError."""
        return self._by_name[name].url

    async def show(self, request: web.Request) -> web.Response:
        """Answer with a file; an address whose hash is not of now is unknown."""
        asset = self._by_url.get(request.path)
        if asset is None:
            raise web.HTTPNotFound
        headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
        if asset.gzipped is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(
                body=asset.gzipped, content_type=asset.content_type, headers=headers | {"Content-Encoding": "gzip"}
            )
        return web.Response(body=asset.body, content_type=asset.content_type, headers=headers)


@cache
def _shipped() -> Mapping[str, Asset]:
    """Return every file that ships with the server; made once, as it cannot change while a process runs."""
    return {name: _asset(name, body) for name, body in _bodies(files("fleetserver") / "static")}


def _bodies(folder: Traversable) -> Iterator[tuple[str, bytes]]:
    yield "app.css", b"\n".join(lean(each.read_bytes()) for each in _files(folder / "css"))
    scripts = {
        each.name: lean_script(each.read_bytes()) for each in [*_files(folder / "js"), *_files(folder / "js" / "only")]
    }
    vendored = {each.name: each.read_bytes() for each in _files(folder / "vendor") if each.name.endswith(".js")}
    for name, parts in JOINED.items():
        yield name, b"\n".join((scripts | vendored)[part] for part in parts)
    gone = {part for parts in JOINED.values() for part in parts}
    yield from ((name, body) for name, body in scripts.items() if name not in gone and name.endswith(".js"))
    for part in ("vendor", "images"):
        for entry in _files(folder / part):
            if entry.name.rpartition(".")[2] in TYPES and entry.name not in gone:
                yield entry.name, entry.read_bytes()


def _files(folder: Traversable) -> list[Traversable]:
    return (
        sorted((each for each in folder.iterdir() if each.is_file()), key=lambda each: each.name)
        if folder.is_dir()
        else []
    )


def _asset(name: str, body: bytes) -> Asset:
    stem, _, kind = name.rpartition(".")
    digest = hashlib.sha256(body).hexdigest()[:10]
    return Asset(
        name=name,
        url=f"{ROOT}/{stem}.{digest}.{kind}",
        content_type=TYPES[kind],
        body=body,
        gzipped=gzip.compress(body, 9, mtime=0) if kind in COMPRESSIBLE else None,
    )
