"""Steps with records: a job is done, a document renewed, a failed inspection retested, tyres mounted and measured."""

from __future__ import annotations

import re

from tests.pages.browser import Browser, HtmlForm, Page
from tests.pages.conftest import add_vehicle


def typed_in(page: Page) -> HtmlForm:
    """Return the form that is sent to the page itself."""
    return next(form for form in page.forms if form.action == "" and form.fields)


def send(ada: Browser, path: str, **typed: str) -> Page:
    """Open *path*, type into its form, send it and follow where it leads."""
    page = ada.open(path)
    address = path.partition("?")[0]
    answer = ada.post(
        address, {**typed_in(page).fields, **{name.replace("__", "."): text for name, text in typed.items()}}
    )
    return ada.open(answer.headers["location"]) if answer.status == 303 else answer


def address_in(page: Page, path: str) -> str:
    """Return the first address below *path* that the page leads to."""
    found = re.search(rf'"({path}/[0-9a-f-]{{36}})"', page.html)
    assert found is not None, page.html
    return found[1]


def test_a_job_lives_from_plan_to_service(ada: Browser) -> None:
    """Begun, the vehicle is under maintenance; done, it is a service with its parts; and it is taken up again."""
    vehicle = add_vehicle(ada)
    send(ada, "/jobs/new", title="Brakes")
    job = address_in(ada.open("/jobs"), "/jobs")
    started = ada.fill(ada.open(job), f"{job}/start")
    assert "In progress" in started.html
    assert "Under maintenance" in ada.open(vehicle).html
    wrong = send(ada, f"{job}/complete", total="much")
    assert 422 == wrong.status
    done = send(ada, f"{job}/complete", total="300", parts__0__name="Pads", parts__0__quantity="4")
    assert "Done, and kept as a service." in done.html
    assert "Pads" == typed_in(done).fields["parts.0.name"]
    assert "Taken back." in ada.fill(done, "/undo").html
    assert "In progress" in ada.open(job).html or "Scheduled" in ada.open(job).html


def test_a_job_is_given_up_with_a_reason(ada: Browser) -> None:
    """It can be taken up again from its page."""
    add_vehicle(ada)
    send(ada, "/jobs/new", title="Brakes")
    job = address_in(ada.open("/jobs"), "/jobs")
    assert "Cancelled" in send(ada, f"{job}/cancel", reason="Sold soon").html
    assert "Brakes" in ada.open("/jobs?statuses=cancelled").html
    assert "Scheduled" in ada.fill(ada.open(job), f"{job}/reopen").html


def test_a_document_is_renewed_and_ended_early(ada: Browser) -> None:
    """The successor begins where it ends; what is ended early goes on when that is taken back."""
    add_vehicle(ada)
    send(ada, "/documents/new?kind=insurance", issuer="HUK", starts_on="2026-01-01", ends_on="2026-12-31", amount="420")
    document = address_in(ada.open("/documents"), "/documents")
    renewed = send(ada, f"{document}/renew", amount="435")
    assert "2027-12-31" == typed_in(renewed).fields["ends_on"]
    assert "435.00" == typed_in(renewed).fields["amount"]
    successor = renewed.path
    assert "What follows it" in ada.open(document).html
    ended = send(ada, f"{successor}/cancel", on="2027-06-30")
    assert 200 == ended.status
    assert "cancelled" in ada.open("/documents").html
    ada.fill(ended, "/undo")
    assert "cancelled" not in ada.open("/documents").html


def test_each_kind_of_document_asks_for_what_it_has(ada: Browser) -> None:
    """A lease for its distance, a licence for its person; what is paid and where a lease heads stands below."""
    add_vehicle(ada)
    for kind, name in (
        *(("insurance", "cover"), ("inspection", "result"), ("warranty", "until_odometer")),
        *(("lease", "allowed_distance"), ("licence", "classes"), ("registration", "number")),
    ):
        assert name in {*_names(ada.open(f"/documents/new?kind={kind}"))}, kind
    lease = {"starts_on": "2026-01-01", "ends_on": "2028-12-31", "allowed_distance": "45000", "allowance": "total"}
    page = send(ada, "/documents/new?kind=lease", issuer="Bank", start_odometer="0", amount="300", **lease)
    assert "Where the lease is heading" in page.html
    assert "Paid for it" in page.html
    assert "Ada" in send(ada, "/documents/new?kind=licence", classes="B, BE", ends_on="2030-01-01").html


