"""Entries written without a connection: what the service worker is told of each, and the pages around them."""

from __future__ import annotations

import json
from typing import Any

from .forms import Form
from .routing import Document, Outcome, PageRoute, Redirect, View
from .visits import Visit

__all__ = ["PAGES", "QUEUED_HEADER", "told_to_queue"]

QUEUED_HEADER = "Fleet-Queued"


def told_to_queue(visit: Visit, outcome: Outcome) -> tuple[int, bytes]:
    """Return what the queue must know of an entry that it sent: whether it is stored, else what is wrong with it.

    A form that leads on elsewhere without having done anything is no success: the entry stays in the queue.
    """
    _ = visit.language.text
    if isinstance(outcome, Redirect) and visit.has_run:
        return 200, _json(message=outcome.message, to=outcome.to)
    if isinstance(outcome, View):
        return max(outcome.status, 400), _json(problems=_problems(visit, outcome))
    return 422, _json(problems=[getattr(outcome, "message", "") or _("It could not be stored.")])


def _problems(visit: Visit, view: View) -> list[str]:
    form, error = view.values.get("form"), view.values.get("error")
    if error is not None:
        return [str(error)]
    _ = visit.language.text
    if visit.known is None:
        return [_("Sign in to send this.")]
    if not isinstance(form, Form):
        return [_("It could not be stored.")]
    at_fields = [f"{told.field.label}: {'; '.join(told.errors)}" for told in form.told() if told.errors]
    theirs = [
        f"{told.field.label}: {_('Stored meanwhile: {value}', value=told.stored_label)}"
        for told in form.told()
        if told.stored is not None
    ]
    return form.general + at_fields + theirs


def _json(**said: Any) -> bytes:
    return json.dumps(said).encode()


def show_outbox(_visit: Visit) -> Outcome:
    """Show what was written without a connection and is not stored yet; scripts of the page fill it in."""
    return View(template="offline/outbox.html")


def show_whom(visit: Visit) -> Outcome:
    """Say whose entries may be sent now, with the token that forms carry."""
    said = _json(by=visit.mark, csrf=visit.csrf_token)
    return Document(body=said, content_type="application/json", headers={"Cache-Control": "no-store"})


def show_offline(_visit: Visit) -> Outcome:
    """Say what can be done without a connection: shown in place of a page of which no copy is kept."""
    return View(template="offline/offline.html")


PAGES = (
    PageRoute(method="GET", path="/outbox", show=show_outbox),
    PageRoute(method="GET", path="/outbox/whom", show=show_whom),
    PageRoute(method="GET", path="/offline", show=show_offline, is_open=True),
)
