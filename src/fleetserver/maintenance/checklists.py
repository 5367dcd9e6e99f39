"""``fleet inspections checklists``: shipped checklists, and a fleet's own."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from fleetcore.maintenance.checklists import add_checklist, edit_checklist, list_checklists, remove_checklist
from fleetcore.maintenance.inspection_model import (
    AddChecklist,
    CheckKind,
    Checklist,
    ChecklistItem,
    EditChecklist,
    ListChecklists,
    RemoveChecklist,
)
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import short_id, typed_for
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.tables import Column, plain, table
from fleetserver.presentation.typed import Typed

__all__ = ["checklists", "find_checklist"]

MEASURE = re.compile(r"(?P<title>.*\S)\s+(?P<minimum>[-\d.,]*)\.\.(?P<maximum>[-\d.,]*)\s*(?P<unit>.*)")
COLUMNS = (Column("Word or id"), Column("Name", flexible=True), Column("Items", right=True))
ITEM_COLUMNS = (Column("Key"), Column("What", flexible=True), Column("Answer"))


@click.group("checklists", cls=FleetGroup)
def checklists() -> None:
    """Look at the shipped checklists, and keep your own."""


def find_checklist(session: Session, text: str) -> Checklist:
    """Return the checklist called *text*: a shipped one's word, a name, or the end of an id."""
    wanted = text.strip().casefold()
    everyone = session.read(list_checklists, ListChecklists())
    found = [
        each
        for each in everyone
        if wanted in {each.key, each.name.casefold()}
        or (each.id is not None and len(wanted) > 3 and each.id.hex.endswith(wanted))
    ]
    if not found:
        words = ", ".join(each.key if each.id is None else each.name for each in everyone)
        raise BadInput.because("", f"there is no checklist {text!r}: there are {words}")
    if len(found) > 1:
        raise BadInput.because("", f"{len(found)} checklists are called {text!r}: use the id")
    return found[0]


@checklists.command("list")
@pass_session
def list_(session: Session) -> None:
    """List the checklists, your own first."""
    found = session.read(list_checklists, ListChecklists())
    rows = [[each.key if each.id is None else short_id(each.id), each.name, str(len(each.items))] for each in found]
    session.show({"checklists": found}, lambda: table(COLUMNS, rows))


@checklists.command("show")
@click.argument("checklist", metavar="CHECKLIST")
@pass_session
def show(session: Session, checklist: str) -> None:
    """Show the items of CHECKLIST (a shipped one's word, a name or an id)."""
    found = find_checklist(session, checklist)

    def human() -> Iterator[str]:
        yield plain(found.name)
        yield from table(ITEM_COLUMNS, [[item.key, item.title, _answer(item)] for item in found.items])

    session.show(found, human)


def _answer(item: ChecklistItem) -> str:
    if item.kind is not CheckKind.MEASURE:
        return "a note" if item.kind is CheckKind.NOTE else "pass or fail"
    low = "" if item.minimum is None else f"at least {item.minimum:f}"
    high = "" if item.maximum is None else f"at most {item.maximum:f}"
    return " ".join(part for part in (" and ".join(filter(None, (low, high))) or "measured", item.unit) if part)


@checklists.command("save")
@click.option("--name", required=True, help="What the checklist is called; an own one of that name is replaced.")
@click.option("--copy", "source", metavar="CHECKLIST", help="Begin with the items of this one.")
@click.option("--item", "items", multiple=True, metavar="TITLE", help="An item that passes or fails; may be repeated.")
@click.option(
    "--measure", "measures", multiple=True, metavar="'TITLE MIN..MAX UNIT'",
    help="A measured item with its limits, of which either may be left out; may be repeated.",
)  # fmt: skip
@click.option("--note", "remarks", multiple=True, metavar="TITLE", help="An item that takes a note; may be repeated.")
@pass_session
def save(
    session: Session, *, name: str, source: str | None, items: tuple[str, ...], measures: tuple[str, ...],
    remarks: tuple[str, ...],
) -> None:  # fmt: skip
    """Make a checklist, or replace your own of that name.

    fleet inspections checklists save --name Trailer --item 'Lights work' --measure 'Tread 1.6.. mm' --note Remarks
    """
    typed = typed_for(session)
    made = (
        *(find_checklist(session, source).items if source else ()),
        *(ChecklistItem(title=title) for title in items),
        *(_measure(typed, text) for text in measures),
        *(ChecklistItem(title=title, kind=CheckKind.NOTE) for title in remarks),
    )
    typed.check()
    before = next(
        (
            each
            for each in session.read(list_checklists, ListChecklists())
            if each.id is not None and each.name.casefold() == name.strip().casefold()
        ),
        None,
    )
    if before is None or before.id is None:
        after = session.run(add_checklist, AddChecklist(name=name, items=made))
    else:
        command = EditChecklist(id=before.id, version=before.version, name=name, items=made, notes=before.notes)
        after = session.run(edit_checklist, command)
    session.done(after, f"Saved {after.name}: {len(after.items)} items.")


def _measure(typed: Typed, text: str) -> ChecklistItem:
    match = MEASURE.fullmatch(text.strip())
    if match is None:
        typed.refuse("--measure", f"{text!r} does not look like 'Tread 1.6.. mm' or 'Battery 12.4..13 V'")
        return ChecklistItem(title=text)
    return ChecklistItem(
        title=match["title"],
        kind=CheckKind.MEASURE,
        unit=match["unit"],
        minimum=typed.decimal("--measure", match["minimum"] or None),
        maximum=typed.decimal("--measure", match["maximum"] or None),
    )


@checklists.command("remove")
@click.argument("checklist", metavar="CHECKLIST")
@pass_session
def remove(session: Session, checklist: str) -> None:
    """Remove the own CHECKLIST (its name or its id); inspections keep their items."""
    found = find_checklist(session, checklist)
    if found.id is None:
        raise BadInput.because("", f"{found.key} is shipped and stays: save one of your own")
    session.run(remove_checklist, RemoveChecklist(id=found.id, version=found.version))
    session.done(found, f"Removed the checklist {found.name}.")
