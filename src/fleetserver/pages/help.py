"""Pages of help: how far everybody can use the site, and what the keyboard does."""

from __future__ import annotations

from fleetserver.search.places import SHORTCUTS

from .routing import Outcome, PageRoute, View
from .visits import Visit

__all__ = ["PAGES"]


def show_accessibility(_visit: Visit) -> Outcome:
    """Say what is checked, and what no machine can judge."""
    return View(template="help/accessibility.html")


def show_shortcuts(visit: Visit) -> Outcome:
    """List what the keyboard does."""
    shortcuts = [(each.keys.split(), visit.language.text(each.name)) for each in SHORTCUTS]
    return View(template="help/shortcuts.html", values={"shortcuts": shortcuts})


PAGES = (
    PageRoute(method="GET", path="/help/accessibility", show=show_accessibility, is_open=True),
    PageRoute(method="GET", path="/help/shortcuts", show=show_shortcuts, is_open=True),
)
