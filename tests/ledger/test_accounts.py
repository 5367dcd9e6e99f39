"""The chart of accounts: founded with the fleet, extended, renamed, closed."""

from __future__ import annotations

import pytest

from fleetcore import Core
from fleetcore.kernel.actor import Actor, Scope
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.ledger.accounts import add_account, close_account, ensure_account, ensure_chart, rename_account
from fleetcore.ledger.chart import standard_chart
from fleetcore.ledger.model import Account, AccountType, AddAccount, CloseAccount, ListAccounts, RenameAccount
from fleetcore.ledger.queries import list_accounts
from fleetcore.ledger.rules import check_account
from fleetcore.ledger.service import post, reverse
from fleetcore.vehicles.carriers import Carrier

from .words import PETROL, TOLL, a_posting, balances, within


def chart(core: Core, actor: Actor, *, include_closed: bool = False) -> dict[str, Account]:
    """Return the accounts by code."""
    found = core.read(actor, list_accounts, ListAccounts(include_closed=include_closed))
    return {account.code: account for account in found}


def test_a_new_fleet_has_the_standard_chart(core: Core, owner: Actor) -> None:
    """Every fleet is founded with the accounts of the data file."""
    found = chart(core, owner)

    assert {account.code for account in standard_chart()} == found.keys()
    assert "Expenses:Fuel:Petrol" == found[PETROL].name


def test_the_standard_chart_keeps_its_own_rules() -> None:
    """Codes and names of the data file are acceptable, unique, and of the type that the code begins with."""
    accounts = standard_chart()

    assert [] == [problem for a in accounts for problem in check_account(a.code, a.name, a.type)]
    assert len(accounts) == len({a.code for a in accounts}) == len({a.name for a in accounts})
    assert all(account.code.split(".")[0] == account.type.root.lower() for account in accounts)


@pytest.mark.parametrize("carrier", list(Carrier))
def test_every_carrier_has_an_account(carrier: Carrier) -> None:
    """What can be filled in can be booked."""
    folder = "fuel" if carrier.carries_energy else "consumables"

    assert f"expenses.{folder}.{carrier}" in {account.code for account in standard_chart()}


def test_founding_the_chart_again_changes_nothing(core: Core, owner: Actor) -> None:
    """Missing accounts are added, present ones stay as they are."""
    core.run(owner, rename_account, RenameAccount(code=TOLL, name="Expenses:Maut"))
    before = chart(core, owner)
    within(core, owner, ensure_chart)

    assert before == chart(core, owner)


def test_an_account_is_added(core: Core, owner: Actor) -> None:
    """A new account can be posted to."""
    command = AddAccount(code="expenses.wood", name="Expenses:Fuel:Wood", type=AccountType.EXPENSE)
    account = core.run(owner, add_account, command)

    assert account == chart(core, owner)["expenses.wood"]


@pytest.mark.parametrize(
    ("code", "name", "fields"),
    [
        ("Expenses", "Expenses:Wood", {"code"}),
        ("expenses..wood", "Expenses:Wood", {"code"}),
        ("x" * 81, "Expenses:Wood", {"code"}),
        ("expenses.wood", "Expenses", {"name"}),
        ("expenses.wood", "Assets:Wood", {"name"}),
        ("expenses.wood", "Expenses::Wood", {"name"}),
        ("expenses.wood", "Expenses:Wo  od", {"name"}),
        ("expenses.wood", "Expenses:Wood ", {"name"}),
        ("expenses.wood", "Expenses:Wo;od", {"name"}),
        ("expenses.wood", "Expenses:Wo\nod", {"name"}),
        ("expenses.wood", "Expenses:" + "x" * 200, {"name"}),
        ("", "", {"code", "name"}),
    ],
)
def test_codes_and_names_are_checked(
    sqlite_core: Core, sqlite_owner: Actor, code: str, name: str, fields: set[str]
) -> None:
    """Every broken rule is listed with its field."""
    with pytest.raises(Rejected) as refusal:
        sqlite_core.run(sqlite_owner, add_account, AddAccount(code=code, name=name, type=AccountType.EXPENSE))
    assert fields == {problem.field for problem in refusal.value.problems}


