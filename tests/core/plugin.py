"""A plugin with an area of its own, as a third party would write it, and ways in which one may fail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from attrs import field, frozen

from fleetcore import hookimpl
from fleetcore.kernel.area import Area
from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.events import CommittedEvent, Event, event
from fleetcore.kernel.ports import StoreKey, UnitOfWork
from fleetcore.operations import operation, query
from fleetcore.vehicles.events import VehicleAdded
from fleetcore.vehicles.ports import VEHICLES


@frozen(kw_only=True)
class Note:
    """A note about a vehicle, of the plugin's own."""

    id: UUID
    text: str
    author: str = field(default="", metadata={"personal": True})


@frozen(kw_only=True)
class WriteNote:
    """Ask for a note to be written."""

    text: str
    author: str = ""


@frozen(kw_only=True)
class ListNotes:
    """Ask for the notes."""


@event("notes.note_written", key="note_id")
@frozen(kw_only=True)
class NoteWritten(Event):
    """A note was written."""

    note_id: UUID


class NoteStore(Protocol):
    """Where notes are kept."""

    def add(self, note: Note) -> None:
        """Store *note*."""

    def all(self) -> Sequence[Note]:
        """Return every note of the fleet."""


NOTES: StoreKey[NoteStore] = StoreKey("notes.notes")
SHELF: dict[UUID, list[Note]] = {}


@frozen
class ShelfNotes:
    """Keeps the notes of a fleet on a shelf in memory."""

    connection: Any
    fleet_id: UUID

    def add(self, note: Note) -> None:
        """Store *note*."""
        SHELF.setdefault(self.fleet_id, []).append(note)

    def all(self) -> Sequence[Note]:
        """Return every note of the fleet."""
        return SHELF.get(self.fleet_id, [])


@operation("notes.write", permission=None)
def write_note(uow: UnitOfWork, command: WriteNote) -> Note:
    """Write a note."""
    note = Note(id=uow.new_id(), text=command.text, author=command.author)
    uow[NOTES].add(note)
    uow.record_change("notes.note", note.id, None, note)
    uow.emit(NoteWritten(note_id=note.id))
    return note


@query("notes.list", permission=None)
def list_notes(uow: UnitOfWork, command: ListNotes) -> tuple[Note, ...]:
    """List the notes."""
    return tuple(uow[NOTES].all())


def refuse_trucks(uow: UnitOfWork, told: VehicleAdded) -> None:
    """React to a new vehicle: none may be called Truck."""
    if told.vehicle_name == "Truck":
        raise Rejected.because("name", "we take no trucks")


AREA = Area(
    name="notes",
    stores={NOTES: ShelfNotes},
    operations=(write_note, list_notes),
    events=(NoteWritten,),
    needs=(VEHICLES,),
    reactions={VehicleAdded: refuse_trucks},
)


class NotesPlugin:
    """Brings the area of notes."""

    @hookimpl
    def fleetcore_areas(self) -> list[Area]:
        """Return the area of notes."""
        return [AREA]


class Listener:
    """Remembers what it is told, and fails when it is told to."""

    def __init__(self, *, fails: bool = False) -> None:
        self.heard: list[CommittedEvent] = []
        self.fails = fails

    @hookimpl
    def fleetcore_event_committed(self, committed: CommittedEvent) -> None:
        """Hear of an event."""
        self.heard.append(committed)
        if self.fails:
            raise RuntimeError("this plugin is broken")
