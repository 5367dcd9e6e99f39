"""Languages: the texts that people are told, translated by gettext, and how days and numbers are written.

English is written in the code; the other languages are ``locale/<language>.po``, read when they are first used.
"""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

from attrs import frozen

__all__ = ["ENGLISH", "Language", "catalogue", "language_for", "languages"]

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
LOCALE = files("fleetcore") / "locale"


@frozen
class Language:
    """One language, by its code: ``en``, ``de``."""

    code: str

    @property
    def texts(self) -> NullTranslations:
        """The catalogue of the language."""
        return catalogue("fleetcore", self.code)

    def text(self, message: str, /, **values: object) -> str:
        """Return the translation of the English *message* with *values* in the places it names."""
        found = self.texts.gettext(message)
        return found.format(**values)

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Like :meth:`text`, for a message about *number* things, which it may call ``{number}``."""
        found = self.texts.ngettext(one, many, number)
        return found.format(number=self.number(number), **values)

    @property
    def marks(self) -> tuple[str, str]:
        """The mark that parts thousands, and the one before decimals."""
        return _marks(self.code)

    def number(self, value: Decimal | float, decimals: int = 0) -> str:
        """Write a number with *decimals* and the marks of the language."""
        english = f"{value:,.{decimals}f}"
        if self.code == "en":
            return english
        group, decimal = self.marks
        return english.replace(",", "\0").replace(".", decimal).replace("\0", group)

    def day(self, day: date, *, with_year: bool = True) -> str:
        """Write a day: 2 March 2027."""
        if self.code == "en":
            return f"{day.day} {MONTHS[day.month - 1]}{f' {day.year}' if with_year else ''}"
        from babel.dates import format_date

        pattern = self.text("d MMMM y") if with_year else self.text("d MMMM")
        return str(format_date(day, pattern, locale=self.code))

    def month(self, day: date) -> str:
        """Write the month of a day: March 2027."""
        if self.code == "en":
            return f"{MONTHS[day.month - 1]} {day.year}"
        from babel.dates import format_skeleton

        return str(format_skeleton("yMMMM", day, locale=self.code))

    def day_in_figures(self, day: date) -> str:
        """Write a day in figures, as the language does: 02.03.2027; in English 02/03/2027, the day first."""
        if self.code == "en":
            return f"{day:%d/%m/%Y}"
        from babel.dates import format_date

        return str(format_date(day, "medium", locale=self.code))


ENGLISH = Language("en")


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Return the codes of the languages that there are texts in."""
    return ("en", *sorted(entry.name[:-3] for entry in LOCALE.iterdir() if entry.name.endswith(".po")))


def language_for(*locales: str | None) -> Language:
    """Return the language of the first of *locales* (``de``, ``de-AT``, ``de_DE``) that there are texts in."""
    for tag in locales:
        code = (tag or "").replace("_", "-").partition("-")[0].lower()
        if code in languages():
            return Language(code)
    return ENGLISH


@lru_cache(maxsize=32)
def _marks(code: str) -> tuple[str, str]:
    if code == "en":
        return ",", "."
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return get_group_symbol(code), get_decimal_symbol(code)


@lru_cache(maxsize=32)
def catalogue(package: str, code: str) -> NullTranslations:
    """Return what *package* says in the language *code*, from its ``locale/<code>.po``; nothing for English."""
    source = files(package) / "locale" / f"{code}.po"
    if code == "en" or not source.is_file():
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as file:
        found = read_po(file, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, found)
    compiled.seek(0)
    return GNUTranslations(compiled)
