"""Pages of help: with each form, the words that are used, how far everybody can use the site, and the keys."""

from __future__ import annotations

from fleetcore.kernel.errors import NotFound
from fleetserver.search.places import SHORTCUTS

from .glossary import TERMS
from .help_topics import TOPICS
from .routing import Outcome, PageRoute, View
from .visits import Visit

__all__ = ["PAGES"]


def show_topics(_visit: Visit) -> Outcome:
    """List what there is help with."""
    return View(template="help/index.html", values={"topics": TOPICS})


def show_topic(visit: Visit) -> Outcome:
    """Say what some pages are for, and what their fields mean."""
    name = visit.sent.names["name"]
    topic = next((each for each in TOPICS if each.name == name), None)
    if topic is None:
        raise NotFound("topic", name)
    return View(template="help/topic.html", values={"topic": topic, "topics": TOPICS})


def show_glossary(visit: Visit) -> Outcome:
    """Say what the words mean, in the order of the visitor's alphabet."""
    text = visit.language.text
    terms = sorted(((text(each.word), each) for each in TERMS), key=lambda named: named[0].casefold())
    return View(template="help/glossary.html", values={"terms": terms})


def show_accessibility(_visit: Visit) -> Outcome:
    """Say what is checked, and what no machine can judge."""
    return View(template="help/accessibility.html")


def show_shortcuts(visit: Visit) -> Outcome:
    """List what the keyboard does."""
    shortcuts = [(each.keys.split(), visit.language.text(each.name)) for each in SHORTCUTS]
    return View(template="help/shortcuts.html", values={"shortcuts": shortcuts})


PAGES = (
    PageRoute(method="GET", path="/help", show=show_topics, is_open=True),
    PageRoute(method="GET", path="/help/glossary", show=show_glossary, is_open=True),
    PageRoute(method="GET", path="/help/accessibility", show=show_accessibility, is_open=True),
    PageRoute(method="GET", path="/help/shortcuts", show=show_shortcuts, is_open=True),
    PageRoute(method="GET", path="/help/{name}", show=show_topic, is_open=True),
)
