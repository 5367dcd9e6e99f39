"""The description of the API as one page for people: no script, nothing loaded from anywhere."""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

import orjson

from fleetcore.kernel.html import Markup, element, fragment

from .openapi_parts import Schema

__all__ = ["page_of", "policy"]

DEPTH_MAX = 3
METHODS = ("get", "post", "put", "patch", "delete")
STYLE = (files(__package__) / "docs_page.css").read_text("utf-8")
GENERAL = ("X-Correlation-Id", "traceparent", "If-None-Match", "Idempotency-Key")
GENERAL_STATUSES = ("400", "401", "403", "413", "415", "429", "503")
LIMITS = {
    "minLength": "at least {} long",
    "maxLength": "at most {} characters",
    "pattern": "form {}",
    "default": "default {}",
}
MARKED = re.compile(r"``?|\*(?=\w)|(?<=\w)\*")
BASICS: tuple[tuple[str, str], ...] = (
    ("Signing in", "`POST /auth/login` gives an access token; send it, or an API key, as `Authorization: Bearer`."),
    ("Changing", "Send the ETag of what you read as `If-Match`: without it 428, with an old one 412."),
    ("Repeating", "Send an `Idempotency-Key` with a write, and the same again gives the first answer once more."),
    (
        "Lists",
        "They are `{items, next}`: ask again with `?cursor=` until `next` is null. `Accept: text/csv` gives a table.",
    ),
    ("Errors", "Every answer of 400 and above is `application/problem+json` and lists all faults with JSON pointers."),
    ("Units", "Figures are metric, with the unit in their name; `?units=us` or `imperial` tells yours beside them."),
)


def policy() -> str:
    """Return the content security policy of the page: its own style, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )


def page_of(document: Mapping[str, Any], address: str) -> str:
    """Return the page that tells what *document* says; the API's description is at *address*."""
    return _Page(document, address).written()


