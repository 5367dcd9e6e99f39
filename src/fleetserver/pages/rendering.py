"""Templates: one environment for all pages, with how the visitor reads numbers, days and money at hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import aiohttp_jinja2
import jinja2
from aiohttp import web
from jinja2.bccache import Bucket
from markupsafe import Markup

from fleetserver.auth.service import Accounts

from .assets import Assets
from .faults import told, told_error
from .help_topics import topic_of
from .languages import language_names
from .log_words import field_word, record_noun
from .paper import address_on_paper, code_on_paper
from .routing import View
from .visits import Visit
from .words import device_name, format_name, permission_name, role_name, spoken

__all__ = ["Renderer", "environment"]

NOTHING = "\N{EN DASH}"  # where there is no amount


class _Compiled(jinja2.BytecodeCache):
    """Keeps compiled templates in memory: applications of one process need not compile them once more."""

    def __init__(self) -> None:
        self._codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code of a template, where it is known and the template is as it was."""
        if (code := self._codes.get(bucket.key)) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        self._codes[bucket.key] = bucket.bytecode_to_string()


COMPILED = _Compiled()


def environment(app: web.Application) -> jinja2.Environment:
    """Return the environment of every template: what is put into a page is escaped, what is not there is an error."""
    return aiohttp_jinja2.setup(
        app,
        loader=jinja2.PackageLoader("fleetserver"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=COMPILED,
    )


class Renderer:
    """Writes views as HTML."""

    def __init__(
        self, assets: Assets, accounts: Accounts, templates: jinja2.Environment, feedback_url: str | None
    ) -> None:
        self._templates = templates
        self._accounts = accounts
        self._feedback_url = feedback_url
        templates.globals["code_on_paper"] = code_on_paper
        icons = assets.url("icons.svg")
        templates.globals["asset"] = assets.url
        templates.globals["icon"] = lambda name: Markup(
            '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>'
        ).format(icons, name)

    def written(self, visit: Visit, view: View) -> str:
        """Return the page of *view*, or its part where the browser asks for that alone."""
        template = self._templates.get_template(view.template)
        values = {**_at_hand(visit), **view.values, "is_single_user": self._accounts.settings.single_user}
        values["feedback_url"] = self._feedback_url
        values["paper"] = address_on_paper(self._accounts.settings.public_url, visit.sent, values["here"])
        return template.render(values, part=view.part if visit.sent.wants_part else "")


def _at_hand(visit: Visit) -> Mapping[str, Any]:
    """Return what every template may use."""
    language = visit.language
    known = visit.known is not None
    at_hand: dict[str, Any] = {
        "visit": visit,
        "language": language.code,
        "_": language.text,
        "ngettext": language.count,
        "theme": visit.sent.cookies.get("fleet-theme", ""),
        "is_compact": visit.sent.cookies.get("fleet-density") == "compact",
        "path": visit.sent.path,
        "here": visit.sent.path + (f"?{urlencode(visit.sent.query)}" if visit.sent.query else ""),
        "mark": visit.mark,
        "csrf": visit.csrf_token,
        "said": visit.said,
        "new_key": lambda: str(uuid4()),
        "spoken": partial(spoken, language),
        "role_name": partial(role_name, language),
        "told": partial(told, language),
        "told_error": partial(told_error, language),
        "permission_name": partial(permission_name, language),
        "device": partial(device_name, language),
        "format_name": partial(format_name, language),
        "record_noun": partial(record_noun, language),
        "field_word": partial(field_word, language),
        "languages": language_names(),
        "help_topic": topic_of(visit.sent.path),
    }
    if known:
        display = visit.display
        at_hand |= {
            "day": visit.day,
            "distance": display.distance,
            "quantity": display.quantity,
            "consumption": display.consumption,
            "money": visit.money,
            "moneys": lambda values: " + ".join(visit.money(value) for value in values) or NOTHING,
            "minute": visit.minute,
            "fleet": visit.fleet,
            "user": visit.user,
        }
    return at_hand
