"""What a page is: an address, a function of the visit, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from attrs import field, frozen

if TYPE_CHECKING:
    from .visits import Visit

__all__ = ["Document", "Outcome", "PageRoute", "Redirect", "Undo", "View"]


@frozen(kw_only=True)
class View:
    """A page to be written: a template with its values; a browser that asks for a part gets the block *part*."""

    template: str
    values: Mapping[str, Any] = field(factory=dict)
    status: int = 200
    part: str = "content"
    headers: Mapping[str, str] = field(factory=dict)
    cookies: Mapping[str, str | None] = field(factory=dict, repr=False)


@frozen(kw_only=True)
class Undo:
    """How what was just done is taken back: an operation with the values of its command, or of several in turn."""

    operation: str
    values: Mapping[str, Any] | Sequence[Mapping[str, Any]]


@frozen(kw_only=True)
class Redirect:
    """Go on at *to*, an address of ours, where *message* is told and, if there is a way back, offered."""

    to: str
    message: str = ""
    undo: Undo | None = None
    cookies: Mapping[str, str | None] = field(factory=dict, repr=False)


@frozen(kw_only=True)
class Document:
    """A file or a page that is whole already: its bytes, or an open file that is closed once it was sent."""

    body: bytes | BinaryIO = field(repr=False)
    content_type: str
    file_name: str | None = None
    headers: Mapping[str, str] = field(factory=dict)


Outcome = View | Redirect | Document


@frozen(kw_only=True)
class PageRoute:
    """One address of the pages; who is not signed in sees only what *is_open*.

    What is reached *by_link* has a secret in its address: no browser keeps it, and its form needs no other token.
    What *hashes* a password runs apart, so that others need not wait for it.
    """

    method: str
    path: str
    show: Callable[[Visit], Outcome]
    is_open: bool = False
    by_link: bool = False
    hashes: bool = False
    body_max: int = 64 * 1024
