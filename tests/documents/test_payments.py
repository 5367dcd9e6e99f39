"""What documents cost: each payment once, on its day, as if the document had always said what it says now."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fleetcore
from fleetcore import Core
from fleetcore.documents.model import PaymentSchedule
from fleetcore.kernel.errors import FleetError, Rejected
from fleetcore.testing.builders import euros, new_vehicle
from fleetcore.testing.clock import FixedClock

from .conftest import Folder


def day(text: str) -> date:
    """Read a day."""
    return date.fromisoformat(text)


def months(*numbers: int) -> list[date]:
    """Return the first day of each month of 2026."""
    return [date(2026, number, 1) for number in numbers]


def at(folder: Folder, text: str) -> None:
    """Move the clock to noon of a day."""
    folder.clock.set(datetime.fromisoformat(text).replace(hour=12, tzinfo=UTC))


def test_missed_payments_are_booked_when_a_policy_is_filed(folder: Folder) -> None:
    """On 1 June, a policy of 1 January with a monthly premium has cost six of them, today's too."""
    policy = folder.add()

    assert months(1, 2, 3, 4, 5, 6) == folder.paid(policy)
    assert {"expenses.insurance": 18_000, "assets.bank": -18_000} == folder.balances()
    assert day("2026-07-01") == policy.next_payment_on


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        ("once", ["2026-01-31"]),
        ("monthly", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
        ("quarterly", ["2026-01-31", "2026-04-30"]),
        ("half_yearly", ["2026-01-31"]),
        ("yearly", ["2026-01-31"]),
    ],
)
def test_a_schedule_counts_from_the_first_day(folder: Folder, schedule: str, days: list[str]) -> None:
    """Months add from the start, clamped to the end of short ones, so the day never drifts."""
    policy = folder.add(starts_on=day("2026-01-31"), ends_on=None, schedule=PaymentSchedule(schedule))

    assert [day(text) for text in days] == folder.paid(policy)


@pytest.mark.parametrize("ends_on", ["2026-03-31", "2026-04-01"])
def test_nothing_falls_due_on_the_day_of_the_end(folder: Folder, ends_on: str) -> None:
    """Whether a quarter is said to end on its last day or on the first of the next, it is three months."""
    assert months(1, 2, 3) == folder.paid(folder.add(ends_on=day(ends_on)))


@pytest.mark.parametrize(
    ("kind", "account"),
    [
        ("inspection", "expenses.inspection"),
        ("registration", "expenses.registration"),
        ("warranty", "expenses.maintenance"),
        ("licence", "expenses.other"),
    ],
)
def test_other_papers_cost_once(folder: Folder, kind: str, account: str) -> None:
    """The fee of an inspection or a registration is booked once, on its day, on an account that fits."""
    document = folder.add(kind, starts_on=day("2026-05-04"), ends_on=day("2028-05-04"), amount=euros(120))
    at(folder, "2027-06-01")
    folder.run()

    assert [day("2026-05-04")] == folder.paid(document)
    assert {account: 12_000, "assets.bank": -12_000} == folder.balances()


def test_a_lease_is_paid_monthly(folder: Folder) -> None:
    """Without a schedule, a lease is paid each month and an insurance each year."""
    lease = folder.add("lease", amount=euros(299))
    folder.add(schedule=None)

    assert months(1, 2, 3, 4, 5, 6) == folder.paid(lease)
    assert {"expenses.lease": 179_400, "expenses.insurance": 3000, "assets.bank": -182_400} == folder.balances()


def test_a_run_catches_up_and_repeats_nothing(folder: Folder) -> None:
    """After years without a run, one books every missed period once; the next one nothing."""
    policy = folder.add(ends_on=None)
    at(folder, "2030-06-01")

    assert 48 == len(folder.run().payments)
    assert () == folder.run().payments
    assert 54 == len(folder.paid(policy)) == len(set(folder.paid(policy)))
    assert 54 * 3000 == folder.balances()["expenses.insurance"]


