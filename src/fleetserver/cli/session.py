"""One call of ``fleet``: its database, fleet and user, and how it talks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from fleetcore import Core
    from fleetcore.kernel.actor import Actor
    from fleetcore.kernel.when import Clock
    from fleetcore.operations import Operation, Query
    from fleetserver.presentation.display import Display

__all__ = ["Session", "pass_session"]

C = TypeVar("C")
R = TypeVar("R")


class Session:
    """Opens the database when it is first needed, and closes it at the end."""

    def __init__(
        self, *, database: str | None, fleet_name: str | None, email: str | None, as_json: bool, quiet: bool
    ) -> None:
        self.chosen_database = database
        self.fleet_name = fleet_name
        self.email = email
        self.as_json = as_json
        self.quiet = quiet
        self.clock: Clock | None = None  # None: the machine's
        self._core: Core | None = None
        self._actor: Actor | None = None
        self._display: Display | None = None

    @property
    def url(self) -> str:
        """The URL of the database."""
        from .places import database_url

        return database_url(self.chosen_database)

    @property
    def place(self) -> str:
        """Where the database is, for people: a file's path, or a URL without its password."""
        return self.core.database.name.removeprefix("the database ").removeprefix("sqlite:///")

    @property
    def core(self) -> Core:
        """The core over a database that is there; raises NoGarage for a SQLite file that is not."""
        from .failures import NoGarage
        from .places import sqlite_file

        if self._core is None:
            file = sqlite_file(self.url)
            if file is not None and not file.exists():
                raise NoGarage(
                    f"there is no garage yet: {file} does not exist. Make one with `fleet init`, "
                    "or read a log right away with `fleet import FILE`"
                )
        return self.open()

    def open(self) -> Core:
        """Return the core, making a SQLite file that is not there yet."""
        if self._core is None:
            import fleetcore

            from .places import attachments_folder, make_folder_of, sqlite_file

            if (file := sqlite_file(self.url)) is not None:
                make_folder_of(file)
            folder = attachments_folder(self.url)
            self._core = fleetcore.open(self.url, clock=self.clock, attachments=folder)
        return self._core

    @contextmanager
    def new_database(self, *, keep: bool = True) -> Iterator[None]:
        """Take back a SQLite file that is made meanwhile, when the work in it fails or *keep* is false."""
        from .places import remove_database, sqlite_file

        file = sqlite_file(self.url)
        is_new = file is not None and not file.exists()
        done = False
        try:
            yield
            done = keep
        finally:
            if is_new and not done and file is not None:
                self.close()
                remove_database(file)

    def close(self) -> None:
        """Give the database back."""
        if self._core is not None:
            self._core.close()
            self._core = None
            self._actor = None

    @property
    def actor(self) -> Actor:
        """Who asks: the named user, else the owner, of the named or only fleet."""
        if self._actor is None:
            self._actor = self.core.actor(self.email, fleet=self.fleet_name)
        return self._actor

    def act_as(self, actor: Actor) -> None:
        """Let *actor* ask from now on."""
        self._actor = actor
        self._display = None

    def run(self, operation: Operation[C, R], command: C) -> R:
        """Run *operation* and return the accepted fact."""
        return self.core.run(self.actor, operation, command)

    def read(self, query: Query[C, R], command: C) -> R:
        """Answer *query*."""
        return self.core.read(self.actor, query, command)

    @property
    def display(self) -> Display:
        """How facts are written for this user."""
        if self._display is None:
            from fleetcore.people.commands import GetFleet, GetUser
            from fleetcore.people.service import get_fleet, get_user
            from fleetserver.presentation.display import Display

            self._display = Display.of(self.read(get_fleet, GetFleet()), self.read(get_user, GetUser()))
        return self._display

    def show(self, value: Any, human: Callable[[], Iterable[str]]) -> None:
        """Write the result: *value* as JSON when asked for, else the lines that *human* returns."""
        if self.as_json:
            from .output import write_json

            write_json(value)
            return
        for line in human():
            click.echo(line)

    def done(self, value: Any, sentence: str) -> None:
        """Write what was done: the fact as JSON when asked for, else the *sentence*."""
        self.show(value, lambda: [] if self.quiet else [sentence])

    def note(self, text: str) -> None:
        """Tell the user something that is not the result."""
        if not self.quiet:
            click.echo(text, err=True)


pass_session = click.make_pass_decorator(Session)
