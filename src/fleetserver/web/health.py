"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

import shutil
from pathlib import Path

from aiohttp import web

from fleetcore import Core
from fleetcore.kernel.errors import FleetError

from .bridge import Bridge, Busy

__all__ = ["Health"]

DISK_FREE_MIN = 256 * 1024 * 1024  # bytes; below it a database may soon refuse to write
HEADERS = {"Cache-Control": "no-store"}


class Health:
    """Answers ``/livez`` (no questions asked) and ``/readyz`` (the database answers, there is room on the disk).

    A server that is being stopped is not ready, so that a load balancer stops sending before it stops taking.
    """

    def __init__(self, core: Core, bridge: Bridge, folder: Path | None) -> None:
        self._core, self._bridge, self._folder = core, bridge, folder
        self.is_stopping = False

    async def alive(self, _request: web.Request) -> web.Response:
        """Say that the process answers."""
        return web.json_response({"status": "alive"}, headers=HEADERS)

    async def ready(self, _request: web.Request) -> web.Response:
        """Say whether requests can be served, and what is in the way."""
        checks = {"stopping": "ok" if not self.is_stopping else "the server is being stopped"}
        try:
            checks["database"] = await self._bridge.call(self._database)
        except Busy:
            checks["database"] = "everything is at work"
        checks["disk"] = self._disk()
        is_ready = all(found == "ok" for found in checks.values())
        status = "ready" if is_ready else "not ready"
        return web.json_response({"status": status, "checks": checks}, status=200 if is_ready else 503, headers=HEADERS)

    def _database(self) -> str:
        try:
            self._core.database.ping()
        except FleetError:
            return "does not answer"
        return "ok"

    def _disk(self) -> str:
        if self._folder is None or shutil.disk_usage(self._folder).free >= DISK_FREE_MIN:
            return "ok"
        return "is nearly full"
