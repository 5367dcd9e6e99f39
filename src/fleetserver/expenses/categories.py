"""``fleet expenses categories``: what expenses are for."""

from __future__ import annotations

import click

from fleetcore.expenses.categories import add_category, edit_category, list_categories, remove_category
from fleetcore.expenses.model import AddCategory, Category, EditCategory, ListCategories, RemoveCategory
from fleetcore.kernel.errors import NotFound
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.tables import Column, table

__all__ = ["categories"]

COLUMNS = (Column("Category"), Column("Name", flexible=True), Column("Account", flexible=True, drop=1), Column(""))


@click.group("categories", cls=FleetGroup)
def categories() -> None:
    """What expenses are for: the built-in categories, and your own."""


@categories.command("list")
@pass_session
def list_(session: Session) -> None:
    """List the categories: the built-in ones, then your own by name."""
    found = session.read(list_categories, ListCategories())
    rows = [[each.key, each.name, each.account_code, "" if each.is_built_in else "own"] for each in found]
    session.show({"categories": found}, lambda: table(COLUMNS, rows))


def _find(session: Session, text: str) -> Category:
    wanted = text.casefold()
    for each in session.read(list_categories, ListCategories()):
        if wanted in {each.key, each.name.casefold()}:
            return each
    raise NotFound("category", text)


@categories.command("add")
@click.argument("name")
@click.option("--account", metavar="CODE", help="The account it is booked to. Default: one of its own.")
@pass_session
def add(session: Session, *, name: str, account: str | None) -> None:
    """Add a category called NAME."""
    category = session.run(add_category, AddCategory(name=name, account_code=account))
    session.done(category, f"Added {category.name}: fleet expenses add --category {category.key} ...")


@categories.command("rename")
@click.argument("category")
@click.argument("name")
@pass_session
def rename(session: Session, *, category: str, name: str) -> None:
    """Call the own CATEGORY by another NAME; its key stays."""
    before = _find(session, category)
    after = session.run(edit_category, EditCategory(key=before.key, name=name, version=before.version))
    session.done(after, f"{before.name} is called {after.name} now.")


@categories.command("remove")
@click.argument("category")
@pass_session
def remove(session: Session, *, category: str) -> None:
    """Remove the own CATEGORY, which no expense uses."""
    before = _find(session, category)
    after = session.run(remove_category, RemoveCategory(key=before.key, version=before.version))
    session.done(after, f"Removed {after.name}.")
