"""What makes the pages an app on a phone: the manifest with icons and shortcuts, and the service worker."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from fleetcore.kernel.languages import language_for

from .assets import WORKER, Assets

__all__ = ["SHORTCUTS", "Installing"]

MANIFEST = "/manifest.webmanifest"
SHORTCUTS = ("/q/fuel", "/q/odometer", "/trips/new", "/expenses/new", "/reminders")
SHELL = ("app.css", "app.js", "htmx-sse.js", "icons.svg", "icon.svg", "outbox.js")
# Pages that are kept before anybody has opened them, so that they are there at the pump.
WARM = (
    *("/", "/q/fuel", "/q/odometer", "/reminders", "/outbox"),
    *("/expenses/new", "/trips/new", "/maintenance/new", "/fuel/new"),
)


class Installing:
    """Serves the manifest and the service worker; both are made once, from the addresses of the files of now."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        shell = [assets.url(name) for name in SHELL]
        worker = next(each.body for each in assets if each.name == WORKER).decode()
        build = hashlib.sha256((worker + "".join(shell)).encode()).hexdigest()[:10]
        said = {"build": build, "shell": shell, "warm": WARM}
        self._worker = worker.replace("__SAID__", json.dumps(said)).encode()

    def add_to(self, app: web.Application) -> None:
        """Add both addresses to *app*."""
        app.router.add_get(MANIFEST, self.show_manifest)
        app.router.add_get(f"/{WORKER}", self.show_worker)

    async def show_worker(self, _request: web.Request) -> web.Response:
        """Answer with the service worker; browsers ask for it anew, as its address never changes."""
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": "default-src 'none'; connect-src 'self'"}
        response = web.Response(body=self._worker, content_type="text/javascript", charset="utf-8", headers=headers)
        response.enable_compression()
        return response

    async def show_manifest(self, request: web.Request) -> web.Response:
        """Answer with the manifest, in the language of the page that names it."""
        body = json.dumps(self.manifest(language_for(request.query.get("language")).text), ensure_ascii=False)
        headers = {"Cache-Control": "no-cache"}
        return web.Response(text=body, content_type="application/manifest+json", headers=headers)

    def manifest(self, _: Callable[[str], str]) -> dict[str, Any]:
        """Return what the manifest says."""
        names = (_("Fill-up"), _("Odometer"), _("Add a trip"), _("Add an expense"), _("Reminders"))
        return {
            "id": "/",
            "name": _("fleet: the garage"),
            "short_name": "fleet",
            "description": _("Fuel, costs, services and what is due, for every vehicle you have."),
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#0e141a",
            "theme_color": "#0a4480",
            "icons": [
                self._icon("icon-192.png", "192x192"),
                self._icon("icon-512.png", "512x512"),
                self._icon("icon-maskable-512.png", "512x512", "maskable"),
                {"src": self._assets.url("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            ],
            "shortcuts": [
                {"name": name, "url": url, "icons": [self._icon("icon-192.png", "192x192")]}
                for name, url in zip(names, SHORTCUTS, strict=True)
            ],
        }

    def _icon(self, name: str, sizes: str, purpose: str = "any") -> dict[str, str]:
        return {"src": self._assets.url(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
