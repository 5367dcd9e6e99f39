"""Exports by pages: tables, the archive, the books, the calendar's address, the passport."""

from __future__ import annotations

import csv
import io
import re
from http.client import HTTPConnection

import pytest
from tests.pages.browser import HOST, Browser
from tests.pages.conftest import add_vehicle, register

from fleetcore.exports.csv_files import TABLE_NAMES


@pytest.fixture
def golf(ada: Browser) -> str:
    """The address of Ada's car, with a fill and a service."""
    vehicle = add_vehicle(ada)
    ada.fill(ada.open("/q/fuel"), "/q/fuel", odometer="1000", volume="40", total="60")
    page = ada.open("/maintenance/new")
    ada.fill(page, "", title="Oil change", category="routine", done_on="2026-05-02", total="120")
    return vehicle


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_every_table_is_fetched(ada: Browser, golf: str, name: str) -> None:
    """As CSV with a first line of names; a file name that says what it is."""
    answer = ada.open(f"/exports/tables/{name}")
    assert 200 == answer.status
    assert f'filename="{name}.csv"' in answer.headers["content-disposition"]
    assert len(next(csv.reader(io.StringIO(answer.html)))) > 1


def test_a_table_holds_the_records(ada: Browser, golf: str) -> None:
    """In metric units with decimal points."""
    (row,) = csv.DictReader(io.StringIO(ada.open("/exports/tables/fills").html))
    assert ("Golf", "1000", "40", "60.00") == (row["vehicle"], row["odometer_km"], row["volume_l"], row["total"])


@pytest.mark.parametrize("path", ["/exports/tables/passwords", "/exports/journals/nothing", "/exports/tables/..%2Fx"])
def test_there_are_no_other_tables(ada: Browser, path: str) -> None:
    """Whatever is named."""
    assert 404 == ada.open(path).status


def test_everything_comes_in_one_file(port: int, ada: Browser, golf: str) -> None:
    """A zip, of known length, named by the day."""
    connection = HTTPConnection(HOST, port, timeout=60)
    cookies = "; ".join(f"{name}={value}" for name, value in ada.cookies.items())
    connection.request("GET", "/exports/archive", headers={"Cookie": cookies})
    reply = connection.getresponse()
    body = reply.read()
    connection.close()
    assert 200 == reply.status
    assert body.startswith(b"PK\x03\x04")
    assert "fleet-2026-06-01.zip" in (reply.getheader("Content-Disposition") or "")


def test_the_books_come_for_other_programs(ada: Browser, golf: str) -> None:
    """Each format has its file."""
    assert "expenses" in ada.open("/exports/journals/hledger").html.lower()
    assert "journal.beancount" in ada.open("/exports/journals/beancount").headers["content-disposition"]


def test_a_calendar_address_is_shown_once_works_and_is_taken_back(ada: Browser, golf: str) -> None:
    """The page after it does not know it any more; what is taken back shows nothing."""
    made = ada.fill(ada.open("/exports"), "/exports/calendars", name="Phone <b>")
    address = re.search(r'value="[^"]*(/calendar\.ics\?token=[^"]+)"', made.html)
    assert address is not None
    assert "Phone &lt;b&gt;" in made.html
    assert "BEGIN:VCALENDAR" in ada.open(address[1]).html
    page = ada.open("/exports")
    assert address[1] not in page.html
    (revoke,) = [form for form in page.forms if form.action.endswith("/revoke")]
    assert "shows nothing any more" in ada.fill(page, revoke.action).html
    assert ada.open(address[1]).status in {401, 403, 404}


def test_making_an_address_twice_makes_one(ada: Browser) -> None:
    """Who reloads the page is told that it was shown already."""
    fields = {**ada.open("/exports").form("/exports/calendars").fields, "name": "Phone"}
    assert 200 == ada.post("/exports/calendars", fields).status
    again = ada.post("/exports/calendars", fields)
    assert "shown already" in ada.open(again.headers["location"]).html
    assert 1 == ada.open("/exports").html.count("/revoke")


def test_a_passport_is_printed_with_and_without_costs(ada: Browser, golf: str) -> None:
    """It may run nothing and load nothing; its own style is allowed by its hash alone."""
    plain, costs = ada.open(f"{golf}/passport"), ada.open(f"{golf}/passport?costs=on")
    assert "Oil change" in plain.html
    assert "120.00" not in plain.html
    assert "120.00" in costs.html
    policy = plain.headers["content-security-policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "'sha256-" in policy
    assert "unsafe" not in policy


def test_an_empty_garage_teaches(ada: Browser) -> None:
    """What will stand there is said."""
    assert "Each vehicle has its passport" in ada.open("/exports").html


def test_another_household_gets_its_own(stranger: Browser, ada: Browser, golf: str) -> None:
    """No row of Ada's is in it."""
    register(stranger, "bob@example.org")
    assert "Golf" not in stranger.open("/exports/tables/vehicles").html
    assert "Golf" not in stranger.open("/exports").html
