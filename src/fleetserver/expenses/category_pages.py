"""The page of categories of expenses: those that every fleet has, and the fleet's own."""

from __future__ import annotations

from fleetcore.expenses.categories import add_category, edit_category, list_categories, remove_category
from fleetcore.expenses.model import AddCategory, Category, EditCategory, ListCategories, RemoveCategory
from fleetcore.kernel.errors import Conflict, NotFound, Rejected
from fleetserver.pages.forms import Field, Form
from fleetserver.pages.records import said_version
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.undoing import in_turn
from fleetserver.pages.visits import Visit

__all__ = ["PAGES"]

HERE = "/expense-categories"


def _form(visit: Visit) -> Form:
    fields = (Field(name="name", label=visit.language.text("Name"), is_required=True, length_max=60),)
    return Form(fields=fields, display=visit.display, scale=visit.display.scale())


def _view(visit: Visit, form: Form, status: int = 200) -> View:
    values = {"categories": visit.answer(list_categories, ListCategories()), "form": form}
    return View(template="expenses/categories.html", values=values, status=status)


def show(visit: Visit) -> Outcome:
    """Show all categories, and ask for one of one's own."""
    return _view(visit, _form(visit))


def add(visit: Visit) -> Outcome:
    """Add a category of one's own."""
    form = _form(visit)
    form.take(visit.sent.form)
    values = form.values(visit.typed())
    if not form.has_errors:
        try:
            made = visit.run(add_category, AddCategory(**values))
        except Rejected as rejected:
            form.refuse(rejected.problems)
        except Conflict as conflict:
            form.errors["name"] = [str(conflict)]
        else:
            undo = Undo(operation=remove_category.name, values={"key": made.key, "version": made.version})
            return Redirect(to=HERE, message=visit.language.text("Saved."), undo=undo)
    return _view(visit, form, 422)


def _own(visit: Visit) -> Category:
    key = visit.sent.names["id"]
    for each in visit.answer(list_categories, ListCategories()):
        if each.key == key and not each.is_built_in:
            return each
    raise NotFound("category", key)


def show_one(visit: Visit) -> Outcome:
    """Show one's own category, to be called otherwise."""
    category, form = _own(visit), _form(visit)
    form.show(category)
    return View(template="expenses/category.html", values={"category": category, "form": form})


def change(visit: Visit) -> Outcome:
    """Call a category otherwise; its records follow."""
    category, form = _own(visit), _form(visit)
    form.take(visit.sent.form)
    values = form.values(visit.typed())
    status = 422
    if not form.has_errors:
        version = said_version(visit) or category.version
        try:
            after = visit.run(edit_category, EditCategory(key=category.key, version=version, **values))
        except Rejected as rejected:
            form.refuse(rejected.problems)
        except Conflict as conflict:
            category, status = _own(visit), 409
            form.compare(category)
            form.general.append(str(conflict))
        else:
            before = {"key": after.key, "version": after.version, "name": category.name}
            undo = Undo(operation=edit_category.name, values=before)
            return Redirect(to=HERE, message=visit.language.text("Saved."), undo=undo)
    return View(template="expenses/category.html", values={"category": category, "form": form}, status=status)


def remove(visit: Visit) -> Outcome:
    """Remove a category that no expense uses; what is offered next takes it back."""
    category = _own(visit)
    try:
        version = said_version(visit) or category.version
        visit.run(remove_category, RemoveCategory(key=category.key, version=version))
    except (Rejected, Conflict) as refused:
        said = visit.language.text("Nothing was changed: {reason}", reason=str(refused))
        return Redirect(to=HERE, message=said)
    return Redirect(to=HERE, message=visit.language.text("Deleted."), undo=_added_again(category))


def _added_again(category: Category) -> Undo | None:
    """Return how a category comes back with its word and its account, and then is called as it was called."""
    added = {"name": category.key, "account_code": category.account_code}
    named = {"key": category.key, "version": 1, "name": category.name}
    return in_turn(Undo(operation=add_category.name, values=added), Undo(operation=edit_category.name, values=named))


PAGES = (
    PageRoute(method="GET", path=HERE, show=show),
    PageRoute(method="POST", path=HERE, show=add),
    PageRoute(method="GET", path=f"{HERE}/{{id}}", show=show_one),
    PageRoute(method="POST", path=f"{HERE}/{{id}}", show=change),
    PageRoute(method="POST", path=f"{HERE}/{{id}}/delete", show=remove),
)
