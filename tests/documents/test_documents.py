"""Papers: filed, listed, renewed, cancelled, deleted, restored; and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import attrs
import pytest

from fleetcore.documents.model import Allowance, Cover, InspectionResult, PaymentSchedule
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.quantities import Distance
from fleetcore.reminders.model import Metric, Urgency
from fleetcore.testing.builders import euros, km, new_vehicle

from .conftest import TODAY, Folder


def day(text: str) -> date:
    """Read a day."""
    return date.fromisoformat(text)


# --- filing -----------------------------------------------------------------------------------------------------------


def test_each_kind_of_paper_can_be_filed_and_read(folder: Folder) -> None:
    """What is said of each kind comes back as it was said."""
    until = {"starts_on": day("2026-01-01"), "ends_on": day("2027-01-01")}
    said: dict[str, dict[str, Any]] = {
        "insurance": {"excess": euros(300), "number": "P 1", "contact": "+49 1", "notes": "glass included"},
        "registration": {**until, "issuer": "City", "number": "B-XY 1", "amount": euros(40)},
        "inspection": {**until, "result": InspectionResult.PASSED_WITH_DEFECTS, "amount": euros(120)},
        "warranty": {**until, "until_odometer": km(100_000)},
        "lease": {
            "allowed_distance": km(15_000), "allowance": Allowance.YEAR, "start_odometer": km(10), "amount": euros(299),
            "excess_fee_per_km": UnitPrice.of("0.0823", "EUR"), "issuer": "Leasing AG",
        },
        "licence": {"number": "N72", "classes": ("b", "be"), "ends_on": day("2033-01-18")},
    }  # fmt: skip
    for kind, facts in said.items():
        document = folder.get(folder.add(kind, **facts))
        wanted = {**facts, "classes": ("B", "BE")} if kind == "licence" else facts

        assert wanted == {name: getattr(document, name) for name in facts}


@pytest.mark.parametrize(
    ("kind", "said", "field"),
    [
        ("insurance", {"ends_on": date(2025, 12, 31)}, "ends_on"),
        ("insurance", {"amount": euros(-1)}, "amount"),
        ("insurance", {"excess": euros(-1)}, "excess"),
        ("insurance", {"excess": Money.of(300, "CHF")}, "amount"),
        ("insurance", {"starts_on": None}, "starts_on"),
        ("insurance", {"starts_on": date(1800, 1, 1)}, "starts_on"),
        ("insurance", {"amount": None}, "amount"),
        ("insurance", {"vehicle_id": None}, "vehicle_id"),
        ("insurance", {"person_id": uuid4()}, "person_id"),
        ("insurance", {"classes": ("B",)}, "classes"),
        ("insurance", {"allowed_distance": Distance(1)}, "allowed_distance_km"),
        ("insurance", {"issuer": "x" * 201}, "issuer"),
        ("insurance", {"starts_on": date(1901, 1, 1), "ends_on": None}, "starts_on"),
        ("registration", {"cover": Cover.LIABILITY}, "cover"),
        ("inspection", {"starts_on": None}, "starts_on"),
        ("inspection", {"starts_on": date(2026, 7, 1)}, "starts_on"),
        ("warranty", {}, "ends_on"),
        ("warranty", {"until_odometer": Distance(-1)}, "until_odometer_km"),
        ("lease", {"ends_on": None}, "ends_on"),
        ("lease", {"excess_fee_per_km": UnitPrice.of("0.08", "EUR")}, "allowed_distance_km"),
        ("lease", {"allowed_distance": Distance(0)}, "allowed_distance_km"),
        ("licence", {"person_id": None}, "person_id"),
        ("licence", {"classes": ("  ",)}, "classes.0"),
        ("licence", {"person_id": uuid4()}, "person_id"),
    ],
)
def test_what_cannot_be_is_refused(folder: Folder, kind: str, said: dict[str, Any], field: str) -> None:
    """A paper that contradicts itself is refused with the field that is wrong, and nothing is kept."""
    with pytest.raises(Rejected) as caught:
        folder.file(kind, **said)

    assert field in {problem.field for problem in caught.value.problems}
    assert [] == folder.list()
    assert {} == folder.balances()


def test_all_problems_are_told_at_once(folder: Folder) -> None:
    """An insurance that ends before it starts, with a negative premium in two currencies, has three problems."""
    with pytest.raises(Rejected) as caught:
        folder.file(ends_on=day("2025-01-01"), amount=euros(-1), excess=Money.of(1, "CHF"))

    assert 3 == len(caught.value.problems)


def test_two_policies_of_one_cover_at_once_are_a_warning(folder: Folder) -> None:
    """A second liability policy for the same days is filed, with a warning; another cover or other days have none."""
    folder.add()
    second = folder.file(issuer="Other", starts_on=day("2026-12-30"), ends_on=day("2027-12-30"))

    assert ["document.overlap"] == [warning.code for warning in second.warnings]
    assert () == folder.file(cover=Cover.LEGAL).warnings
    assert () == folder.file(starts_on=day("2028-01-01"), ends_on=day("2028-12-31")).warnings


def test_stale_versions_conflict(folder: Folder) -> None:
    """Who read an older version changes nothing."""
    first = folder.add()
    folder.edit(first, notes="new")

    for act in (folder.edit, folder.delete, folder.cancel, folder.renew):
        with pytest.raises(Conflict):
            act(first)


def test_a_paper_stays_with_its_vehicle_and_its_kind(folder: Folder) -> None:
    """An edit does not turn a policy into a lease, nor hand it to another vehicle."""
    other = new_vehicle(folder.core, folder.actor, name="Other")
    with pytest.raises(Rejected, match="delete this document"):
        folder.edit(folder.add(), vehicle_id=other.id)


# --- lists ------------------------------------------------------------------------------------------------------------


def test_lists_are_filtered(folder: Folder) -> None:
    """By kind, by vehicle, by person, newest first."""
    policy, licence = folder.add(), folder.add("licence")
    other = new_vehicle(folder.core, folder.actor, name="Other")
    elsewhere = folder.add(vehicle_id=other.id)

    assert [elsewhere.id, licence.id, policy.id] == folder.list()
    assert [elsewhere.id, policy.id] == folder.list(kind="insurance")
    assert [policy.id] == folder.list(vehicle_id=folder.vehicle_id)
    assert [licence.id] == folder.list(person_id=folder.actor.user_id)


def test_what_expires_is_listed_soonest_first(folder: Folder) -> None:
    """Within 30 days: what has ended already and what ends on the last of them, but nothing renewed or cancelled."""

    def until(days: int, **said: Any) -> Any:
        start = day("2020-01-01")
        return folder.add(starts_on=start, ends_on=TODAY + timedelta(days=days), amount=None, schedule=None, **said)

    last, past, _later, renewed, cancelled = until(30), until(-1), until(31), until(5), until(6)
    folder.renew(renewed)
    folder.cancel(cancelled)

    assert [past.id, last.id] == folder.list(expiring_within=30)
    assert [past.id] == folder.list(expiring_within=30, limit=1)


def test_pages_of_what_expires_go_on(folder: Folder) -> None:
    """Page by page, everything that expires is listed once, in order."""
    made = [
        folder.add(starts_on=None, amount=None, schedule=None, ends_on=TODAY + timedelta(days=d // 2)) for d in range(7)
    ]
    found, cursor = [], None
    while True:
        page = folder.core.perform(
            folder.actor, "documents.list", {"expiring_within": 30, "limit": 2, "cursor": cursor}
        )
        found += [each.id for each in page.items]
        if (cursor := page.next) is None:
            break

    assert [each.id for each in sorted(made, key=lambda each: (each.ends_on, each.id.bytes))] == found


# --- renewing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "next_start", "next_end"),
    [
        ("2026-01-01", "2026-12-31", "2027-01-01", "2027-12-31"),
        ("2026-01-01", "2027-01-01", "2027-01-01", "2028-01-01"),
        ("2026-03-01", "2027-02-28", "2027-03-01", "2028-02-29"),
        ("2026-06-01", "2026-08-31", "2026-09-01", "2026-11-30"),
        ("2026-06-01", "2026-06-10", "2026-06-11", "2026-06-20"),
    ],
)
def test_a_successor_goes_on_where_the_old_one_ends(
    folder: Folder, starts_on: str, ends_on: str, next_start: str, next_end: str
) -> None:
    """The successor begins where the old one ends, is as long, and says the same; both know each other."""
    old = folder.add(starts_on=day(starts_on), ends_on=day(ends_on), number="P 1")
    new = folder.renew(old, amount=euros(33))

    assert (day(next_start), day(next_end)) == (new.starts_on, new.ends_on)
    assert ("Harbour", "P 1", euros(33), PaymentSchedule.MONTHLY) == (new.issuer, new.number, new.amount, new.schedule)
    assert (old.id, new.id) == (new.renews_id, folder.get(old).renewed_by_id)


def test_a_document_is_renewed_once(folder: Folder) -> None:
    """A second renewal of the same document names the successor that there is."""
    old = folder.add()
    new = folder.renew(old)

    with pytest.raises(Conflict, match=str(new.id)):
        folder.renew(old)


def test_one_without_an_end_is_renewed_from_a_day(folder: Folder) -> None:
    """An open policy needs the day on which its successor begins, and is paid until then."""
    old = folder.add(ends_on=None, starts_on=day("2026-01-15"))
    with pytest.raises(Rejected, match="has no end"):
        folder.renew(old)
    folder.renew(old, starts_on=day("2026-04-15"))

    assert [day(f"2026-0{month}-15") for month in (1, 2, 3)] == folder.paid(old)


def test_an_inspection_is_renewed_without_its_result(folder: Folder) -> None:
    """The result of the last inspection is not that of the next."""
    old = folder.add("inspection", starts_on=day("2024-05-20"), ends_on=day("2026-05-31"), result="failed")
    new = folder.renew(old, starts_on=day("2026-05-28"), ends_on=day("2028-05-31"), result=InspectionResult.PASSED)

    assert (InspectionResult.FAILED, InspectionResult.PASSED) == (old.result, new.result)


# --- reminders --------------------------------------------------------------------------------------------------------


def test_the_end_of_a_paper_is_reminded_of(folder: Folder) -> None:
    """Each kind is told of as early as it needs: a lease four months ahead, a registration one."""
    folder.add("lease", starts_on=day("2023-09-01"), ends_on=TODAY + timedelta(days=100))
    folder.add("registration", ends_on=TODAY + timedelta(days=100))

    assert {"The lease ends": Urgency.SOON, "Renew the registration": Urgency.NOT_DUE} == {
        due.title: due.urgency for due in folder.due()
    }


def test_a_warranty_ends_by_distance_too(folder: Folder) -> None:
    """A warranty until a day or a distance is reminded of by whichever comes first."""
    folder.core.perform(
        folder.actor,
        "vehicles.record_reading",
        {"vehicle_id": str(folder.vehicle_id), "odometer_km": 99_500, "at": "2026-05-30T10:00:00Z"},
    )
    folder.add("warranty", ends_on=day("2030-01-01"), until_odometer=km(100_000))

    (due,) = folder.due()
    assert (Urgency.SOON, Metric.DISTANCE, km(100_000)) == (due.urgency, due.metric, due.due_odometer)


def test_renewing_silences_the_old_one(folder: Folder) -> None:
    """After a renewal only the successor is reminded of; when that is deleted, the old one is again."""
    old = folder.add(ends_on=TODAY)
    assert [TODAY] == [due.due_on for due in folder.due()]

    new = folder.renew(old)
    assert [new.ends_on] == [due.due_on for due in folder.due()]
    folder.delete(new)
    assert [TODAY] == [due.due_on for due in folder.due()]
    folder.restore(new)
    assert [new.ends_on] == [due.due_on for due in folder.due()]


def test_a_reminder_follows_its_paper(folder: Folder) -> None:
    """Editing moves it, cancelling, deleting and not wanting it silence it, taking that back wakes it."""
    document = folder.edit(folder.add(), ends_on=day("2026-11-30"))
    assert [day("2026-11-30")] == [due.due_on for due in folder.due()]

    document = folder.cancel(document)
    assert () == folder.due()
    document = folder.cancel(document, undo=True)
    assert 1 == len(folder.due())
    folder.delete(document)
    assert () == folder.due()
    document = folder.restore(document)
    assert 1 == len(folder.due())
    folder.edit(document, remind=False)
    assert () == folder.due()


def test_what_ended_long_ago_when_it_was_filed_is_history(folder: Folder) -> None:
    """Filing the policy of years ago reminds of nothing; one that lapsed last week is overdue."""
    folder.add(starts_on=day("2019-01-01"), ends_on=day("2019-12-31"))
    folder.add(starts_on=day("2025-05-25"), ends_on=day("2026-05-25"))

    assert [Urgency.OVERDUE] == [due.urgency for due in folder.due()]


def test_a_licence_is_its_holders(folder: Folder) -> None:
    """A driver sees and is reminded of their own licence, and not of another's."""
    driver, other = folder.as_member("driver"), folder.as_member("family")
    licence = folder.add("licence", person_id=driver.actor.user_id, ends_on=TODAY)

    assert licence == driver.get(licence)
    assert [licence.id] == driver.list()
    assert [TODAY] == [due.due_on for due in driver.due()]
    assert [] == other.list()
    assert () == other.due()
    with pytest.raises(NotFound):
        other.get(licence)


