"""Files that come and go: logs to import, archives to take away."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import quote

from .serving import Client

LOG = b"""Date,Odometer (km),Litres,Total (EUR)
2026-04-01,10000,40,60.00
2026-04-11,10500,35,52.50
"""


def test_a_log_is_previewed_then_imported(client: Client) -> None:
    """The preview keeps nothing, the import keeps what it said, and the same file again adds nothing."""
    path = f"file_name=log.csv&vehicle={quote('Golf')}"
    preview = client.ask("POST", f"/imports/preview?{path}", raw=LOG, headers={"Content-Type": "text/csv"})
    assert (200, []) == (preview.status, client.get("/fuel").value["items"])
    done = [client.ask("POST", f"/imports?{path}", raw=LOG, headers={"Content-Type": "text/csv"}) for _ in range(2)]
    assert [201, 201] == [reply.status for reply in done]
    assert [10500, 10000] == [fill["odometer_km"] for fill in client.get("/fuel").value["items"]]


def test_an_upload_needs_a_file(client: Client) -> None:
    """Without a body the answer says to send one, and unknown parameters are named."""
    assert 422 == client.post("/imports").status
    reply = client.ask("POST", "/imports?colour=red", raw=LOG)
    assert [("colour", "unknown")] == [(fault["parameter"], fault["code"]) for fault in reply.value["errors"]]


def test_the_server_does_not_read_its_own_files_for_others(client: Client) -> None:
    """The file is the body: a path in the query is no field."""
    assert 422 == client.ask("POST", "/imports?source=/etc/passwd", raw=LOG).status


def test_a_fleet_is_taken_away_as_one_archive(client: Client) -> None:
    """The export is a zip file with the fleet's records."""
    client.made("/vehicles", {"name": "Golf"})
    reply = client.get("/exports/fleet")
    assert (200, 'attachment; filename="fleet.zip"') == (reply.status, reply.headers["content-disposition"])
    assert zipfile.ZipFile(io.BytesIO(reply.body)).testzip() is None
