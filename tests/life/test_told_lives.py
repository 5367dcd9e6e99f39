"""Lives in which a reminder was answered without a meter, and then the readings changed: as if said once, each time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

import fleetcore
from fleetcore.testing.clock import FixedClock

from .life import EVENING, START, Fact, Life, Said
from .retelling import differences
from .test_life import begin, noon, shown

DAY = START + timedelta(days=20)  # of the answer
BEFORE = DAY - timedelta(days=5)
AFTER = DAY + timedelta(days=5)
EUROS: Said = {"amount": "50.00", "currency": "EUR"}
MORE_EUROS: Said = {"amount": "61.00", "currency": "EUR"}


@pytest.fixture(scope="module")
def begun_life() -> Iterator[Any]:
    """Return how to begin a life, with both meters read once and a reminder by each; a month later it goes on."""
    clock = FixedClock()
    with fleetcore.open(installed_plugins=False, clock=clock) as core:

        def begun() -> Life:
            clock.set(datetime.combine(START, EVENING, UTC))
            life = Life(core, clock)
            begin(life)
            life.wait(30)
            return life

        yield begun


@pytest.fixture
def life(begun_life: Any) -> Life:
    """A life that has begun."""
    found: Life = begun_life()
    return found


def entered(life: Life, kind: str, day: date, said: Said, answers: list[Fact] | None = None) -> Fact:
    """Enter a fact, and return it."""
    life.enter(kind, day, said, answers or [])
    assert life.facts[-1].said is said
    return life.facts[-1]


def odometer_reading(day: date, off: int = 0) -> Said:
    """Say what the odometer showed in the morning of a day."""
    return {"at": noon(day, 10), "odometer_km": shown(day, off)}


def fill(day: date, off: int = 0) -> Said:
    """Say a fill with what the odometer showed."""
    return {"at": noon(day), "odometer_km": shown(day, off), "volume_l": 40, "total": EUROS, "is_full": True}


def service(day: date) -> Said:
    """Say a service of which nobody noted a meter."""
    return {"done_on": day.isoformat(), "title": "Oil", "total": EUROS}


def answered_service(life: Life) -> Fact:
    """Enter a service without a meter that answers the reminders of both meters."""
    return entered(life, "service", DAY, service(DAY), life.living("reminder"))


def due(life: Life) -> list[tuple[str, float | None, float | None]]:
    """Return what is due at which odometer and which engine hours."""
    return sorted(
        (
            each.title,
            each.due_odometer and each.due_odometer.metres / 1000,
            each.due_engine_hours and each.due_engine_hours.tenths / 10,
        )
        for each in life.perform("reminders.due", {"vehicle_id": life.vehicle_id})
    )


def test_a_late_reading_before_a_service_moves_its_answers_and_voided_moves_them_back(life: Life) -> None:
    """A service without a meter counts from the readings of its day, also when they come later and go again."""
    answered_service(life)
    as_it_was = due(life)
    assert {} == differences(life)
    late = [
        entered(life, "reading", BEFORE, odometer_reading(BEFORE)),
        entered(life, "reading", BEFORE, {"at": noon(BEFORE, 10), "engine_hours": 130}),
    ]
    assert [("Grease", None, 180.0), ("Oil", shown(BEFORE, 1000), None)] == due(life)
    assert {} == differences(life)
    for reading in late:
        life.delete(reading)
        assert {} == differences(life)
    assert as_it_was == due(life)


def test_the_fill_that_showed_the_meter_of_a_service_is_edited(life: Life) -> None:
    """What a fill showed before a service moves its answer when the fill is corrected, moved, deleted, restored."""
    carrier = entered(life, "fill", BEFORE, fill(BEFORE))
    answered_service(life)
    assert ("Oil", shown(BEFORE, 1000), None) in due(life)
    for day, off in ((BEFORE, 7), (AFTER, 0), (DAY, -3)):
        life.edit(carrier, day, fill(day, off), [])
        assert {} == differences(life), (day, off)
    assert ("Oil", shown(DAY, 997), None) in due(life)
    life.delete(carrier)
    assert {} == differences(life)
    life.restore(carrier)
    assert {} == differences(life)


def test_a_service_is_deleted_and_restored_while_readings_come_and_go(life: Life) -> None:
    """Deleted, it answers nothing; restored, it answers by the readings of then."""
    first = entered(life, "reading", BEFORE, odometer_reading(BEFORE))
    as_it_was = due(life)
    done = answered_service(life)
    assert as_it_was != due(life)
    life.delete(done)
    assert as_it_was == due(life)
    assert {} == differences(life)
    entered(life, "reading", DAY, odometer_reading(DAY))
    life.delete(first)
    life.restore(done)
    assert ("Oil", shown(DAY, 1000), None) in due(life)
    assert {} == differences(life)


def test_a_service_lets_a_reminder_go_and_takes_it_again(life: Life) -> None:
    """Edited to answer fewer reminders, those it lets go are as if it had never answered them."""
    done = answered_service(life)
    entered(life, "reading", BEFORE, odometer_reading(BEFORE))
    for answers in ([], life.living("reminder")[:1], life.living("reminder")):
        life.edit(done, DAY, service(DAY), answers)
        assert {} == differences(life)
    life.edit(done, AFTER, service(AFTER), done.answers)
    assert {} == differences(life)


def test_done_on_a_day_follows_the_readings_of_that_day(life: Life) -> None:
    """Said by hand of a day, without a meter, it counts from the readings of that day like a service."""
    for reminder in life.living("reminder"):
        life.answer(reminder, {"done_on": DAY.isoformat()})
    late = entered(life, "reading", BEFORE, odometer_reading(BEFORE))
    assert ("Oil", shown(BEFORE, 1000), None) in due(life)
    entered(life, "reading", BEFORE, {"at": noon(BEFORE, 11), "engine_hours": 140})
    assert {} == differences(life)
    life.delete(late)
    assert {} == differences(life)


def test_where_a_rule_counts_from_goes_when_its_reading_is_voided(life: Life) -> None:
    """A first due counts from the meter that was known; without that reading, from what the others show."""
    odometer, hours = life.living("reading")
    entered(life, "reading", BEFORE, odometer_reading(BEFORE))
    entered(life, "reading", BEFORE, {"at": noon(BEFORE, 11), "engine_hours": 140})
    assert [("Grease", None, 150.0), ("Oil", shown(odometer.happened, 1000), None)] == due(life)
    life.delete(odometer)
    life.delete(hours)
    assert [("Grease", None, 190.0), ("Oil", shown(BEFORE, 1000), None)] == due(life)
    assert {} == differences(life)


SECOND_THOUGHTS: dict[str, tuple[Said, Said]] = {
    "fill": (fill(BEFORE), fill(DAY, 4) | {"total": MORE_EUROS}),
    "expense": (
        {"spent_on": str(BEFORE), "category": "wash", "amount": EUROS, "odometer_km": shown(BEFORE, 0)},
        {"spent_on": str(DAY), "category": "parking", "amount": MORE_EUROS, "odometer_km": shown(DAY, 4)},
    ),
    "service": (
        service(BEFORE) | {"odometer_km": shown(BEFORE, 0), "engine_hours": 130},
        service(DAY) | {"odometer_km": shown(DAY, 4), "engine_hours": 140, "total": MORE_EUROS},
    ),
    "inspection": (
        {"done_on": str(BEFORE), "odometer_km": shown(BEFORE, 0), "outcome": "pass"},
        {"done_on": str(DAY), "odometer_km": shown(DAY, 4), "outcome": "fail"},
    ),
    "trip": (
        {"started_at": noon(BEFORE, 8), "ended_at": noon(BEFORE, 9), "end_odometer_km": shown(BEFORE, 0)}
        | {"purpose": "business", "distance_km": 20},
        {"started_at": noon(DAY, 8), "ended_at": noon(DAY, 9), "end_odometer_km": shown(DAY, 4)}
        | {"purpose": "business", "distance_km": 30},
    ),
}


@pytest.mark.parametrize("kind", SECOND_THOUGHTS)
def test_a_record_is_corrected_taken_back_and_brought_back(life: Life, kind: str) -> None:
    """Its meters, its cost and what it answers are those of what stands, after each second thought."""
    answered_service(life)
    said, corrected = SECOND_THOUGHTS[kind]
    fact = entered(life, kind, BEFORE, said)
    life.edit(fact, DAY, corrected, [])
    assert fact.said is corrected
    assert {} == differences(life)
    life.delete(fact)
    assert fact.is_deleted
    assert {} == differences(life)
    life.restore(fact)
    assert fact.is_deleted is (kind == "inspection")  # which cannot be brought back
    assert {} == differences(life)
