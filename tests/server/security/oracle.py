"""What the permission matrix says of a request: read from the data file alone, by a few rules, without the core.

* Nobody who is not signed in is told anything: 401.
* Who lacks a permission altogether is told so, whatever they name: 403, which says nothing about what there is.
* What lies beyond the reach of the permission that is asked for does not exist: 404.
* Somebody else's record that one sees, but may change only one's own: 403; that one does not see: 404.
* What belongs to the whole fleet needs the permission for the whole fleet: 403.
* A PATCH reads first, so what its reader may not see comes before what its writer may not do.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from importlib.resources import files

from .rows import Nature, Row
from .town import GRANTED, GUEST, OTHER, OWN

__all__ = ["ALLOWED", "CUSTOM_CELLS", "HIDDEN", "KEY_CELLS", "answer", "cells", "permission_names"]

ALLOWED, FORBIDDEN, HIDDEN = 200, 403, 404
DATA = tomllib.loads(files("fleetcore.people").joinpath("roles.toml").read_text("utf-8"))


def permission_names() -> list[str]:
    """Return every permission, in the order of the file."""
    return list(DATA["permissions"])


def cells(role: str) -> Mapping[str, str]:
    """Return the letter (A, G, O) of each permission that a built-in role has."""
    if role == GUEST:
        return dict(DATA["guest"]["permissions"])
    column = list(DATA["roles"]).index(role)
    found = {name: row[0].split()[column].removesuffix("+2") for name, row in DATA["permissions"].items()}
    return {name: letter for name, letter in found.items() if letter != "-"}


# A custom role and a key that hold each permission differently from any built-in role.
CUSTOM_CELLS = {name: "GAO"[number % 3] for number, name in enumerate(permission_names()) if number % 5 != 4}
KEY_CELLS = {
    name: "OGA"[number % 3]
    for number, name in enumerate(permission_names())
    if number % 4 != 3 and name in cells("owner")
}


def _reaches(letter: str | None, place: str) -> bool:
    """Say whether a permission held as *letter* reaches the vehicle of *place*."""
    return letter == "A" or (letter in {"G", "O"} and place in {OWN, GRANTED})


def _sees(letter: str | None, place: str) -> bool:
    """Say whether a record at *place* is seen by a permission held as *letter*."""
    return _reaches(letter, place) and (letter != "O" or place == OWN)


def answer(held: Mapping[str, str], declared: str | None, row: Row, place: str, *, is_guest: bool = False) -> int:
    """Return what is to be answered to a request that *declared* decides, of who holds *held*, about *place*."""
    permission = row.asks or declared
    letter = held.get(permission or "")
    if row.nature is Nature.FILE:
        return _about_file(held, row, place)
    if row.nature is Nature.USER or permission is None:
        letter = letter or ""
    if letter is None:
        return FORBIDDEN
    if (rule := RULES.get(row.nature)) is not None:
        return rule(letter, place)
    if row.nature is Nature.SOME:
        return _about_some(held, row)
    if row.nature is Nature.SHARED:
        writes = not (permission or "").endswith(".read")
        return _about_shared(letter if writes else "A", place, is_guest=is_guest)
    return _about_vehicle(held, permission or "", row, place)


def _about_some(held: Mapping[str, str], row: Row) -> int:
    lacking = {None, "O"} if row.complete else {None}
    return FORBIDDEN if row.also and held.get(row.also) in lacking else ALLOWED


def _about_vehicle(held: Mapping[str, str], permission: str, row: Row, place: str) -> int:
    letter = held[permission]
    if row.complete and letter == "O":
        return FORBIDDEN
    if place == OTHER or not _reaches(letter, place):
        return HIDDEN
    if row.nature is Nature.VEHICLE and row.sees is not None and not _reaches(held.get(row.sees), place):
        return HIDDEN
    if row.also is not None and not _reaches(held.get(row.also), place):
        return HIDDEN if row.also in held else FORBIDDEN
    if row.nature is Nature.VEHICLE or _sees(letter, place):
        return ALLOWED
    return FORBIDDEN if _sees(held.get(row.sees or reader_of(permission)), place) else HIDDEN


def _about_file(held: Mapping[str, str], row: Row, place: str) -> int:
    letter = held.get(row.asks or "")
    if place == OTHER or not _sees(held.get(row.sees or ""), place):
        return HIDDEN
    if letter is None:
        return FORBIDDEN
    if not _reaches(letter, place):
        return HIDDEN
    return ALLOWED if _sees(letter, place) else FORBIDDEN


def _about_fleet(letter: str | None, place: str) -> int:
    if letter != "A":
        return FORBIDDEN
    return HIDDEN if place == OTHER else ALLOWED


def reader_of(permission: str | None) -> str:
    """Return the permission by which what *permission* changes is seen."""
    area = (permission or "").partition(".")[0]
    return f"{area}.read" if f"{area}.read" in DATA["permissions"] else "vehicles.read"


def _about_shared(letter: str | None, place: str, *, is_guest: bool) -> int:
    if place == OTHER or (is_guest and place != OWN):
        return HIDDEN
    return ALLOWED if letter != "O" or place == OWN else FORBIDDEN


RULES: Mapping[Nature, Callable[[str | None, str], int]] = {
    Nature.ANYONE: lambda _letter, _place: ALLOWED,
    Nature.ALL: lambda letter, _place: ALLOWED if letter == "A" else FORBIDDEN,
    Nature.WHOLE: _about_fleet,
    Nature.USER: lambda letter, place: ALLOWED if place == OWN else _about_fleet(letter, place),
    Nature.ABSENT: lambda letter, _place: HIDDEN if letter in {"", "A"} else FORBIDDEN,
    Nature.MINE: lambda _letter, place: ALLOWED if place == OWN else HIDDEN,
    Nature.PERSON: lambda letter, place: ALLOWED if place == OWN or (letter == "A" and place != OTHER) else HIDDEN,
}