def _names(page: Page) -> list[str]:
    return re.findall(r'name="([a-z_]+)"', page.html)


def test_a_failed_inspection_is_repaired_and_retested(ada: Browser) -> None:
    """Each check needs its result; what failed becomes a job; the retest asks for that alone and closes it."""
    add_vehicle(ada)
    page = ada.open("/inspections/new?checklist=pre-trip")
    empty = ada.post("/inspections/new", typed_in(page).fields)
    assert 422 == empty.status
    assert 'id="field-outcome.tyres-error"' in empty.html
    names = re.findall(r'name="(outcome\.[\w-]+)"', page.html)
    outcomes = {**dict.fromkeys(names, "pass"), "outcome.lights": "fail", "note.lights": "Left one is dead"}
    answer = ada.post("/inspections/new", {**typed_in(page).fields, **outcomes})
    failed = ada.open(answer.headers["location"])
    assert "One check failed." in failed.html
    assert "Left one is dead" == typed_in(failed).fields["note.lights"]
    assert "failed" in ada.open("/inspections?open=1").html
    job = send(ada, f"{failed.path}/repairs", planned_on="2026-07-01")
    assert job.path.startswith("/jobs/")
    retest = ada.open(f"{failed.path}/retest")
    assert ["outcome.lights"] == re.findall(r'name="(outcome\.[\w-]+)"', retest.html)
    passed = send(ada, f"{failed.path}/retest", outcome__lights="pass")
    assert "Passed." in passed.html
    assert "failed, and retested" in ada.open("/inspections").html
    page = ada.open(failed.path)
    sure = ada.post(f"{passed.path}/delete", ada.open(passed.path).form(f"{passed.path}/delete").fields)
    assert "This cannot be taken back." in sure.html
    ada.fill(sure, f"{passed.path}/delete")
    assert 404 == ada.open(passed.path).status


def test_what_ships_becomes_ones_own_by_saving_it(ada: Browser) -> None:
    """A template and a checklist that ship are never changed: a copy is."""
    add_vehicle(ada)
    for path, name in (("/checklists/winter", "Winter here"), ("/templates/petrol", "Petrol here")):
        page = ada.open(path)
        assert "ships with the program" in page.html
        kind = path.rpartition("/")[0]
        answer = ada.post(f"{kind}/new", {**page.form(f"{kind}/new").fields, "name": name})
        assert 303 == answer.status, answer.html
        listed = ada.open(kind).html
        assert name in listed
        token = page.form(f"{kind}/new").fields["_csrf"]
        assert 404 == ada.post(path, {"_csrf": token, "name": "Mine"}).status
        assert 404 == ada.post(f"{path}/delete", {"_csrf": token, "_sure": "1"}).status


def test_a_template_is_shown_before_it_fills_a_plan(ada: Browser) -> None:
    """Nothing is added by looking."""
    add_vehicle(ada)
    seen = send(ada, "/templates/petrol/apply", preview="1")
    assert "Engine oil and filter" in seen.html
    assert "Nothing yet" in ada.open("/plans").html
    form = typed_in(seen)
    answer = ada.post("/templates/petrol/apply", form.fields)
    assert 303 == answer.status
    assert "Engine oil and filter" in ada.open("/plans").html


