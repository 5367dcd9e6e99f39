"""A folder of papers in which tests keep those of one vehicle and of those who drive it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve, frozen

from fleetcore import Core
from fleetcore.documents.commands import (
    AddDocument,
    CancelDocument,
    DeleteDocument,
    EditDocument,
    GetDocument,
    ListDocuments,
    ListPayments,
    RenewDocument,
    RestoreDocument,
    RunPremiums,
)
from fleetcore.documents.model import (
    Cover,
    Document,
    DocumentFields,
    DocumentKind,
    FiledDocument,
    PaymentRun,
    PaymentSchedule,
)
from fleetcore.documents.payments import run_premiums
from fleetcore.documents.service import (
    add_document,
    cancel_document,
    delete_document,
    edit_document,
    get_document,
    list_documents,
    list_payments,
    renew_document,
    restore_document,
)
from fleetcore.kernel.actor import Actor
from fleetcore.ledger.model import TrialBalance
from fleetcore.ledger.queries import trial_balance
from fleetcore.reminders.due import list_due
from fleetcore.reminders.model import DueReminder, ListDue
from fleetcore.testing.builders import euros, join_fleet, new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import GrantVehicle
from fleetcore.vehicles.service import grant_vehicle

TODAY = date(2026, 6, 1)
FIELDS = tuple(a.name for a in DocumentFields.__attrs_attrs__)


@frozen
class Folder:
    """Short words for one actor's dealings with the papers of one vehicle."""

    core: Core
    actor: Actor
    vehicle_id: UUID
    clock: FixedClock

    def file(self, kind: str = "insurance", **said: Any) -> FiledDocument:
        """File a document of *kind*; by default a liability policy of this year, 30 euros a month."""
        usual: dict[str, Any] = {"vehicle_id": self.vehicle_id}
        if kind == "insurance":
            usual |= {"issuer": "Harbour", "cover": Cover.LIABILITY, "amount": euros(30)}
            usual |= {"schedule": PaymentSchedule.MONTHLY}
            usual |= {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}
        elif kind == "lease":
            usual |= {"starts_on": date(2026, 1, 1), "ends_on": date(2028, 12, 31)}
        elif kind == "licence":
            usual = {"person_id": self.actor.user_id}
        return self.core.run(self.actor, add_document, AddDocument(kind=DocumentKind(kind), **usual | said))

    def add(self, kind: str = "insurance", **said: Any) -> Document:
        """File a document and return it."""
        return self.file(kind, **said).document

    def edit(self, document: Document, **said: Any) -> Document:
        """Change what is *said* of *document* and leave the rest."""
        facts = {name: getattr(document, name) for name in FIELDS}
        command = EditDocument(**{"id": document.id, "version": document.version} | facts | said)
        return self.core.run(self.actor, edit_document, command).document

    def renew(self, document: Document, **said: Any) -> Document:
        """Renew *document*."""
        command = RenewDocument(id=document.id, version=document.version, **said)
        return self.core.run(self.actor, renew_document, command).document

    def cancel(self, document: Document, **said: Any) -> Document:
        """Cancel *document*."""
        return self.core.run(
            self.actor, cancel_document, CancelDocument(id=document.id, version=document.version, **said)
        )

    def delete(self, document: Document) -> Document:
        """Delete *document*."""
        return self.core.run(self.actor, delete_document, DeleteDocument(id=document.id, version=document.version))

    def restore(self, document: Document) -> Document:
        """Bring *document* back."""
        return self.core.run(self.actor, restore_document, RestoreDocument(id=document.id)).document

    def get(self, document: Document) -> Document:
        """Read *document* again."""
        return self.core.read(self.actor, get_document, GetDocument(id=document.id))

    def list(self, **asked: Any) -> list[UUID]:
        """Return the ids of the documents that are *asked* for."""
        return [each.id for each in self.core.read(self.actor, list_documents, ListDocuments(**asked)).items]

    def run(self, **said: Any) -> PaymentRun:
        """Book what has fallen due."""
        return self.core.run(self.actor, run_premiums, RunPremiums(**said))

    def paid(self, document: Document) -> list[date]:
        """Return the days on which something was booked for *document*."""
        return [each.due_on for each in self.core.read(self.actor, list_payments, ListPayments(id=document.id))]

    def balances(self) -> dict[str, int]:
        """Return the balance of each account that is not zero, in minor units."""
        rows = self.core.read(self.actor, trial_balance, TrialBalance())
        return {row.account_code: row.balance.minor for row in rows if row.balance.minor}

    def due(self, **asked: Any) -> tuple[DueReminder, ...]:
        """Return what is due."""
        return self.core.read(self.actor, list_due, ListDue(**asked))

    def as_member(self, role: str, *, granted: bool = True) -> Folder:
        """Return the folder of a new member in *role*, to whom the vehicle is granted or not."""
        member = join_fleet(self.core, self.actor, name=role.capitalize(), role=role)
        if granted:
            self.core.run(self.actor, grant_vehicle, GrantVehicle(vehicle_id=self.vehicle_id, user_id=member.user_id))
        return evolve(self, actor=member)


@pytest.fixture
def folder(core: Core, owner: Actor, clock: FixedClock) -> Folder:
    """The owner's folder, on each engine in turn, at noon of 1 June 2026."""
    return Folder(core, owner, new_vehicle(core, owner).id, clock)
