"""A client that keeps a server busy: raw sockets over uvloop, in a process of its own.

Reads one job a line from its standard input, a JSON object, and writes one result a line. A job holds ``port``,
``connections``, ``seconds`` and ``requests``: whole HTTP/1.1 requests as text, sent in turn, over and over unless
``once``. With ``rate`` requests fall due at that many a second and latency counts from when one was due, so a server
that stalls is charged for all who waited. A connection that is told 503 waits as long as Retry-After says.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter, deque
from typing import Any

HEADERS_END = b"\r\n\r\n"
LENGTH = b"content-length:"
RETRY = b"retry-after:"


class Job:
    """What is being sent, and what came of it."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.requests = [request.encode() for request in said["requests"]]
        self.once = said.get("once", False)
        self.rate = said.get("rate")
        self.next = 0
        self.due: deque[float] = deque()
        self.idle: deque[Connection] = deque()
        self.latencies: list[float] = []
        self.refused: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.failure = ""
        self.ends_at = 0.0

    def take(self) -> bytes | None:
        """Return the next request; None when there is no more."""
        if self.once and self.next >= len(self.requests):
            return None
        self.next += 1
        return self.requests[(self.next - 1) % len(self.requests)]


class Connection(asyncio.Protocol):
    """Sends one request after the other."""

    def __init__(self, job: Job, loop: asyncio.AbstractEventLoop) -> None:
        self.job, self.loop = job, loop
        self.began = 0.0
        self.buffer = b""
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def proceed(self) -> None:
        """Send the next request, when there is one and it is due."""
        now = time.perf_counter()
        if now >= self.job.ends_at:
            return
        if self.job.rate:
            if not self.job.due:
                self.job.idle.append(self)
                return
            self.began = self.job.due.popleft()
        else:
            self.began = now
        if (request := self.job.take()) is not None:
            self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer = data = self.buffer + data
        end = data.find(HEADERS_END)
        if end < 0:
            return
        head = data[:end].lower()
        length = _number_after(head, LENGTH)
        if length is None:  # chunked: a compressed answer of the server
            if not data.endswith(b"0\r\n\r\n"):
                return
        elif len(data) < end + 4 + length:
            return
        self.buffer = b""
        self._note(int(data[9:12]), data, head)

    def _note(self, status: int, data: bytes, head: bytes) -> None:
        took = time.perf_counter() - self.began
        self.job.statuses[status] += 1
        if status < 400:
            self.job.latencies.append(took)
            self.proceed()
            return
        if status == 503:
            self.job.refused.append(took)
        else:
            self.job.failure = data.decode(errors="replace")[-600:]
        self.loop.call_later(_number_after(head, RETRY) or 0, self.proceed)

    def connection_lost(self, _error: Exception | None) -> None:
        if time.perf_counter() < self.job.ends_at:
            self.job.failure = self.job.failure or "the server closed a connection"


def _number_after(head: bytes, name: bytes) -> int | None:
    at = head.find(name)
    if at < 0:
        return None
    line_end = head.find(b"\r\n", at)
    return int(head[at + len(name) : line_end if line_end >= 0 else None])


async def run(said: dict[str, Any]) -> dict[str, Any]:
    """Do one job and return what came of it; times in milliseconds."""
    loop, job = asyncio.get_running_loop(), Job(said)
    pairs = [
        await loop.create_connection(lambda: Connection(job, loop), "127.0.0.1", said["port"])
        for _ in range(said["connections"])
    ]
    cpu, began = time.process_time(), time.perf_counter()
    job.ends_at = began + said["seconds"]
    for _, connection in pairs:
        connection.proceed()
    if job.rate:
        await _pace(job, began)
    else:
        await asyncio.sleep(said["seconds"])
    elapsed = time.perf_counter() - began
    used = time.process_time() - cpu
    for transport, _ in pairs:
        transport.close()
    return {
        "rps": len(job.latencies) / elapsed,
        "done": sum(job.statuses.values()),
        "statuses": dict(job.statuses),
        "p50_ms": _quantile(job.latencies, 0.5),
        "p99_ms": _quantile(job.latencies, 0.99),
        "refused_p99_ms": _quantile(job.refused, 0.99),
        "client_us": used / max(1, sum(job.statuses.values())) * 1e6,
        "failure": job.failure,
    }


async def _pace(job: Job, began: float) -> None:
    made = 0
    while (now := time.perf_counter()) < job.ends_at:
        while made / job.rate < now - began:
            job.due.append(began + made / job.rate)
            made += 1
        while job.due and job.idle:
            job.idle.popleft().proceed()
        await asyncio.sleep(0.001)


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))] * 1000 if values else 0.0


def main() -> None:
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    for line in sys.stdin:
        print(json.dumps(asyncio.run(run(json.loads(line)))), flush=True)


if __name__ == "__main__":
    main()
