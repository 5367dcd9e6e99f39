"""Find every text that people read, and keep the catalogues of other languages complete.

    python -m tools.messages          write new texts into the catalogues, empty, and take out what is gone
    python -m tools.messages --check  say what is missing or wrong, and fail if anything is

There are three catalogues for each language: what the library says itself (``fleetcore/locale``), the texts of the
pages (``fleetserver/locale``), and what is wrong with what somebody typed (``fleetserver/locale/faults``), which the
library says in English with values in it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import TypeGuard

from attrs import frozen
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

__all__ = ["CATALOGUES", "Texts", "core_texts", "fault_texts", "page_texts", "problems_of"]

SOURCE = Path(__file__).parents[1] / "src"
CORE, SERVER = SOURCE / "fleetcore", SOURCE / "fleetserver"
Message = str | tuple[str, str]
Texts = Mapping[Message, str]  # each with where it stands, for people who look for it
PLACE = re.compile(r"\{(\w*)\}")
PAGES = "fleetserver.pages"
MAILS = "fleetserver/auth/mail.py"  # in the language of the library, which mails are written in
BESIDE_PAGES = (  # what is said to who runs a host, to programs and to commands
    *("fleetcore/archives", "fleetcore/batches", "fleetcore/core", "fleetcore/exports/", "fleetcore/kernel/settings"),
    *("fleetcore/kernel/wire", "fleetcore/live/", "fleetcore/registry", "fleetcore/storage/", "fleetcore/worker/"),
    *("fleetcore/imports/source", "fleetcore/kernel/paging", "fleetcore/kernel/sorting", "fleetserver/auth/keys.py"),
    *("fleetserver/auth/settings.py", "fleetcore/catalogue", "fleetcore/plugins", "fleetcore/calendars/"),
)
SPOKEN_OF = {  # which keywords of what is declared are texts of pages
    "Step": ("name", "intro", "save", "said"),
    "ReportKind": ("title", "about"),
    "ChartKind": ("title",),
}
TELLING = {"Problem": 1, "because": 1, "refuse": 1, "Unreadable": 0}  # which argument is the message
REMARKING = (
    "fleetcore/imports/",
    "fleetcore/reports/sources",
    "fleetcore/reports/upcoming",
    "fleetcore/reports/yearly",
)
REMARK_WORDS_MIN = 3  # what is shorter is a value or a code
RAISING = {"Conflict": 0, "Forbidden": 0, "Unavailable": 0, "Unauthenticated": 0, "LimitExceeded": 0, "ValueError": 0}


@frozen
class Place:
    """One catalogue: its folder, and what has to stand in it."""

    folder: Path
    texts: Callable[[], Texts]


def core_texts() -> Texts:
    """Return what the library says in the language of its readers."""
    found: dict[Message, str] = {}
    for path, tree in _trees(CORE):
        found |= dict.fromkeys(_called(tree), path)
    return found


def page_texts() -> Texts:
    """Return the texts of templates and of pages, and the words for what the library names by codes."""
    found: dict[Message, str] = {}
    for path in sorted((SERVER / "templates").rglob("*.html")):
        source = BytesIO(path.read_bytes())
        for _line, function, message, _comments in babel_extract(source, ("_", "ngettext"), (), {}):
            if (text := _message(function, message)) is not None:
                found[text] = str(path.relative_to(SOURCE))
    for where, tree in _trees(SERVER):
        if where == MAILS:
            continue
        found |= dict.fromkeys(_called(tree), where)
        if _is_of_pages(where, tree):
            found |= dict.fromkeys(_declared(tree), where)
    return found | dict.fromkeys(_spoken(), "fleetserver/pages/words.py")


def _spoken() -> Iterator[str]:
    from fleetcore.expenses.model import BUILT_IN_CATEGORIES
    from fleetcore.people.roles import matrix
    from fleetserver.pages.log_words import DONE, FIELDS, READ, RECORDS, SAID
    from fleetserver.pages.shown import SHOWN, SHOWN_CODES
    from fleetserver.pages.words import SPOKEN, WORDS
    from fleetserver.search.places import PLACES, SHORTCUTS
    from fleetserver.vehicles.timeline_words import CODES, PARTS, TITLES

    yield from SPOKEN.values()
    yield from SHOWN
    yield from (form for table in (TITLES, PARTS, {"": CODES}) for forms in table.values() for form in forms)
    yield from (place.name for place in (*PLACES, *SHORTCUTS))
    yield from (str(each.value).replace("_", " ").capitalize() for kind in SHOWN_CODES for each in kind)
    yield from (*DONE.values(), READ, *RECORDS.values(), *FIELDS.values(), *SAID)
    yield from (str(each.value).replace("_", " ") for kind in WORDS for each in kind)
    yield from (category.name for category in BUILT_IN_CATEGORIES.values())
    yield from (role.title for role in matrix().roles.values())
    yield from (permission.about for permission in matrix().permissions.values())


def fault_texts() -> Texts:
    """Return what is told of what somebody typed, with a name in braces for each value in it."""
    found: dict[Message, str] = {}
    for folder in (CORE, SERVER / "presentation", SERVER / "pages", SERVER / "auth"):
        for where, tree in _trees(folder):
            if where.startswith(BESIDE_PAGES):
                continue
            in_presentation = "presentation" in where
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and (text := _fault(node, with_errors=in_presentation)):
                    found[text] = where
            found |= dict.fromkeys(_remarks(tree) if where.startswith(REMARKING) else (), where)
    return found


def _remarks(tree: ast.Module) -> Iterator[str]:
    """Yield what is remarked on files and forecasts: what is noted in lists, returned by functions, or is a basis."""
    for node in ast.walk(tree):
        said: list[ast.expr] = []
        if isinstance(node, ast.Call) and _name(node.func) in {"append", "RowNote"}:
            said = list(node.args[-1:])
        elif isinstance(node, ast.Return) and node.value is not None:
            said = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        elif isinstance(node, ast.IfExp):
            said = [node.body, node.orelse]
        elif isinstance(node, ast.Assign) or (isinstance(node, ast.keyword) and node.arg == "basis"):
            said = [node.value]
        for each in said:
            text = _written(each) if isinstance(each, ast.Constant | ast.JoinedStr) else None
            if text and len(PLACE.sub("", text).split()) >= REMARK_WORDS_MIN:
                yield text


def _fault(call: ast.Call, *, with_errors: bool) -> str | None:
    name = _name(call.func)
    if name == "ValueError" and not with_errors:
        return None
    place = TELLING.get(name, RAISING.get(name))
    if place is None or len(call.args) <= place:
        return None
    text = _written(call.args[place])
    return text if text and re.search(r"[a-z]{2}", PLACE.sub("", text)) else None


def _written(node: ast.expr) -> str | None:
    """Return a text as it stands in the code, its values by name; None for what is put together elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    names: list[str] = []
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        elif isinstance(part, ast.FormattedValue):
            names.append(_free(_name(part.value) or "value", names))
            parts.append(f"{{{names[-1]}}}")
    return "".join(parts)


