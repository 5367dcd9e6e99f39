"""Every edit and delete of a record leaves all that follows from it equal to recomputing from scratch."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fleetcore
from fleetcore import Core
from fleetcore.testing.clock import FixedClock

from .life import EVENING, START, Fact, Life, Said
from .retelling import differences

ROUNDS = int(os.environ.get("FLEET_DRILL_ROUNDS", "0"))
KM_A_DAY = 40
AGO = st.integers(0, 60)
AMOUNTS = st.integers(1, 200).map(lambda euros: {"amount": f"{euros}.00", "currency": "EUR"})
DRIVEN = st.integers(-30, 30)  # how far from what 40 km a day make: also backwards now and then


def shown(day: date, off: int | None) -> float | None:
    """Return what the odometer shows on a day, *off* from the usual."""
    return None if off is None else 20_000 + (day - START).days * KM_A_DAY + off


def noon(day: date, hour: int = 12) -> str:
    """Write an hour of a day."""
    return datetime.combine(day, time(hour), UTC).isoformat()


def _fill(day: date, off: int | None, draw: Any) -> Said:
    amount, is_full = draw(AMOUNTS), draw(st.booleans())
    return {"at": noon(day), "odometer_km": shown(day, off), "volume_l": 40, "total": amount, "is_full": is_full}


def _expense(day: date, off: int | None, draw: Any) -> Said:
    category = draw(st.sampled_from(["parking", "wash"]))
    return {"spent_on": day.isoformat(), "category": category, "amount": draw(AMOUNTS), "odometer_km": shown(day, off)}


def _service(day: date, off: int | None, draw: Any) -> Said:
    is_meterless = draw(st.integers(0, 2)) > 0  # then its answers hold from what the readings show of that day
    hours = None if is_meterless else draw(st.none() | st.integers(100, 200))
    return {
        "done_on": day.isoformat(),
        "title": "Oil",
        "odometer_km": None if is_meterless else shown(day, off),
        "engine_hours": hours,
        "total": draw(st.none() | AMOUNTS),
    }


def _inspection(day: date, off: int | None, draw: Any) -> Said:
    outcome = draw(st.sampled_from(["pass", "fail"]))
    return {"done_on": day.isoformat(), "odometer_km": shown(day, off), "outcome": outcome}


def _trip(day: date, off: int | None, draw: Any) -> Said:
    hour = draw(st.integers(6, 16))
    said = {"started_at": noon(day, hour), "ended_at": noon(day, hour + 1), "purpose": "business"}
    return said | ({"distance_km": 20} if off is None else {"distance_km": 20, "end_odometer_km": shown(day, off)})


def _reading(day: date, off: int | None, draw: Any) -> Said:
    if draw(st.booleans()):
        return {"at": noon(day, 10), "odometer_km": shown(day, off or 0)}
    return {"at": noon(day, 10), "engine_hours": draw(st.integers(100, 200))}


RULES: tuple[Said, ...] = (
    {"title": "Oil", "every_km": 1000},
    {"title": "Oil", "every_km": 1500, "every_months": 6, "is_fixed": True},
    {"title": "Grease", "every_engine_hours": 50, "at_engine_hours": 150},
    {"title": "Grease", "every_engine_hours": 50},
    {"title": "Belt", "every_months": 3},
    {"title": "Wash", "every_days": 14, "is_fixed": True},
    {"title": "Tyres", "at_odometer_km": 21_000},
    {"title": "Trip", "on": "2026-08-01"},
)


def _reminder(_day: date, _off: int | None, draw: Any) -> Said:
    return dict(draw(st.sampled_from(RULES)))


def _item(_day: date, _off: int | None, draw: Any) -> Said:
    rules: list[Said] = [
        {"every_km": 1200},
        {"every_months": 4},
        {"every_km": 2000, "every_months": 12, "last_done_on": "2026-04-01", "last_done_odometer_km": 17_500},
    ]
    title = draw(st.sampled_from(["Filter", "Coolant"]))
    return {"title": title, "is_active": draw(st.integers(0, 5)) > 0, **draw(st.sampled_from(rules))}


def _document(_day: date, _off: int | None, draw: Any) -> Said:
    starts_on = START - timedelta(days=draw(st.integers(-20, 200)))
    return {
        "kind": "insurance",
        "cover": draw(st.sampled_from(["liability", "comprehensive"])),
        "issuer": "Harbour",
        "starts_on": starts_on.isoformat(),
        "ends_on": draw(st.none() | st.integers(30, 400).map(lambda days: str(starts_on + timedelta(days=days)))),
        "amount": draw(AMOUNTS),
        "schedule": draw(st.sampled_from(["once", "monthly", "quarterly"])),
    }


def _fitting(day: date, off: int | None, draw: Any) -> Said:
    until = day + timedelta(days=draw(st.integers(1, 10)))
    odometers = {"odometer_km": shown(day, off), "until_odometer_km": shown(until, off)}
    return {"set": draw(st.integers(0, 1)), "on": day.isoformat(), "until": until.isoformat(), **odometers}


SAYINGS = {
    "fill": _fill,
    "expense": _expense,
    "service": _service,
    "inspection": _inspection,
    "trip": _trip,
    "reading": _reading,
    "reminder": _reminder,
    "item": _item,
    "document": _document,
    "fitting": _fitting,
}
METERED = ("reading", "fill", "expense", "service", "trip")
KINDS = [*SAYINGS, "service", "service", "service", "reading", "reading", "reading", "fill", "fill", "expense"]
ACTS = ["enter"] * 6 + ["edit"] * 3 + ["correct"] * 2 + ["withdraw"] * 2 + ["delete"] * 2 + ["restore"] * 2
ACTS += ["answer", "answer", "renew", "cancel", "wait", "describe", "snooze"]


def _happened(life: Life, draw: Any) -> date:
    return life.today - timedelta(days=draw(AGO))


def _said(life: Life, kind: str, draw: Any) -> tuple[date, Said, list[Fact]]:
    day, off = _happened(life, draw), draw(st.none() | DRIVEN)
    said = SAYINGS[kind](day, off, draw)
    answers: list[Fact] = []
    if kind == "service" or (kind == "inspection" and said["outcome"] == "pass"):
        open_ones = [fact for fact in life.living("reminder", "item") if _is_answerable(fact)]
        if open_ones and draw(st.integers(0, 3)) > 0:
            answers = [draw(st.sampled_from(open_ones))]
    return day, said, answers


def _is_answerable(fact: Fact) -> bool:
    """Say whether records answer it: between skips, the order of entry decides on one day."""
    return fact.said.get("is_active", True) and all(done is not None for _, done in fact.done)


def begin(life: Life) -> None:
    """Say what each life begins with: what both meters show, and a reminder by each that has no other rule."""
    day = START - timedelta(days=60)
    life.enter("reading", day, {"at": noon(day, 8), "odometer_km": shown(day, 0)}, [])
    life.enter("reading", day, {"at": noon(day, 9), "engine_hours": 100}, [])
    life.enter("reminder", START, {"title": "Oil", "every_km": 1000}, [])
    life.enter("reminder", START, {"title": "Grease", "every_engine_hours": 50}, [])


def _act(life: Life, draw: Any) -> None:
    act = draw(st.sampled_from(ACTS))
    if act == "enter":
        kind = draw(st.sampled_from(KINDS))
        life.enter(kind, *_said(life, kind, draw))
    elif act in {"edit", "correct"}:  # what is corrected shows a meter
        if fact := _one_of(life, SAYINGS if act == "edit" else METERED, draw):
            _correct(life, fact, draw)
    elif act in {"delete", "withdraw"}:
        if fact := _one_of(life, SAYINGS if act == "delete" else METERED, draw):
            life.delete(fact)
    elif act == "restore":
        if deleted := [fact for fact in life.facts if fact.is_deleted]:
            life.restore(draw(st.sampled_from(deleted)))
    elif act == "wait":
        life.wait(draw(st.integers(1, 40)))
    elif act == "describe":
        life.describe(draw(st.sampled_from(DESCRIPTIONS)))
    else:
        _act_on_one(life, act, draw)


def _one_of(life: Life, kinds: Iterable[str], draw: Any) -> Fact | None:
    """Draw a fact that stands: first its kind, so that the few fills are not lost among the many readings."""
    found = [kind for kind in kinds if life.living(kind)]
    return draw(st.sampled_from(life.living(draw(st.sampled_from(found))))) if found else None


def _correct(life: Life, fact: Fact, draw: Any) -> None:
    said = _said(life, fact.kind, draw)
    if fact.kind == "reading":  # corrected by another one in its place
        life.delete(fact)
        life.enter("reading", *said)
    else:
        life.edit(fact, *said)


DESCRIPTIONS: list[Said] = [
    {"name": "Golf", "carriers": ["petrol"]},
    {"name": "Old Golf", "carriers": ["petrol"], "purchased_on": "2026-04-10"},
    {"name": "Golf", "carriers": ["petrol"], "sold_on": "2026-05-20"},
]


def _act_on_one(life: Life, act: str, draw: Any) -> None:
    found = life.living("document" if act in {"renew", "cancel"} else "reminder")
    if not found:
        return
    fact = draw(st.sampled_from(found))
    if act == "renew":
        life.renew(fact, _document(life.today, None, draw))
    elif act == "cancel":
        life.cancel(fact, draw(st.none() | AGO.map(lambda days: START - timedelta(days=days))))
    elif act == "snooze":
        life.snooze(fact, life.today + timedelta(days=draw(st.integers(1, 60))))
    elif fact.done and fact.done[0][1] is None:
        life.answer(fact, None)
    elif not fact.done and draw(st.booleans()) and not any(fact in other.answers for other in life.facts):
        if "every_km" not in fact.said and "every_engine_hours" not in fact.said:
            life.answer(fact, None)  # a skip of a metered rule counts from the meter that was known at the time
    else:
        day, off = _happened(life, draw), draw(st.none() | DRIVEN)
        life.answer(fact, {"done_on": day.isoformat(), "odometer_km": None if draw(st.booleans()) else shown(day, off)})


def check(core: Core, clock: FixedClock, data: st.DataObject) -> None:
    """Live, and compare with the same life told once."""
    clock.set(datetime.combine(START, EVENING, UTC))
    life = Life(core, clock)
    begin(life)
    for _ in range(data.draw(st.integers(4, 20), label="acts")):
        _act(life, data.draw)
    assert {} == differences(life)


SETTINGS: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}


@settings(max_examples=ROUNDS or 50, **SETTINGS)
@given(st.data())
def test_second_thoughts_leave_no_trace(data: st.DataObject) -> None:
    """Whatever is entered, changed, deleted and restored, all is as if what stands had been said once, in order."""
    clock = FixedClock()
    with fleetcore.open(installed_plugins=False, clock=clock) as core:
        check(core, clock, data)


@pytest.mark.postgres
@settings(max_examples=ROUNDS or 6, **SETTINGS)
@given(st.data())
def test_second_thoughts_leave_no_trace_on_postgres(
    postgres_core: tuple[Core, FixedClock], data: st.DataObject
) -> None:
    """The same on PostgreSQL, where the examples share a database."""
    check(*postgres_core, data)


@pytest.fixture(scope="module")
def postgres_core(postgres_server: Any) -> Any:
    """A core on PostgreSQL and its clock."""
    clock = FixedClock()
    with fleetcore.open(postgres_server.database(), installed_plugins=False, clock=clock) as core:
        yield core, clock
