"""One visit to a page: who comes, what they sent, how they read, and their way to the core."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from attrs import define, field, frozen

from fleetcore import Core
from fleetcore.kernel.languages import Language
from fleetcore.kernel.money import Money
from fleetcore.operations import Operation, Query
from fleetcore.people.commands import GetFleet, GetUser
from fleetcore.people.model import Fleet, User
from fleetcore.people.service import get_fleet, get_user
from fleetcore.running import Reading
from fleetserver.auth.authentication import Caller
from fleetserver.auth.service import Accounts
from fleetserver.presentation.display import DayForm, Display
from fleetserver.presentation.typed import Typed

from .guard import owner_mark
from .languages import page_language

__all__ = ["Sent", "Visit"]

C = TypeVar("C")
R = TypeVar("R")


@frozen(kw_only=True)
class Sent:
    """What the browser sent: address, query, form and cookies, read on the loop."""

    method: str
    path: str
    names: Mapping[str, str]  # in the address
    query: Mapping[str, str]
    form: Mapping[str, Any]
    cookies: Mapping[str, str] = field(repr=False)
    languages: tuple[str, ...]
    correlation_id: str
    address: str | None
    device: str
    wants_part: bool = False
    is_shown: bool = True  # by a browser, rather than read by a script
    is_queued: bool = False  # sent by the service worker from what was written without a connection


def day_form(cookies: Mapping[str, str]) -> DayForm:
    """Return how days are written on this device."""
    said = cookies.get("fleet-days", "")
    return DayForm(said) if said in set(DayForm) else DayForm.WORDS


@define(kw_only=True)
class Visit:
    """A visit; its methods run in a thread, and :meth:`close` gives the connection back."""

    core: Core
    accounts: Accounts
    sent: Sent
    known: Caller | None
    csrf_token: str = field(repr=False)
    has_run: bool = field(default=False, init=False)
    _stack: ExitStack = field(factory=ExitStack, init=False, repr=False)
    _reading: Reading | None = field(default=None, init=False, repr=False)

    @property
    def caller(self) -> Caller:
        """Who comes; only for pages that are not open to strangers."""
        if self.known is None:
            raise TypeError(f"{self.sent.path} is open to strangers, and this is one")
        return self.known

    def answer(self, query: Query[C, R], command: C) -> R:
        """Answer *query*, all of a visit from one state of the fleet. Raises Forbidden, Rejected or NotFound."""
        if self._reading is None:
            self._reading = self._stack.enter_context(
                self.core.reading(self.caller.actor, correlation_id=self.sent.correlation_id, address=self.sent.address)
            )
        return self._reading.answer(query, command)

    def run(self, operation: Operation[C, R], command: C, *, part: str = "") -> R:
        """Run *operation* in a transaction of its own; what is read afterwards sees it.

        A form that asks for several names each by *part*, so that sending it twice repeats none.
        """
        self.close()  # one connection for each visit: two could wait for each other
        if operation.permission is not None:
            self.accounts.require_fresh_factor(self.caller, operation.permission)
        done = self.core.run(
            self.caller.actor,
            operation,
            command,
            idempotency_key=f"{self.sent.form['_key']}{part}" if self.sent.form.get("_key") else None,
            correlation_id=self.sent.correlation_id,
            address=self.sent.address,
        )
        self.has_run = True
        return done

    def close(self) -> None:
        """Give the connection back."""
        self._reading = None
        self._stack.close()

    @property
    def mark(self) -> str:
        """What tells this visitor in this fleet from others on one device, and tells strangers nothing; "" for none."""
        return "" if self.known is None else owner_mark(self.known.actor)

    def may(self, permission: str) -> bool:
        """Say whether the visitor holds *permission* on anything at all: what they may not do is not offered."""
        return self.known is not None and permission in self.known.actor.permissions

    @cached_property
    def fleet(self) -> Fleet:
        """The fleet that the visitor is in."""
        return self.answer(get_fleet, GetFleet())

    @cached_property
    def user(self) -> User:
        """The visitor."""
        return self.answer(get_user, GetUser())

    @cached_property
    def display(self) -> Display:
        """How the visitor reads facts."""
        return Display.of(self.fleet, self.user, language=self.language, day_form=day_form(self.sent.cookies))

    def typed(self, vehicle: Any = None) -> Typed:
        """Return what reads the visitor's numbers and days, for *vehicle* in its own units."""
        shown = self.display
        return Typed(shown.scale(vehicle), shown.timezone, shown.currency, group_mark=shown.language.marks[0])

    @cached_property
    def language(self) -> Language:
        """The visitor's language: what they chose, their fleet's, their browser's."""
        chosen = self.sent.cookies.get("fleet-language")
        mine = (self.user.locale, self.fleet.locale) if self.known is not None else ()
        return page_language(chosen, *mine, *self.sent.languages)

    def money(self, value: Money | None) -> str:
        """Write an amount as the visitor's language does."""
        return self.display.money(value)

    def day(self, value: date | datetime | None) -> str:
        """Write a day, or the day of an instant in the visitor's time zone."""
        return self.display.day(value)

    def minute(self, at: datetime | None) -> str:
        """Write an instant to the minute in the visitor's time zone."""
        return self.display.minute(at)

    def id(self, name: str) -> UUID | None:
        """Return the id called *name* in the address, the query or the form; None for what is none."""
        for source in (self.sent.names, self.sent.form, self.sent.query):
            if said := source.get(name):
                try:
                    return UUID(str(said))
                except ValueError:
                    return None
        return None

    @cached_property
    def said(self) -> Mapping[str, Any]:
        """What the page before has to tell: a message, and how to take back what was done."""
        try:
            found = json.loads(base64.urlsafe_b64decode(self.sent.cookies.get("fleet-said", "")))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
