"""From a table to entries of a vehicle's timeline: an area says which columns mean what, the rest is here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Date,
    Integer,
    Row,
    Select,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

from fleetcore.kernel.money import Money
from fleetcore.kernel.paging import Position
from fleetcore.kernel.quantities import Distance
from fleetcore.kernel.timeline import TimelineEntry, TimelineHead, TimelineQuestion, instant_of
from fleetcore.kernel.when import ALWAYS, Span

from .paging import older_than
from .types import Id, Instant

__all__ = ["TimelineTable", "timeline_store"]

LOWEST_ID = UUID(int=0)
NO_DAY, NO_INSTANT = cast(null(), Date), cast(null(), Instant)
IN_FLEET = bindparam("in_fleet", type_=Id)


@frozen(kw_only=True)
class _Places:
    """A question that nothing narrows, with places for its values: what asks it is made once."""

    own: Any
    vehicle_id: Any = field(factory=lambda: bindparam("of_vehicle", type_=Id))
    limit: Any = field(factory=lambda: bindparam("at_most", type_=Integer))
    today: Any = field(factory=lambda: bindparam("by_today", type_=Date))
    span: Span = ALWAYS
    since: None = None
    until: None = None
    after: None = None
    text: str = ""
    cost_min: None = None
    cost_max: None = None
    needs_cost: bool = False


PLAIN_QUESTION, OWN_QUESTION = _Places(own=None), _Places(own=bindparam("of_own", type_=Id))
Words = Callable[[Row[Any], TimelineQuestion], tuple[str, str]]


@frozen(kw_only=True)
class TimelineTable:
    """How rows of one table become entries of *kind*.

    *moment* is the column of the instant, or of the day with *by_day*; an index must begin with fleet, vehicle,
    moment and id, unless a vehicle has only a few rows. *by_then* says what has happened by a day, today.
    *of_vehicle* is the condition that a row is about a vehicle, where no column says so. *others* are columns that
    *words* needs to say the title and the detail. *text* is searched, *place_text* only for who may see places.
    *money* are the columns of minor units and currency. *own* are the columns of users who have a part in a row,
    its author first. *where* holds for every row that may be seen; *source* is what to select from, where that is
    more than a table.
    """

    kind: str
    table: Any
    moment: Any
    words: Words
    of_vehicle: Callable[[UUID], ColumnElement[bool]] | None = None
    source: Any = None
    by_day: bool = False
    by_then: Callable[[date], ColumnElement[bool]] | None = None
    others: tuple[Any, ...] = ()
    text: tuple[Any, ...] = ()
    place_text: tuple[Any, ...] = ()
    money: tuple[Any, Any] | None = None
    odometer: Any = None
    own: tuple[Any, ...] = ()
    where: tuple[ColumnElement[bool], ...] = ()

    def page(self, connection: Connection, fleet_id: UUID, question: TimelineQuestion) -> list[TimelineEntry]:
        """Return the entries that *question* asks for."""
        limit = question.limit if question.limits is None else question.limits.get(self.kind, 0)
        if not limit or (question.needs_cost and self.money is None):
            return []
        statement = self._statement().where(self.table.c.fleet_id == fleet_id, *self._conditions(question))
        return [self._entry(row, question) for row in connection.execute(statement.limit(limit))]

    def head(self, fleet_id: Any, question: Any) -> TimelineHead | None:
        """Return what asks where the newest entries stand; None where there can be none.

        Instead of values *question* may hold places for them.
        """
        if question.needs_cost and self.money is None:
            return None
        order = (self.moment.desc(), self.table.c.id.desc())
        found = select(self.table.c.id.label("entry_id"), self.moment.label("moment")).order_by(*order)
        found = found if self.source is None else found.select_from(self.source)
        found = found.where(self.table.c.fleet_id == fleet_id, *self._conditions(question))
        return TimelineHead(self.kind, self.by_day, found.limit(question.limit))

    def _statement(self) -> Select[Any]:
        table = self.table
        minor, currency = self.money or (literal(None), literal(None))
        fixed = (
            table.c.id.label("entry_id"),
            self.moment.label("moment"),
            minor.label("minor"),
            currency.label("currency"),
            (literal(None) if self.odometer is None else self.odometer).label("odometer_m"),
            (self.own[0] if self.own else literal(None)).label("author"),
        )
        found = select(*fixed, *self.others).order_by(self.moment.desc(), table.c.id.desc())
        return found if self.source is None else found.select_from(self.source)

    def _conditions(self, question: TimelineQuestion) -> list[ColumnElement[bool]]:
        vehicle_id = question.vehicle_id
        mine = self.table.c.vehicle_id == vehicle_id if self.of_vehicle is None else self.of_vehicle(vehicle_id)
        found: list[ColumnElement[bool]] = [mine, *self.where]
        since: Any = question.since if self.by_day else question.span.since
        until: Any = question.until if self.by_day else question.span.until
        if since is not None:
            found.append(self.moment >= since)
        if until is not None:
            found.append(self.moment <= until if self.by_day else self.moment < until)
        if self.by_then is not None and question.today is not None:
            found.append(self.by_then(question.today))
        if question.after is not None:
            found.append(self._older(question.after))
        if question.own is not None:
            found.append(or_(*(column == question.own for column in self.own)))
        if question.text:
            columns = (*self.text, *(self.place_text if question.with_places else ()))
            found.append(or_(*(_says(column, question.text) for column in columns)))
        return found + self._costs(question)

    def _costs(self, question: TimelineQuestion) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        for bound, is_low in ((question.cost_min, True), (question.cost_max, False)):
            if bound is not None and self.money is not None:
                minor, currency = self.money
                found += [currency == bound.currency, minor >= bound.minor if is_low else minor <= bound.minor]
        return found

    def _older(self, after: Position) -> ColumnElement[bool]:
        if not self.by_day:
            return older_than(self.moment, self.table.c.id, after)
        day = after.at.astimezone(UTC).date()
        here, last_id = (day, after.id) if after.at == instant_of(day) else (day, LOWEST_ID)
        if after.at > instant_of(day):
            here = day + timedelta(days=1) if day < date.max else day
        return tuple_(self.moment, self.table.c.id) < tuple_(literal(here, Date), literal(last_id, Id))

    def _entry(self, row: Row[Any], question: TimelineQuestion) -> TimelineEntry:
        title, detail = self.words(row, question)
        moment: Any = row.moment
        return TimelineEntry(
            kind=self.kind,
            id=row.entry_id,
            at=instant_of(moment) if self.by_day else moment,
            on=moment if self.by_day else None,
            title=title,
            detail=detail,
            odometer=None if row.odometer_m is None else Distance(row.odometer_m),
            cost=None if row.minor is None or row.currency is None else Money(row.minor, row.currency),
            created_by=row.author,
        )


def _says(column: Any, text: str) -> ColumnElement[bool]:
    # SQLite lowers ASCII only, so letters beyond it are also looked for as they may stand in a sentence.
    lowered = func.lower(column)
    spelt = dict.fromkeys((text.lower(), text.capitalize(), text.upper()))
    forms = [lowered.contains(text.lower(), autoescape=True)]
    if not text.isascii():
        forms += [column.contains(form, autoescape=True) for form in spelt]
    return or_(*forms)


def timeline_store(*tables: TimelineTable) -> Callable[[Connection, UUID], Any]:
    """Return a factory of the timeline store over *tables*, for an area's ``stores``."""
    plain: dict[tuple[str, bool], TimelineHead | None] = {}

    def head_of(table: TimelineTable, fleet_id: UUID, question: TimelineQuestion) -> TimelineHead | None:
        if not _is_plain(question):
            return table.head(fleet_id, question)
        key = table.kind, question.own is not None
        if key not in plain:
            plain[key] = table.head(IN_FLEET, OWN_QUESTION if question.own is not None else PLAIN_QUESTION)
        return plain[key]

    @frozen
    class SqlTimeline:
        connection: Connection
        fleet_id: UUID

        def heads(self, question: TimelineQuestion) -> Sequence[TimelineHead]:
            """Return what asks where the newest entries of each table stand."""
            wanted = [table for table in tables if question.kinds is None or table.kind in question.kinds]
            found = [head_of(table, self.fleet_id, question) for table in wanted]
            return [head for head in found if head is not None]

        def newest(self, heads: Sequence[TimelineHead], question: TimelineQuestion) -> Mapping[str, int]:
            """Return how many of the newest entries are of each kind."""
            return _newest(self.connection, self.fleet_id, heads, question)

        def timeline(self, question: TimelineQuestion) -> Sequence[TimelineEntry]:
            """Return the newest entries of all tables."""
            wanted = [table for table in tables if question.kinds is None or table.kind in question.kinds]
            found = [entry for table in wanted for entry in table.page(self.connection, self.fleet_id, question)]
            if len(wanted) > 1:
                found.sort(key=_sort_key, reverse=True)
            return found[: question.limit]

    return SqlTimeline


