"""Contract of the store of the audit log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fleetcore.audit.model import AuditEntry, ListAudit
from fleetcore.audit.ports import AUDIT
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.paging import Position
from fleetcore.testing.builders import NOON, audit_entry

from .base import Storage, StorageContract

__all__ = ["AuditStoreContract"]

LATE = NOON.replace(year=2099)  # later than whatever founding a fleet left


class AuditStoreContract(StorageContract):
    """What an AuditStore must do; the fleet's founding may have left entries of its own."""

    def page(self, storage: Storage, actor: Actor, mine: list[AuditEntry], *asked: Any) -> list[AuditEntry]:
        """Return the page that was asked for, without entries that are not *mine*."""
        return [entry for entry in self.ask(storage, actor, AUDIT, lambda s: s.page(*asked)) if entry in mine]

    def test_entries_come_back_newest_first(self, storage: Storage, owner: Actor, neighbour: Actor) -> None:
        """Entries are returned unchanged, newest first, to their own fleet only."""
        old = audit_entry(owner, at=LATE, before={"a": [1, None, "grün"]}, after=None, correlation_id="c")
        new = audit_entry(owner, at=LATE + timedelta(seconds=1))
        storage.write(owner, lambda uow: uow[AUDIT].add([old, new]))

        assert [new, old] == self.page(storage, owner, [old, new], ListAudit(), None, None, 10)
        assert [] == self.page(storage, neighbour, [old, new], ListAudit(), None, None, 10)

    def test_entries_are_narrowed_and_paged(self, storage: Storage, owner: Actor) -> None:
        """A page may be of one record or one actor, and continues behind a position."""
        entries = [audit_entry(owner, at=LATE + timedelta(seconds=n)) for n in range(3)]
        storage.write(owner, lambda uow: uow[AUDIT].add(entries))
        position = Position(entries[1].at, entries[1].id)
        pages = (
            (ListAudit(entity_id=entries[0].entity_id), None, None, 10),
            (ListAudit(), owner.user_id, None, 2),
            (ListAudit(), None, position, 10),
            (ListAudit(actor_id=new_id()), None, None, 10),
        )

        assert [entries[:1], entries[:0:-1], entries[:1], []] == [
            self.page(storage, owner, entries, *asked) for asked in pages
        ]
