"""A wire between a server and its database that can go silent, as a network does that drops every packet."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from attrs import define, field
from tests.server.serving import HOST

__all__ = ["Wire", "wired"]

CHUNK = 65536


@define
class Wire:
    """Hands bytes between those who connect to it and what *reach* connects to, unless it is silent."""

    reach: Callable[[], socket.socket]
    listening: socket.socket = field(factory=lambda: socket.create_server((HOST, 0)))
    is_silent: threading.Event = field(factory=threading.Event)
    _ends: dict[socket.socket, socket.socket] = field(factory=dict, init=False)
    _is_over: threading.Event = field(factory=threading.Event, init=False)

    @property
    def port(self) -> int:
        """Where to connect to."""
        return int(self.listening.getsockname()[1])

    def run(self) -> None:
        """Hand bytes on until the end; while silent, nothing is read and nobody is told."""
        with selectors.DefaultSelector() as ready, self.listening:
            ready.register(self.listening, selectors.EVENT_READ)
            while not self._is_over.wait(0.005 if self.is_silent.is_set() else 0):
                for key, _events in [] if self.is_silent.is_set() else ready.select(0.05):
                    end = key.fileobj
                    assert isinstance(end, socket.socket)
                    if end is self.listening:
                        self._join(ready)
                    elif end in self._ends:
                        self._hand_on(ready, end)
            for end in self._ends:
                end.close()

    def _join(self, ready: selectors.BaseSelector) -> None:
        near, _address = self.listening.accept()
        try:
            far = self.reach()
        except OSError:
            near.close()
            return
        for one, other in ((near, far), (far, near)):
            self._ends[one] = other
            ready.register(one, selectors.EVENT_READ)

    def _hand_on(self, ready: selectors.BaseSelector, end: socket.socket) -> None:
        other = self._ends[end]
        try:
            if data := end.recv(CHUNK):
                other.sendall(data)
                return
        except OSError:
            pass
        for gone in (end, other):
            ready.unregister(gone)
            del self._ends[gone]
            gone.close()

    def end(self) -> None:
        """Hand nothing on any more."""
        self._is_over.set()


@contextmanager
def wired(path: str) -> Iterator[Wire]:
    """Lend a wire to the Unix socket at *path*."""

    def reach() -> socket.socket:
        made = socket.socket(socket.AF_UNIX)
        with suppress_closing(made):
            made.connect(path)
        return made

    wire = Wire(reach)
    thread = threading.Thread(target=wire.run)
    thread.start()
    try:
        yield wire
    finally:
        wire.end()
        thread.join(10)


@contextmanager
def suppress_closing(made: socket.socket) -> Iterator[None]:
    """Close *made* where the block fails."""
    try:
        yield
    except OSError:
        with suppress(OSError):
            made.close()
        raise
