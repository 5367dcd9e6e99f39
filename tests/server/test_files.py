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


def test_a_receipt_goes_up_and_comes_down_as_it_was(client: Client) -> None:
    """The bytes are kept as they are, and a browser is told to save what is no picture."""
    vehicle = client.made("/vehicles", {"name": "Golf"})
    path = f"/attachments?entity=vehicles.vehicle&entity_id={vehicle['id']}&name=..%2F..%2Freceipt.txt"
    made = client.ask("POST", path, raw=b"paid in full\n", headers={"Content-Type": "text/plain"})
    assert (201, "receipt.txt") == (made.status, made.value["name"])
    content = client.get(f"/attachments/{made.value['id']}/content")
    assert (200, b"paid in full\n") == (content.status, content.body)
    assert content.headers["content-disposition"].startswith("attachment")
    forged = client.ask("POST", f"{path}&staged=1", raw=b"x")
    assert [("staged", "unknown")] == [(fault["parameter"], fault["code"]) for fault in forged.value["errors"]]


def test_what_is_due_is_a_calendar_under_a_secret_address(client: Client) -> None:
    """A calendar program needs no login, only the address; without its token, or with another, there is nothing."""
    vehicle = client.made("/vehicles", {"name": "Golf"})
    client.made("/reminders", {"vehicle_id": vehicle["id"], "title": "Oil change", "on": "2026-07-01"})
    token = client.made("/calendars", {"name": "Phone"})["token"]
    stranger = Client(client.port, "nobody")
    feed = stranger.get(f"//calendar.ics?token={token}")
    assert (200, "text/calendar; charset=utf-8") == (feed.status, feed.headers["content-type"])
    assert b"Oil change" in feed.body
    assert 304 == stranger.get(f"//calendar.ics?token={token}", If_None_Match=feed.tag).status
    assert [403, 403] == [stranger.get(f"//calendar.ics{query}").status for query in ("", f"?token={token[:-4]}AAAA")]


def test_the_passport_is_a_page_that_loads_nothing(client: Client) -> None:
    """It is HTML under a policy of its own, and a script in a name is text."""
    vehicle = client.made("/vehicles", {"name": "<script>alert(1)</script>"})
    page = client.get(f"/vehicles/{vehicle['id']}/passport")
    assert (200, "text/html; charset=utf-8") == (page.status, page.headers["content-type"])
    assert b"<script" not in page.body
    assert page.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


def test_a_repeated_upload_has_its_first_answer(client: Client) -> None:
    """The same file under the same key is one import and one attachment; another file is refused."""
    vehicle = client.made("/vehicles", {"name": "Golf"})
    uploads = {
        f"/imports?file_name=log.csv&vehicle={quote('Golf')}": LOG,
        f"/attachments?entity=vehicles.vehicle&entity_id={vehicle['id']}&name=receipt.txt": b"paid",
    }
    for number, (path, raw) in enumerate(uploads.items()):
        key = {"Idempotency-Key": f"upload {number}"}
        first, again = (client.ask("POST", path, raw=raw, headers=key) for _ in range(2))
        assert (201, 201, first.body) == (first.status, again.status, again.body)
        assert 422 == client.ask("POST", path, raw=raw + b"\n", headers=key).status
