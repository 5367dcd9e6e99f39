"""Logs: one JSON object a line on standard error, or lines for people on a terminal; never a secret.

Whatever writes to a logger comes through here, structlog's and the standard library's alike, so that one rule
holds for all: no e-mail address, token, password or query string, and of an error its kind and where it was raised,
but not its message, which may quote what somebody wrote.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import traceback
from collections import deque
from collections.abc import Mapping, MutableMapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TextIO
from uuid import uuid4

import orjson
import structlog
from attrs import frozen

from fleetcore.kernel.errors import Problem, Rejected
from fleetcore.kernel.tracing import current_trace
from fleetcore.kernel.when import SystemClock

from .web.context import current_correlation

__all__ = ["LogSettings", "configure_logs", "log_request", "redact"]

Line = MutableMapping[str, Any]
access = logging.getLogger("fleetserver.access")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
FORMATS = ("json", "console")
HIDDEN = "[hidden]"
OWN = "fleet"
CLOCK = SystemClock()
FRAMES_MAX = 30
GATHERED_FOR_S = 0.01
# What stands in these is hidden whatever it looks like.
SECRET_NAMES = re.compile(
    r"(?i)pass(word|wd|phrase)?|secret|token|authori[sz]ation|cookie|credential|api_?key|private_?key|seed|otp|"
    r"e_?mail|query|body|payload|address|header"
)
SECRET_FORMS = re.compile(
    r"[^\s@<>\"'=,;:/]+@[^\s@<>\"',;]+"  # an e-mail address, or the user and password of a URL
    r"|(?i:\b(?:bearer|basic|digest)\s+\S+)"
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]*"  # a JSON web token
    r"|\b\w{2,8}_[A-Za-z0-9_-]{20,}"  # a key or token with its prefix
    r"|(?<=\?)[^\s\"']+"  # a query string
    r"|(?i:\b(?:pass\w*|token|secret|key)\s*[=:]\s*\S+)"
)


@frozen(kw_only=True)
class LogSettings:
    """How logs are written; *process* names the run of this process, for lines that no request wrote."""

    format: str
    level: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], stream: TextIO | None = None) -> LogSettings:
        """Read FLEET_LOG_FORMAT and FLEET_LOG_LEVEL; raises Rejected for a word that is none of theirs."""
        by_default = "console" if (stream or sys.stderr).isatty() else "json"
        chosen = (environment.get("FLEET_LOG_FORMAT") or by_default).strip().lower()
        level = (environment.get("FLEET_LOG_LEVEL") or "INFO").strip().upper()
        problems = []
        if chosen not in FORMATS:
            problems.append(Problem("FLEET_LOG_FORMAT", f"must be one of {', '.join(FORMATS)}"))
        if level not in LEVELS:
            problems.append(Problem("FLEET_LOG_LEVEL", f"must be one of {', '.join(LEVELS)}"))
        if problems:
            raise Rejected(problems)
        return cls(format=chosen, level=level)


def redact(_logger: Any, _method: str, line: Line) -> Line:
    """Hide what nobody who reads logs should see: by the name of a field, and by the form of a text."""
    for name, value in line.items():
        if name in KEPT:
            continue
        line[name] = _hidden(name, value)
    return line


# Written by this module and the access log from what they know; their forms are checked where they come in.
KEPT = frozenset(
    {
        *("ts", "level", "logger", "route", "method", "status", "duration_ms", "correlation_id", "trace_id"),
        *("fleet_id", "actor_id", "error", "at_fault", "pid"),
    }
)


def _hidden(name: str, value: Any) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {str(key): _hidden(str(key), each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_hidden(name, each) for each in value]
    if SECRET_NAMES.search(name):
        return HIDDEN
    return SECRET_FORMS.sub(HIDDEN, str(value))


def _belongs(process: str) -> Any:
    """Return what adds whose line it is: the request's, else this process' own."""

    def add(_logger: Any, _method: str, line: Line) -> Line:
        line.setdefault("correlation_id", current_correlation() or process)
        if trace_id := current_trace():
            line.setdefault("trace_id", trace_id)
        return line

    return add


def _fault(_logger: Any, _method: str, line: Line) -> Line:
    """Write of an error its kind, those that caused it, and where it was raised; not what it says."""
    given = line.pop("exc_info", None)
    line.pop("stack_info", None)
    line.pop("exception", None)
    error = _error_of(given)
    if error is not None:
        line["error"] = [type(each).__qualname__ for each in _causes(error)]
        frames = traceback.extract_tb(error.__traceback__)[-FRAMES_MAX:]
        line["at_fault"] = [f"{_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return line


def _place(file: str) -> str:
    """Return the end of a path: its beginning may name a person."""
    return "/".join(Path(file).parts[-3:])


def _error_of(given: Any) -> BaseException | None:
    match given:
        case BaseException():
            return given
        case tuple() if len(given) == 3:
            return given[1] if isinstance(given[1], BaseException) else None
        case None | False:
            return None
    return sys.exc_info()[1]


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and each not in found and len(found) < FRAMES_MAX:
        found.append(each)
        each = each.__cause__ or each.__context__
    return found


def _without_arguments(_logger: Any, _method: str, line: Line) -> Line:
    """Write what a library logs as the first line that its author wrote: what it fills in may be anybody's."""
    record, arguments = line.get("_record"), line.pop("positional_args", None)
    if isinstance(record, logging.LogRecord) and not line.get("_from_structlog") and not record.name.startswith(OWN):
        text = record.msg if arguments and record.name != "py.warnings" else line["event"]
        line["event"] = str(text).strip().partition("\n")[0]
    return line


