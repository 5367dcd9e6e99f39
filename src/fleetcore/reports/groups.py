"""Kinds of costs that people tell apart: all fuels together, service, insurance; each a branch of the chart."""

from __future__ import annotations

from fleetcore.kernel.ports import UnitOfWork
from fleetcore.ledger.ports import ACCOUNTS

from .rules import REFUND

__all__ = ["group_labels", "group_of"]

EXPENSES = "expenses."


def group_of(code: str) -> str:
    """Return the group of an account: "fuel" of "expenses.fuel.petrol", "refund" of refunds."""
    return "refund" if code == REFUND else code.removeprefix(EXPENSES).partition(".")[0]


def group_labels(uow: UnitOfWork) -> dict[str, str]:
    """Return what people call each group: the second part of its accounts' names."""
    labels = {"refund": "Refunds"}
    for account in uow[ACCOUNTS].all():
        if account.code.startswith(EXPENSES):
            labels.setdefault(group_of(account.code), account.name.partition(":")[2].partition(":")[0] or account.name)
    return labels
