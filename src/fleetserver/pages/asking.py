"""Asking once more before what cannot be taken back."""

from __future__ import annotations

from .routing import View
from .visits import Visit

__all__ = ["ask_if_sure", "is_sure"]


def is_sure(visit: Visit) -> bool:
    """Say whether the visitor was asked and said yes."""
    return visit.sent.form.get("_sure") == "1"


def ask_if_sure(visit: Visit, title: str, back: str, version: int | None = None) -> View:
    """Ask whether *title* is to be deleted for good; who thinks again goes *back*."""
    values = {"title": title, "back": back, "version": version, "to": visit.sent.path}
    return View(template="records/sure.html", values=values)