def _free(name: str, taken: list[str]) -> str:
    word = name.lower()
    number = 2
    while word in taken:
        word, number = f"{name.lower()}_{number}", number + 1
    return word


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return ""


def _trees(folder: Path) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        where = path.relative_to(SOURCE).as_posix()
        if "/testing/" not in where and "/migrations/" not in where:
            yield where, ast.parse(path.read_text("utf-8"))


def _called(tree: ast.Module) -> Iterator[Message]:
    """Yield what stands in calls like ``language.text("...")``, ``_("...")``, ``language.count("...", "...", n)``."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        is_method = isinstance(node.func, ast.Attribute)
        words = [each.value for each in node.args[:2] if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if words and ((is_method and _name(node.func) == "text") or _name(node.func) == "_"):
            yield words[0]
        elif len(words) == 2 and len(node.args) > 2 and _name(node.func) in {"count", "ngettext"}:
            yield words[0], words[1]


def _is_of_pages(where: str, tree: ast.Module) -> bool:
    imported = (node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return "/pages/" in where or "/search/" in where or any(name.startswith(PAGES) for name in imported)


def _declared(tree: ast.Module) -> Iterator[str]:
    """Yield the words of records that are declared: names, titles of columns, what an empty list teaches; help."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in {"Place", "Shortcut"}:
            yield from (str(each.value.value) for each in node.keywords if each.arg == "name" and _is_text(each.value))
        elif isinstance(node, ast.Call) and _name(node.func) in {"Words", "Column", "Marked", "Topic", "Point", "Term"}:
            for said in (*node.args, *(each.value for each in node.keywords if each.arg != "name")):
                if isinstance(said, ast.Constant) and isinstance(said.value, str):
                    yield said.value
        elif isinstance(node, ast.Call):
            for each in node.keywords:
                if each.arg in SPOKEN_OF.get(_name(node.func), ()) and isinstance(each.value, ast.Constant):
                    yield str(each.value.value)


