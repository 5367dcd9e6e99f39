"""What to do about work that failed: how long it rests, and what is kept of the error."""

from __future__ import annotations

import random
import traceback
from datetime import datetime

from fleetcore.kernel.work import GiveUp, Retries, RetryLater

__all__ = ["error_text", "next_try"]

ERROR_LENGTH_MAX = 20_000


def error_text(error: BaseException) -> str:
    """Return the whole of *error* as text; of a very long one its end, where the cause is named."""
    text = "".join(traceback.format_exception(error)).replace("\0", "")  # which PostgreSQL's text cannot hold
    return text[-ERROR_LENGTH_MAX:].encode("utf-8", "replace").decode()


def next_try(error: BaseException, retries: Retries, attempts: int, now: datetime) -> datetime | None:
    """Return when to try again what has failed *attempts* times, or None when it is dead."""
    if isinstance(error, GiveUp) or attempts >= retries.attempts_max:
        return None
    if isinstance(error, RetryLater):
        return now + error.wait
    return now + retries.wait(attempts, random.random())  # noqa: S311 - jitter, not a secret
