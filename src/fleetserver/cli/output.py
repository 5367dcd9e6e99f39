"""What goes out: JSON alone on standard output, messages on standard error."""

from __future__ import annotations

import sys
from typing import Any

import orjson

from fleetcore.kernel.wire import unstructure

__all__ = ["can_show", "progress_shown", "write_json"]


def write_json(value: Any) -> None:
    """Write *value*, facts or plain values, as JSON on standard output, in UTF-8 whatever the terminal speaks."""
    data = orjson.dumps(unstructure(value), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def can_show(characters: str) -> bool:
    """Say whether standard output can show *characters*."""
    try:
        characters.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def progress_shown() -> bool:
    """Say whether someone is watching standard error."""
    return sys.stderr.isatty()
