"""Which trace of W3C Trace Context the work in hand belongs to; threads and tasks each have their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["TRACE_ID_LENGTH", "current_trace", "enter_trace", "traced"]

TRACE_ID_LENGTH = 32
_trace: ContextVar[str | None] = ContextVar("fleetcore_trace", default=None)


def current_trace() -> str | None:
    """Return the id of the trace, 32 hexadecimal digits, or None; events written meanwhile carry it."""
    return _trace.get()


def enter_trace(trace_id: str | None) -> None:
    """Let the work in hand belong to the trace *trace_id*, or to none, from now on."""
    _trace.set(trace_id)


@contextmanager
def traced(trace_id: str | None) -> Iterator[None]:
    """Let what is done meanwhile belong to the trace *trace_id*."""
    before = _trace.set(trace_id)
    try:
        yield
    finally:
        _trace.reset(before)
