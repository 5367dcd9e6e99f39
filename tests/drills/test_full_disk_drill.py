"""A disk without room: what is stored can be read, nothing is stored by halves, and with new room all goes on."""

from __future__ import annotations

import sqlite3
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from .server_process import GOLF, Household, moved_in, server_process

REFUSALS = 10
WRITES_MAX = 2000
ROOM_BYTES = 128 * 1024
FILE_BYTES = 8 * 1024 * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="limits the files of another process, which only Linux can")
def test_without_room_writes_are_refused_and_reads_go_on(sqlite_url: str, tmp_path: Path) -> None:
    """Writes and uploads are told 507 or 503, reads 200; kept is exactly what was acknowledged, also afterwards."""
    import resource

    file = Path(sqlite_url.removeprefix("sqlite:///"))
    with server_process(sqlite_url, tmp_path) as server:
        household = moved_in(server)
        assert server.process is not None
        with closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        largest = max(each.stat().st_size for each in (file, tmp_path / "said"))
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (largest + ROOM_BYTES, resource.RLIM_INFINITY))
        told, acknowledged = written_until_refused(household)
        assert set(told) <= {201, 503, 507}
        assert told[201] >= 1
        assert told[503] + told[507] == REFUSALS
        with household.caller() as caller:
            upload = f"/attachments?entity=vehicles.vehicle&entity_id={household.vehicle_id}&name=film.txt"
            assert caller.ask("POST", upload, "x" * FILE_BYTES).status in {503, 507}
            assert acknowledged == {car["name"] for car in caller.ask("GET", "/vehicles").value["items"]} - {"Golf"}
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
            acknowledged.add(caller.made("/vehicles", {**GOLF, "name": "with new room"})["name"])
        server.stop()
    with closing(sqlite3.connect(file)) as database:
        assert [("ok",)] == database.execute("PRAGMA integrity_check").fetchall()
        kept = {name for (name,) in database.execute("SELECT name FROM vehicles_vehicles")}
    assert acknowledged == kept - {"Golf"}


def written_until_refused(household: Household) -> tuple[Counter[int], set[str]]:
    """Add cars until that was refused some times; returns how often each status was told, and the cars told 201."""
    told: Counter[int] = Counter()
    acknowledged = set()
    with household.caller() as caller:
        for number in range(WRITES_MAX):
            reply = caller.ask("POST", "/vehicles", {**GOLF, "name": f"Golf {number}", "notes": "x" * 1500})
            told[reply.status] += 1
            if reply.status == 201:
                acknowledged.add(f"Golf {number}")
            elif told.total() - told[201] == REFUSALS:
                break
    return told, acknowledged
