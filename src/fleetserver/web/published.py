"""What the server tells of itself, made when it is first asked for: the description of the API, and the page of it."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import orjson
from aiohttp import web

from .docs_page import page_of, policy

__all__ = ["Published"]

CACHED = "public, max-age=300"  # it changes with a release of the server, never while one runs


class Published:
    """The description that *describe* makes, at *address*, and the page that shows it."""

    def __init__(self, describe: Callable[[], Mapping[str, Any]], address: str) -> None:
        self._describe, self._address = describe, address

    @cached_property
    def _document(self) -> Mapping[str, Any]:
        return self._describe()

    @cached_property
    def _written(self) -> _Kept:
        return _Kept(orjson.dumps(self._document), "application/json", {})

    @cached_property
    def _page(self) -> _Kept:
        page = page_of(self._document, self._address).encode()
        return _Kept(page, "text/html", {"Content-Security-Policy": policy()})

    async def show(self, request: web.Request) -> web.Response:
        """Answer with the OpenAPI document."""
        return self._written.answer(request)

    async def show_page(self, request: web.Request) -> web.Response:
        """Answer with the page for people."""
        return self._page.answer(request)


class _Kept:
    """A document that everyone may read and keep."""

    def __init__(self, body: bytes, content_type: str, headers: Mapping[str, str]) -> None:
        self._body, self._zipped = body, gzip.compress(body, 9, mtime=0)
        self._content_type = content_type
        self._tag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        self._headers = {**headers, "ETag": self._tag, "Cache-Control": CACHED, "Vary": "Accept-Encoding"}

    def answer(self, request: web.Request) -> web.Response:
        """Answer with it, or with 304 to who has it."""
        known = {part.strip().removeprefix("W/") for part in request.headers.get("If-None-Match", "").split(",")}
        if known & {self._tag, "*"}:
            return web.Response(status=304, headers=self._headers)
        is_zipped = "gzip" in request.headers.get("Accept-Encoding", "")
        return web.Response(
            body=self._zipped if is_zipped else self._body,
            content_type=self._content_type,
            charset="utf-8" if self._content_type == "text/html" else None,
            headers={**self._headers, **({"Content-Encoding": "gzip"} if is_zipped else {})},
        )
