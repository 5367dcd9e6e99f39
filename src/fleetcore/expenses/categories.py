"""Keep the fleet's own categories; built-in ones are words that every fleet has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

import attrs

from fleetcore.kernel.errors import Conflict, NotFound, Problem, Rejected, reject_if_any
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.ledger.accounts import ensure_account
from fleetcore.ledger.model import AccountType
from fleetcore.ledger.ports import ACCOUNTS
from fleetcore.operations import operation, query
from fleetcore.people.service import require_whole_fleet

from .events import CategoryAdded, CategoryEdited, CategoryRemoved
from .model import (
    BUILT_IN_CATEGORIES,
    AddCategory,
    Category,
    EditCategory,
    ListCategories,
    RemoveCategory,
    category_key,
)
from .ports import CATEGORIES
from .rules import NAME_LENGTH_MAX, category_problems, name_problems, own_account_code

__all__ = [
    "add_category",
    "edit_category",
    "ensure_categories",
    "known_categories",
    "list_categories",
    "remove_category",
    "unknown_category",
    "used_category",
]

READ, WRITE = "expenses.read", "expenses.write"
ENTITY = "expenses.category"
OWN_INCOME = "income.other"


def known_categories(uow: UnitOfWork) -> Mapping[str, Category]:
    """Return every category of the fleet by its key, the built-in ones first."""
    return {**BUILT_IN_CATEGORIES, **{category.key: category for category in uow[CATEGORIES].all()}}


def used_category(uow: UnitOfWork, name: str) -> Category | None:
    """Return the category that *name* means, kept from removal until commit, or None."""
    key = category_key(name)
    return BUILT_IN_CATEGORIES.get(key) or uow[CATEGORIES].find(key)


def unknown_category(uow: UnitOfWork, name: str) -> list[Problem]:
    """Return the problem that *name* is no category, with those that there are; none when it is one."""
    return list(category_problems(name, known_categories(uow).values()))


def is_category_used(uow: UnitOfWork, category: Category) -> bool:
    """Say whether an expense, deleted or not, or a recurring expense has *category*."""
    return uow[CATEGORIES].is_used(category.key)


def ensure_categories(uow: UnitOfWork, names: Iterable[str]) -> dict[str, str]:
    """Return the key of the category that each of *names* means, adding those that are missing.

    For imports, whose files bring names of their own; one without any letter becomes ``other``.
    """
    known = set(known_categories(uow))
    keys: dict[str, str] = {}
    for name in dict.fromkeys(names):
        shown = "".join(c if c.isprintable() else " " for c in name)[:NAME_LENGTH_MAX].strip()
        key = keys[name] = category_key(category_key(shown)[:NAME_LENGTH_MAX]) or "other"
        if key not in known:
            known.add(key)
            _add(uow, key, " ".join(shown.split()), None)
    return keys


@operation("expenses.add_category", permission=WRITE)
def add_category(uow: UnitOfWork, command: AddCategory) -> Category:
    """Add a category of the fleet's own, with an account in the ledger.

    Raises Forbidden without the whole fleet, Rejected with every problem, Conflict when it exists already.
    """
    require_whole_fleet(uow, WRITE)
    problems = list(name_problems(command.name))
    if command.account_code is not None:
        problems += _account_problems(uow, command.account_code)
    reject_if_any(problems)
    key = category_key(command.name)
    if key in BUILT_IN_CATEGORIES:
        raise Conflict(f"every fleet has the category {key} already")
    return _add(uow, key, " ".join(command.name.split()), command.account_code)


def _account_problems(uow: UnitOfWork, code: str) -> Iterable[Problem]:
    account = uow[ACCOUNTS].find(code)
    if account is None:
        yield Problem("account_code", f"there is no account {code!r} in the chart: see ledger.list_accounts")
    elif account.type is not AccountType.EXPENSE or not account.is_active:
        yield Problem("account_code", f"{code} is not an open account for expenses")


def _add(uow: UnitOfWork, key: str, name: str, account_code: str | None) -> Category:
    if account_code is None:
        account_code = ensure_account(uow, own_account_code(key), name, AccountType.EXPENSE).code
    category_id, user = uow.new_id(), uow.actor.user_id
    category = Category(
        id=category_id,
        key=key,
        name=name,
        account_code=account_code,
        income_account_code=OWN_INCOME,
        created_at=uow.now,
        created_by=user,
        updated_at=uow.now,
        updated_by=user,
        version=1,
    )
    uow[CATEGORIES].add(category)
    uow.record_change(ENTITY, category_id, None, category)
    uow.emit(CategoryAdded(category_id=category_id, category_key=key))
    return category


def _current(uow: UnitOfWork, command: EditCategory | RemoveCategory) -> Category:
    require_whole_fleet(uow, WRITE)
    if category_key(command.key) in BUILT_IN_CATEGORIES:
        raise Rejected.because("key", f"{command.key} is built in and cannot be changed", "category.built_in")
    category = uow[CATEGORIES].find(category_key(command.key), lock=True)
    if category is None:
        raise NotFound("category", command.key)
    if category.version != command.version:
        raise Conflict(f"the category {category.key} was changed by someone else meanwhile: read it again, then repeat")
    return category


@operation("expenses.edit_category", permission=WRITE)
def edit_category(uow: UnitOfWork, command: EditCategory) -> Category:
    """Give an own category another name; its key and its account, with the account's name, stay.

    Raises Forbidden without the whole fleet, NotFound, Conflict for a stale version, Rejected.
    """
    before = _current(uow, command)
    reject_if_any(name_problems(command.name))
    name = " ".join(command.name.split())
    after = attrs.evolve(
        before, name=name, updated_at=uow.now, updated_by=uow.actor.user_id, version=before.version + 1
    )
    uow[CATEGORIES].replace(after, old_version=before.version)
    category_id = _id_of(before)
    uow.record_change(ENTITY, category_id, before, after)
    uow.emit(CategoryEdited(category_id=category_id, category_key=after.key))
    return after


@operation("expenses.remove_category", permission=WRITE)
def remove_category(uow: UnitOfWork, command: RemoveCategory) -> Category:
    """Remove an own category that nothing uses; its account stays in the chart.

    Raises Forbidden without the whole fleet, NotFound, Conflict for a stale version, Rejected when an
    expense, deleted or not, or a recurring expense uses it.
    """
    category = _current(uow, command)
    if uow[CATEGORIES].is_used(category.key):
        message = f"{category.key} is used by expenses: give them, also deleted and recurring ones, another category"
        raise Rejected.because("key", message, "category.used")
    uow[CATEGORIES].remove(category)
    category_id = _id_of(category)
    uow.record_change(ENTITY, category_id, category, None)
    uow.emit(CategoryRemoved(category_id=category_id, category_key=category.key))
    return category


def _id_of(category: Category) -> UUID:
    assert category.id is not None  # noqa: S101 - own categories have ids; tells the type checker
    return category.id


@query("expenses.list_categories", permission=READ)
def list_categories(uow: UnitOfWork, command: ListCategories) -> tuple[Category, ...]:  # noqa: ARG001 - nothing to choose
    """List all categories: the built-in ones, then the fleet's own by name."""
    return tuple(known_categories(uow).values())
