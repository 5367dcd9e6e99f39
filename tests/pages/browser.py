"""A browser without scripts: it keeps cookies, follows redirects and fills forms as they stand on the page."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from attrs import define, field, frozen

HOST = "127.0.0.1"
VOID = {"input", "meta", "link", "br", "hr", "img"}


@define
class HtmlForm:
    """A form of a page: where it is sent and how, what stands in it, and its fields for files and for words."""

    action: str
    fields: dict[str, str] = field(factory=dict)
    method: str = "get"
    is_multipart: bool = False
    files: list[str] = field(factory=list)
    words: list[str] = field(factory=list)
    buttons: list[tuple[str, str]] = field(factory=list)  # that send it, each with its name and value


@frozen
class Page:
    """What came back."""

    status: int
    path: str
    headers: Mapping[str, str]
    html: str

    @property
    def forms(self) -> list[HtmlForm]:
        """The forms of the page, with their fields as they stand."""
        reader = _Forms()
        reader.feed(self.html)
        return reader.forms

    def form(self, action: str | None = None) -> HtmlForm:
        """Return the one form that is sent to *action*; without one, to the page itself."""
        return next(form for form in self.forms if form.action == (action or form.action) and form.fields)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[HtmlForm] = []
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value if value is not None else "" for name, value in attrs}
        if tag == "form":
            method, is_multipart = said.get("method", "get").lower(), said.get("enctype") == "multipart/form-data"
            self.forms.append(HtmlForm(said.get("action", ""), method=method, is_multipart=is_multipart))
        elif tag == "button" and self.forms and said.get("type", "submit") == "submit":
            self.forms[-1].buttons.append((said.get("name", ""), said.get("value", "")))
        elif tag == "input" and self.forms and said.get("type") == "file":
            self.forms[-1].files.append(said.get("name", ""))
        elif tag == "input" and self.forms and "name" in said:
            if said.get("type") in {"text", "search"} and "inputmode" not in said:
                self.forms[-1].words.append(said["name"])
            if said.get("type") != "checkbox" or "checked" in said:
                self.forms[-1].fields[said["name"]] = "on" if said.get("type") == "checkbox" else said.get("value", "")
        elif tag == "select":
            self._select = said.get("name", "")
        elif tag == "option" and "selected" in said:
            self.forms[-1].fields[self._select] = said.get("value", "")
        elif tag == "textarea":
            self._area = said.get("name", "")
            self.forms[-1].fields[self._area] = ""
            self.forms[-1].words.append(self._area)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].fields[self._area] += data


@define
class Browser:
    """Visits the server at *port*."""

    port: int
    cookies: dict[str, str] = field(factory=dict)
    language: str = "en"

    def ask(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = {}) -> Page:
        """Send one request, following no redirect."""
        connection = HTTPConnection(HOST, self.port, timeout=30)
        try:
            sent = {"Accept": "text/html", "Accept-Language": self.language, **headers}
            if self.cookies:
                sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request(method, path, body=body, headers=sent)
            reply = connection.getresponse()
            told = {name.lower(): value for name, value in reply.getheaders()}
            for said in reply.headers.get_all("Set-Cookie") or []:
                for name, morsel in SimpleCookie(said).items():
                    if morsel.value and morsel["max-age"] != "0":
                        self.cookies[name] = morsel.value
                    else:
                        self.cookies.pop(name, None)
            return Page(reply.status, path, told, reply.read().decode("utf-8", "replace"))
        finally:
            connection.close()

    def open(self, path: str, **headers: str) -> Page:
        """Visit *path*, following redirects."""
        page = self.ask("GET", path, headers=headers)
        for _ in range(5):
            if page.status not in {302, 303}:
                return page
            page = self.ask("GET", page.headers["location"], headers=headers)
        raise AssertionError(f"{path} redirects for ever")

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Page:
        """Send *fields*, following no redirect."""
        sent = {
            "Content-Type": "application/x-www-form-urlencoded",
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        return self.ask("POST", path, urlencode(fields).encode(), sent)

    def fill(self, page: Page, action: str | None = None, /, **typed: str) -> Page:
        """Type into a form of *page*, send it and follow where it leads."""
        form = page.form(action)
        answer = self.post(form.action or page.path, {**form.fields, **typed})
        return self.open(answer.headers["location"]) if answer.status == 303 else answer