# --- who may ----------------------------------------------------------------------------------------------------------


def test_drivers_read_the_papers_of_their_vehicle_and_change_none(folder: Folder) -> None:
    """A driver shows the policy of a granted vehicle at a checkpoint, and can neither file nor change."""
    policy, driver = folder.add(), folder.as_member("driver")

    assert policy == driver.get(policy)
    for act in (driver.add, lambda: driver.edit(policy), lambda: driver.delete(policy), driver.run):
        with pytest.raises(Forbidden):
            act()


def test_out_of_reach_papers_do_not_exist(folder: Folder) -> None:
    """Neither a member without the vehicle nor another fleet finds a document, whatever they try."""
    policy = folder.add()
    stranger = folder.as_member("driver", granted=False)
    neighbour = attrs.evolve(folder, actor=folder.core.create_fleet("Next door"))

    assert [] == stranger.list() == neighbour.list()
    for act in (
        lambda: stranger.get(policy), lambda: neighbour.get(policy), lambda: neighbour.edit(policy),
        lambda: neighbour.renew(policy), lambda: neighbour.delete(policy), lambda: neighbour.restore(policy),
        lambda: neighbour.paid(policy), neighbour.add,
    ):  # fmt: skip
        with pytest.raises(NotFound):
            act()


def test_an_expired_grant_reaches_nothing(folder: Folder) -> None:
    """When a grant has run out, the papers are gone from sight."""
    driver = folder.as_member("driver", granted=False)
    policy = folder.add()
    folder.core.perform(
        folder.actor,
        "vehicles.grant",
        {
            "vehicle_id": str(folder.vehicle_id),
            "user_id": str(driver.actor.user_id),
            "ends_at": "2026-06-02T00:00:00Z",
        },
    )
    assert [policy.id] == driver.list()

    folder.clock.advance(days=2)
    assert [] == driver.list()
    with pytest.raises(NotFound):
        driver.get(policy)
