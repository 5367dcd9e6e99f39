"""Our own scripts and style sheets without what browsers do not need: comments, indentation, blanks beside marks.

What others wrote is served as it came.
"""

from __future__ import annotations

import re

__all__ = ["lean", "lean_script"]

# Texts, templates and patterns are kept as they are; a comment stands behind a blank or a mark.
PARTS = re.compile(
    rb"""(?P<kept>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`"""
    rb"""|(?:(?<=[(=,:!&|?;{}])|(?<=[=&|?:,][ ]))/(?![/*\s])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/)"""
    rb"""|[ ]*(?P<mark>=>|[=!<>]==?|&&|\|\||\?\?|[{}()\[\],;:?=<>&|*])[ ]*(?:(?<=[ ])//[^\n]*)?|[ ]+//[^\n]*"""
)


def lean(body: bytes) -> bytes:
    """Return a script or a style sheet without indentation and without lines that only comment."""
    lines = (line.strip() for line in re.sub(rb"/\*.*?\*/", b"", body, flags=re.DOTALL).splitlines())
    return b"\n".join(line for line in lines if line and not line.startswith(b"//"))


def lean_script(body: bytes) -> bytes:
    """Return a script without blanks and comments that mean nothing; lines stay, for some of them end a statement."""
    return PARTS.sub(lambda part: part["kept"] or part["mark"] or b"", lean(body))
