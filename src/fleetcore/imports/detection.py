"""What was found out about a file before its rows are read, and what the user said about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

from attrs import field, frozen

from fleetcore.kernel.errors import Problem, Rejected, reject_if_any
from fleetcore.kernel.money import currencies
from fleetcore.kernel.quantities import DistanceUnit
from fleetcore.vehicles.carriers import Carrier

from . import dates, numbers
from .dates import Order
from .source import SIZE_MAX_BYTES, Record
from .words import currency_in

__all__ = ["Conventions", "Detection", "Options", "Survey", "conclude", "currency_found"]

SHAPES_MAX = 4096
SAMPLES_MAX = 20_000
PROOF_ROWS = 1_000
NUMBERS = frozenset(
    {"odometer", "trip", "quantity", "total", "unit_price", "price", "excluded_distance", "mass", "energy"}
)
COORDINATES = frozenset({"latitude", "longitude"})
WORDS = frozenset({"fuel", "full", "currency", "volume_unit", "distance_unit"})


@frozen(kw_only=True)
class Options:
    """What the user says about a file; None leaves it to be found out."""

    format: str = "auto"
    mapping: Mapping[str, str] | None = None
    date_order: Order | None = None
    decimal_mark: str | None = None
    encoding: str | None = None
    separator: str | None = None
    carrier: Carrier | None = None
    distance_unit: str | None = None
    volume_unit: str | None = None
    currency: str | None = None
    size_max_bytes: int = SIZE_MAX_BYTES

    def __attrs_post_init__(self) -> None:
        choices = {
            "date_order": (self.date_order, ("dmy", "mdy", "ymd")),
            "decimal_mark": (self.decimal_mark, (".", ",")),
            "separator": (self.separator, (",", ";", "\t", "|")),
            "distance_unit": (self.distance_unit, tuple(DistanceUnit)),
            "volume_unit": (self.volume_unit, tuple(numbers.FACTORS)),
        }
        problems = [
            Problem(name, f"must be one of {', '.join(map(repr, map(str, allowed)))}")
            for name, (value, allowed) in choices.items()
            if value is not None and value not in allowed
        ]
        if self.currency is not None and self.currency not in currencies():
            problems.append(Problem("currency", f"{self.currency!r} is not an ISO 4217 code such as EUR"))
        reject_if_any(problems)


@frozen(kw_only=True)
class Conventions:
    """How the cells of one file are to be read."""

    decimal_mark: str = "."
    date_order: Order = "ymd"
    iso_dates: bool = False
    zoned: bool = False
    plain: frozenset[str] = frozenset()
    distance_unit: DistanceUnit = DistanceUnit.KM
    volume_unit: str = "l"
    price_divisor: int = 1
    currency: str | None = None
    carrier: Carrier | None = None

    def normalise(self, name: str) -> Callable[[str], str] | None:
        """Return how the numbers of the field *name* are cleaned; None where no cell needs it."""
        return None if name in self.plain else numbers.normaliser(self.decimal_mark)


@frozen(kw_only=True)
class Detection:
    """Everything that was inferred about a file, to be shown to the user and then used to read it.

    *notes* are sentences for people: each assumption that another answer would change. *parts* holds
    one detection per file of a zip. *plan* belongs to the format and is nobody else's business.
    """

    format: str
    title: str
    from_layout_only: bool = False
    encoding: str = "utf-8"
    separator: str = ","
    decimal_mark: str = "."
    date_order: Order = "ymd"
    distance_unit: str | None = None
    volume_unit: str | None = None
    currency: str | None = None
    currency_sign: str = ""
    mapping: Mapping[str, str] = field(factory=dict, hash=False)
    notes: tuple[str, ...] = ()
    member: str = ""
    parts: tuple[Detection, ...] = ()
    options: Options = field(factory=Options, eq=False, repr=False)
    plan: Any = field(default=None, eq=False, repr=False)


class Survey:
    """The first pass over one table: the shapes of its cells, never all of its rows.

    *fields* maps a field to its column. Memory is bounded: shapes and words are few in any real file,
    and capped in any other.
    """

    def __init__(self, fields: Mapping[str, int]) -> None:
        self.fields = fields
        self.rows = 0
        self.shapes: dict[str, set[str]] = {name: set() for name in fields if name in NUMBERS | COORDINATES}
        self.words: dict[str, set[str]] = {name: set() for name in fields if name in WORDS}
        self.dates: set[str] = set()
        self.samples: list[dict[str, str]] = []
        self.signs: set[str] = set()
        self._columns = sorted(
            ((index, self.shapes[name]) for name, index in fields.items() if name in self.shapes),
            key=itemgetter(0),  # so that a short row is taken in as far as it goes
        )
        self._words = [(index, self.words[name]) for name, index in fields.items() if name in self.words]
        self._at = fields.get("at", -1)

    def add(self, cells: Record) -> None:
        """Take one row into account; rows of other lengths are judged when they are read."""
        self.rows += 1
        try:
            self.dates.add(cells[self._at].translate(dates.DIGITS))
            for index, shapes in self._columns:
                shapes.add(cells[index].translate(numbers.SHAPES))
            for index, found in self._words:
                found.add(cells[index])
        except IndexError:
            return
        if self.rows <= SAMPLES_MAX and (self.rows <= PROOF_ROWS or self._wants_samples):
            self.samples.append({name: cells[index].strip() for name, index in self.fields.items()})
        if self.rows % PROOF_ROWS == 0:
            self._check()

    def merge(self, other: Survey) -> None:
        """Take in another table of the same file, which one app wrote with the same habits."""
        self.dates |= other.dates
        self.samples += other.samples
        for mine, theirs in ((self.shapes, other.shapes), (self.words, other.words)):
            for name, found in theirs.items():
                mine.setdefault(name, set()).update(found)

    def _check(self) -> None:
        """Keep memory bounded, and give up early on a file whose rows make no sense."""
        for found in (self.dates, *self.shapes.values(), *self.words.values()):
            if len(found) > SHAPES_MAX:
                for extra in sorted(found)[SHAPES_MAX // 2 :]:
                    found.discard(extra)
                found.add("?")  # what was dropped may have needed cleaning
        if self.rows == PROOF_ROWS and not any(shape.count("9") >= 3 for shape in self.dates):
            raise Rejected.because(
                "file", f"none of the first {PROOF_ROWS:,} rows has a date where the date should be", "no_dates"
            )

    @property
    def _wants_samples(self) -> bool:
        return not dates.is_iso(self.dates)

    def column(self, name: str) -> list[str]:
        """Return the sampled cells of the field *name*."""
        return [sample.get(name, "") for sample in self.samples] if name in self.fields else []


def conclude(
    survey: Survey,
    options: Options,
    *,
    usual_order: Order | None = None,
    forced_order: Order | None = None,
    usual_mark: str | None = None,
) -> tuple[Conventions, list[str]]:
    """Decide decimal mark, date order and currency from a *survey*; also return the notes to show."""
    notes: list[str] = []
    columns = {name: shapes for name, shapes in survey.shapes.items() if name not in COORDINATES}
    mark, note = (
        (options.decimal_mark, None) if options.decimal_mark else numbers.decide_mark(columns, usual=usual_mark)
    )
    notes += [note] if note else []
    iso = dates.is_iso(survey.dates) and not options.date_order
    order, note = "ymd", None
    if not iso:
        samples = [
            (sample.get("vehicle", ""), sample.get("at", ""), sample.get("odometer", "")) for sample in survey.samples
        ]
        samples = [sample for sample in samples if sample[1]]
        order, note = dates.decide_order(
            survey.dates, samples, forced=options.date_order or forced_order, usual=usual_order
        )
    notes += [note] if note else []
    plain = frozenset(
        name
        for name, shapes in survey.shapes.items()
        if numbers.is_plain(shapes) and (mark == "." or not _pointed(shapes))
    )
    conventions = Conventions(
        decimal_mark=mark,
        date_order=order,
        iso_dates=iso,
        zoned=any(dates.ZONE_SHAPE.search(shape) for shape in survey.dates),
        plain=plain,
        carrier=options.carrier,
        currency=options.currency,
    )
    return conventions, notes


def _pointed(shapes: set[str]) -> bool:
    return any("." in shape for shape in shapes)


def currency_found(survey: Survey, headers: Mapping[str, str]) -> tuple[str | None, str]:
    """Return the currency that headers or cells of amounts show, if beyond doubt, and its sign."""
    for name in ("total", "unit_price", "price"):
        texts = [headers.get(name, ""), *sorted(survey.shapes.get(name, ()))[:200]]
        for text in texts:
            code, sign = currency_in(text)
            if code or sign:
                return code, sign
    return None, ""