@pytest.mark.parametrize(
    ("code", "name"), [(TOLL, "Expenses:New"), ("expenses.new", "Expenses:Toll")], ids=["code", "name"]
)
def test_a_taken_code_or_name_is_a_conflict(core: Core, owner: Actor, code: str, name: str) -> None:
    """Codes and names are unique in a fleet."""
    with pytest.raises(Conflict, match="already"):
        core.run(owner, add_account, AddAccount(code=code, name=name, type=AccountType.EXPENSE))


def test_an_account_is_renamed(core: Core, owner: Actor) -> None:
    """The code stays, so what was posted shows under the new name."""
    renamed = core.run(owner, rename_account, RenameAccount(code=TOLL, name="Expenses:Maut", version=1))

    assert (TOLL, "Expenses:Maut", 2) == (renamed.code, renamed.name, renamed.version)
    assert renamed == chart(core, owner)[TOLL]


def test_a_rename_can_fail(core: Core, owner: Actor) -> None:
    """Unknown accounts, taken names, other types and stale versions are refused."""
    with pytest.raises(NotFound):
        core.run(owner, rename_account, RenameAccount(code="expenses.yacht", name="Expenses:Yacht"))
    with pytest.raises(Conflict, match="already"):
        core.run(owner, rename_account, RenameAccount(code=TOLL, name="Expenses:Parking"))
    with pytest.raises(Rejected):
        core.run(owner, rename_account, RenameAccount(code=TOLL, name="Assets:Toll"))
    with pytest.raises(Conflict, match="someone else"):
        core.run(owner, rename_account, RenameAccount(code=TOLL, name="Expenses:Maut", version=7))


def test_a_closed_account_is_not_offered_but_corrected(core: Core, owner: Actor) -> None:
    """Closing hides an account; entries on it can still be reversed."""
    posting = a_posting()
    within(core, owner, lambda uow: post(uow, posting))
    closed = core.run(owner, close_account, CloseAccount(code=PETROL))

    assert not closed.is_active
    assert closed == core.run(owner, close_account, CloseAccount(code=PETROL))
    assert PETROL not in chart(core, owner)
    assert PETROL in chart(core, owner, include_closed=True)
    within(core, owner, lambda uow: reverse(uow, posting.source, posting.source_id))
    assert {} == balances(core, owner)


def test_an_area_brings_accounts_of_its_own(core: Core, owner: Actor) -> None:
    """What people call a category becomes a fitting, free name; the second time it is found."""

    def work(uow: object) -> list[str]:
        kind = AccountType.EXPENSE
        return [
            ensure_account(uow, "expenses.own.a", "  Ice;  cream\n", kind).name,
            ensure_account(uow, "expenses.own.b", "Expenses:Toll", kind).name,
            ensure_account(uow, "expenses.own.a", "Other", kind).name,
            ensure_account(uow, "expenses.own.c", ";", kind).name,
            ensure_account(uow, "expenses.own.d", "x" * 300, kind).name,
            ensure_account(uow, "expenses.own.e", "x" * 300, kind).name,
        ]

    long = "Expenses:" + "x" * 185
    expected = [
        "Expenses:Ice cream",
        "Expenses:Toll 2",
        "Expenses:Ice cream",
        "Expenses:Other 2",
        long,
        f"{long} 2",
    ]
    assert expected == within(core, owner, work)


@pytest.mark.parametrize("scope", [Scope.OWN, Scope.GRANTED])
def test_the_books_are_not_divided(sqlite_core: Core, sqlite_owner: Actor, scope: Scope) -> None:
    """Whoever may not read the whole fleet's ledger reads none of it."""
    reader = Actor(user_id=sqlite_owner.user_id, fleet_id=sqlite_owner.fleet_id, permissions={"ledger.read": scope})

    with pytest.raises(Forbidden, match="whole fleet"):
        sqlite_core.read(reader, list_accounts, ListAccounts())