def test_tyres_are_mounted_measured_rotated_and_taken_off(ada: Browser) -> None:
    """The page of the set tells how far it went and how worn it is."""
    add_vehicle(ada)
    send(ada, "/tyres/new", name="Winter", kind="winter")
    tyres = address_in(ada.open("/tyres"), "/tyres")
    assert "Mounted." in send(ada, f"{tyres}/mount", on="2026-01-01", odometer="1000").html
    assert 422 == send(ada, f"{tyres}/tread", on="2026-01-02").status
    measured = send(ada, f"{tyres}/tread", on="2026-01-02", depth__1="8", depth__2="8", depth__3="7,5", depth__4="7,5")
    assert "8 mm" in measured.html or "8.0 mm" in measured.html
    changed = {"position__1": "rear_left", "position__3": "front_left"}
    assert 200 == send(ada, f"{tyres}/rotate", **changed).status
    off = send(ada, f"{tyres}/unmount", on="2026-05-01", odometer="6000", storage_place="Cellar")
    assert "5,000 km" in off.html
    action = next(form.action for form in off.forms if form.action.startswith("/tread-checks/"))
    sure = ada.fill(off, action)
    assert "This cannot be taken back." in sure.html
    assert 200 == ada.fill(sure, action).status
    assert "Measurements" not in ada.open(tyres).html


def test_a_reminder_is_answered_for_a_day_or_put_off_until_one(ada: Browser) -> None:
    """The list of one vehicle, the whole fleet's, and the page of the rule all answer it."""
    vehicle = add_vehicle(ada).rpartition("/")[2]
    send(ada, "/reminders/rules/new", title="Inspection", every_months="12", on="2026-06-02")
    rule = address_in(ada.open("/reminders"), "/reminders/rules")
    reminder = rule.rpartition("/")[2]
    assert "Inspection" in ada.open(f"/reminders?vehicle={vehicle}").html
    assert 422 == send(ada, f"/reminders/{reminder}/later", until="never").status
    later = send(ada, f"/reminders/{reminder}/later", until="2026-06-20")
    assert "Taken back." in ada.fill(later, "/undo").html
    send(ada, f"/reminders/{reminder}/finish", done_on="2026-05-30")
    assert "2027" in ada.open("/reminders/rules").html


def test_a_trip_that_runs_is_ended(ada: Browser) -> None:
    """It has no end until it is said; that no positions are stored is said plainly."""
    add_vehicle(ada)
    send(ada, "/trips/new", started_at="2026-06-01T08:00", ended_at="", start_odometer="1000")
    trip = address_in(ada.open("/trips"), "/trips")
    assert "running" in ada.open("/trips").html
    assert "No positions are stored" in ada.open(trip).html
    ended = send(ada, f"{trip}/finish", end_odometer="1080", ended_at="2026-06-01T10:00")
    assert 200 == ended.status
    assert "80.0 km" in ada.open("/trips").html


def test_a_rate_and_a_category_of_ones_own(ada: Browser) -> None:
    """Added, told at the field when wrong, removed and taken back."""
    add_vehicle(ada)
    assert 422 == send(ada, "/rates", per_km="much").status
    page = send(ada, "/rates", per_km="0,30", valid_from="2026-01-01")
    assert "0.300 EUR" in page.html
    action = next(form.action for form in page.forms if form.action.endswith("/delete"))
    gone = ada.fill(page, action)
    assert "No rate yet" in gone.html
    ada.fill(gone, "/undo")
    assert "No rate yet" not in ada.open("/rates").html
    assert 422 == send(ada, "/expense-categories", name="").status
    own = send(ada, "/expense-categories", name="Ferry")
    assert "Ferry" in own.html
    assert 422 <= send(ada, "/expense-categories", name="ferry").status
    renamed = send(ada, "/expense-categories/ferry", name="Ferries")
    assert "Ferries" in renamed.html
    assert 404 == ada.open("/expense-categories/parking").status


def test_a_recurring_expense_is_let_end(ada: Browser) -> None:
    """What fell due until then stays."""
    add_vehicle(ada)
    typed = {"category": "parking", "amount": "30", "title": "Garage", "starts_on": "2026-08-01"}
    send(ada, "/recurring/new", **typed)
    recurring = address_in(ada.open("/recurring"), "/recurring")
    assert 200 == send(ada, f"{recurring}/stop", last_on="2026-09-01").status
    assert 422 == send(ada, f"{recurring}/stop", last_on="whenever").status