def test_a_run_goes_in_bounded_steps(folder: Folder) -> None:
    """A run books at most so many documents, says that there is more, and comes to an end."""
    for _ in range(5):
        folder.add()
    at(folder, "2026-07-01")
    runs = [folder.run(limit=2) for _ in range(3)]

    assert [(2, True), (2, True), (1, False)] == [(run.documents, run.has_more) for run in runs]
    assert 5 * 7 * 3000 == folder.balances()["expenses.insurance"]


def test_a_run_without_anything_due_is_cheap_and_quiet(folder: Folder) -> None:
    """Where nothing has fallen due, no document is looked at."""
    folder.add()

    assert 0 == folder.run().documents
    with pytest.raises(Rejected):
        folder.run(limit=0)


def test_an_edit_books_anew(folder: Folder) -> None:
    """Another premium, another start or another end leave the books as if it had always been so."""
    policy = folder.edit(folder.add(), amount=euros(20))
    assert {"expenses.insurance": 12_000, "assets.bank": -12_000} == folder.balances()

    policy = folder.edit(policy, starts_on=day("2026-04-01"))
    assert months(4, 5, 6) == folder.paid(policy)
    policy = folder.edit(policy, ends_on=day("2026-05-15"))
    assert months(4, 5) == folder.paid(policy)
    policy = folder.edit(policy, amount=None, schedule=None)
    assert {} == folder.balances()
    assert None is policy.next_payment_on


def test_cancelling_takes_back_what_follows(folder: Folder) -> None:
    """A policy cancelled in April has cost until March; taking the cancellation back books April to June again."""
    policy = folder.cancel(folder.add(), on=day("2026-04-01"))
    assert months(1, 2, 3) == folder.paid(policy)
    assert None is policy.next_payment_on

    policy = folder.cancel(policy, undo=True)
    assert months(1, 2, 3, 4, 5, 6) == folder.paid(policy)
    assert 18_000 == folder.balances()["expenses.insurance"]


@pytest.mark.parametrize("on", ["2025-12-31", "2027-01-01"])
def test_a_cancellation_lies_within_the_term(folder: Folder, on: str) -> None:
    """One cannot cancel before the start nor after the end."""
    with pytest.raises(Rejected):
        folder.cancel(folder.add(), on=day(on))


def test_deleting_reverses_and_restoring_books_again(folder: Folder) -> None:
    """Deleting leaves no cost behind, restoring brings all of it back, that of the time between too."""
    policy = folder.add()
    folder.delete(policy)
    assert {} == folder.balances()
    at(folder, "2026-08-01")
    assert 0 == folder.run().documents

    folder.restore(policy)
    assert months(1, 2, 3, 4, 5, 6, 7, 8) == folder.paid(policy)
    assert 24_000 == folder.balances()["expenses.insurance"]


def test_a_sold_vehicle_costs_nothing_more(folder: Folder) -> None:
    """From the day of the sale premiums are taken back and none follow; undoing the sale books them again."""
    policy = folder.add()
    vehicle = folder.core.perform(folder.actor, "vehicles.get", {"id": str(folder.vehicle_id)})

    def say(version: int, **more: Any) -> None:
        said = {"id": str(vehicle.id), "version": version, "name": vehicle.name, **more}
        folder.core.perform(folder.actor, "vehicles.edit", said)

    say(vehicle.version, sold_on="2026-04-01")
    assert months(1, 2, 3) == folder.paid(policy)
    at(folder, "2026-07-01")
    assert 0 == folder.run().documents
    say(vehicle.version + 1)
    assert months(1, 2, 3, 4, 5, 6, 7) == folder.paid(policy)


def test_a_removed_vehicle_waits(folder: Folder) -> None:
    """While a vehicle is removed nothing is booked; when it is back, the run catches up."""
    folder.add()
    folder.core.perform(folder.actor, "vehicles.remove", {"id": str(folder.vehicle_id)})
    at(folder, "2026-08-01")
    assert 0 == folder.run().documents

    folder.core.perform(folder.actor, "vehicles.restore", {"id": str(folder.vehicle_id)})
    folder.run()
    assert 24_000 == folder.balances()["expenses.insurance"]


