"""Pages of charts and reports: what is to be seen is said, drawn, and stands in a table; others see nothing of it."""

from __future__ import annotations

import csv
import io
import re
from typing import cast

import pytest
from tests.pages.browser import Browser
from tests.pages.conftest import add_vehicle, register

from fleetserver.pages.routing import PageRoute
from fleetserver.pages.visits import Visit
from fleetserver.reports.kinds import KINDS
from fleetserver.reports.pages import CHARTS, PAGES
from fleetserver.reports.pictures import Pen

SCRIPT = "<script>alert(1)</script>"
FILLS = (
    ("2025-12-01T12:00", "10000", "40", "60"),
    ("2026-01-01T12:00", "10600", "36", "55"),
    ("2026-02-01T12:00", "11200", "37.2", "57"),
    ("2026-03-01T12:00", "11800", "38.4", "60"),
    ("2026-05-20T12:00", "12400", "39", "61"),
)


@pytest.fixture
def golf(ada: Browser) -> str:
    """The address of Ada's car, whose name is a script, with half a year of fills and an insurance."""
    vehicle = add_vehicle(ada, f"Golf {SCRIPT}")
    for at, odometer, volume, total in FILLS:
        page = ada.open("/q/fuel")
        ada.fill(page, "/q/fuel", at=at, odometer=odometer, volume=volume, total=total)
    ada.fill(ada.open("/expenses/new"), "", category="insurance", amount="300", spent_on="2026-03-02")
    return vehicle


def tables(html: str) -> list[list[list[str]]]:
    """Return the cells of each table of a page, as text."""
    found = []
    for table in re.findall(r"<table[^>]*>(.*?)</table>", html, re.DOTALL):
        rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)
        cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
        found.append([[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells])
    return found


def test_the_charts_of_a_vehicle_say_what_is_to_be_seen(ada: Browser, golf: str) -> None:
    """Each has a sentence, a drawing that is hidden from those who hear the page, and a table."""
    html = ada.open(f"{golf}/charts").html
    assert "6.28 l/100 km on average, between 6.00 and 6.50." in html
    assert "570.00" not in html
    assert "593.00 EUR in all; most of it in Mar 2026: 360.00 EUR. The largest part is Insurance: 300.00 EUR." in html
    assert "12,400 km on 20 May 2026." in html
    assert "1.564 EUR/l the last time, on 20 May 2026" in html
    assert html.count('<figure class="chart"') == len(CHARTS)
    assert html.count('<svg class="drawing"') == html.count('class="sheet-of-chart"') == 4
    assert "NaN" not in html
    assert SCRIPT not in html


def test_a_table_says_what_the_drawing_shows(ada: Browser, golf: str) -> None:
    """A row for each interval between two full tanks."""
    html = ada.open(f"{golf}/charts/economy").html
    (table,) = tables(html)
    assert [["1 January 2026", "6.00"], ["1 February 2026", "6.20"], ["1 March 2026", "6.40"]] == table[1:4]
    assert 1 == html.count('class="point s1"') - html.count('<path d="M20 10 h0.01" class="point s1"/>')


def test_months_stack_to_their_sums(ada: Browser, golf: str) -> None:
    """Kinds of a month add up to it, and months to the whole."""
    (table,) = tables(ada.open(f"{golf}/charts/costs?period=12-months").html)
    head, *months, whole = table
    assert ["Month", "Insurance", "Fuel", "Sum"] == head
    assert ["Mar 2026", "300.00", "60.00", "360.00"] in months
    assert ["Sum", "300.00", "293.00", "593.00"] == whole
    assert 12 == len(months)


@pytest.mark.parametrize("chart", [chart.key for chart in CHARTS])
def test_a_chart_without_data_says_what_it_waits_for(ada: Browser, chart: str) -> None:
    """There is no drawing, and no table of nothing."""
    vehicle = add_vehicle(ada)
    page = ada.open(f"{vehicle}/charts/{chart}")
    assert 200 == page.status
    assert "<table" not in page.html
    assert 'class="drawing"' not in page.html


def test_a_period_is_chosen(ada: Browser, golf: str) -> None:
    """By its name, or by days typed while the choice stands as it was; impossible days are told."""
    assert "57.00" in ada.open(f"{golf}/charts/costs?period=this-year").html
    html = ada.open(f"{golf}/charts/costs?period=12-months&was=12-months&since=2026-02-01&until=2026-02-28").html
    assert "57.00 EUR in all" in html
    assert "exchanged" in ada.open(f"{golf}/charts/costs?period=days&since=2026-03-01&until=2026-02-01").html
    assert "is not a day such as" in ada.open(f"{golf}/charts/costs?since=soon").html
    assert 200 == ada.open(f"{golf}/charts/costs?period=nonsense").status


@pytest.mark.parametrize("chart", [chart.key for chart in CHARTS])
@pytest.mark.parametrize("days", [("0001-01-01", "9999-12-31"), ("9999-12-01", "9999-12-31"), ("", "0001-01-02")])
def test_days_at_the_ends_of_the_calendar_are_days(ada: Browser, golf: str, chart: str, days: tuple[str, str]) -> None:
    """Whatever is asked, something is told."""
    since, until = days
    assert 200 == ada.open(f"{golf}/charts/{chart}?since={since}&until={until}").status


def test_names_with_braces_are_names(ada: Browser, golf: str) -> None:
    """A kind of cost may be called as one likes."""
    ada.fill(ada.open("/expenses/new"), "", category="other", title="{x}", amount="7", spent_on="2026-03-02")
    assert 200 == ada.open("/reports/costs").status
    assert "{x} {y}" == Pen(cast(Visit, None)).word("{x} {y}")


def test_a_vehicle_is_compared_with_another(ada: Browser, golf: str) -> None:
    """Its line stands beside, and its name in the table."""
    polo = add_vehicle(ada, "Polo").rpartition("/")[2]
    for at, odometer, volume in (("2026-01-05T12:00", "500", "30"), ("2026-02-05T12:00", "1000", "25")):
        ada.fill(ada.open(f"/q/fuel?v={polo}"), "/q/fuel", at=at, odometer=odometer, volume=volume, total="50")
    html = ada.open(f"{golf}/charts/economy?beside={polo}").html
    assert "Polo: 5.00 l/100 km." in html
    assert ["5 February 2026", "Polo", "5.00"] in tables(html)[0]
    assert "Polo" in ada.open("/reports/compare").html


@pytest.mark.parametrize("kind", [kind.key for kind in KINDS])
def test_every_report_opens_empty_and_full(ada: Browser, kind: str) -> None:
    """With nothing in the garage, and with something; for one vehicle, and for one that is not there."""
    assert 200 == ada.open(f"/reports/{kind}").status
    vehicle = add_vehicle(ada).rpartition("/")[2]
    ada.fill(ada.open("/q/fuel"), "/q/fuel", odometer="1000", volume="40", total="60")
    for query in ("", f"?vehicle={vehicle}", "?vehicle=nobody", "?period=all"):
        page = ada.open(f"/reports/{kind}{query}")
        assert 200 == page.status
        assert "Golf" in page.html or kind in {"mileage", "trip-tax", "ledger", "due", "price", "compare"}


def test_a_report_is_fetched_for_a_spreadsheet(ada: Browser, golf: str) -> None:
    """Numbers have decimal points; what a spreadsheet would run is text."""
    other = add_vehicle(ada, "=SUM(A1)").rpartition("/")[2]
    ada.fill(ada.open("/expenses/new"), "", vehicle_id=other, category="toll", amount="9.5", spent_on="2026-03-02")
    page = ada.open("/reports/costs/csv?sheet=0&period=all")
    assert page.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(page.html.lstrip("\ufeff"))))
    assert ["Category", "Currency", "Costs"] == rows[0]
    assert ["Insurance", "EUR", "300.00"] in rows
    assert "'=SUM(A1),EUR,9.50" in ada.open("/reports/costs/csv?sheet=1&period=all").html
    assert 404 == ada.open("/reports/costs/csv?sheet=7").status
    assert 404 == ada.open("/reports/costs/csv?sheet=x").status


