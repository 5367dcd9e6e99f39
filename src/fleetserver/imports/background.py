"""Looking at files and importing them beside the requests: a long log must not keep a browser waiting.

Each runs in a thread of its own, few at once. What was found, or how far it is, stands on disk, where every process
of the server sees it. A commit that was cut short stored nothing and may be asked for again: its key makes it one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import attrs
from attrs import frozen

from fleetcore import Core
from fleetcore.imports.model import ImportLog, ImportReport
from fleetcore.imports.service import import_log, preview_import
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import FleetError, Rejected
from fleetcore.kernel.wire import to_json
from fleetcore.vehicles.carriers import Carrier

from .staging import Staged, Staging

__all__ = ["Importer", "is_lost"]

AT_ONCE = 2
PATIENCE_S = 2.0  # so long the browser waits for the answer itself, and then asks again
LOST_AFTER = timedelta(minutes=5)  # without a sign of life
_ROOM = threading.BoundedSemaphore(AT_ONCE)
PLAIN = ("currency", "date_order", "decimal_mark", "encoding", "distance_unit", "volume_unit", "purpose")


def is_lost(staged: Staged, core: Core) -> bool:
    """Say whether what runs was not heard of for long: the server stopped meanwhile."""
    return bool(staged.doing) and staged.beat_at is not None and core.clock.now() - staged.beat_at > LOST_AFTER


@frozen(kw_only=True)
class Importer:
    """Looks at staged files and imports them, as *actor*."""

    core: Core
    staging: Staging
    actor: Actor
    correlation_id: str
    address: str | None
    patience_s: float = PATIENCE_S

    def look(self, staged: Staged) -> Staged:
        """Find out what an import would do; returns when it is known, or after a while."""
        place = {"correlation_id": self.correlation_id, "address": self.address}
        return self._start(staged, "look", lambda command: self.core.read(self.actor, preview_import, command, **place))

    def commit(self, staged: Staged) -> Staged:
        """Import the file; returns when it is done, or after a while."""
        said = to_json([self.staging.digest(staged), dict(sorted(staged.options.items()))])

        def run(command: ImportLog) -> ImportReport:
            return self.core.run(
                self.actor, import_log, command, idempotency_key=staged.key, said=said,
                correlation_id=self.correlation_id, address=self.address,
            )  # fmt: skip

        return self._start(staged, "commit", run)

    def _start(self, staged: Staged, doing: str, run: Callable[[ImportLog], ImportReport]) -> Staged:
        now = self.core.clock.now
        begun = self.staging.save(
            attrs.evolve(
                staged,
                doing=doing,
                rows=0,
                beat_at=now(),
                refusals=(),
                report=None if doing == "look" else staged.report,
            )
        )
        thread = threading.Thread(target=self._work, args=(begun, run), name=f"fleet-import-{staged.id}")
        thread.start()
        thread.join(self.patience_s)
        return self.staging.find(staged.id, fleet_id=staged.fleet_id, user_id=staged.user_id) or begun

    def _work(self, begun: Staged, run: Callable[[ImportLog], ImportReport]) -> None:
        done = attrs.evolve(begun, doing="", rows=0)
        try:
            with _ROOM:
                command = attrs.evolve(
                    command_of(begun, self.staging), progress=self.staging.beat(begun, self.core.clock.now)
                )
                report = run(command)
            done = attrs.evolve(done, report=report, import_id=report.import_id)
        except FleetError as error:
            done = attrs.evolve(done, refusals=tuple(_refusals(error)))
        except Exception as error:
            message = "the server could not finish, and nothing was stored: try again"
            done = attrs.evolve(done, refusals=(("", message),))
            raise error from None
        finally:
            if self.staging.path(begun).exists():  # somebody may have dropped it meanwhile
                self.staging.save(done)


def _refusals(error: FleetError) -> Iterator[tuple[str, str]]:
    if isinstance(error, Rejected):
        yield from ((problem.field, problem.message) for problem in error.problems)
    else:
        yield "", str(error)


def command_of(staged: Staged, staging: Staging) -> ImportLog:
    """Return the command of a file with its options. Raises Rejected for a mapping that cannot be read."""
    options = staged.options
    said: dict[str, Any] = {name: options[name] for name in PLAIN if options.get(name)}
    if options.get("carrier"):
        said["carrier"] = Carrier(options["carrier"])
    return ImportLog(
        source=staging.path(staged),
        file_name=staged.file_name,
        vehicle=options.get("new_vehicle") or options.get("vehicle") or None,
        format=options.get("format") or "auto",
        mapping=_mapping(options.get("mapping", "")) or None,
        **said,
    )


def _mapping(text: str) -> dict[str, str]:
    found = {}
    for line in text.splitlines():
        name, equals, column = line.partition("=")
        if line.strip() and not (equals and name.strip() and column.strip()):
            raise Rejected.because("mapping", f"{line.strip()!r} must look like total = Cost")
        if line.strip():
            found[name.strip()] = column.strip()
    return found
