"""Draws docs/images/terminal.svg from what ``fleet demo`` prints: ``python docs/images/make_terminal_picture.py``.

Text stands on a grid, each run of words at its own column, so that any monospaced font keeps the tables straight.
Rules and sparklines are drawn, because fonts disagree on how wide they are. Colours follow the reader's theme.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

PICTURE = Path(__file__).with_name("terminal.svg")
SHOWN = ("fleet due", "fleet report economy", "fleet report compare")
TODAY = "2026-11-21"  # the demo ends on this day, so that the picture stays
LEFT_OUT = ("Fine", "Parking", "Registration", "Toll", "Wash", "Loss of value")  # it would be long
CELL, LINE = 8.4, 20  # of 14 pixels
LEFT, TOP, BAR = 24, 62, 38
SPARKS = "▁▂▃▄▅▆▇█"
RUN = re.compile(r"─+|[▁-█]+|[^\s─▁-█]+(?: [^\s─▁-█]+)*")
STYLE = """
  .desk { fill: #ffffff; stroke: #c9d1d9 } .bar { fill: #eef1f4 } .dot { fill: #b6bfc8 }
  text { fill: #1f2328; font-size: 14px; font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
         white-space: pre }
  .prompt { fill: #0a5c2b; font-weight: 700 } .head { fill: #3d464f; font-weight: 700 } .soft { fill: #4a535c }
  .rule { stroke: #8b949e } .spark { fill: #0550ae }
  @media (prefers-color-scheme: dark) {
    .desk { fill: #0d1117; stroke: #30363d } .bar { fill: #161b22 } .dot { fill: #484f58 }
    text { fill: #e6edf3 } .prompt { fill: #7ee787 } .head { fill: #d0d7de } .soft { fill: #b1bac4 }
    .rule { stroke: #6e7681 } .spark { fill: #79c0ff }
  }"""


def demo_output() -> list[str]:
    """Return what the demo prints, as wide as the picture may be."""
    program = Path(sys.executable).with_name("fleet")
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "COLUMNS": "90", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", "TZ": "UTC"}
        command = [str(program), "--database", str(Path(folder) / "demo.db"), "demo", "--today", TODAY]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout.splitlines()


def chosen(output: list[str]) -> list[str]:
    """Return the commands that the picture shows, with what they print."""
    lines: list[str] = []
    inside = False
    for line in output:
        if line.startswith("$ "):
            inside = line[2:].startswith(SHOWN)
        if inside and not line.startswith("$ ") and not any(char.isalpha() or char == "─" for char in line) and line:
            inside = False
        if inside and not line.startswith(LEFT_OUT):
            lines.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip().split("\n")


def drawn(number: int, line: str, style: str) -> Iterator[str]:
    """Yield the elements of one line."""
    bottom = TOP + number * LINE
    for run in RUN.finditer(line):
        left, width = LEFT + run.start() * CELL, len(run[0]) * CELL
        if run[0][0] == "─":
            y = bottom - 5
            yield f'<line class="rule" x1="{left:.1f}" y1="{y}" x2="{left + width:.1f}" y2="{y}"/>'
        elif run[0][0] in SPARKS:
            for place, char in enumerate(run[0]):
                height = 2 * (SPARKS.index(char) + 1)
                x = left + place * CELL
                yield f'<rect class="spark" x="{x:.1f}" y="{bottom + 2 - height}" width="6.4" height="{height}"/>'
        else:
            fit = f' textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs"' if len(run[0]) > 1 else ""
            yield f'<text class="{style}" x="{left:.1f}" y="{bottom}"{fit}>{escape(run[0])}</text>'


def style_of(lines: list[str], number: int) -> str:
    """Return how a line is set: a command, a table's header, a note, or plain."""
    line = lines[number]
    after = [*lines, ""][number + 1]
    if line.startswith("$ "):
        return "prompt"
    if after.startswith("─") and not re.search(r"\d", line):
        return "head"
    return "soft" if line.startswith("  ") else "line"


def picture(lines: list[str]) -> str:
    """Return the whole SVG."""
    width = round(2 * LEFT + max(map(len, lines)) * CELL)
    height = TOP + len(lines) * LINE
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title" {size}>',
        '<title id="title">A terminal: fleet says what is due, and compares what two cars take and cost</title>',
        f"<style>{STYLE}\n</style>",
        f'<rect class="desk" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="10"/>',
        f'<path class="bar" d="M1 {BAR}V10a9 9 0 0 1 9-9h{width - 20}a9 9 0 0 1 9 9v{BAR - 10}z"/>',
        *(f'<circle class="dot" cx="{24 + 20 * place}" cy="19" r="6"/>' for place in range(3)),
    ]
    for number, line in enumerate(lines):
        parts += drawn(number, line, style_of(lines, number))
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(picture(chosen(demo_output())), "utf-8")
