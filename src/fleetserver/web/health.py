"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

import shutil
from pathlib import Path

from aiohttp import web

from fleetcore import Core
from fleetcore.kernel.errors import FleetError
from fleetcore.storage.figures import schema_fault
from fleetcore.worker.ports import OUTBOX

from .bridge import Bridge, Busy

__all__ = ["HEALTH", "Health"]

DISK_FREE_MIN = 256 * 1024 * 1024  # bytes; below it a database may soon refuse to write
HEADERS = {"Cache-Control": "no-store"}


class Health:
    """Answers ``/livez`` (no questions asked) and ``/readyz``: database, schema, disk, and events that wait too long.

    A server that is being stopped is not ready, so that a load balancer stops sending before it stops taking.
    *relay_lag_max_s* says how many seconds an event may wait for a worker; None where no worker is expected.
    """

    def __init__(
        self, core: Core, bridge: Bridge, folder: Path | None, *, relay_lag_max_s: float | None = None
    ) -> None:
        self._core, self._bridge, self._folder = core, bridge, folder
        self._relay_lag_max_s = relay_lag_max_s
        self.is_stopping = False

    async def alive(self, _request: web.Request) -> web.Response:
        """Say that the process answers."""
        return web.json_response({"status": "alive"}, headers=HEADERS)

    async def ready(self, _request: web.Request) -> web.Response:
        """Say whether requests can be served, and what is in the way."""
        checks = {"stopping": "ok" if not self.is_stopping else "the server is being stopped"}
        try:
            checks |= await self._bridge.call(self._database)
        except Busy:
            checks["database"] = "everything is at work"
        checks["disk"] = self._disk()
        is_ready = all(found == "ok" for found in checks.values())
        status = "ready" if is_ready else "not ready"
        return web.json_response({"status": status, "checks": checks}, status=200 if is_ready else 503, headers=HEADERS)

    def _database(self) -> dict[str, str]:
        checks = {"database": "ok"}
        try:
            self._core.database.ping()
            checks["schema"] = schema_fault(self._core.database) or "ok"
            if self._relay_lag_max_s is not None:
                checks["relay"] = self._relay(self._relay_lag_max_s)
        except FleetError:
            checks["database"] = "does not answer"
        return checks

    def _relay(self, lag_max_s: float) -> str:
        with self._core.across_fleets(snapshot=True) as uow:
            since, now = uow[OUTBOX].waits_since(), uow.now
        lag_s = 0.0 if since is None else (now - since).total_seconds()
        return "ok" if lag_s <= lag_max_s else f"events have waited for {lag_s:.0f} s: is a worker running?"

    def _disk(self) -> str:
        if self._folder is None or not self._folder.exists():
            return "ok"
        return "ok" if shutil.disk_usage(self._folder).free >= DISK_FREE_MIN else "is nearly full"


HEALTH: web.AppKey[Health] = web.AppKey("health", Health)
