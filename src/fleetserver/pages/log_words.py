"""Words for what the log of changes names by codes: what was done, to which record, in which field.

Every English word here is a message of the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping

from fleetcore.history.model import ChangeKind
from fleetcore.kernel.languages import Language

__all__ = [
    "DONE",
    "FIELDS",
    "READ",
    "RECORDS",
    "SAID",
    "done",
    "field_word",
    "record_name",
    "record_noun",
    "value_word",
]

DONE: Mapping[ChangeKind, str] = {
    ChangeKind.CREATED: "added",
    ChangeKind.CHANGED: "changed",
    ChangeKind.DELETED: "deleted",
    ChangeKind.RESTORED: "restored",
    ChangeKind.ERASED: "erased for good",
}
READ = "read"
RECORDS: Mapping[str, str] = {
    "account": "account of the books",
    "assignment": "driver of a vehicle",
    "attachment": "file",
    "category": "category",
    "checklist": "checklist",
    "closed month": "closed month",
    "document": "document",
    "expense": "expense",
    "feed": "calendar address",
    "fill": "fill-up",
    "fleet": "settings",
    "grant": "lent vehicle",
    "import": "import",
    "inspection": "inspection",
    "invitation": "invitation",
    "job": "job",
    "key": "API key",
    "member": "member",
    "meter": "odometer",
    "plan item": "plan",
    "preferences": "notifications",
    "provider": "workshop",
    "rate": "mileage rate",
    "read": "looked at",
    "reading": "odometer reading",
    "recurring": "recurring expense",
    "reminder": "reminder",
    "role": "role",
    "service": "service",
    "station": "station",
    "template": "template",
    "transaction": "booking",
    "tread check": "tread measurement",
    "trip": "trip",
    "tyre fitting": "tyre change",
    "tyre set": "set of tyres",
    "user": "person",
    "vehicle": "vehicle",
}
FIELDS: Mapping[str, str] = {
    "amount": "amount",
    "at": "time",
    "at odometer": "due at",
    "carrier": "fuel",
    "carriers": "fuels",
    "category": "category",
    "client": "customer",
    "colour": "colour",
    "cost": "cost",
    "currency": "currency",
    "deleted at": "deleted",
    "distance": "distance",
    "done on": "done on",
    "driver": "driver",
    "due odometer": "due at",
    "due on": "due on",
    "email": "e-mail",
    "end odometer": "odometer at the end",
    "end place": "to",
    "ended at": "end",
    "ends on": "ends on",
    "energy": "energy",
    "estimated cost": "expected cost",
    "every": "every",
    "every months": "every so many months",
    "expected cost": "expected cost",
    "file name": "file",
    "grade": "grade",
    "is active": "switched on",
    "is email unproven": "e-mail not confirmed",
    "is finished": "finished",
    "is full": "full tank",
    "issuer": "issuer",
    "labour cost": "labour",
    "locale": "language",
    "make": "make",
    "mass": "mass",
    "missed previous": "one before is missing",
    "model": "model",
    "name": "name",
    "notes": "notes",
    "number": "number",
    "odometer": "odometer",
    "on": "day",
    "parts cost": "parts",
    "phone": "phone",
    "place": "place",
    "planned on": "planned on",
    "plate": "plate",
    "provider": "workshop",
    "purchase price": "purchase price",
    "purchased on": "bought on",
    "purpose": "purpose",
    "reason": "reason",
    "result": "result",
    "roles": "roles",
    "sale price": "sale price",
    "snoozed until": "later, on",
    "sold on": "sold on",
    "spent on": "paid on",
    "start odometer": "odometer at the start",
    "start place": "from",
    "started at": "start",
    "starts on": "starts on",
    "state": "state",
    "station": "station",
    "status": "state",
    "storage place": "kept at",
    "tags": "tags",
    "tank capacity": "tank",
    "timezone": "time zone",
    "title": "title",
    "total": "total",
    "trip": "distance since the last one",
    "unit price": "unit price",
    "units": "units",
    "urgency": "urgency",
    "variant": "variant",
    "vehicle": "vehicle",
    "vin": "VIN",
    "volume": "volume",
    "warranty until": "warranty until",
    "website": "website",
    "year": "year",
}
SAID = ("yes", "no", "former member")
UNITS = ("_km", "_l", "_kwh", "_kg", "_id")


def done(language: Language, kind: ChangeKind) -> str:
    """Return what was done to a record."""
    return language.text(DONE[kind])


def record_noun(language: Language, word: str) -> str:
    """Return what people call a record of this kind; one that has no word here by its code."""
    return language.text(RECORDS.get(word, word))


def record_name(language: Language, entity: str) -> str:
    """Return what people call a record by the name of its kind in the log, such as "fuel.fill"."""
    return record_noun(language, entity.rpartition(".")[2].replace("_", " "))


def field_word(language: Language, name: str) -> str:
    """Return what people call a field: its name in the log, or as the history of a record writes it."""
    for ending in UNITS:
        name = name.removesuffix(ending)
    plain = name.replace("_", " ")
    return language.text(FIELDS[plain]) if plain in FIELDS else plain


def value_word(language: Language, value: str) -> str:
    """Return a value as the history writes it, where it is a word of ours."""
    return language.text(value) if value in SAID else value
