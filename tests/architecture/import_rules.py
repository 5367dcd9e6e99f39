"""The layout and import rules of the code: pure functions from a module's source to what is wrong with it.

The tables below are the rules. A new area gets a place in ``ORDER``; a new module name inside an area gets
a line in ``EXTRA_MODULES`` that says which layer it belongs to. A layer may be a module or a folder.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

# Inside an area imports point to the left. Whoever imports an area sees its __init__, so that sits where
# it can offer model, ports and service without loading a database library.
LAYERS = ("model", "rules", "ports", "service", "__init__", "storage", "area")

EXTRA_MODULES: dict[str, dict[str, str]] = {
    "*": {"commands": "model", "events": "model", "queries": "service", "reactions": "service"},
    "accounts": {
        "housekeeping": "service",
        "keys": "service",
        "passwords": "model",
        "secrets": "model",
        "sessions": "service",
        "totp": "model",
    },
    "attachments": {
        "blobs": "service",
        "formats": "rules",
        "names": "rules",
        "reach": "service",
        "thumbnails": "service",
    },
    "documents": {"expected": "service", "forecast": "service", "payments": "service", "reactions": "service"},
    "expenses": {"bulk": "service", "categories": "service", "recurring": "service"},
    "exports": {
        "csv_files": "service",
        "csv_forms": "rules",
        "csv_life": "service",
        "reading": "service",
        "writing": "service",
    },
    "fuel": {
        "bulk": "service",
        "economy": "rules",
        "odometers": "rules",
        "stations": "service",
        "trend": "rules",
    },
    "history": {
        "document": "rules",
        "papers": "rules",
        "passport": "service",
        "records": "service",
        "sources": "service",
        "words": "rules",
    },
    "imports": {
        "cells": "service",
        "conversion": "service",
        "dates": "rules",
        "detection": "rules",
        "expenses": "rules",
        "fills": "rules",
        "formats": "rules",
        "numbers": "rules",
        "planning": "service",
        "previewing": "service",
        "reader": "rules",
        "rows": "model",
        "services": "service",
        "source": "rules",
        "stations": "service",
        "tables": "rules",
        "trips": "rules",
        "words": "rules",
    },
    "calendars": {"ics": "rules"},
    "ledger": {"accounts": "service", "chart": "rules", "exports": "rules"},
    "live": {"judging": "service", "sights": "rules", "tickets": "service"},
    "maintenance": {
        "bulk": "service",
        "checklists": "service",
        "fittings": "service",
        "inspection_events": "model",
        "inspection_model": "model",
        "inspection_rules": "rules",
        "inspections": "service",
        "jobs": "service",
        "plan_events": "model",
        "plan_files": "rules",
        "plan_model": "model",
        "plan_rules": "rules",
        "plans": "service",
        "providers": "service",
        "templates": "service",
        "tyre_events": "model",
        "tyre_model": "model",
        "tyre_rules": "rules",
        "tyres": "service",
    },
    "notifications": {
        "builtin": "service",
        "channels": "model",
        "consumers": "service",
        "delivery": "service",
        "host": "service",
        "housekeeping": "service",
        "sending": "service",
        "telling": "service",
        "texts": "rules",
        "timing": "rules",
    },
    "people": {"actors": "service", "members": "service", "ownership": "service", "roles": "model"},
    "reminders": {
        "due": "service",
        "engine": "rules",
        "explanation": "rules",
        "following": "service",
        "forecast": "service",
        "keeping": "service",
        "links": "service",
        "outlook": "service",
        "projection": "rules",
        "schedule": "rules",
        "sourced": "service",
        "tick": "service",
    },
    "reports": {
        "comparing": "model",
        "costs": "service",
        "economy": "service",
        "emissions": "rules",
        "foreseen": "model",
        "glance": "service",
        "groups": "service",
        "metering": "model",
        "mileage": "rules",
        "odometer": "service",
        "ownership": "service",
        "sources": "service",
        "trips": "service",
        "upcoming": "service",
        "yearly": "service",
        "years": "model",
    },
    "trips": {"bulk": "service", "logbook": "model", "months": "service", "rates": "service"},
    "vehicles": {
        "access": "service",
        "assignments": "model",
        "carriers": "model",
        "distances": "service",
        "drivers": "service",
        "instants": "service",
        "meters": "service",
        "odometer": "rules",
        "readings": "model",
        "scopes": "model",
    },
    "vin": {"asking": "service", "numbers": "model", "tables": "rules", "years": "rules"},
    "worker": {
        "failures": "rules",
        "housekeeping": "service",
        "jobs": "service",
        "loop": "service",
        "relay": "service",
    },
}

# Between packages imports point upwards in this list; names on one line never import each other.
ORDER = """\
kernel
operations
storage
audit vin
people vehicles worker
accounts attachments ledger occupancy reminders sharing
documents expenses fuel maintenance mechanics predictions rentals telematics trips workshop
calendars exports imports live notifications reports search
history
archives areas batches catalogue core decoding hookspecs plugins privacy registry running
testing
""".splitlines()
RANKS = {name: rank for rank, line in enumerate(ORDER) for name in line.split()}
AREAS = {name for name in RANKS if RANKS["audit"] <= RANKS[name] <= RANKS["history"]}
PEERS = set(ORDER[RANKS["core"]].split())  # the composition root and its plugins: one thing in three files

DOORS = {"model", "ports", "service", "__init__"}  # what an area shows to the others
SERVER_LIBRARIES = {
    "aiohttp",
    "aiohttp_jinja2",
    "argon2",
    "bcrypt",
    "click",
    "cryptography",
    "fleetserver",
    "jinja2",
    "jwt",
    "prometheus_client",
    "structlog",
}
CLOCKS = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.time",
    "time.time_ns",
}
# Of the server: what the pages and the command line share stands below both, and neither knows of the other.
SHARED = "fleetserver.presentation"
WITHOUT_COMMANDS = {"auth", "live", "pages", "presentation", "web"}
CLOCK_HOME = "fleetcore.kernel.when"
MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name, whether it is a package's __init__, and its text."""

    name: str
    source: str
    is_package: bool = False

    @classmethod
    def at(cls, path: PurePath, source: str) -> Module:
        """Make the module that lies at *path* below the source folder."""
        parts = path.with_suffix("").parts
        if parts[-1] == "__init__":
            return cls(".".join(parts[:-1]), source, is_package=True)
        return cls(".".join(parts), source)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the parsed source."""
        return tuple(ast.walk(ast.parse(self.source)))

    @property
    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and absolute dotted name of everything imported, wherever in the file it is."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                origin = self._origin(node)
                yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        parts = parts[: len(parts) - node.level + self.is_package]
        return ".".join([*parts, node.module] if node.module else parts)


def package_of(name: str) -> str:
    """Return the package below the root that *name* lies in; "" for the root itself and its words."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in RANKS else ""