def test_purging_a_vehicle_erases_its_papers_and_keeps_the_books(folder: Folder) -> None:
    """The papers of a purged vehicle are gone, successors too; the ledger keeps what they cost."""
    policy = folder.add()
    folder.renew(policy)
    folder.core.perform(folder.actor, "vehicles.remove", {"id": str(folder.vehicle_id)})
    folder.core.perform(folder.actor, "vehicles.purge", {"after_days": 0})

    assert [] == folder.list() == folder.list(deleted=True)
    assert 18_000 == folder.balances()["expenses.insurance"]


def test_racing_runs_book_each_payment_once(folder: Folder) -> None:
    """Six runs and an edit at once leave every payment booked exactly once."""
    policies = [folder.add() for _ in range(3)]
    at(folder, "2026-12-31")

    def act(number: int) -> object:
        try:
            return folder.edit(policies[0], notes="meanwhile") if number == 3 else folder.run()
        except FleetError as error:
            return error

    with ThreadPoolExecutor(7) as pool:
        results = list(pool.map(act, range(7)))

    assert [] == [result for result in results if isinstance(result, FleetError)]
    assert 3 * 12 * 3000 == folder.balances()["expenses.insurance"]
    assert 3 * [months(*range(1, 13))] == [folder.paid(policy) for policy in policies]


SCHEDULES = st.sampled_from(PaymentSchedule)
DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 31))
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), DAYS, st.none() | DAYS, st.integers(0, 90), SCHEDULES),
        st.tuples(st.just("cancel"), DAYS),
        st.tuples(st.just("delete")),
        st.tuples(st.just("pass"), st.integers(1, 100)),
        st.tuples(st.just("sell"), st.none() | DAYS),
    ),
    max_size=8,
)


@pytest.fixture(scope="module")
def files(sqlite_files: Any) -> str:
    """A database for many examples, each in a fleet of its own."""
    return str(sqlite_files.database())


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_whatever_happens_the_books_equal_a_fresh_filing(files: str, acts: list[Any]) -> None:
    """After any edits, cancellations, deletions, sales and runs, a policy has cost what a new one like it does."""
    clock = FixedClock()
    with fleetcore.open(files, installed_plugins=False, clock=clock) as core:
        lived, fresh = _folder(core, clock), _folder(core, clock)
        document = lived.add(starts_on=date(2026, 1, 15))
        for act in acts:
            document = _do(lived, document, act)
        lived.run()
        document = lived.get(document)
        if (sold := _vehicle(lived).sold_on) is not None:
            _sell(fresh, sold)
        names = ("starts_on", "ends_on", "amount", "schedule")
        copy = fresh.add(**{name: getattr(document, name) for name in names})
        if document.cancelled_on is not None:
            fresh.cancel(copy, on=document.cancelled_on)

        assert fresh.balances() == lived.balances()
        assert fresh.paid(copy) == lived.paid(document)
        assert fresh.get(copy).next_payment_on == document.next_payment_on
        assert core.perform(lived.actor, "ledger.check", {}).is_sound


def _folder(core: Core, clock: FixedClock) -> Folder:
    actor = core.create_fleet("Home", timezone="UTC")
    return Folder(core, actor, new_vehicle(core, actor).id, clock)


def _vehicle(folder: Folder) -> Any:
    return folder.core.perform(folder.actor, "vehicles.get", {"id": str(folder.vehicle_id)})


def _sell(folder: Folder, on: date | None) -> None:
    vehicle = _vehicle(folder)
    said = {"id": str(vehicle.id), "version": vehicle.version, "name": vehicle.name}
    folder.core.perform(folder.actor, "vehicles.edit", said | ({} if on is None else {"sold_on": on.isoformat()}))


def _do(folder: Folder, document: Any, act: tuple[Any, ...]) -> Any:
    word, *said = act
    try:
        if word == "edit":
            starts_on, ends_on, amount, schedule = said
            return folder.edit(document, starts_on=starts_on, ends_on=ends_on, amount=euros(amount), schedule=schedule)
        if word == "cancel":
            return folder.cancel(document, on=said[0])
        if word == "delete":
            folder.delete(document)
            return folder.restore(document)
        if word == "pass":
            folder.clock.advance(days=said[0])
            folder.run()
        if word == "sell":
            _sell(folder, said[0])
    except Rejected:
        pass
    return folder.get(document)
