"""Tables that fit the terminal, and sparklines."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from attrs import frozen

from .output import can_show

__all__ = ["Column", "details", "plain", "sparkline", "table", "terminal_width"]

GAP = "  "
SHRUNK_MIN = 14
BLOCKS = "▁▂▃▄▅▆▇█"
ASCII_BLOCKS = "_.-=+*#@"


@frozen
class Column:
    """A column: its title, whether it holds numbers, and what may be done to it when the terminal is narrow.

    *drop* is the order in which columns are left out, 1 first; 0 stays always.
    """

    title: str
    right: bool = False
    flexible: bool = False
    drop: int = 0


def terminal_width() -> int:
    """Return the columns of the terminal."""
    return max(shutil.get_terminal_size((80, 24)).columns, 20)


def plain(text: str) -> str:
    """Return *text* on one line, without the control characters that could play tricks on a terminal."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


def shown_width(text: str) -> int:
    """Return how many columns *text* takes: wide letters two, combining marks none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def shortened(text: str, width: int) -> str:
    """Return *text* cut to *width* columns, with a mark where something is missing."""
    if shown_width(text) <= width:
        return text
    mark = "…" if can_show("…") else "~"
    kept = ""
    for character in text:
        if shown_width(kept + character) > width - 1:
            break
        kept += character
    return kept.rstrip() + mark


def table(columns: Sequence[Column], rows: Iterable[Sequence[str]], *, totals: int = 0) -> Iterator[str]:
    """Yield the lines of a table; the last *totals* rows stand below a rule. Columns without any text are left out."""
    cells = [[plain(cell) for cell in row] for row in rows]
    chosen = [i for i in range(len(columns)) if any(row[i] for row in cells)]
    widths = {i: max([shown_width(columns[i].title), *(shown_width(row[i]) for row in cells)]) for i in chosen}
    _fit(columns, widths, terminal_width())
    rule = "─" if can_show("─") else "-"
    line = GAP.join(rule * width for width in widths.values())
    yield _line(columns, [column.title for column in columns], widths)
    yield line
    for index, row in enumerate(cells):
        if totals and index == len(cells) - totals:
            yield line
        yield _line(columns, row, widths)


def _fit(columns: Sequence[Column], widths: dict[int, int], width_max: int) -> None:
    """Shrink the widest text, then leave columns out, until the table fits."""

    def excess() -> int:
        return sum(widths.values()) + len(GAP) * (len(widths) - 1) - width_max

    while (over := excess()) > 0:
        flexible = [i for i in widths if columns[i].flexible and widths[i] > SHRUNK_MIN]
        if flexible:
            widest = max(flexible, key=widths.__getitem__)
            widths[widest] -= min(over, widths[widest] - SHRUNK_MIN)
            continue
        droppable = [i for i in widths if columns[i].drop]
        if not droppable:
            return
        del widths[min(droppable, key=lambda i: columns[i].drop)]


def _line(columns: Sequence[Column], cells: Sequence[str], widths: dict[int, int]) -> str:
    parts = []
    for index, width in widths.items():
        text = shortened(cells[index], width)
        padding = " " * (width - shown_width(text))
        parts.append(padding + text if columns[index].right else text + padding)
    return GAP.join(parts).rstrip()


def details(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield lines of names and values, leaving out what is not known."""
    known = [(name, plain(value)) for name, value in pairs if value]
    width = max((shown_width(name) for name, _ in known), default=0)
    for name, value in known:
        yield f"{name}{' ' * (width - shown_width(name))}  {value}"


def sparkline(values: Sequence[float], width: int) -> str:
    """Draw *values*, of which neighbours are averaged into at most *width* steps, from low to high."""
    if not values:
        return ""
    steps = min(width, len(values))
    edges = [round(i * len(values) / steps) for i in range(steps + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    blocks = BLOCKS if can_show(BLOCKS) else ASCII_BLOCKS
    low, high = min(means), max(means)
    if high == low:
        return blocks[len(blocks) // 2] * steps
    return "".join(blocks[min(int((mean - low) / (high - low) * len(blocks)), len(blocks) - 1)] for mean in means)