def layer_of(name: str) -> str | None:
    """Return the layer of *name* in its area; None for a module that no table names."""
    parts = name.split(".")
    if len(parts) < 3:
        return "__init__"
    if parts[2] in LAYERS:
        return parts[2]
    if parts[2].startswith("storage_"):  # a storage of several tables, one module each
        return "storage"
    return EXTRA_MODULES.get(parts[1], {}).get(parts[2]) or EXTRA_MODULES["*"].get(parts[2])


def misplaced(module: Module) -> Iterator[str]:
    """Yield the module itself if no table gives it a place."""
    root, *parts = module.name.split(".")
    if root != "fleetcore" or not parts:
        return
    if parts[0] not in RANKS:
        yield f"{module.name} has no place in ORDER"
    elif parts[0] in AREAS and layer_of(module.name) is None:
        yield f"{module.name} has no layer: name it in EXTRA_MODULES"


def wrong_way(module: Module) -> Iterator[str]:
    """Yield every import within the project that points the wrong way or past an area's door."""
    own = package_of(module.name) if module.name.startswith("fleetcore.") else ""
    if own == "testing" or module.name == "fleetcore" or ".storage.migrations" in module.name:
        return  # they see everything: test tools, the library's front door, the schema's history
    for line, target in module.imports:
        if target.partition(".")[0] == "fleetcore" and (reason := _refused(module, own, target)):
            yield f"{module.name}:{line} imports {target}: {reason}"


