"""What tyre sets must obey, how old they are, and how fast they wear."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from attrs import frozen

from fleetcore.kernel.days import NOT_BEFORE, text_problems
from fleetcore.kernel.errors import Problem
from fleetcore.kernel.quantities import Distance

from .rules import LINE_LENGTH_MAX, NOTES_LENGTH_MAX
from .tyre_model import (
    Fitting,
    MeasureTread,
    TreadCheck,
    Tyre,
    TyreKind,
    TyreMove,
    TyrePosition,
    TyreSet,
    TyreSetFields,
    TyreWear,
)

__all__ = [
    "Drive",
    "advice_of",
    "growth_problems",
    "made_on",
    "measure_problems",
    "moved",
    "overlap_problems",
    "position_on",
    "rotation_problems",
    "set_problems",
    "wear_of",
]

TYRES_MAX = 12
DEPTH_MM_MAX = Decimal(30)
NEW_YEARS, OLD_YEARS = 6, 10  # from six years on tyres are checked yearly, at ten they are replaced: makers' advice
ADVICE_MM = {TyreKind.SUMMER: Decimal(3), TyreKind.WINTER: Decimal(4), TyreKind.ALL_SEASON: Decimal(4)}
DOT_LENGTH = 4
WEEKS_MAX = 53
DAYS_PER_YEAR = 365.25
GROWTH = "tyre.tread_grows"


def made_on(dot: str) -> date | None:
    """Return the first day of the week that a DOT code such as "3523" names; None for one that names none."""
    if len(dot) != DOT_LENGTH or not (dot.isascii() and dot.isdigit()) or not 1 <= int(dot[:2]) <= WEEKS_MAX:
        return None
    return date(2000 + int(dot[2:]), 1, 1) + timedelta(weeks=int(dot[:2]) - 1)


def _dot_problems(field: str, dot: str, today: date) -> Iterator[Problem]:
    if not dot:
        return
    made = made_on(dot)
    if made is None:
        hint = "week and year, the last four digits of the DOT code, such as 3523 for week 35 of 2023"
        yield Problem(field, f"{dot!r} is not {hint}", "tyre.dot")
    elif made > today:
        yield Problem(field, f"{dot} lies in the future: the first two digits are the week", "tyre.dot")


def set_problems(fields: TyreSetFields, today: date) -> Iterator[Problem]:
    """Yield everything that is wrong with a set of tyres."""
    if not fields.name.strip():
        yield Problem("name", "is needed", "required")
    names = ("name", "brand", "model", "size", "storage_place")
    yield from text_problems(((name, getattr(fields, name)) for name in names), LINE_LENGTH_MAX)
    yield from text_problems((("notes", fields.notes),), NOTES_LENGTH_MAX)
    yield from _dot_problems("dot", fields.dot, today)
    for name in ("purchased_on", "retired_on"):
        day = getattr(fields, name)
        if day is not None and not NOT_BEFORE <= day <= today:
            yield Problem(name, f"must lie between {NOT_BEFORE} and today, {today}")
    if fields.cost is not None and fields.cost.minor < 0:
        yield Problem("cost", "must not be negative")
    yield from _depth_problems("limit_mm", fields.limit_mm)
    yield from _tyre_problems(fields.tyres, today)


def _tyre_problems(tyres: Sequence[Tyre], today: date) -> Iterator[Problem]:
    if not 1 <= len(tyres) <= TYRES_MAX:
        yield Problem("tyres", f"must be 1 to {TYRES_MAX}")
    for name in ("number", "position"):
        values = [getattr(tyre, name) for tyre in tyres if getattr(tyre, name) is not TyrePosition.SPARE]
        for value in sorted({value for value in values if values.count(value) > 1}):
            yield Problem("tyres", f"have the {name} {value} twice", "tyre.twice")
    for index, tyre in enumerate(tyres):
        if not 1 <= tyre.number <= TYRES_MAX:
            yield Problem(f"tyres.{index}.number", f"must lie between 1 and {TYRES_MAX}")
        yield from _dot_problems(f"tyres.{index}.dot", tyre.dot, today)


def _depth_problems(field: str, depth: Decimal) -> Iterator[Problem]:
    if not depth.is_finite() or not 0 <= depth <= DEPTH_MM_MAX:
        yield Problem(field, f"must lie between 0 and {DEPTH_MM_MAX} mm")
    elif depth != round(depth, 1):
        yield Problem(field, "has more than one decimal place: gauges show tenths of a millimetre")


def rotation_problems(tyre_set: TyreSet, moves: Sequence[TyreMove]) -> Iterator[Problem]:
    """Yield what is wrong with *moves*: unknown tyres, or two in one place afterwards."""
    if not moves:
        yield Problem("moves", "are needed: which tyre goes where?", "required")
    numbers = {tyre.number for tyre in tyre_set.tyres}
    for index, move in enumerate(moves):
        if move.number not in numbers:
            yield Problem(f"moves.{index}.number", f"the set has no tyre {move.number}", "tyre.unknown")
    after = [tyre.position for tyre in moved(tyre_set, moves) if tyre.position is not TyrePosition.SPARE]
    for position in sorted({position for position in after if after.count(position) > 1}):
        words = position.replace("_", " ")
        yield Problem("moves", f"leave two tyres at {words}: say where the other one goes", "tyre.twice")


def moved(tyre_set: TyreSet, moves: Sequence[TyreMove]) -> tuple[Tyre, ...]:
    """Return the tyres of a set after *moves*."""
    to = {move.number: move.position for move in moves}
    return tuple(
        Tyre(number=tyre.number, position=to.get(tyre.number, tyre.position), dot=tyre.dot) for tyre in tyre_set.tyres
    )


def overlap_problems(fittings: Sequence[Fitting], on: date, until: date | None, what: str) -> Iterator[Problem]:
    """Yield a problem for each of *fittings* that overlaps the stretch from *on* to *until*; days may touch."""
    for other in fittings:
        starts_before_end = until is None or other.mounted_on < until
        ends_after_start = other.unmounted_on is None or other.unmounted_on > on
        if starts_before_end and ends_after_start:
            stretch = f"{other.mounted_on} to {other.unmounted_on or 'now'}"
            yield Problem("on", f"overlaps {what} from {stretch}: end the stretch with until", "tyre.overlap")


def measure_problems(tyre_set: TyreSet, command: MeasureTread, today: date) -> Iterator[Problem]:
    """Yield what is wrong with a measurement by itself."""
    if not NOT_BEFORE <= command.on <= today:
        yield Problem("on", f"must lie between {NOT_BEFORE} and today, {today}", "time.future")
    numbers = {tyre.number for tyre in tyre_set.tyres}
    if not command.depths:
        yield Problem("depths", "are needed: how deep is the tread?", "required")
    seen: set[int] = set()
    for index, depth in enumerate(command.depths):
        if depth.number not in numbers:
            yield Problem(f"depths.{index}.number", f"the set has no tyre {depth.number}", "tyre.unknown")
        if depth.number in seen:
            yield Problem(f"depths.{index}.number", f"the tyre {depth.number} is measured twice", "tyre.twice")
        seen.add(depth.number)
        yield from _depth_problems(f"depths.{index}.depth_mm", depth.depth_mm)
    for index, number in enumerate(command.new_tyres):
        if number not in seen:
            yield Problem(f"new_tyres.{index}", f"the tyre {number} is new and not measured", "tyre.unknown")


def growth_problems(checks: Sequence[TreadCheck], command: MeasureTread) -> Iterator[Problem]:
    """Yield a question for each tyre whose tread would grow between two measurements, on either side in time."""
    for index, depth in enumerate(command.depths):
        before, after = _neighbours(checks, depth.number, command.on)
        is_new = depth.number in command.new_tyres
        if before is not None and not is_new and depth.depth_mm > before[1]:
            said = f"{depth.depth_mm} mm is more than the {before[1]} mm of {before[0]}"
        elif after is not None and depth.depth_mm < after[1] and not after[2]:
            said = f"{depth.depth_mm} mm is less than the {after[1]} mm of {after[0]}"
        else:
            continue
        hint = "check the number; if the tyre is new, say so with new_tyres, if the number is right, accept it"
        yield Problem(f"depths.{index}.depth_mm", f"{said}, and tread does not grow: {hint}", GROWTH)


def _neighbours(
    checks: Sequence[TreadCheck], number: int, on: date
) -> tuple[tuple[date, Decimal] | None, tuple[date, Decimal, bool] | None]:
    line = [
        (check.on, depth.depth_mm, number in check.new_tyres)
        for check in checks
        for depth in check.depths
        if depth.number == number
    ]
    before = [entry for entry in line if entry[0] <= on]
    after = [entry for entry in line if entry[0] > on]
    return (before[-1][:2] if before else None), (after[0] if after else None)


def position_on(line: Sequence[tuple[datetime, int]], at: datetime) -> int | None:
    """Return the total in metres at an instant: between two readings by their share of time, never beyond them."""
    if not line:
        return None
    index = bisect_left(line, at, key=lambda point: point[0])
    if index == len(line):
        return line[-1][1]
    if index == 0 or line[index][0] == at:
        return line[index][1]
    (before, low), (after, high) = line[index - 1], line[index]
    return low + round((high - low) * ((at - before) / (after - before)))


@frozen
class Drive:
    """How far a set has gone by an instant, in metres, and at what pace a day while it is on (0: not known)."""

    metres_by: Callable[[datetime], int]
    metres_a_day: float


def wear_of(
    tyre: Tyre, tyre_set: TyreSet, checks: Sequence[tuple[datetime, TreadCheck]], drive: Drive, today: date
) -> TyreWear:
    """Return how worn one tyre is, by its measurements since it was new."""
    points: list[tuple[datetime, date, Decimal]] = []
    is_new = False
    for at, check in checks:
        for depth in check.depths:
            if depth.number == tyre.number:
                if tyre.number in check.new_tyres:
                    points, is_new = [], True
                points.append((at, check.on, depth.depth_mm))
    made = None if is_new and not tyre.dot else made_on(tyre.dot or tyre_set.dot)
    age = None if made is None else round((today - made).days / DAYS_PER_YEAR, 1)
    if not points:
        return TyreWear(number=tyre.number, position=tyre.position, made_on=made, age_years=age)
    (first_at, _, first), (last_at, last_on, last) = points[0], points[-1]
    driven, worn = drive.metres_by(last_at) - drive.metres_by(first_at), first - last
    rate = float(worn) * 10_000_000 / driven if driven > 0 and worn > 0 else None
    left = None
    if rate is not None:
        since = drive.metres_by(datetime.max.replace(tzinfo=last_at.tzinfo)) - drive.metres_by(last_at)
        left = max(round(float(max(last - tyre_set.limit_mm, Decimal(0))) / rate * 10_000_000) - since, 0)
    projected = None
    if left is not None and drive.metres_a_day > 0:
        days = left / drive.metres_a_day
        projected = today + timedelta(days=round(days)) if days < (date.max - today).days else None
    return TyreWear(
        number=tyre.number,
        position=tyre.position,
        made_on=made,
        age_years=age,
        depth_mm=last,
        measured_on=last_on,
        wear_mm_per_10000_km=None if rate is None else round(rate, 2),
        remaining=None if left is None else Distance(left),
        projected_on=projected,
        is_worn_out=last < tyre_set.limit_mm,
    )


def advice_of(tyre_set: TyreSet, tyres: Sequence[TyreWear]) -> Iterator[str]:
    """Yield what a careful person would say of a set."""
    advised = ADVICE_MM[tyre_set.kind]
    for tyre in tyres:
        where = f"tyre {tyre.number} ({tyre.position.replace('_', ' ')})"
        if tyre.is_worn_out:
            yield f"{where} is worn out: {tyre.depth_mm} mm is below the limit of {tyre_set.limit_mm} mm"
        elif tyre.depth_mm is not None and tyre.depth_mm < advised:
            season = tyre_set.kind.replace("_", "-")
            yield f"{where} has {tyre.depth_mm} mm: {season} tyres below {advised} mm should be replaced soon"
        if tyre.age_years is not None and tyre.age_years >= OLD_YEARS:
            yield f"{where} is {tyre.age_years} years old: replace it whatever its tread"
        elif tyre.age_years is not None and tyre.age_years >= NEW_YEARS:
            yield f"{where} is {tyre.age_years} years old: have it checked every year"
