"""The limit: bare aiohttp and raw asyncpg, nothing between them but a look at who asks.

``python -m peers.bare_service PORT WORKERS``; a token is verified once and then remembered until it expires, as the
server does. It checks nothing that is sent: no service that people rely on could be as cheap.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import jwt
import orjson
import uvloop
from aiohttp import web

VEHICLE = "SELECT * FROM vehicles WHERE fleet_id = $1 AND id = $2"
FILLS = "SELECT * FROM fills WHERE fleet_id = $1 AND deleted_at IS NULL ORDER BY at DESC, id DESC LIMIT $2"
COLUMNS = (
    *("id", "fleet_id", "vehicle_id", "at", "odometer_m", "carrier", "quantity_kind", "quantity", "total_minor"),
    *("unit_price_micros", "currency", "is_full", "missed_previous", "grade", "place", "notes", "tags"),
    *("attachment_ids", "created_at", "updated_at", "created_by", "updated_by", "version"),
)
INSERT = f"INSERT INTO fills ({', '.join(COLUMNS)}) VALUES ({', '.join(f'${n + 1}' for n in range(len(COLUMNS)))})"  # noqa: S608 - our own names


class Service:
    """The three endpoints."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.known: dict[str, dict[str, Any]] = {}

    def claims(self, request: web.Request) -> dict[str, Any]:
        token = request.headers["Authorization"][7:]
        found = self.known.get(token)
        if found is None or found["exp"] < time.time():
            try:
                found = jwt.decode(token, os.environ["PEER_SECRET"], algorithms=["HS256"])
            except jwt.PyJWTError:
                raise web.HTTPUnauthorized from None
            self.known[token] = found | {"user": UUID(found["sub"]), "fleet": UUID(found["fid"])}
            return self.known[token]
        return found

    async def get_vehicle(self, request: web.Request) -> web.Response:
        fleet = self.claims(request)["fleet"]
        async with self.pool.acquire() as connection:
            row = await connection.fetchrow(VEHICLE, fleet, UUID(request.match_info["id"]))
        if row is None:
            raise web.HTTPNotFound
        return answered(dict(row))

    async def list_fills(self, request: web.Request) -> web.Response:
        fleet, limit = self.claims(request)["fleet"], int(request.query["limit"])
        async with self.pool.acquire() as connection:
            rows = await connection.fetch(FILLS, fleet, limit + 1)
        return answered({"items": [dict(row) for row in rows[:limit]], "next": None})

    async def add_fill(self, request: web.Request) -> web.Response:
        who, sent, now = self.claims(request), orjson.loads(await request.read()), datetime.now(UTC)
        row = {
            **dict.fromkeys(COLUMNS, ""),
            **sent,
            "id": uuid4(),
            "fleet_id": who["fleet"],
            "vehicle_id": UUID(sent["vehicle_id"]),
            "at": datetime.fromisoformat(sent["at"]),
            "carrier": "petrol",
            "quantity_kind": "volume",
            "is_full": True,
            "missed_previous": False,
            "tags": "[]",
            "attachment_ids": "[]",
            "version": 1,
            "created_at": now,
            "updated_at": now,
            "created_by": who["user"],
            "updated_by": who["user"],
        }
        async with self.pool.acquire() as connection:
            await connection.execute(INSERT, *(row[name] for name in COLUMNS))
        return answered(row, 201)


def answered(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value, default=str), status=status, content_type="application/json")


async def _serve(port: int) -> None:
    pool = await asyncpg.create_pool(os.environ["PEER_DATABASE"], min_size=10, max_size=10)
    service, app = Service(pool), web.Application()
    app.router.add_get("/vehicles/{id}", service.get_vehicle)
    app.router.add_get("/fuel", service.list_fills)
    app.router.add_post("/fuel", service.add_fill)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, reuse_port=True).start()
    await asyncio.Event().wait()


def work(port: int, number: int) -> None:
    """Serve in this process, pinned to a core as the server's workers are."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[number % len(cores)]})
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    asyncio.run(_serve(port))


def main() -> None:
    port, workers = int(sys.argv[1]), int(sys.argv[2])
    context = get_context("spawn")
    processes = [context.Process(target=work, args=(port, number), daemon=True) for number in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


if __name__ == "__main__":
    main()