def _is_text(node: ast.expr) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _message(function: str | None, found: object) -> Message | None:
    """Return what a template says in one call: its text, or its two texts for one and for many."""
    said = (found,) if isinstance(found, str) else found if isinstance(found, tuple | list) else ()
    texts = [each for each in said if isinstance(each, str)]
    if function == "ngettext":
        return (texts[0], texts[1]) if len(texts) > 1 else None
    return texts[0] if texts else None


CATALOGUES = {
    "core": Place(CORE / "locale", core_texts),
    "pages": Place(SERVER / "locale", page_texts),
    "faults": Place(SERVER / "locale" / "faults", fault_texts),
}


def problems_of(catalogue: Catalog, texts: Texts, *, is_whole: bool = True) -> Iterator[str]:
    """Yield what is missing in *catalogue*, whose values differ and, if *texts* are whole, what is of nothing."""
    for text, where in texts.items():
        entry = catalogue.get(text)
        if entry is None or not _strings(entry.string) or not all(_strings(entry.string)):
            yield f"{where}: no translation of {text!r}"
            continue
        wanted = [set(PLACE.findall(each)) for each in _strings(text)]
        said = [set(PLACE.findall(each)) for each in _strings(entry.string)]
        allowed = set.union(*wanted)
        if not all(each <= allowed for each in said) or set.union(*said) != allowed:
            yield f"{where}: {text!r} and its translation {entry.string!r} name other values"
    known = set(texts)
    if not is_whole:
        return
    for entry in catalogue:
        if entry.id and (entry.id if isinstance(entry.id, str) else tuple(entry.id)) not in known:
            yield f"{entry.id!r} is translated, and stands nowhere any more"


def _strings(said: object) -> tuple[str, ...]:
    if isinstance(said, str):
        return (said,) if said else ()
    return tuple(map(str, said)) if isinstance(said, tuple | list) else ()


def catalogue_at(path: Path) -> Catalog:
    """Return the catalogue in *path*; an empty one where there is none."""
    if not path.exists():
        return Catalog(locale=path.stem)
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def write(path: Path, texts: Texts) -> None:
    """Write the catalogue at *path* with exactly *texts*, keeping what is translated."""
    before = catalogue_at(path)
    after = Catalog(locale=path.stem, fuzzy=False, header_comment=before.header_comment)
    for text in texts:
        entry = before.get(text)
        after.add(text, string=entry.string if entry is not None else "")
    out = BytesIO()
    write_po(out, after, width=120, sort_output=True, omit_header=True, no_location=True)
    head = f'# Texts in {after.locale.english_name}.\nmsgid ""\nmsgstr ""\n' if after.locale else ""
    head += '"Content-Type: text/plain; charset=utf-8\\n"\n'
    head += f'"Language: {path.stem}\\n"\n"Plural-Forms: {after.plural_forms}\\n"\n\n'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head.encode() + out.getvalue())


def languages() -> Iterable[str]:
    """Return the languages that are not English."""
    return sorted(path.stem for path in (CORE / "locale").glob("*.po"))


def main(arguments: list[str]) -> int:
    """Write the catalogues, or check them."""
    wrong = []
    for name, place in CATALOGUES.items():
        texts = place.texts()
        for language in languages():
            path = place.folder / f"{language}.po"
            if "--check" not in arguments and name != "core":
                write(path, texts)
            wrong += [
                f"{path.relative_to(SOURCE)}: {each}"
                for each in problems_of(catalogue_at(path), texts, is_whole=name != "core")
            ]
    print("\n".join(wrong) or "every text has its translation")  # noqa: T201 - the report
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
