"""HTML pages that print well: escaped by construction, self-contained, with tables and charts anyone can read.

Whatever is given as text is text: only what :func:`element` and its friends return counts as markup. A page carries
its own style and may load nothing, which its content security policy also says.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import TypeVar

from attrs import frozen

__all__ = ["Cell", "Markup", "element", "facts", "fragment", "page", "section", "table"]

NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")  # a note must not turn the text around it
VOID = frozenset({"br", "hr", "img", "meta", "link"})
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class Markup(str):
    """HTML that is already escaped; made by the functions of this module only."""

    __slots__ = ()


Child = str | int | None
Cell = Child
C = TypeVar("C")


def escaped(value: Child) -> str:
    """Return *value* as HTML text: markup as it is, everything else escaped; None is nothing."""
    if isinstance(value, Markup):
        return value
    if value is None:
        return ""
    return html.escape(DIRECTIONS.sub("", UNPRINTABLE.sub("\ufffd", str(value))), quote=True)


def fragment(*children: Child | Iterable[Child]) -> Markup:
    """Join *children*, texts, markup or lists of them, into one piece of markup."""
    return Markup("".join(escaped(child) for child in _flat(children)))


def element(tag: str, *children: Child | Iterable[Child], **attributes: str | int | bool | None) -> Markup:
    """Return the element *tag* around *children*.

    Attribute names lose a trailing underscore and write others as hyphens: ``class_``, ``aria_label``. True writes
    the bare attribute; None and False leave it out.
    """
    if not NAME.fullmatch(tag):
        raise ValueError(f"{tag!r} is not the name of an element")
    written = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in VOID:
        return Markup(f"<{tag}{written}>")
    return Markup(f"<{tag}{written}>{fragment(*children)}</{tag}>")


def _flat(children: Iterable[Child | Iterable[Child]]) -> Iterable[Child]:
    for child in children:
        if child is None or isinstance(child, str | int):
            yield child
        else:
            yield from _flat(child)


def _attribute(name: str, value: str | int | bool | None) -> str:
    if value is None or value is False:
        return ""
    plain = name.removesuffix("_").replace("_", "-")
    if not NAME.fullmatch(plain) or plain.lower().startswith("on"):
        raise ValueError(f"{plain!r} is not an attribute that a page may have")
    return f" {plain}" if value is True else f' {plain}="{escaped(value)}"'


@frozen(kw_only=True)
class _Column:
    title: str
    style: str | None


def table(
    caption: str,
    titles: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    numbers: Iterable[int] = (),
    whole: Iterable[int] = (),
    totals: int = 0,
    is_compact: bool = False,
    is_under_heading: bool = False,
) -> Markup:
    """Return a table with a *caption* and column *titles*; the first cell of each row names the row.

    The columns whose indexes are *numbers* are set to the right, those that are *whole* are never broken; the last
    *totals* rows stand below a rule, and columns in which no row says anything are left out. A *compact* table is as
    wide as it needs to be; the caption of one *under a heading* that says the same is there for screen readers only.
    """
    said = [list(row) for row in rows]
    styles = {**dict.fromkeys(whole, "whole"), **dict.fromkeys(numbers, "number")}
    kept = [i for i in range(len(titles)) if i == 0 or any(row[i] not in {None, ""} for row in said)]
    columns = {i: _Column(title=titles[i], style=styles.get(i)) for i in kept}
    head = element("tr", [element("th", c.title, scope="col", class_=c.style) for c in columns.values()])
    body, foot = (said[:-totals], said[-totals:]) if totals else (said, [])
    return element(
        "table",
        element("caption", caption, class_="unseen" if is_under_heading else None),
        element("thead", head),
        element("tbody", [_row(columns, row) for row in body]),
        element("tfoot", [_row(columns, row) for row in foot]) if foot else None,
        class_="compact" if is_compact else None,
    )


def _row(columns: dict[int, _Column], row: Sequence[Cell]) -> Markup:
    cells = []
    for index, column in columns.items():
        tag, scope = ("th", "row") if index == 0 else ("td", None)
        cells.append(element(tag, row[index], scope=scope, class_=column.style))
    return element("tr", cells)


def facts(pairs: Iterable[tuple[str, Cell]]) -> Markup:
    """Return a list of names and values; what has no value is left out."""
    known = [(name, value) for name, value in pairs if value not in {None, ""}]
    return element(
        "dl", [element("div", element("dt", name), element("dd", value)) for name, value in known], class_="facts"
    )


def section(title: str, *children: Child | Iterable[Child], class_: str | None = None) -> Markup:
    """Return a section under a heading of the second level; nothing where there are no *children*."""
    inner = fragment(*children)
    return element("section", element("h2", title), inner, class_=class_) if inner else Markup("")


def page(title: str, *children: Child | Iterable[Child], language: str = "en", style: str = "") -> Markup:
    """Return a whole page, for the screen and for paper of any size; *style* is added to the shared one.

    *style* is CSS of ours, never of users.
    """
    sheet = print_style() + style
    if "</" in sheet:
        raise ValueError("a style sheet holds no markup")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        Markup(f"<style>\n{sheet}</style>"),
    )
    body = element("body", element("main", *children))
    return Markup(f"<!doctype html>\n{element('html', head, body, lang=language)}\n")


@cache
def print_style() -> str:
    """Return the style sheet that all printed pages share."""
    return (files(__package__) / "print.css").read_text("utf-8")