@pytest.mark.parametrize("path", ["/reports/nothing", "/reports/nothing/csv"])
def test_an_unknown_report_is_not_there(ada: Browser, path: str) -> None:
    """Nor is an unknown chart."""
    assert 404 == ada.open(path).status
    assert 404 == ada.open(f"{add_vehicle(ada)}/charts/nothing").status


def test_a_year_is_read_and_printed(ada: Browser, golf: str) -> None:
    """A chapter for the vehicle, with the year before beside it; another year is chosen, nonsense is the last one."""
    html = ada.open("/reports/yearly?year=2026").html
    assert "533.00 EUR in 2026; most of it in Mar: 360.00 EUR. The year before it was 60.00 EUR." in html
    assert "The year 2025" in ada.open("/reports/yearly?year=nonsense").html
    assert "Nothing was recorded in 1999" in ada.open("/reports/yearly?year=1999").html


def test_another_households_charts_are_not_there(ada: Browser, stranger: Browser, golf: str) -> None:
    """As those of a vehicle that never was; their reports hold none of it."""
    register(stranger, "bob@example.org")
    mine = golf.rpartition("/")[2]
    for path in (f"{golf}/charts", f"{golf}/charts/costs", f"{golf}/passport"):
        assert 404 == stranger.open(path).status
    for kind in KINDS:
        assert "Golf" not in stranger.open(f"/reports/{kind.key}?vehicle={mine}&period=all").html


def test_pages_of_reports_only_read() -> None:
    """None of them changes anything."""
    routes: tuple[PageRoute, ...] = PAGES
    assert {"GET"} == {route.method for route in routes}


def test_charts_speak_german(ada: Browser, golf: str) -> None:
    """Numbers have a comma, months their German names."""
    ada.language = "de"
    ada.cookies["fleet-language"] = "de"
    html = ada.open(f"{golf}/charts").html
    assert "6,28" in html
    assert "Jan" in html


def test_the_calendar_of_dues_goes_by_what_comes_first(ada: Browser) -> None:
    """A distance that is reached before the date stands on the day when it probably is."""
    vehicle = add_vehicle(ada)
    for day, odometer in (("2026-05-01", "9000"), ("2026-05-31", "10000")):
        ada.fill(ada.open(f"{vehicle}/odometer"), "", odometer=odometer, at=f"{day}T12:00")
    ada.fill(ada.open("/reminders/rules/new"), "", title="Oil", every="2000", every_months="11")
    html = ada.open("/reports/due").html
    assert "1 May 2027" not in html
    assert re.search(r"\d+ (July|August) 2026", html)
