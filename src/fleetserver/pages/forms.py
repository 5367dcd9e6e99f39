"""Forms: what a person may type for a command, how it is read, and what is told where it cannot be.

A form keeps every text as it was typed. Numbers are read with a comma or a point in the visitor's units; each fault
stands at its field, and in a summary above.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from attrs import define, evolve, field, frozen

from fleetcore.kernel.errors import Problem
from fleetcore.kernel.money import Money, UnitPrice
from fleetcore.kernel.quantities import Distance, Energy, EngineHours, Mass, Volume
from fleetcore.kernel.when import zone
from fleetcore.kernel.wire import UNIT_SUFFIXES
from fleetserver.presentation.display import Display, Scale, unit_label
from fleetserver.presentation.typed import Typed

from .faults import told

__all__ = ["Choice", "Field", "Form", "Group", "Kind", "Told"]

THEIRS = "_theirs."  # before the name of a field: what somebody else saved there, to be taken


class Kind(StrEnum):
    """What kind of thing is typed."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    EMAIL = "email"
    PASSWORD = "password"  # noqa: S105 - a kind of field
    WHOLE = "whole"
    DECIMAL = "decimal"
    DISTANCE = "distance"
    VOLUME = "volume"
    ENERGY = "energy"
    MASS = "mass"
    HOURS = "hours"
    MONEY = "money"
    UNIT_PRICE = "unit_price"
    PLAIN_PRICE = "plain_price"  # of one kWh, kg or kilometre, as unit_said says
    DAY = "day"
    INSTANT = "instant"
    CHECK = "check"
    CHOICE = "choice"
    HIDDEN = "hidden"  # one of the choices, which the page and not the person says
    ID = "id"
    IDS = "ids"
    TICKS = "ticks"  # of a few choices, any number
    TAGS = "tags"


NUMERIC = {
    *(Kind.WHOLE, Kind.DECIMAL, Kind.DISTANCE, Kind.VOLUME, Kind.ENERGY, Kind.MASS, Kind.HOURS, Kind.MONEY),
    *(Kind.UNIT_PRICE, Kind.PLAIN_PRICE),
}


@frozen
class Choice:
    """One of several: what is sent, and what people read."""

    value: str
    label: str


