"""Pages of imports: a file, what it would bring, what is wrong in it, the commit, and taking it all back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any
from uuid import UUID

import attrs
from aiohttp.web import FileField

from fleetcore.imports.cells import RowCells, cells_of, with_cells
from fleetcore.imports.model import GetImport, ImportReport, ListImports, UndoImport
from fleetcore.imports.service import get_import, list_imports, undo_import
from fleetcore.kernel.errors import NotFound, Problem, Rejected
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import ListVehicles, Vehicle
from fleetcore.vehicles.service import list_vehicles
from fleetserver.pages.faults import told
from fleetserver.pages.forms import Choice, Field, Form, Kind
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, Undo, View
from fleetserver.pages.visits import Visit
from fleetserver.pages.words import format_name

from .background import Importer, is_lost
from .commands import FORMATS
from .staging import Staged, Staging

__all__ = ["PAGES"]

WRITE = "imports.write"
UPLOAD_MAX = 64 * 1024 * 1024
FIXED_ROWS_MAX = 25
PROBLEMS_SHOWN_MAX = 200
REFRESH_S = 2
OPTION = re.compile(r"--([a-z][a-z-]*)")


def _staging(visit: Visit) -> Staging:
    return Staging(visit.accounts.settings.data_dir / "imports")


def _importer(visit: Visit) -> Importer:
    visit.accounts.require_fresh_factor(visit.caller, WRITE)
    visit.close()  # one connection for each visit: two could wait for each other
    return Importer(
        core=visit.core,
        staging=_staging(visit),
        actor=visit.caller.actor,
        correlation_id=visit.sent.correlation_id,
        address=visit.sent.address,
    )


def _found(visit: Visit) -> Staged:
    actor = visit.caller.actor
    staged = _staging(visit).find(visit.id("id"), fleet_id=actor.fleet_id, user_id=actor.user_id)
    if staged is None:
        raise NotFound("file", visit.sent.names["id"])
    return staged


def show(visit: Visit) -> Outcome:
    """Ask for a file, and show what was imported so far."""
    return _start_page(visit)


def _start_page(visit: Visit, problem: str = "") -> View:
    page = visit.answer(list_imports, ListImports(cursor=visit.sent.query.get("after") or None, limit=20))
    of_vehicle = _named(visit)
    values = {"page": page, "problem": problem, "of_vehicle": of_vehicle, "upload_max_mb": UPLOAD_MAX // 1024 // 1024}
    return View(template="imports/index.html", values=values, status=422 if problem else 200)


def _named(visit: Visit) -> Vehicle | None:
    """Return the vehicle whose page led here."""
    wanted = visit.id("vehicle")
    vehicles = visit.answer(list_vehicles, ListVehicles()) if wanted is not None else ()
    return next((each for each in vehicles if each.id == wanted), None)


def go_there(visit: Visit) -> Outcome:
    """Lead the short address to the page."""
    return Redirect(to=f"{visit.sent.path}s")


def send(visit: Visit) -> Outcome:
    """Take a file and look at it."""
    visit.caller.actor.require(WRITE)
    files = visit.sent.form.get("file")
    sent = files[0] if isinstance(files, tuple) else None
    if not isinstance(sent, FileField) or not sent.filename:
        return _start_page(visit, visit.language.text("Choose a file first."))
    of_vehicle = _named(visit)
    importer = _importer(visit)
    actor = visit.caller.actor
    staged = importer.staging.keep(
        sent.file,  # type: ignore[arg-type]  # a temporary file, by any other name
        fleet_id=actor.fleet_id,
        user_id=actor.user_id,
        file_name=PurePath(sent.filename.replace("\\", "/")).name,
        now=visit.core.clock.now(),
    )
    importer.look(staged if of_vehicle is None else attrs.evolve(staged, options={"vehicle": str(of_vehicle.id)}))
    return Redirect(to=f"/imports/staged/{staged.id}")


def show_staged(visit: Visit) -> Outcome:
    """Show how far it is, what an import would do, or what hinders it."""
    return _staged_page(visit, _found(visit))


def _staged_page(visit: Visit, staged: Staged, problems: tuple[Problem, ...] = ()) -> Outcome:
    if staged.doing and not is_lost(staged, visit.core):
        headers = {} if "still" in visit.sent.query else {"Refresh": str(REFRESH_S)}
        return View(template="imports/waiting.html", values={"staged": staged}, headers=headers)
    if staged.import_id is not None:
        return _done(visit, staged, staged.import_id)
    form = _options(visit, staged)
    refusals = [Problem("" if name == "file" else name, _spoken(form, said)) for name, said in staged.refusals]
    form.refuse([*refusals, *problems])
    report = staged.report
    values = {
        "staged": staged,
        "form": form,
        "report": report,
        "mine": _own(form, staged) if report is not None and any(each.is_new for each in report.vehicles) else (),
        "notes": [] if report is None else [_spoken(form, told(visit.language, note)) for note in report.notes],
        "facts": [] if report is None else _facts(form, report),
        "is_lost": bool(staged.doing),
        "rows": _fixable(visit, staged) if report is not None else {},
        "shown_max": PROBLEMS_SHOWN_MAX,
    }
    return View(template="imports/preview.html", values=values, status=422 if form.has_errors else 200)


def _own(form: Form, staged: Staged) -> tuple[Choice, ...]:
    """Return the vehicles that a file could be of, where nobody said yet whose it is."""
    if staged.options.get("vehicle") or staged.options.get("new_vehicle"):
        return ()
    return next((each.choices for each in form.fields if each.name == "vehicle"), ())


def _facts(form: Form, report: ImportReport) -> list[tuple[str, str]]:
    """Return what was found out of the file, in the words of the fields that can correct it."""
    fields = {each.name: each for each in form.fields}
    found = [(fields["format"].label, format_name(form.display.language, report.format))]
    for name in ("date_order", "decimal_mark", "distance_unit", "volume_unit", "currency", "encoding"):
        if value := str(getattr(report, name) or ""):
            words = {choice.value: choice.label for choice in fields[name].choices}
            found.append((fields[name].label, words.get(value, value.upper())))
    return found


def _spoken(form: Form, text: str) -> str:
    """Return *text* with the fields of the page in the place of the options that the command has."""
    labels = {each.name: each.label for each in form.fields}

    def field_of(found: re.Match[str]) -> str:
        name = {"map": "mapping"}.get(found[1], found[1].replace("-", "_"))
        return (
            f"\N{LEFT DOUBLE QUOTATION MARK}{labels[name]}\N{RIGHT DOUBLE QUOTATION MARK}"
            if name in labels
            else found[0]
        )

    return OPTION.sub(field_of, text)


def _fixable(visit: Visit, staged: Staged) -> Mapping[int, RowCells]:
    """Return the cells of the first rows that were rejected; nothing for a file whose rows cannot be changed."""
    report = staged.report
    if report is None or not report.rejected or any(row.file for row in report.rejected):
        return {}
    rows = {row.row for row in report.rejected[:FIXED_ROWS_MAX]}
    try:
        found = cells_of(_staging(visit).path(staged).read_bytes(), rows=rows, **_shape(report))
    except Rejected:
        return {}
    return {each.row: each for each in found}


def _shape(report: ImportReport) -> dict[str, str]:
    return {"form": report.format, "encoding": report.encoding, "separator": report.separator}


def _options(visit: Visit, staged: Staged) -> Form:
    _ = visit.language.text
    vehicles = visit.answer(list_vehicles, ListVehicles())
    carriers = tuple(Choice(carrier.value, _(carrier.value)) for carrier in Carrier if carrier.carries_energy)
    orders = {"dmy": _("day, month, year"), "mdy": _("month, day, year"), "ymd": _("year, month, day")}
    units = {"l": _("litres"), "gal_us": _("US gallons"), "gal_uk": _("UK gallons")}
    more, found = _("Dates, numbers, columns and more"), _("as found out")
    known = Field(
        name="vehicle", empty=_("the vehicle that the file names"), label=_("Put every row under"), kind=Kind.CHOICE,
        choices=tuple(Choice(str(each.id), each.name) for each in vehicles),
    )  # fmt: skip
    fields = (
        *([known] if vehicles else []),
        Field(name="new_vehicle", label=_("Put every row under a new vehicle called"), beside=True, length_max=80),
        Field(
            name="format", empty=found, label=_("Written by"), kind=Kind.CHOICE,
            choices=tuple(Choice(each, format_name(visit.language, each)) for each in FORMATS if each != "auto"),
        ),
        Field(name="currency", label=_("Currency"), length_max=3, beside=True),
        Field(
            name="carrier", empty=found, label=_("What was filled in"), kind=Kind.CHOICE, choices=carriers,
            beside=True,
        ),
        Field(
            name="distance_unit", empty=found, label=_("Distances are in"), kind=Kind.CHOICE,
            choices=(Choice("km", _("kilometres")), Choice("mi", _("miles"))),
        ),
        Field(
            name="volume_unit", empty=found, label=_("Volumes are in"), kind=Kind.CHOICE, beside=True,
            choices=tuple(Choice(*each) for each in units.items()),
        ),
        Field(
            name="date_order", empty=found, label=_("Days are written"), kind=Kind.CHOICE, group=more,
            choices=tuple(Choice(*each) for each in orders.items()),
        ),
        Field(
            name="decimal_mark", empty=found, label=_("Decimal mark"), kind=Kind.CHOICE, group=more, beside=True,
            choices=(Choice(",", _("comma")), Choice(".", _("point"))),
        ),
        Field(name="encoding", label=_("Encoding"), group=more, hint=_("Such as utf-8 or cp1252.")),
        Field(name="purpose", label=_("Purpose of trips"), group=more, beside=True),
        Field(
            name="mapping", label=_("Which column holds what"), kind=Kind.LONG_TEXT, group=more, length_max=2000,
            hint=_("One in each line, such as: at = Day, odometer = KM, quantity = Litres, total = Paid."),
        ),
    )  # fmt: skip
    form = Form(fields=fields, display=visit.display, scale=visit.display.scale())
    form.texts.update(staged.options)
    return form


def change(visit: Visit) -> Outcome:
    """Do what the pressed button says: look again, change cells, import, or forget the file."""
    staged = _found(visit)
    visit.caller.actor.require(WRITE)
    if staged.doing and not is_lost(staged, visit.core):
        return _staged_page(visit, staged)
    do = visit.sent.form.get("do")
    if do == "discard":
        _staging(visit).drop(staged)
        return Redirect(to="/imports", message=visit.language.text("{file} was not imported.", file=staged.file_name))
    if do == "fix":
        return _fix(visit, staged)
    if do == "commit" and staged.report is not None:
        return _commit(visit, staged)
    form = _options(visit, staged)
    form.take(visit.sent.form)
    options = {name: text.strip() for name, text in form.texts.items() if text.strip()}
    if "currency" in options:
        options["currency"] = options["currency"].upper()
    wrong = _unknown(form, options)
    if wrong:
        return _staged_page(visit, attrs.evolve(staged, options=options, refusals=()), wrong)
    _importer(visit).look(attrs.evolve(staged, options=options))
    return Redirect(to=f"/imports/staged/{staged.id}")


def _unknown(form: Form, options: Mapping[str, str]) -> tuple[Problem, ...]:
    return tuple(
        Problem(each.name, "is not one of the choices")
        for each in form.fields
        if each.choices and options.get(each.name) and options[each.name] not in {c.value for c in each.choices}
    )


def _commit(visit: Visit, staged: Staged) -> Outcome:
    report = staged.report
    if report is not None and report.rejected and visit.sent.form.get("leave_out") != "on":
        said = visit.language.text("Say that the rows with problems are left out, or mend them first.")
        return _staged_page(visit, staged, (Problem("", said),))
    done = _importer(visit).commit(staged)
    if done.import_id is not None:
        return _done(visit, done, done.import_id)
    return Redirect(to=f"/imports/staged/{staged.id}")


def _done(visit: Visit, staged: Staged, import_id: UUID) -> Outcome:
    """Lead to what came of it, and tell it, with the way back where there still is one."""
    made = visit.answer(get_import, GetImport(id=import_id))
    to = f"/imports/{made.id}?staged={staged.id}"
    if made.undone_at is not None:
        return Redirect(to=to)
    said = visit.language.count("One record was imported.", "{number} records were imported.", made.imported)
    return Redirect(to=to, message=said, undo=Undo(operation=undo_import.name, values={"id": str(made.id)}))


def _fix(visit: Visit, staged: Staged) -> Outcome:
    """Change the cells that were typed over, and look again."""
    rows = _fixable(visit, staged)
    changed = {}
    for number, row in rows.items():
        typed = [
            str(visit.sent.form.get(f"cell.{number}.{place}", cell)).replace("\r\n", "\n")
            for place, cell in enumerate(row.cells)
        ]
        if tuple(typed) != row.cells:
            changed[number] = typed
    if not changed or staged.report is None:
        said = visit.language.text("No cell was changed.")
        return _staged_page(visit, staged, (Problem("", said),))
    staging = _staging(visit)
    try:
        content = with_cells(staging.path(staged).read_bytes(), changed=changed, **_shape(staged.report))
    except Rejected as rejected:
        return _staged_page(visit, staged, tuple(Problem("", problem.message) for problem in rejected.problems))
    staged = staging.replace(staged, content)
    _importer(visit).look(staged)
    said = visit.language.count("One row was changed.", "{number} rows were changed.", len(changed))
    return Redirect(to=f"/imports/staged/{staged.id}", message=said)


def show_import(visit: Visit) -> Outcome:
    """Show what came of an import, with the one button that takes it back."""
    import_id = visit.id("id")
    if import_id is None:
        raise NotFound("import", visit.sent.names["id"])
    made = visit.answer(get_import, GetImport(id=import_id))
    actor = visit.caller.actor
    staged = _staging(visit).find(visit.id("staged"), fleet_id=actor.fleet_id, user_id=actor.user_id)
    report = staged.report if staged is not None and staged.import_id == made.id else None
    values: dict[str, Any] = {"made": made, "report": report, "shown_max": PROBLEMS_SHOWN_MAX}
    return View(template="imports/show.html", values=values)


def undo(visit: Visit) -> Outcome:
    """Take an import back."""
    import_id = visit.id("id")
    if import_id is None:
        raise NotFound("import", visit.sent.names["id"])
    made = visit.run(undo_import, UndoImport(id=import_id))
    said = visit.language.text("{file} was taken back, with everything that it brought.", file=made.file_name)
    return Redirect(to="/imports", message=said)


PAGES = (
    PageRoute(method="GET", path="/imports", show=show),
    PageRoute(method="GET", path="/import", show=go_there),
    PageRoute(method="GET", path="/export", show=go_there),
    PageRoute(method="POST", path="/imports", show=send, body_max=UPLOAD_MAX),
    PageRoute(method="GET", path="/imports/staged/{id}", show=show_staged),
    PageRoute(method="POST", path="/imports/staged/{id}", show=change, body_max=2 * 1024 * 1024),
    PageRoute(method="GET", path="/imports/{id}", show=show_import),
    PageRoute(method="POST", path="/imports/{id}/undo", show=undo),
)
