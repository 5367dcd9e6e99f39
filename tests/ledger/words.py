"""What the tests of the ledger say in a word: postings, units of work, and balances."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import attrs
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import make_url

from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.ids import new_id
from fleetcore.kernel.money import Money
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.ledger.model import CheckLedger, JournalLine, LedgerCheck, Posting, TrialBalance, cost_lines
from fleetcore.ledger.queries import check_ledger, trial_balance
from fleetcore.operations import Operation
from fleetcore.storage.engines import make_engine

R = TypeVar("R")
PETROL, TOLL, BANK, CASH = "expenses.fuel.petrol", "expenses.toll", "assets.bank", "assets.cash"


def a_posting(total: str = "50.00 EUR", **changes: Any) -> Posting:
    """Make a cost of petrol, paid from the bank."""
    amount, currency = total.split()
    posting = Posting(
        entry_date=date(2026, 3, 10),
        description="Fill",
        source="fuel.fill",
        source_id=new_id(),
        lines=cost_lines(PETROL, Money.of(amount, currency), None),
    )
    return attrs.evolve(posting, **changes)


def line(account_code: str, total: str, vehicle_id: UUID | None = None) -> JournalLine:
    """Make a line of *total*, such as "-7.50 EUR"."""
    amount, currency = total.split()
    return JournalLine(account_code=account_code, amount=Money.of(amount, currency), vehicle_id=vehicle_id)


def within(core: Core, actor: Actor, work: Callable[[UnitOfWork], R]) -> R:
    """Do *work* in one unit of work, as an area above the ledger would."""
    operation: Operation[None, R] = Operation("tests.work", None, lambda uow, _: work(uow))
    return core.run(actor, operation, None)


def balances(core: Core, actor: Actor, **wanted: Any) -> dict[str, str]:
    """Return what each account holds, as {"assets.bank": "-50.00 EUR"}; of several currencies joined by " and "."""
    held: dict[str, str] = {}
    for row in core.read(actor, trial_balance, TrialBalance(**wanted)):
        held[row.account_code] = " and ".join(filter(None, (held.get(row.account_code), str(row.balance))))
    return held


def check(core: Core, actor: Actor) -> LedgerCheck:
    """Return what the check of the journal finds."""
    return core.read(actor, check_ledger, CheckLedger())


@contextmanager
def behind_its_back(url: str) -> Iterator[Connection]:
    """Lend a transaction as the owner of the tables, with none of the library's settings."""
    if make_url(url).get_backend_name() == "sqlite":
        from sqlalchemy import create_engine

        engine = create_engine(url)
    else:
        engine = make_engine(url, role=None)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def execute(url: str, *statements: str) -> None:
    """Run *statements* in one transaction as the owner of the tables."""
    with behind_its_back(url) as connection:
        for statement in statements:
            connection.execute(text(statement))


@contextmanager
def statements_of(engine: Engine) -> Iterator[list[str]]:
    """Collect what is sent to the database, without settings and savepoints of the transaction."""
    sent: list[str] = []

    def collect(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "set_config" not in statement:
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", collect)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", collect)