class _Page:
    """Writes one page."""

    def __init__(self, document: Mapping[str, Any], address: str) -> None:
        self._document, self._address = document, address
        self._by_tag: dict[str, list[tuple[str, str, Schema]]] = {each["name"]: [] for each in document["tags"]}
        for path, methods in document["paths"].items():
            for method in METHODS:
                if method in methods:
                    self._by_tag[methods[method]["tags"][0]].append((method, path, methods[method]))

    def written(self) -> str:
        """Return the whole page."""
        info = self._document["info"]
        head = element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("title", f"{info['title']} API {info['version']}"),
            element("style", Markup(STYLE)),
        )
        frame = element("div", self._header(), self._navigation(), element("main", list(self._areas())), class_="frame")
        return "<!doctype html>\n" + element("html", head, element("body", frame), lang="en")

    def _header(self) -> Markup:
        info = self._document["info"]
        count = sum(map(len, self._by_tag.values()))
        return element(
            "header",
            element("h1", f"{info['title']} API"),
            element("p", f"{info['summary']} {count} operations, version {info['version']}.", class_="soft"),
            element("p", "For programs: ", element("a", "OpenAPI 3.1", href=self._address)),
            element("dl", [element("div", element("dt", name), element("dd", _coded(text))) for name, text in BASICS]),
            element("details", element("summary", "What holds for every operation"), self._general(), class_="general"),
        )

    def _general(self) -> Markup:
        shared = self._document["components"]["parameters"]
        rows = [(name, each["schema"], False, each["description"]) for name, each in shared.items() if name in GENERAL]
        problems = {status: answer for status, answer in self._problems() if status in GENERAL_STATUSES}
        return fragment(element("h4", "Headers"), self._table(rows), element("h4", "Answers"), self._answers(problems))

    def _problems(self) -> Iterator[tuple[str, Schema]]:
        for name, answer in self._document["components"]["responses"].items():
            yield name.removeprefix("Problem"), answer

    def _navigation(self) -> Markup:
        entries = [
            element("li", element("a", name, element("span", len(operations)), href=f"#area-{name}"))
            for name, operations in self._by_tag.items()
        ]
        return element("nav", element("p", "Areas"), element("ul", entries), aria_label="Areas")

    def _areas(self) -> Iterator[Markup]:
        about = {each["name"]: each["description"] for each in self._document["tags"]}
        for name, operations in self._by_tag.items():
            listed = [self._operation(*each) for each in operations]
            yield element(
                "section", element("h2", name, id=f"area-{name}"), element("p", about[name], class_="soft"), listed
            )

    def _operation(self, method: str, path: str, said: Schema) -> Markup:
        summary = element(
            "summary",
            element("span", method.upper(), class_=f"method {method}"),
            element("span", path, class_="address"),
            element("span", said["summary"], class_="about"),
            id=said["operationId"],
        )
        inside = element("div", list(self._inside(method, path, said)), class_="inside")
        return element("details", summary, inside, class_="operation")

    def _inside(self, method: str, path: str, said: Schema) -> Iterator[Markup]:
        if more := said.get("description", "").partition("\n")[2].strip():
            yield from (element("p", _coded(" ".join(part.split()))) for part in more.split("\n\n"))
        yield element("p", self._access(said), class_="soft")
        named = [self._resolved(each) for each in said["parameters"]]
        if own := [each for each in named if each["name"] not in GENERAL]:
            yield element("h4", "Address and headers")
            yield self._table(
                (each["name"], each["schema"], each["required"], each.get("description", "")) for each in own
            )
        body = self._json(said.get("requestBody", {}))
        if rows := list(self._fields(body.get("schema", {}))):
            yield from (element("h4", "Body"), self._table(rows))
        yield element("h4", "Answers")
        yield self._answers(
            {status: each for status, each in said["responses"].items() if status not in GENERAL_STATUSES}
        )
        yield element("div", list(self._examples(method, path, said)), class_="pair")

    def _examples(self, method: str, path: str, said: Schema) -> Iterator[Markup]:
        yield _shown("Example", self._curl(method, path, said))
        status, answer = next(each for each in said["responses"].items() if each[0] < "300")
        if "example" in (told := self._json(answer)):
            yield _shown(f"Answer {status}", _pretty(told["example"]))

    def _access(self, said: Schema) -> str:
        if said.get("security") == []:
            return "For anyone: no sign-in is needed."
        if permission := said.get("x-permission"):
            return f"Needs the permission {permission}."
        return "For everyone who is signed in."

    def _answers(self, responses: Mapping[str, Schema]) -> Markup:
        rows = []
        for status, answer in sorted(responses.items()):
            whole = self._resolved(answer)
            content: Schema = next(iter(whole.get("content", {}).values()), {})
            schema = content.get("schema", {})
            kind = self._type(schema) if status.startswith("2") and schema else ", ".join(whole.get("content", {}))
            rows.append([element("code", status), kind, whole["description"]])
        return _rows(("Status", "What", "When"), rows)

    def _table(self, fields: Iterable[tuple[str, Schema, bool, str]]) -> Markup:
        rows = [
            [
                fragment(element("code", name), element("span", " required", class_="must") if required else None),
                self._type(schema),
                fragment(_coded(about), _limits(self._resolved(schema))),
            ]
            for name, schema, required, about in fields
        ]
        return _rows(("Name", "Type", "What"), rows)

    def _fields(self, schema: Schema, before: str = "", depth: int = 0) -> Iterator[tuple[str, Schema, bool, str]]:
        """Yield the fields of an object, those of the objects in it beneath them."""
        whole = self._resolved(schema)
        for name, each in whole.get("properties", {}).items():
            yield f"{before}{name}", each, name in whole.get("required", ()), each.get("description", "")
            inner = self._resolved(self._bare(each))
            if depth < DEPTH_MAX and inner.get("type") == "array":
                yield from self._fields(inner.get("items", {}), f"{before}{name}[].", depth + 1)
            elif depth < DEPTH_MAX and set(inner.get("properties", ())) != {"amount", "currency"}:
                yield from self._fields(inner, f"{before}{name}.", depth + 1)

    def _bare(self, schema: Schema) -> Schema:
        rest = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
        return rest[0] if len(rest) == 1 else schema

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            found: Any = self._document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema

    def _type(self, schema: Schema) -> str:
        whole = self._resolved(schema)
        if "anyOf" in whole:
            return " or ".join(self._type(each) for each in whole["anyOf"])
        if "enum" in whole:
            return " | ".join(map(str, whole["enum"]))
        kinds = whole.get("type", "anything")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        return " or ".join(self._kind(kind, whole) for kind in kinds)

    def _kind(self, kind: str, whole: Schema) -> str:
        if kind == "array":
            return f"list of {self._type(whole.get('items', {}))}"
        if kind == "object" and isinstance(whole.get("additionalProperties"), dict):
            return f"object of {self._type(whole['additionalProperties'])}"
        if kind == "object" and {"items", "next"} == set(whole.get("properties", ())):
            return f"page of {self._type(whole['properties']['items']['items'])}"
        if kind == "object" and {"amount", "currency"} == set(whole.get("properties", ())):
            return "money"
        if kind == "object":
            return str(whole.get("title", "object"))
        return str(whole.get("format", kind)) if kind == "string" else kind

    def _json(self, place: Schema) -> Schema:
        found: Schema = self._resolved(place).get("content", {}).get("application/json", {})
        return found

    def _curl(self, method: str, path: str, said: Schema) -> str:
        parameters = [self._resolved(each) for each in said["parameters"]]
        queries = []
        for each in parameters:
            values = each.get("example", f"{{{each['name']}}}")
            if each["in"] == "path":
                path = path.replace(f"{{{each['name']}}}", str(values))
            elif each["in"] == "query" and "example" in each:
                queries += [f"{each['name']}={value}" for value in (values if isinstance(values, list) else [values])]
        asked = "?" + "&".join(queries) if queries else ""
        lines = [f'curl {"" if method == "get" else f"-X {method.upper()} "}"$HOST{path}{asked}"']
        if said.get("security") != []:
            lines.append('-H "Authorization: Bearer $TOKEN"')
        if any(each["name"] == "If-Match" for each in parameters):
            lines.append("-H 'If-Match: \"1\"'")
        if body := self._json(said.get("requestBody", {})):
            lines.append("-H 'Content-Type: application/json'")
            lines.append("-d " + shlex.quote(_pretty(body.get("example", {}))))
        elif "requestBody" in said:
            lines.append("-T FILE")
        return " \\\n  ".join(lines)


def _rows(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    heading = element("thead", element("tr", [element("th", title, scope="col") for title in titles]))
    written = [element("tr", [element("td", cell) for cell in row]) for row in rows]
    return element("table", heading, element("tbody", written))


def _shown(title: str, text: str) -> Markup:
    return element("div", element("h4", title), element("pre", element("code", text), tabindex=0))


def _coded(text: str) -> Markup:
    """Return *text* with what stands between backticks, or asterisks, as code."""
    return fragment([element("code", part) if index % 2 else part for index, part in enumerate(MARKED.split(text))])


def _limits(schema: Schema) -> Markup:
    """Return what a value must keep to."""
    told = [text.format(_plainly(schema[name])) for name, text in LIMITS.items() if schema.get(name) not in (None, "")]
    return element("span", " " + "; ".join(told), class_="soft") if told else Markup("")


def _plainly(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value).lower()


def _pretty(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