def _is_plain(question: TimelineQuestion) -> bool:
    """Say whether nothing narrows *question*: what asks it is made once, which is most of its cost."""
    span = question.span
    narrowing = (
        span.since,
        span.until,
        question.after,
        question.since,
        question.until,
        question.cost_min,
        question.cost_max,
    )
    return not question.text and question.today is not None and all(each is None for each in narrowing)


def _newest(
    connection: Connection, fleet_id: UUID, heads: Sequence[TimelineHead], question: TimelineQuestion
) -> Mapping[str, int]:
    """Return how many of the newest entries of *heads* are of each kind: one statement for all tables.

    A day and an instant cannot stand in one column, so each has its own, and Python sorts the few that there are.
    """
    values = {
        IN_FLEET.key: fleet_id,
        OWN_QUESTION.vehicle_id.key: question.vehicle_id,
        OWN_QUESTION.own.key: question.own,
        OWN_QUESTION.today.key: question.today,
        OWN_QUESTION.limit.key: question.limit,
    }
    statement = _united_once(tuple(heads)) if _is_plain(question) else _united(heads)
    found = [
        (instant_of(day) if instant is None else instant, entry_id, place)
        for entry_id, place, day, instant in connection.execute(statement, values)
    ]
    return Counter(heads[place].kind for _, _, place in sorted(found, reverse=True)[: question.limit])


def _united(heads: Sequence[TimelineHead]) -> CompoundSelect[Any]:
    parts = []
    for place, head in enumerate(heads):
        inner = head.statement.subquery()
        day: Any = inner.c.moment if head.by_day else NO_DAY
        instant: Any = NO_INSTANT if head.by_day else inner.c.moment
        here: Any = literal_column(str(place))
        parts.append(select(inner.c.entry_id, here.label("place"), day.label("day"), instant.label("instant")))
    return union_all(*parts)


_united_once = lru_cache(maxsize=256)(_united)


def _sort_key(entry: TimelineEntry) -> tuple[datetime, UUID]:
    return entry.at, entry.id
