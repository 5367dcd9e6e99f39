"""The same life said once: what stands at the end, in the order in which it happened."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fleetcore.kernel.wire import to_json

from .life import EVENING, Fact, Life, Said

__all__ = ["differences", "picture_of", "retold"]

SALE = ("sold_on", "sale_price")
QUESTIONS: dict[str, Said] = {
    "vehicles.get_odometer": {"vehicle_id": ""},
    "reminders.due": {},
    "ledger.trial_balance": {},
    "history.timeline": {"vehicle_id": "", "limit": 1000},
    "history.passport": {"vehicle_id": ""},
    "reports.economy": {"with_intervals": True},
    "reports.costs": {"by": "vehicle"},
    "reports.ownership": {},
    "reports.upcoming": {},
    "reports.trip_tax": {},
}
BY = ("month", "category")
# What names a record, and who wrote it down when and in which order; is_override says that it was odd at that time.
UNTOLD = {"created_by", "created_at", "updated_at", "recorded_at", "recorded_by", "version", "id", "is_override"}
ODD = ", accepted as a jump"


def differences(life: Life) -> dict[str, Any]:
    """Return where *life* is not as if what stands had been said once: what is asked, and (lived, told)."""
    life.work()
    lived, told = picture_of(life), picture_of(retold(life))
    found: dict[str, Any] = {key: (lived[key], told[key]) for key in lived if lived[key] != told[key]}
    if unfounded := _unfounded_origins(life, lived):
        found["origins that no reading shows"] = unfounded
    return found


def _unfounded_origins(life: Life, picture: dict[str, Any]) -> list[str]:
    """Return the reminders that count from a meter that no reading shows any more.

    The retelling names where a first due counts from, so it cannot tell by itself that this fell behind.
    """
    totals, tenths = (
        {each["value"] for each in picture[f"vehicles.list_readings {meter}"]["items"]}
        for meter in ("odometer", "engine_hours")
    )
    stored = [_stored(life, fact) for fact in life.living("reminder", "item") if _reminds(fact)]
    return [
        reminder.title
        for reminder in stored
        if not reminder.is_finished
        and not (
            _is_shown(reminder.origin_total_m, totals)
            and _is_shown(reminder.origin_engine_hours and reminder.origin_engine_hours.tenths, tenths)
        )
    ]


def _is_shown(origin: int | None, shown: set[int]) -> bool:
    return not shown if origin is None else origin in shown


def retold(life: Life) -> Life:
    """Return a life of its own that was told only what stands in *life*, each thing once, in the order of time."""
    now = life.clock.now()
    fresh = Life(life.core, life.clock)
    fresh.describe({name: value for name, value in life.vehicle_said.items() if name not in SALE})
    copies: dict[Fact, Fact] = {}
    acts: list[tuple[datetime, Callable[[], None]]] = []
    for fact in life.facts:
        if not fact.is_deleted:
            acts += _acts(life, fresh, fact, copies)
    for at, act in sorted(acts, key=lambda each: each[0]):
        life.clock.set(at)
        act()
    life.clock.set(now)
    fresh.describe(life.vehicle_said)
    for old, copy in copies.items():
        if old.kind == "reminder" and (until := _stored(life, old).snoozed_until) is not None and until > life.today:
            fresh.perform("reminders.snooze", {"id": copy.id, "until": until.isoformat()})  # whoever speaks last
    fresh.work()
    return fresh


def _reminds(fact: Fact) -> bool:
    return not fact.is_deleted and bool(fact.said.get("is_active", True))


def _stored(life: Life, fact: Fact) -> Any:
    return life.perform("reminders.get", {"id": life.reminder_of(fact)})


def _acts(life: Life, fresh: Life, fact: Fact, copies: dict[Fact, Fact]) -> list[tuple[datetime, Callable[[], None]]]:
    """Return when to say what of *fact*."""
    said = _as_told_then(life, fact)
    answers = [other for other in fact.answers if _reminds(other)]
    seconds = fact.entered.replace(hour=EVENING.hour, minute=0, second=0) - fact.entered
    last_day = date.fromisoformat(said["until"]) if fact.kind == "fitting" else fact.happened
    happened = datetime.combine(last_day, EVENING, UTC) - seconds
    at = fact.entered if fact.kind in {"reminder", "item", "document"} else happened
    for other in answers:  # nobody answers a reminder before there is one
        at = max(at, other.entered + timedelta(milliseconds=500))

    def enter() -> None:
        copy = Fact(fact.kind, said, fact.entered, fact.happened, answers=[copies[other] for other in answers])
        if fact.renews is not None and fact.renews in copies:
            old = copies[fact.renews]
            terms = {"starts_on": said["starts_on"], "ends_on": said["starts_on"]}  # corrected by what is said next
            renewed = fresh.perform("documents.renew", {"id": old.id, "version": fresh.version(old), **terms})
            copy.id = str(renewed.document.id)
            fresh.change(copy, fresh.stated(copy))
        else:
            copy.id = fresh.create(copy)
        copies[fact] = copy

    def cancel() -> None:
        copy = copies[fact]
        named = {"id": copy.id, "version": fresh.version(copy), "on": fact.cancelled_on}
        fresh.perform("documents.cancel", named)

    def answer(done: Said | None) -> Callable[[], None]:
        operation = "reminders.skip" if done is None else "reminders.done"
        return lambda: fresh.perform(operation, {"id": copies[fact].id} | (done or {})) and None

    acts: list[tuple[datetime, Callable[[], None]]] = [(at, enter)]
    if fact.kind == "reminder" and _is_single(said) and _answers_of(life, fact) > 1:
        told, said = said, {"title": said["title"], "every_days": 1}  # it was a rule, or answers came back, before
        acts.append(
            (life.clock.now() + timedelta(milliseconds=1), lambda: fresh.change(copies[fact], _in(fresh, told)))
        )
    if fact.cancelled_on is not None:
        acts.append((life.clock.now(), cancel))
    return acts + [(said_at, answer(done)) for said_at, done in fact.done]


def _is_single(said: Said) -> bool:
    return not any(name.startswith("every_") for name in said)


def _answers_of(life: Life, fact: Fact) -> int:
    return len(fact.done) + sum(fact in other.answers for other in life.facts if not other.is_deleted)


def _in(life: Life, said: Said) -> Said:
    return said | {"vehicle_id": life.vehicle_id}


def _as_told_then(life: Life, fact: Fact) -> Said:
    """Return what is said of *fact*; of a first due that nobody named, what people were told of it.

    It counts from the meter that was known when it was set: there the order of entry decides, so it is named.
    """
    if fact.kind not in {"reminder", "item"} or not _reminds(fact):
        return fact.said
    stored, told = _stored(life, fact), dict(fact.said)
    named = {"at_odometer_km", "last_done_odometer_km"} & told.keys()
    if "every_km" in told and not named and stored.origin_total_m is not None:
        origin_km = stored.origin_total_m / 1000
        if fact.kind == "item":
            told["last_done_odometer_km"] = origin_km
        else:
            told["at_odometer_km"] = origin_km + told["every_km"]
    if "every_engine_hours" in told and "at_engine_hours" not in told and stored.origin_engine_hours is not None:
        told["at_engine_hours"] = stored.origin_engine_hours.tenths / 10 + told["every_engine_hours"]
    return told


def picture_of(life: Life) -> dict[str, Any]:
    """Return all that one can ask about the vehicle, without what names records or says when they were entered."""
    questions = [(operation, dict(said)) for operation, said in QUESTIONS.items()]
    questions += [("reports.costs", {"by": by, "with_rates": True}) for by in BY]
    for meter in ("odometer", "engine_hours"):
        questions.append(("vehicles.list_readings", {"vehicle_id": "", "meter": meter, "limit": 1000}))
    questions += [("reports.yearly", {"year": year}) for year in (2025, 2026)]
    picture: dict[str, Any] = {}
    for operation, said in questions:
        if "vehicle_id" in said:
            said["vehicle_id"] = life.vehicle_id
        found = json.loads(to_json(life.perform(operation, said)))
        key = operation + "".join(f" {said[name]}" for name in ("by", "year", "meter") if name in said)
        picture[key] = _plain(found, life.vehicle_id)
    happened = picture["history.timeline"]["items"]  # what was changed of a vehicle is itself its history
    picture["history.timeline"]["items"] = [entry for entry in happened if entry["kind"] != "vehicle"]
    picture["ledger.check"] = life.perform("ledger.check", {}).is_sound
    return picture


def _plain(value: Any, vehicle_id: str) -> Any:
    if isinstance(value, dict):
        return {
            name: _plain(part, vehicle_id)
            for name, part in value.items()
            if name not in UNTOLD and not name.endswith(("_id", "_ids"))
        }
    if isinstance(value, list):
        return sorted((_plain(part, vehicle_id) for part in value), key=lambda part: json.dumps(part, sort_keys=True))
    if isinstance(value, str):
        return value.removesuffix(ODD).replace(vehicle_id, "the vehicle")
    return value