def _as_json(_logger: Any, _method: str, line: Line) -> str:
    return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines; one that is made here of what is known to be harmless takes the short way.

    Such lines are gathered for an instant: each write lets go of the interpreter, and then the loop would stand in
    line for it behind every thread that works. Whatever else is written comes after what was gathered before it. A
    process that is killed takes the lines of its last instant with it.
    """

    is_short_way = False

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._gathered: deque[str] = deque()

    def gather(self, line: Line) -> None:
        """Write *line* within an instant; at once where no loop runs that could do it later."""
        self._gathered.append(_as_json(None, "", line))
        if len(self._gathered) > 1:  # whoever came first has seen to it
            return
        try:
            asyncio.get_running_loop().call_later(GATHERED_FOR_S, self.flush)
        except RuntimeError:
            self.flush()

    def emit(self, record: logging.LogRecord) -> None:
        """Write *record* after what was gathered."""
        self._write_gathered()
        super().emit(record)

    def flush(self) -> None:
        """Write what was gathered; logging does so too when the process ends."""
        self._write_gathered()
        super().flush()

    def _write_gathered(self) -> None:
        with self.lock or nullcontext():
            lines = [self._gathered.popleft() for _ in range(len(self._gathered))]
            if lines:
                self.stream.write("\n".join(lines) + "\n")


def log_request(**fields: Any) -> None:
    """Write the one line of a request that was answered: its template, ids and figures, nothing that anybody typed."""
    if not access.isEnabledFor(logging.INFO):
        return
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _Handler) and handler.is_short_way:
            # Through all the processors it would cost five times as much, and there is nothing for them to do.
            handler.gather({**fields, "event": "request", "level": "info", "logger": access.name, "ts": _now()})
            return
    structlog.get_logger(access.name).info("request", **fields)


def _now() -> str:
    return CLOCK.now().isoformat()


def configure_logs(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Send every log line of this process to *stream*, standard error by default, as *settings* say."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        _belongs(uuid4().hex),
        _fault,
    ]
    out = stream or sys.stderr
    for_people = structlog.dev.ConsoleRenderer(colors=out.isatty(), timestamp_key="ts")
    writer: Any = _as_json if settings.format == "json" else for_people
    # Of a library's line the text before redaction: what the redaction sees is what is written.
    ending = [_without_arguments, structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, writer]
    formatter = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=ending, pass_foreign_args=True)
    handler = _Handler(out)
    handler.is_short_way = settings.format == "json"
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level)
    logging.captureWarnings(capture=True)
    logging.getLogger("alembic").setLevel(max(logging.WARNING, root.level))  # it tells of each step, each time
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
