"""Routes of expenses, their categories and those that come again."""

from __future__ import annotations

from fleetserver.web.routing import Route, act, resource

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = (
    *resource(
        "/expenses/categories",
        key="key",
        add="expenses.add_category",
        list_="expenses.list_categories",
        edit="expenses.edit_category",
        delete="expenses.remove_category",
    ),
    *resource(
        "/expenses/recurring",
        add="expenses.add_recurring",
        get="expenses.get_recurring",
        list_="expenses.list_recurring",
        edit="expenses.edit_recurring",
    ),
    act("/expenses/recurring/run", "expenses.run_recurring"),
    act("/expenses/recurring/{id}/stop", "expenses.stop_recurring", getter="expenses.get_recurring"),
    *resource(
        "/expenses",
        add="expenses.record",
        get="expenses.get",
        list_="expenses.list",
        edit="expenses.edit",
        delete="expenses.delete",
        restore="expenses.restore",
    ),
)
