"""Clean up after the worker: what was heard, done and answered is forgotten when nobody can ask for it any more."""

from __future__ import annotations

from datetime import timedelta

from fleetcore.kernel.ports import UnitOfWork
from fleetcore.kernel.work import QUEUE, JobKind, Payload

from .ports import CLAIMS, INBOX

__all__ = ["CLEAN_UP"]

NAME = "worker.clean_up"
ANSWERS_KEPT = timedelta(days=7)
EVENTS_KEPT = timedelta(days=14)
ROWS_AT_ONCE = 5000


def clean_up(uow: UnitOfWork, _payload: Payload) -> None:
    """Remove old answers, jobs that are done, and events that every consumer has heard; a part of it at a time."""
    removed = (
        uow[CLAIMS].forget_answers(uow.now - ANSWERS_KEPT, ROWS_AT_ONCE),
        uow[CLAIMS].clean(uow.now, ROWS_AT_ONCE),
        uow[INBOX].clean(uow.now - EVENTS_KEPT, ROWS_AT_ONCE),
    )
    if ROWS_AT_ONCE in removed:
        uow[QUEUE].enqueue(NAME, now=uow.now, dedupe_key="")


CLEAN_UP = JobKind(name=NAME, run=clean_up, every=timedelta(hours=1), across_fleets=True, retention=timedelta(days=1))