@frozen(kw_only=True)
class Field:
    """One thing that a person may say; *name* is the command's field."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    hint: str = ""
    is_required: bool = False
    choices: tuple[Choice, ...] = ()
    length_max: int = 200
    autocomplete: str | None = None
    group: str = ""  # fields of one group stand in a fold of that name
    beside: bool = False  # in one row with the field before
    opens: bool = True  # its fold, where something stands in it
    suggestions: tuple[str, ...] = ()  # that a browser offers while one types; anything else may be typed
    unit_said: str = ""  # that stands behind the number, where the kind does not tell
    empty: str = ""  # what choosing nothing means

    def unit(self, scale: Scale, currency: str) -> str:
        """Return the unit that stands behind the number; "" where there is none."""
        volume = unit_label(scale.volume)
        units = {
            Kind.DISTANCE: str(scale.distance),
            Kind.VOLUME: volume,
            Kind.ENERGY: "kWh",
            Kind.MASS: "kg",
            Kind.HOURS: "h",
            Kind.MONEY: currency,
            Kind.UNIT_PRICE: f"{currency}/{volume}",
        }
        return self.unit_said or units.get(self.kind, "")


@frozen(kw_only=True)
class Told:
    """One field as it stands on the page."""

    field: Field
    text: str
    unit: str
    errors: tuple[str, ...]
    stored: str | None = None  # what somebody else saved meanwhile, where it differs

    @property
    def id(self) -> str:
        """The id of the element."""
        return f"field-{self.field.name}"

    @property
    def chosen(self) -> set[str]:
        """The values that are ticked, of a field where several may be."""
        return set(self.text.split(", "))

    @property
    def stored_label(self) -> str:
        """What somebody else saved, as people read it."""
        labels = {choice.value: choice.label for choice in self.field.choices}
        return labels.get(self.stored or "", self.stored or "-")

    @property
    def input_mode(self) -> str | None:
        """Which keyboard a telephone shows."""
        if self.field.kind in NUMERIC:
            return "numeric" if self.field.kind is Kind.WHOLE else "decimal"
        return None

    @property
    def described_by(self) -> str | None:
        """The ids of what describes the element."""
        parts = [f"{self.id}-hint"] if self.field.hint else []
        parts += [f"{self.id}-error"] if self.errors else []
        return " ".join(parts) or None


@frozen(kw_only=True)
class Group:
    """Rows of fields; those of a group with a name stand in a fold, open where something is typed or wrong."""

    name: str
    rows: list[list[Told]]

    @property
    def is_open(self) -> bool:
        """Whether the fold is open."""
        return any((told.text and told.field.opens) or told.errors for row in self.rows for told in row)


@define(kw_only=True)
class Form:
    """The fields of a page with what was typed, and what is wrong with it."""

    fields: tuple[Field, ...]
    display: Display
    scale: Scale
    texts: dict[str, str] = field(factory=dict)
    errors: dict[str, list[str]] = field(factory=dict)
    general: list[str] = field(factory=list)
    stored: dict[str, str] = field(factory=dict)

    @property
    def has_errors(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.errors or self.general)

    @property
    def has_lines(self) -> bool:
        """Whether it has lines of like fields, such as ``parts.0.name``; one may type more than stand there."""
        return any(".0." in each.name for each in self.fields)

    def told(self) -> list[Told]:
        """Return every field as it stands on the page."""
        return [
            Told(
                field=each,
                text=self.texts.get(each.name, ""),
                unit=each.unit(self.scale, self.display.currency),
                errors=tuple(self.errors.get(each.name, ())),
                stored=self.stored.get(each.name),
            )
            for each in self.fields
        ]

    def groups(self) -> list[Group]:
        """Return the fields as they stand below each other: plain rows, and folds of less common ones."""
        found: list[Group] = []
        for each in self.told():
            if not found or found[-1].name != each.field.group:
                found.append(Group(name=each.field.group, rows=[]))
            rows = found[-1].rows
            if each.field.beside and rows:
                rows[-1].append(each)
            else:
                rows.append([each])
        return found

    def take(self, sent: Mapping[str, Any]) -> None:
        """Keep what was typed, as it was typed; or what somebody else saved, at a field where that was chosen."""
        theirs = {each.name: sent.get(THEIRS + each.name) for each in self.fields if THEIRS + each.name in sent}
        chosen = {**{each.name: sent.get(each.name) for each in self.fields}, **theirs}
        self.texts = {name: said for name, said in chosen.items() if isinstance(said, str) and said != ""}
        for each in self.fields:
            if each.kind in {Kind.IDS, Kind.TICKS} and each.name not in theirs:  # a box for each choice
                ticked = [name.partition(".")[2] for name in sent if name.startswith(f"{each.name}.")]
                self.texts[each.name] = ", ".join(ticked)

    def show(self, record: Any) -> None:
        """Put what *record* says into the fields, in the visitor's units."""
        for each in self.fields:
            if (text := self._written(each, _part(record, each.name))) != "":
                self.texts[each.name] = text

    def compare(self, record: Any, shows: Callable[[Form, Any], None] = lambda _form, _record: None) -> None:
        """Put beside each field what *record* says, where that is not what was typed."""
        other = Form(fields=self.fields, display=self.display, scale=self.scale)
        other.show(record)
        shows(other, record)
        names = [each.name for each in self.fields]
        self.stored = {
            name: other.texts.get(name, "") for name in names if other.texts.get(name, "") != self.texts.get(name, "")
        }

    def choose(self, name: str, choices: Iterable[Choice]) -> None:
        """Give the field called *name* its choices."""
        chosen = tuple(choices)
        self.fields = tuple(evolve(each, choices=chosen) if each.name == name else each for each in self.fields)

    def values(self, typed: Typed) -> dict[str, Any]:
        """Return what was typed as values of the command; faults are kept at their fields.

        What is empty is left out, so that the command's own default holds.
        """
        found: dict[str, Any] = {}
        for each in self.fields:
            text = self.texts.get(each.name, "").strip()
            if each.kind is Kind.CHECK:
                found[each.name] = text in {"on", "1", "true"}
            elif text:
                if (value := _READERS[each.kind](typed, each, text)) is not None:
                    found[each.name] = value
            elif each.is_required:
                self.refuse([Problem(each.name, "is needed")])
        self.refuse(typed.problems)
        return found

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Keep *problems* at the fields they are about, and what is about none above the form."""
        names = {each.name for each in self.fields}
        for problem in problems:
            if (name := _place(problem.field, names)) is not None:
                self.errors.setdefault(name, []).append(told(self.display.language, problem.message))
            else:
                self.general.append(f"{problem.field} {told(self.display.language, problem.message)}".strip())

    def _written(self, each: Field, value: Any) -> str:  # noqa: C901, PLR0911, PLR0912 - one line for each kind of value
        match value:
            case None | "" | ():
                return ""
            case bool():
                return "on" if value else ""
            case Distance():
                return self._plain(value.in_unit(self.scale.distance), 1)
            case Volume():
                return self._plain(value.in_unit(self.scale.volume), 3)
            case Energy():
                return self._plain(value.kwh, 3)
            case Mass():
                return self._plain(value.kg, 3)
            case EngineHours():
                return self._plain(value.hours, 1)
            case Money():
                return self._marked(str(value.amount))
            case UnitPrice():
                litres = self.scale.volume.millilitres / 1000 if each.kind is Kind.UNIT_PRICE else 1
                return self._plain(value.amount * litres, 6)
            case datetime():
                return f"{value.astimezone(zone(self.display.timezone)):%Y-%m-%dT%H:%M}"
            case tuple() | list():
                return ", ".join(map(str, value))
            case Decimal() | float():
                return self._marked(str(value))
            case _:
                return str(value)

    def _plain(self, value: Any, places: int) -> str:
        text = f"{value:.{places}f}"
        return self._marked(text.rstrip("0").rstrip(".") if "." in text else text)

    def _marked(self, text: str) -> str:
        """Return a number with the decimal mark that the visitor types."""
        return text.replace(".", self.display.language.marks[1])


def _part(record: Any, path: str) -> Any:
    """Return what *record* says at a path such as ``parts.0.name``; None where there is nothing."""
    for step in path.split("."):
        if step.isdigit():
            record = record[int(step)] if record is not None and int(step) < len(record) else None
        else:
            record = getattr(record, step, None)
    return record


def _place(said: str, names: set[str]) -> str | None:
    """Return the field that a problem is about; the core names it as the wire does, with its unit behind it."""
    parts = said.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        bare = next((name.removesuffix(unit) for unit in UNIT_SUFFIXES.values() if name.endswith(unit)), name)
        if found := next((each for each in (name, bare, f"{bare}.0", f"{name}.0.name") if each in names), None):
            return found
    return None


def _id(typed: Typed, each: Field, text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        typed.refuse(each.name, "is not one of the choices")
        return None


def _ids(typed: Typed, each: Field, text: str) -> tuple[UUID, ...]:
    found = [_id(typed, each, part) for part in text.split(", ")]
    return tuple(one for one in found if one is not None)


def _choice(typed: Typed, each: Field, text: str) -> str | None:
    if each.choices and text not in {choice.value for choice in each.choices}:
        typed.refuse(each.name, "is not one of the choices")
        return None
    return text


def _whole(typed: Typed, each: Field, text: str) -> int | None:
    number = typed.decimal(each.name, text)
    if number is not None and number != int(number):
        typed.refuse(each.name, f"{text!r} is not a whole number")
        return None
    return None if number is None else int(number)


def _hours(typed: Typed, each: Field, text: str) -> EngineHours | None:
    number = typed.decimal(each.name, text)
    return None if number is None else EngineHours.of(number)


def _tags(_typed: Typed, _each: Field, text: str) -> Sequence[str]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


_READERS: Mapping[Kind, Callable[[Typed, Field, str], Any]] = {
    Kind.TEXT: lambda _typed, _each, text: text,
    Kind.LONG_TEXT: lambda _typed, _each, text: text,
    Kind.EMAIL: lambda _typed, _each, text: text,
    Kind.PASSWORD: lambda _typed, _each, text: text,
    Kind.WHOLE: _whole,
    Kind.DECIMAL: lambda typed, each, text: typed.decimal(each.name, text),
    Kind.DISTANCE: lambda typed, each, text: typed.distance(each.name, text),
    Kind.VOLUME: lambda typed, each, text: typed.volume(each.name, text),
    Kind.ENERGY: lambda typed, each, text: typed.energy(each.name, text),
    Kind.MASS: lambda typed, each, text: typed.mass(each.name, text),
    Kind.HOURS: _hours,
    Kind.MONEY: lambda typed, each, text: typed.money(each.name, text),
    Kind.UNIT_PRICE: lambda typed, each, text: typed.unit_price(each.name, text, "volume"),
    Kind.PLAIN_PRICE: lambda typed, each, text: typed.unit_price(each.name, text, "one"),
    Kind.DAY: lambda typed, each, text: typed.day(each.name, text),
    Kind.INSTANT: lambda typed, each, text: typed.instant(each.name, text),
    Kind.ID: _id,
    Kind.IDS: _ids,
    Kind.TICKS: lambda _typed, _each, text: tuple(text.split(", ")),
    Kind.CHOICE: _choice,
    Kind.HIDDEN: _choice,
    Kind.TAGS: _tags,
}
