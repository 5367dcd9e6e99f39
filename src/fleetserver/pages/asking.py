"""Asking once more before what cannot be taken back."""

from __future__ import annotations

from .routing import View
from .visits import Visit

__all__ = ["ask_if_sure", "is_sure"]


def is_sure(visit: Visit) -> bool:
    """Say whether the visitor was asked and said yes."""
    return visit.sent.form.get("_sure") == "1"


def ask_if_sure(visit: Visit, title: str, back: str, version: int | None = None, **words: str) -> View:
    """Ask whether *title* is to be deleted for good; who thinks again goes *back*.

    Other *words* say that of what is no deletion: what it *asks* and *tells*, and the answers *yes* and *no*.
    """
    _ = visit.language.text
    usual = {
        "asks": _("Delete {name}?", name=title),
        "tells": _("This cannot be taken back."),
        "yes": _("Yes, delete it"),
        "no": _("No, keep it"),
    }
    values = {"title": title, "back": back, "version": version, "to": visit.sent.path, **usual, **words}
    return View(template="records/sure.html", values=values)
