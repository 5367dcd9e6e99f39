"""Imports by pages: a file is looked at, mended, imported and taken back, without a script."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import attrs
import pytest
from tests.pages.browser import Browser, Page
from tests.pages.conftest import add_vehicle, register

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.testing.clock import FixedClock
from fleetserver.imports.background import Importer, is_lost
from fleetserver.imports.staging import Staging

GOOD = "Date,Odometer,Litres,Total\n2026-01-05,10000,40,60.00\n2026-01-20,10600,36,58.00\n"
BAD = (
    "Date,Odometer,Litres,Total,Notes\n2026-01-05,10000,40,60.00,first\n2026-01-20,10600,3x,58.00,a typo\n"
    "2026-02-30,11200,38,57.00,no such day\n2026-02-15,11800,39,58.50,<script>alert(1)</script>\n"
)
BOUNDARY = "a-boundary"
LOOKS = 100  # how often somebody asks whether it is done


def send(browser: Browser, content: bytes | str, name: str = "log.csv", **fields: str) -> Page:
    """Send a file by the form, and look until it was read."""
    data = content.encode() if isinstance(content, str) else content
    typed = {**browser.open("/imports").form("/imports").fields, **fields}
    typed.pop("file", None)
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in typed.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = b"".join((*parts, head.encode(), data, f"\r\n--{BOUNDARY}--\r\n".encode()))
    answer = browser.ask("POST", "/imports", body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
    return settled(browser, answer) if answer.status == 303 else answer


def settled(browser: Browser, answer: Page) -> Page:
    """Follow where *answer* leads until nothing is under way."""
    for _ in range(LOOKS):
        page = browser.open(answer.headers["location"]) if answer.status == 303 else answer
        if "<progress" not in page.html:
            return page
        answer = browser.ask("GET", page.path)
    raise AssertionError("it never came to an end")


def press(browser: Browser, page: Page, do: str, **typed: str) -> Page:
    """Press the button of a preview that does *do*."""
    form = next(form for form in page.forms if form.fields.get("do") == do)
    answer = browser.post(form.action, {**form.fields, **typed})
    if answer.status != 303:
        return answer
    return settled(browser, answer)


def test_a_file_is_looked_at_before_anything_is_stored(ada: Browser) -> None:
    """What was found out, the counts and the first records stand there; the garage is as it was."""
    page = send(ada, GOOD, "golf.csv")
    assert "What golf.csv would bring" in page.html
    assert "Decimal mark" in page.html
    assert "year, month, day" in page.html
    assert "Say “Distances are in” km or mi" in page.html
    assert "--distance" not in page.html
    assert "10,600 km" in page.html
    assert "Import 2 records" in page.html
    assert "No vehicle yet" in ada.open("/").html


def test_what_was_shown_is_imported_and_can_be_taken_back(ada: Browser) -> None:
    """One button imports, and one takes everything back, the vehicle that came with it too."""
    done = press(ada, send(ada, GOOD, "golf.csv"), "commit")
    assert "2 records were imported." in done.html
    assert "golf" in ada.open("/").html
    undo = next(
        form for form in ada.open("/imports").forms if form.action.endswith("/undo") and "imports" in form.action
    )
    back = ada.open(ada.post(undo.action, undo.fields).headers["location"])
    assert "golf.csv was taken back" in back.html
    assert "taken back" in back.html
    assert "No vehicle yet" in ada.open("/").html


def test_the_message_after_an_import_takes_it_back_too(ada: Browser) -> None:
    """The same button as after any other change."""
    done = press(ada, send(ada, GOOD), "commit")
    assert "Taken back." in ada.fill(done, "/undo").html
    assert "No vehicle yet" in ada.open("/").html


def test_pressing_twice_imports_once(ada: Browser) -> None:
    """The second press leads to the same import."""
    page = send(ada, GOOD)
    first, second = press(ada, page, "commit"), press(ada, page, "commit")
    assert "Import of log.csv" in first.html
    assert "Import of log.csv" in second.html
    assert 1 == len(re.findall(r'<li><div class="grow"><strong><a href="/imports/', ada.open("/imports").html))


def test_the_same_file_again_brings_nothing(ada: Browser) -> None:
    """Its rows are here already, and there is no button to press."""
    press(ada, send(ada, GOOD), "commit")
    page = send(ada, GOOD)
    assert "There is nothing new in this file." in page.html
    assert not [form for form in page.forms if form.fields.get("do") == "commit"]


def test_rows_with_problems_are_left_out_on_purpose(ada: Browser) -> None:
    """They are listed with what is wrong; who does not say so imports nothing."""
    page = send(ada, BAD)
    assert "2 rows with problems" in page.html
    assert "Row 3" in page.html
    refused = press(ada, page, "commit")
    assert 422 == refused.status
    assert "Say that the rows with problems are left out" in refused.html
    assert "No vehicle yet" in ada.open("/").html
    done = press(ada, page, "commit", leave_out="on")
    assert "2 records were imported." in done.html


def test_a_cell_is_mended_in_the_preview(ada: Browser) -> None:
    """The row is good then, the other is still to be mended, and what was mended is what is imported."""
    page = send(ada, BAD)
    form = next(form for form in page.forms if form.fields.get("do") == "fix")
    assert "3x" == form.fields["cell.3.2"]
    after = press(ada, page, "fix", **{"cell.3.2": "37.5"})
    assert "One row with a problem" in after.html
    assert "37.50 l" in after.html
    assert "<script>alert" not in after.html
    last = press(ada, after, "fix", **{"cell.4.0": "2026-02-01"})
    assert "Import 4 records" in last.html
    assert "4 records were imported." in press(ada, last, "commit").html


def test_changing_no_cell_is_told(ada: Browser) -> None:
    """Nothing else happens."""
    assert "No cell was changed." in press(ada, send(ada, BAD), "fix").html


def test_options_are_changed_and_looked_at_again(ada: Browser) -> None:
    """Units, the vehicle and whose file it is; the choice stays in the form."""
    vehicle = add_vehicle(ada, "Polo").rpartition("/")[2]
    page = send(ada, GOOD)
    after = press(ada, page, "look", vehicle=vehicle, distance_unit="mi", currency="usd")
    assert "16,093 km" in after.html
    assert "60.00 USD" in after.html
    form = next(form for form in after.forms if form.fields.get("do") == "look")
    assert (vehicle, "mi", "USD") == tuple(form.fields[name] for name in ("vehicle", "distance_unit", "currency"))
    press(ada, after, "commit")
    assert 1 == ada.open("/").html.count('<article class="card vehicle"')


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n", "this is a picture"),
        (b"PK\x03\x04 no zip", "the zip cannot be read"),
        (b"hello\n", "cannot be read yet"),
    ],
)
def test_a_file_that_is_no_log_is_refused_with_the_reason(ada: Browser, content: bytes, said: str) -> None:
    """It can be read otherwise, or forgotten."""
    page = send(ada, content)
    assert said in page.html
    assert "was not imported" in press(ada, page, "discard").html


def test_a_refused_option_stands_at_its_field(ada: Browser) -> None:
    """What was typed is still there."""
    page = send(ada, GOOD)
    for typed in ({"format": "nonsense"}, {"currency": "EURO"}, {"mapping": "total"}):
        after = press(ada, page, "look", **typed)
        ((name, text),) = typed.items()
        assert f'href="#field-{name}"' in after.html, typed
        form = next(form for form in after.forms if form.fields.get("do") == "look")
        assert name == "format" or text == form.fields[name]


def test_no_file_is_told(ada: Browser) -> None:
    """The form says what to do first."""
    page = ada.open("/imports")
    answer = ada.post("/imports", {**page.form("/imports").fields})
    assert 422 == answer.status
    assert "Choose a file first." in answer.html


def test_a_name_says_nothing_about_the_server(ada: Browser) -> None:
    """Only its last part is kept, and shown as text."""
    page = send(ada, GOOD, "../../etc/<b>passwd")
    assert "What &lt;b&gt;passwd would bring" in page.html


def test_nobody_else_finds_the_file(ada: Browser, stranger: Browser) -> None:
    """Not another household by its address; and not the import that came of it."""
    page = send(ada, GOOD)
    done = press(ada, page, "commit")
    register(stranger, "bob@example.org")
    assert 404 == stranger.open(page.path).status
    assert 404 == stranger.open(done.path).status
    token = stranger.open("/imports").form("/imports").fields["_csrf"]
    assert 404 == stranger.post(page.path, {"_csrf": token, "do": "commit"}).status
    assert 404 == stranger.post(done.path.partition("?")[0] + "/undo", {"_csrf": token}).status


def test_a_long_import_tells_how_far_it_is(ada: Browser, tmp_path: Path) -> None:
    """The page asks again by itself until somebody says otherwise, and leads on when it is done."""
    page = send(ada, GOOD)
    staging = Staging(tmp_path / "imports")
    (state,) = (tmp_path / "imports").glob("*/state.json")
    kept = state.read_bytes()
    state.write_bytes(kept.replace(b'"doing":""', b'"doing":"commit"').replace(b'"rows":0', b'"rows":12345'))
    waiting = ada.open(page.path)
    assert "12,345 rows so far." in waiting.html
    assert "2" == waiting.headers["refresh"]
    assert "refresh" not in ada.open(f"{page.path}?still").headers
    state.write_bytes(kept)
    assert "Import 2 records" in ada.open(page.path).html
    assert staging.folder.is_dir()


@pytest.fixture
def importer(core: Core, owner: Actor, tmp_path: Path) -> Importer:
    """What imports for the owner of a fleet."""
    return Importer(core=core, staging=Staging(tmp_path), actor=owner, correlation_id="c", address=None, patience_s=300)


def staged(importer: Importer, path: Path, content: str = GOOD) -> Any:
    """Keep a file."""
    path.write_text(content)
    with path.open("rb") as source:
        return importer.staging.keep(
            source,
            fleet_id=importer.actor.fleet_id,
            user_id=importer.actor.user_id,
            file_name="log.csv",
            now=importer.core.clock.now(),
        )


def test_an_import_that_was_cut_short_is_asked_for_again(importer: Importer, tmp_path: Path, clock: FixedClock) -> None:
    """What was not heard of for minutes is lost; pressing again imports once, for the key is the same."""
    kept = staged(importer, tmp_path / "log.csv")
    begun = attrs.evolve(kept, doing="commit", beat_at=clock.now())
    assert not is_lost(begun, importer.core)
    clock.advance(minutes=6)
    assert is_lost(begun, importer.core)
    first = importer.commit(kept)
    again = importer.commit(kept)
    assert first.import_id is not None
    assert first.import_id == again.import_id


def test_old_files_go_and_few_are_kept(importer: Importer, tmp_path: Path, clock: FixedClock) -> None:
    """Five of one person, none of yesterday."""
    kept = [staged(importer, tmp_path / "log.csv") for _ in range(7)]
    mine = {"fleet_id": importer.actor.fleet_id, "user_id": importer.actor.user_id}
    assert 5 == sum(importer.staging.find(each.id, **mine) is not None for each in kept)
    clock.advance(days=2)
    last = staged(importer, tmp_path / "log.csv")
    assert importer.staging.find(last.id, **mine) is not None
    assert not any(importer.staging.find(each.id, **mine) for each in kept)


def test_a_real_log_is_imported(ada: Browser, shared_data: Path) -> None:
    """Years of two fuels, whose chart is there at once."""
    log = shared_data / "logs" / "fuelio_punto_cng_petrol.csv"
    page = send(ada, log.read_bytes(), log.name)
    assert "Import 444 records" in page.html
    done = press(ada, page, "commit")
    assert "444 records were imported." in done.html
    charts = re.search(r'href="(/vehicles/[0-9a-f-]+/charts)"', done.html)
    assert charts is not None
    assert "Economy over time, cng" in ada.open(f"{charts[1]}?period=all").html
