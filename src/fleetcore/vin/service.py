"""Decode VINs, keep what decoders answered, and offer makes and models to pick from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from attrs import frozen

from fleetcore.kernel.errors import Rejected
from fleetcore.kernel.ports import UnitOfWork
from fleetcore.operations import Operation, query

from .model import DecodedVin, DecodeVin, KeptAnswer, KnownMake, KnownModel, ListMakes, ListModels
from .ports import ANSWERS
from .rules import decoded, merged
from .tables import makes_and_models

__all__ = ["KEEP_ANSWERS", "KeepAnswers", "decode_offline", "decode_vin", "join_answers", "list_makes", "list_models"]

KEPT_FOR = timedelta(days=30)
VIN_LENGTH_MAX = 100  # of what is typed, with blanks and dashes


@frozen(kw_only=True)
class KeepAnswers:
    """Keep the *answers* that decoders just gave for *vin*."""

    vin: str
    answers: tuple[KeptAnswer, ...]


def decode_offline(vin: str, this_year: int) -> DecodedVin:
    """Return what *vin* tells by itself: no database, no decoder, no network."""
    if len(vin) > VIN_LENGTH_MAX:
        raise Rejected.because("vin", f"is longer than {VIN_LENGTH_MAX} characters", "too_long")
    return decoded(vin, this_year)


@query("vin.decode", permission=None)
def decode_vin(uow: UnitOfWork, command: DecodeVin) -> DecodedVin:
    """Say what a VIN tells, what is wrong or odd about it, and what decoders answered in the last 30 days.

    Asks no decoder itself: ``Core.decode_vin`` does.
    """
    number = decode_offline(command.vin, uow.now.year)
    if number.wmi is None:
        return number
    return merged(number, uow[ANSWERS].of(number.vin, uow.now - KEPT_FOR))


def join_answers(number: DecodedVin, this_year: int, answers: Iterable[KeptAnswer]) -> DecodedVin:
    """Return *number* with *answers* beside those that it has already."""
    return merged(decoded(number.vin, this_year), (*number.answers, *answers))


def keep_answers(uow: UnitOfWork, command: KeepAnswers) -> None:
    """Keep what decoders answered, and forget what is too old."""
    uow[ANSWERS].forget_before(uow.now - KEPT_FOR)
    for answer in command.answers:
        uow[ANSWERS].keep(command.vin, answer)


# Not in the list of operations: nobody but the Core may say what a decoder answered.
KEEP_ANSWERS = Operation("vin.keep_answers", None, keep_answers)


@query("vin.list_makes", permission=None)
def list_makes(_uow: UnitOfWork, command: ListMakes) -> tuple[KnownMake, ...]:
    """List the makes of the catalogue, by name."""
    found = (KnownMake(name=make, models=len(models)) for make, models in makes_and_models().items())
    return tuple(sorted((make for make in found if begins(make.name, command.prefix)), key=lambda m: plain(m.name)))


@query("vin.list_models", permission=None)
def list_models(_uow: UnitOfWork, command: ListModels) -> tuple[KnownModel, ...]:
    """List the models of a make, by name; none for a make that is not in the catalogue."""
    wanted = plain(command.make)
    models = next((models for make, models in makes_and_models().items() if plain(make) == wanted), {})
    found = (KnownModel(name=model, bodies=bodies) for model, bodies in models.items())
    return tuple(sorted((model for model in found if begins(model.name, command.prefix)), key=lambda m: plain(m.name)))


ACCENTS = str.maketrans("šśçëéèêòóôöäüáàíìúùñ", "ssceeeeooooauaaiiuun")


def plain(name: str) -> str:
    """Return *name* as people type it: without capitals and accents."""
    return " ".join(name.casefold().translate(ACCENTS).split())


def begins(name: str, prefix: str) -> bool:
    """Say whether *name*, or a word in it, begins with *prefix*."""
    wanted = plain(prefix)
    words = plain(name).replace("-", " ").split()
    return plain(name).startswith(wanted) or any(word.startswith(wanted) for word in words)
