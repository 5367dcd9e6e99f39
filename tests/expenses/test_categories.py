"""Every fleet has the built-in categories and may have its own."""

from __future__ import annotations

import pytest

from fleetcore.expenses.categories import (
    add_category,
    edit_category,
    ensure_categories,
    list_categories,
    remove_category,
)
from fleetcore.expenses.model import (
    BUILT_IN_CATEGORIES,
    AddCategory,
    Category,
    EditCategory,
    ListCategories,
    RemoveCategory,
    category_key,
)
from fleetcore.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from fleetcore.ledger.accounts import close_account
from fleetcore.ledger.model import CloseAccount, ListAccounts
from fleetcore.ledger.queries import list_accounts

from .conftest import Desk


def add(desk: Desk, name: str, account_code: str | None = None) -> Category:
    """Add an own category."""
    return desk.core.run(desk.actor, add_category, AddCategory(name=name, account_code=account_code))


def keys(desk: Desk) -> list[str]:
    """Return the keys of the fleet's own categories."""
    listed = desk.core.read(desk.actor, list_categories, ListCategories())
    return [category.key for category in listed if not category.is_built_in]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Winter tyres", "winter_tyres"),
        ("  Dog & cat ", "dog_cat"),
        ("winter_tyres", "winter_tyres"),
        ("Стоянка", "стоянка"),
        ("Straße", "strasse"),
        ("पार्किंग", "पार्किंग"),
        ("--", ""),
    ],
)
def test_a_name_has_one_key(name: str, key: str) -> None:
    """A key is the name in lower case with its words joined, in any script, and is its own key."""
    assert key == category_key(name) == category_key(key)


def test_an_own_category_gets_an_account(desk: Desk) -> None:
    """What is spent on an own category shows on an account of its name."""
    category = add(desk, "Winter  tyres")
    desk.record(80, category="winter TYRES")

    assert ("winter_tyres", "Winter tyres", "expenses.own.winter-tyres") == (
        category.key, category.name, category.account_code,
    )  # fmt: skip
    assert {"expenses.own.winter-tyres": 8000, "assets.bank": -8000} == desk.balances()
    accounts = desk.core.read(desk.actor, list_accounts, ListAccounts())
    assert "Expenses:Winter tyres" in {account.name for account in accounts}


def test_categories_of_any_script_get_accounts(desk: Desk) -> None:
    """Names that codes cannot hold get a code made from the name, each its own."""
    codes = {add(desk, name).account_code for name in ("Стоянка", "Стоянки", "駐車", "x" * 90)}

    assert 4 == len(codes)
    for name in ("Стоянка", "駐車"):
        desk.record(category=name)


def test_a_category_may_share_an_account(desk: Desk) -> None:
    """An own category can be booked to an account that exists."""
    add(desk, "Tolls in Spain", "expenses.toll")
    desk.record(3, category="tolls in spain")

    assert {"expenses.toll": 300, "assets.bank": -300} == desk.balances()


@pytest.mark.parametrize("code", ["expenses.nothing", "assets.bank", "expenses.wash"])
def test_only_open_accounts_for_expenses_will_do(sqlite_desk: Desk, code: str) -> None:
    """An account that is unknown, of another type or closed is refused."""
    sqlite_desk.core.run(sqlite_desk.actor, close_account, CloseAccount(code="expenses.wash"))
    with pytest.raises(Rejected, match="account_code"):
        add(sqlite_desk, "Dog", code)


@pytest.mark.parametrize("name", ["", "--", "x" * 101, "a\x00b"])
def test_a_name_needs_letters_and_an_end(sqlite_desk: Desk, name: str) -> None:
    """Empty, endless and unreadable names are refused."""
    with pytest.raises(Rejected, match="name"):
        add(sqlite_desk, name)


def test_a_name_is_taken_once(desk: Desk) -> None:
    """Neither an own nor a built-in category can be added again, however it is written."""
    add(desk, "Dog")
    for name in ("dog", "DOG!", "Parking"):
        with pytest.raises(Conflict):
            add(desk, name)


def test_categories_are_listed_built_in_first(desk: Desk) -> None:
    """The list has the built-in ones in their order, then the own ones by name."""
    add(desk, "Zoo")
    add(desk, "Dog")
    listed = desk.core.read(desk.actor, list_categories, ListCategories())

    assert [*BUILT_IN_CATEGORIES, "dog", "zoo"] == [category.key for category in listed]


def test_an_own_category_gets_another_name(desk: Desk) -> None:
    """The name changes, the key stays, and a stale version is refused."""
    category = add(desk, "Dogg")
    edit = EditCategory(key="dogg", name="Dog", version=category.version)
    edited = desk.core.run(desk.actor, edit_category, edit)

    assert ("dogg", "Dog", 2) == (edited.key, edited.name, edited.version)
    with pytest.raises(Conflict):
        desk.core.run(desk.actor, edit_category, edit)


def test_built_in_categories_stay(desk: Desk) -> None:
    """A built-in category can be neither renamed nor removed."""
    with pytest.raises(Rejected, match="built in"):
        desk.core.run(desk.actor, edit_category, EditCategory(key="parking", name="P", version=0))
    with pytest.raises(Rejected, match="built in"):
        desk.core.run(desk.actor, remove_category, RemoveCategory(key="parking", version=0))


def test_an_unused_category_can_go_and_come_back(desk: Desk) -> None:
    """Removing forgets the category; adding it again finds its account."""
    category = add(desk, "Dog")
    remove = RemoveCategory(key="dog", version=1)
    desk.core.run(desk.actor, remove_category, remove)

    assert [] == keys(desk)
    with pytest.raises(NotFound):
        desk.core.run(desk.actor, remove_category, remove)
    assert category.account_code == add(desk, "Dog").account_code


@pytest.mark.parametrize("use", ["live", "deleted", "recurring"])
def test_a_used_category_stays(desk: Desk, use: str) -> None:
    """An expense, also a deleted one, and a recurring expense keep their category."""
    add(desk, "Dog")
    if use == "recurring":
        desk.monthly(category="dog")
    else:
        recorded = desk.record(category="dog")
        if use == "deleted":
            desk.delete(recorded)

    with pytest.raises(Rejected) as caught:
        desk.core.run(desk.actor, remove_category, RemoveCategory(key="dog", version=1))
    assert caught.value.has_code("category.used")


def test_categories_are_the_whole_fleets(driver: Desk) -> None:
    """Who sees only their own expenses uses categories but does not make them."""
    with pytest.raises(Forbidden):
        add(driver, "Dog")
    assert driver.core.read(driver.actor, list_categories, ListCategories())


def test_imports_add_the_categories_of_their_files(desk: Desk) -> None:
    """Names that files bring become categories once; names of nothing become other."""
    add(desk, "Dog")
    names = ["Dog", "dog ", "Parking", "Мойка", "--", "z" * 300, "a\x00b", "Мойка"]
    found = desk.within(lambda uow: ensure_categories(uow, names))

    assert ["dog", "dog", "parking", "мойка", "other", "z" * 100, "a_b"] == list(found.values())
    assert {"dog", "мойка", "z" * 100, "a_b"} == set(keys(desk))
    assert found == desk.within(lambda uow: ensure_categories(uow, names))
