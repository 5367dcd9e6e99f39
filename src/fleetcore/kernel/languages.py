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
from typing import Any

from attrs import frozen

__all__ = ["ENGLISH", "Language", "language_for", "languages"]

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
LOCALE = files("fleetcore") / "locale"


@frozen
class Language:
    """One language, by its code: ``en``, ``de``."""

    code: str

    def text(self, message: str, /, **values: object) -> str:
        """Return the translation of the English *message* with *values* in the places it names."""
        found: str = _catalogue(self.code).gettext(message)
        return found.format(**values)

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Like :meth:`text`, for a message about *number* things, which it may call ``{number}``."""
        found: str = _catalogue(self.code).ngettext(one, many, number)
        return found.format(number=self.number(number), **values)

    def number(self, value: Decimal | int, decimals: int = 0) -> str:
        """Write a number with *decimals* and the marks of the language."""
        if self.code == "en":
            return f"{value:,.{decimals}f}"
        from babel.numbers import format_decimal

        return str(format_decimal(value, f"#,##0.{'0' * decimals}".rstrip("."), locale=self.code))

    def day(self, day: date, *, with_year: bool = True) -> str:
        """Write a day: 2 March 2027."""
        if self.code == "en":
            return f"{day.day} {MONTHS[day.month - 1]}{f' {day.year}' if with_year else ''}"
        from babel.dates import format_date

        pattern = self.text("d MMMM y") if with_year else self.text("d MMMM")
        return str(format_date(day, pattern, locale=self.code))


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
def _catalogue(code: str) -> Any:
    if code == "en":
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (LOCALE / f"{code}.po").open("rb") as source:
        catalogue = read_po(source, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