def _refused(module: Module, own: str, target: str) -> str | None:
    other = package_of(target)
    if own and not other:
        # The front door loads the composition root, which nothing behind it may do.
        return None if target == "fleetcore.__version__" else "the front door is for users"
    if own == other:
        return _refused_inside(module.name, target) if own in AREAS else None
    if own and RANKS[other] >= RANKS[own] and not {own, other} <= PEERS:
        return f"{own} does not stand above {other}"
    doors = DOORS | {"area"} if own in PEERS else DOORS
    if other in AREAS and (layer := _layer_or_word(target)) not in doors:
        return f"{layer} is private to {other}"
    return None


def _refused_inside(name: str, target: str) -> str | None:
    own, other = layer_of(name), _layer_or_word(target)
    if own is None or LAYERS.index(other) <= LAYERS.index(own):
        return None
    return f"{own} does not stand above {other}"


def _layer_or_word(target: str) -> str:
    # A name that no table knows as a module is a word that the area's __init__ offers.
    return layer_of(target) or "__init__"


def is_page(name: str) -> bool:
    """Say whether the module called *name* serves requests, so that it has no business with the command line."""
    parts = name.split(".")
    return parts[0] == "fleetserver" and ((parts[1:2] != [] and parts[1] in WITHOUT_COMMANDS) or parts[-1] == "pages")


def crossing(module: Module) -> Iterator[str]:
    """Yield every import by which pages reach for the command line, or what both share for anything above it."""
    for line, target in module.imports:
        if is_page(module.name) and target.startswith(("fleetserver.cli", "click")):
            yield f"{module.name}:{line} imports {target}: pages and commands share {SHARED} only"
        is_above = target.startswith("fleetserver.") and not target.startswith(SHARED)
        if module.name.startswith(SHARED) and is_above:
            yield f"{module.name}:{line} imports {target}, which stands above it"


def foreign(module: Module) -> Iterator[str]:
    """Yield every import of a library outside the folders that it is meant for."""
    parts = module.name.split(".")
    may = {
        "sqlalchemy": any(part.partition("_")[0] == "storage" for part in parts[1:3]) or parts[1:2] == ["testing"],
        "alembic": parts[:2] == ["fleetcore", "storage"],
    } | dict.fromkeys(SERVER_LIBRARIES, parts[0] != "fleetcore")
    for line, target in module.imports:
        if not may.get(target.partition(".")[0], True):
            yield f"{module.name}:{line} imports {target}, which has no business there"


def own_clock(module: Module) -> Iterator[str]:
    """Yield every look at the machine's clock outside the one class that is injected."""
    if module.name == CLOCK_HOME:
        return
    bound = dict(_bindings(module))
    for node in module.nodes:
        first, *rest = _dotted(node).split(".")
        full = ".".join([bound[first], *rest]) if first in bound else ""
        if full in CLOCKS:
            yield f"{module.name}:{getattr(node, 'lineno', 0)} reads {full}: the unit of work knows the time"


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def _bindings(module: Module) -> Iterator[tuple[str, str]]:
    for node in module.nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def too_long(module: Module) -> Iterator[str]:
    """Yield the module and each of its functions that grew past what one can hold in mind."""
    if ".migrations.versions." in module.name:
        return  # a revision lists the tables of its day, however many they were
    if (lines := len(module.source.splitlines())) > MODULE_LINES_MAX:
        yield f"{module.name} has {lines} lines, more than {MODULE_LINES_MAX}"
    for node in module.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield f"{module.name}.{node.name} has {lines} lines, more than {FUNCTION_LINES_MAX}"


def faults(modules: Iterable[Module], *rules: Callable[[Module], Iterator[str]]) -> list[str]:
    """Return everything that *rules* find in *modules*."""
    return [fault for module in modules for rule in rules for fault in rule(module)]
