"""What the worker brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area
from fleetcore.kernel.work import QUEUE

from . import service
from .events import EVENTS
from .housekeeping import CLEAN_UP
from .ports import CLAIMS, INBOX, JOBS, LETTERS
from .storage import SqlJobStore, SqlQueue
from .storage_claims import SqlClaimStore
from .storage_inbox import SqlInboxStore, SqlLetterStore

__all__ = ["AREA"]

AREA = Area(
    name="worker",
    stores={
        QUEUE: SqlQueue,
        JOBS: SqlJobStore,
        CLAIMS: SqlClaimStore,
        INBOX: SqlInboxStore,
        LETTERS: SqlLetterStore,
    },
    operations=(
        service.list_jobs,
        service.get_job,
        service.retry_job,
        service.list_dead_letters,
        service.replay,
    ),
    events=EVENTS,
    jobs=(CLEAN_UP,),
)
