"""The languages of the pages: their own texts, ``locale/<language>.po``, over those of the library."""

from __future__ import annotations

from functools import lru_cache
from gettext import NullTranslations
from importlib.resources import files

from attrs import frozen

from fleetcore.kernel.languages import Language, catalogue, language_for, languages

__all__ = ["FAULT_LOCALE", "PageLanguage", "language_names", "page_language"]

OWN_NAMES = {"de": "Deutsch", "en": "English"}
FAULT_LOCALE = files("fleetserver") / "locale" / "faults"


@frozen
class PageLanguage(Language):
    """A language with the texts of the pages; what they do not say, the library may."""

    @property
    def texts(self) -> NullTranslations:
        """The catalogue of the language."""
        return _joined(self.code)


@lru_cache(maxsize=32)
def _joined(code: str) -> NullTranslations:
    own = catalogue("fleetserver", code)
    if code != "en":
        own.add_fallback(catalogue("fleetcore", code))
    return own


def language_names() -> tuple[tuple[str, str], ...]:
    """Return the languages that there are texts in, each with its own name for itself."""
    return tuple((code, OWN_NAMES.get(code, code)) for code in languages())


def page_language(*locales: str | None) -> PageLanguage:
    """Return the language of the first of *locales* that there are texts in."""
    return PageLanguage(language_for(*locales).code)
