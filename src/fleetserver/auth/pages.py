"""The few pages that links in mails lead to: plain HTML with a form, no script, nothing loaded, nothing remembered.

Opening a link changes nothing, as programs that look at mails open links too; its form does. A form is sent with the
secret of its link and no cookie, so no other site can send one for somebody.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from aiohttp import web
from attrs import frozen

__all__ = ["Field", "form_page", "message_page", "wants_json"]

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "object-src 'none'"
)
STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem;color:#111;"
    "background:#fff}label{display:block;margin:1rem 0}input{display:block;font:inherit;width:100%;padding:.5rem;"
    "box-sizing:border-box}button{font:inherit;padding:.6rem 1.2rem;margin-top:1rem}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#111}}"
)


@frozen
class Field:
    """One field of a form; *complete* is what browsers and password managers fill it with."""

    name: str
    label: str
    kind: str = "text"
    complete: str = "off"
    value: str = ""
    is_needed: bool = True


def wants_json(request: web.Request) -> bool:
    """Say whether the client is a program rather than a browser."""
    accepted = request.headers.get("Accept", "")
    return "json" in accepted and "text/html" not in accepted


def _page(title: str, body: str, status: int) -> web.Response:
    text = (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width">\n<meta name="robots" content="noindex">\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
    headers = {
        "Content-Security-Policy": POLICY,
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=status, headers=headers)


def message_page(title: str, *paragraphs: str, status: int = 200) -> web.Response:
    """Return a page that says something."""
    return _page(title, "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs), status)


def form_page(
    title: str, paragraphs: Iterable[str], fields: Iterable[Field], button: str, *, target: str, status: int = 200
) -> web.Response:
    """Return a page with a form that is sent to *target*, an address of this host."""
    said = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    inputs = "\n".join(map(_input, fields))
    action = escape(quote(target, safe="/?=&%-_.~"))
    form = f'<form method="post" action="{action}">\n{inputs}\n<button>{escape(button)}</button>\n</form>'
    return _page(title, f"{said}\n{form}", status)


def _input(field: Field) -> str:
    if field.kind == "hidden":
        return f'<input type="hidden" name="{escape(field.name)}" value="{escape(field.value)}">'
    needed = " required" if field.is_needed else ""
    return (
        f'<label>{escape(field.label)} <input type="{escape(field.kind)}" name="{escape(field.name)}" '
        f'value="{escape(field.value)}" autocomplete="{escape(field.complete)}"{needed}></label>'
    )
