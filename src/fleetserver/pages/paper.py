"""What a page says on paper only: its address, and for records and reports the same as a code to scan."""

from __future__ import annotations

import io
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit

import segno
from markupsafe import Markup

from fleetserver.settings import is_loopback

from .visits import Sent

__all__ = ["address_on_paper", "code_on_paper"]

QUIET_ZONE = 4  # modules around the code, which readers need (ISO/IEC 18004)
SECRET_PATHS = ("/invitations/",)  # what stands in them lets whoever reads it in


def address_on_paper(public_url: str, sent: Sent, here: str) -> str | None:
    """Return the address of the page *here* in full, without the way back from it.

    None for one that holds a secret, which no paper should have.
    """
    if sent.path.startswith(SECRET_PATHS) or "token" in sent.query:
        return None
    path, _, query = here.partition("?")
    kept = urlencode([(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "back"])
    return f"{public_url}{path}{'?' if kept else ''}{kept}"


@lru_cache(maxsize=256)
def code_on_paper(address: str) -> Markup:
    """Return *address* as a QR code: an SVG of one path, dark on light, that screen readers pass over.

    It is empty for an address of this machine only: no telephone that scans it comes here.
    """
    if is_loopback(urlsplit(address).hostname or ""):
        return Markup()
    drawn = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(drawn, kind="svg", xmldecl=False, svgns=False, nl=False, border=QUIET_ZONE, omitsize=True,
              dark="#000000", light="#ffffff", svgclass=None, lineclass=None)  # fmt: skip
    svg = drawn.getvalue().decode().replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return Markup(svg)  # noqa: S704 - drawn by us: it holds no text
