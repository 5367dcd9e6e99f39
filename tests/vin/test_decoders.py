"""Decoders of plugins: asked, merged, kept for 30 days, and never in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

import attrs
import pytest

import fleetcore
from fleetcore import Core
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.errors import Forbidden, Rejected
from fleetcore.testing.builders import new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vin.asking import HANGING_MAX, DecoderDesk
from fleetcore.vin.model import Confidence, DecodeVin, ListMakes, ListModels, VinAnswer
from fleetcore.vin.ports import VinDecoderSpec
from fleetcore.vin.service import decode_vin, list_makes, list_models

from .decoders import Decoders, Says, hangs, raises, spec

VIN = "WVWZZZ1JZXW000001"
GOLF = VinAnswer(make="Volkswagen", model="Golf", engine="1.9 TDI", raw={"id": 7})
Opened = Callable[..., AbstractContextManager[tuple[Core, Actor]]]


@pytest.fixture
def opened(database_url: str, clock: FixedClock) -> Opened:
    """Open a Core with decoders, on each engine in turn."""

    @contextmanager
    def open_with(*specs: VinDecoderSpec) -> Iterator[tuple[Core, Actor]]:
        with fleetcore.open(database_url, plugins=[Decoders(*specs)], installed_plugins=False, clock=clock) as core:
            yield core, core.create_fleet("Home")

    return open_with


def asked(of: VinDecoderSpec) -> list[str]:
    """Return what the decoder was asked."""
    assert isinstance(of.decoder, Says)
    return of.decoder.asked


def test_a_decoder_adds_what_the_number_does_not_tell(opened: Opened) -> None:
    """Its findings come with its name; what it leaves out stays as the number tells; its raw answer is kept."""
    with opened(spec("dealer", GOLF)) as (core, actor):
        found = core.decode_vin(actor, "wvw zzz 1jzxw 000001")

    assert (VIN, "Golf", 1999, "1.9 TDI") == (found.vin, found.model, found.year, found.engine)
    assert ("dealer", Confidence.LIKELY) == (found.findings["model"].source, found.findings["model"].confidence)
    assert ("number", {"id": 7}) == (found.findings["year"].source, found.answers[0].answer.raw)


def test_answers_are_kept_for_30_days(opened: Opened, clock: FixedClock) -> None:
    """A VIN is asked once; the question alone then knows the answer too; after 30 days it is asked again."""
    dealer = spec("dealer", GOLF)
    with opened(dealer) as (core, actor):
        first = core.decode_vin(actor, VIN)
        assert first == core.decode_vin(actor, VIN) == core.read(actor, decode_vin, DecodeVin(vin=VIN))
        assert [VIN] == asked(dealer)

        clock.advance(days=31)
        assert core.read(actor, decode_vin, DecodeVin(vin=VIN)).model is None
        core.decode_vin(actor, VIN)
        assert [VIN, VIN] == asked(dealer)


def test_knowing_nothing_is_kept_too(opened: Opened) -> None:
    """A decoder that knows nothing of a VIN is not asked about it again and again."""
    dealer = spec("dealer", None)
    with opened(dealer) as (core, actor):
        core.decode_vin(actor, VIN)
        core.decode_vin(actor, VIN)

    assert [VIN] == asked(dealer)


def test_answers_belong_to_one_fleet(opened: Opened) -> None:
    """Another fleet does not learn what was asked here."""
    dealer = spec("dealer", GOLF)
    with opened(dealer) as (core, actor):
        core.decode_vin(actor, VIN)
        other = core.create_fleet("Other")
        assert core.read(other, decode_vin, DecodeVin(vin=VIN)).model is None


def test_the_lowest_priority_number_counts(opened: Opened) -> None:
    """Of several decoders the one of lowest priority decides each field that it knows; disagreement is told."""
    with opened(spec("b", VinAnswer(model="Polo", body="hatchback"), priority=20), spec("a", GOLF, priority=10)) as (
        core,
        actor,
    ):
        found = core.decode_vin(actor, VIN)

    assert ("Golf", "hatchback") == (found.model, found.body)
    assert ["a says Golf, b says Polo: compare it with the papers"] == [
        w.message for w in found.warnings if w.code == "vin.disagreement"
    ]


def test_a_decoder_that_contradicts_the_number_is_told(opened: Opened) -> None:
    """A decoder goes before the number, and says so where they differ."""
    with opened(spec("a", VinAnswer(make="Audi", year=2029))) as (core, actor):
        found = core.decode_vin(actor, VIN)

    assert ("Audi", 2029) == (found.make, found.year)
    assert {"make", "year"} == {w.field for w in found.warnings if w.code == "vin.disagreement"}


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (raises, "failed: RuntimeError: no service today"),
        (hangs, "took too long"),
        (lambda _vin: "Golf", "failed: TypeError"),
        (lambda _vin: VinAnswer(make=7), "failed: TypeError"),  # type: ignore[arg-type]
        (lambda _vin: VinAnswer(year="1999"), "failed: TypeError"),  # type: ignore[arg-type]
        (lambda _vin: VinAnswer(raw=object()), "failed: TypeError"),
        (lambda _vin: VinAnswer(raw="x" * 300_000), "failed: ValueError"),
    ],
)
def test_a_broken_decoder_is_reported_and_skipped(opened: Opened, broken: Any, words: str) -> None:
    """Whatever one decoder does, the others answer, and a warning names it; it is asked again next time."""
    patience_s = 0.2 if "too long" in words else 60  # only who hangs is to be given up on, however slow the machine
    bad = spec("bad", broken, priority=1, seconds=patience_s)
    with opened(bad, spec("good", GOLF)) as (core, actor):
        found = core.decode_vin(actor, VIN)

        assert "Golf" == found.model
        assert [f"the decoder bad {words}"] == [
            w.message[: len(words) + 16] for w in found.warnings if w.code == "vin.decoder_failed"
        ]
        core.decode_vin(actor, VIN)
    assert [VIN, VIN] == asked(bad)


def test_a_hanging_decoder_is_left_alone(clock: FixedClock) -> None:
    """After a few calls that never came back, a decoder is not called again; nothing waits for it."""
    stuck = spec("stuck", hangs, seconds=0.01)
    desk = DecoderDesk([stuck])
    told = [desk.ask(VIN, clock.now())[1][0].message for _ in range(HANGING_MAX + 2)]

    assert HANGING_MAX == len(asked(stuck))
    assert "the decoder stuck is busy with earlier questions" == told[-1]


def test_what_cannot_be_a_vin_is_not_asked(opened: Opened) -> None:
    """Decoders see 17 legal characters only."""
    dealer = spec("dealer", GOLF)
    with opened(dealer) as (core, actor):
        assert not core.decode_vin(actor, "WVWZZZ1JZXW00000O").valid
        with pytest.raises(Rejected, match="longer"):
            core.decode_vin(actor, "W" * 101)

    assert [] == asked(dealer)


def test_who_may_not_see_vehicles_asks_nobody(opened: Opened) -> None:
    """Asking decoders may cost: it needs the right to see vehicles."""
    with opened(spec("dealer", GOLF)) as (core, actor), pytest.raises(Forbidden):
        core.decode_vin(attrs.evolve(actor, permissions={}), VIN)


def test_a_vehicle_can_be_added_while_decoders_fail(opened: Opened) -> None:
    """No decoder stands between a user and their vehicle."""
    with opened(spec("stuck", hangs)) as (core, actor):
        assert VIN == new_vehicle(core, actor, vin=VIN).vin


@pytest.mark.parametrize(
    "bad",
    [
        "no spec",
        VinDecoderSpec(name="", decoder=Says(None)),
        VinDecoderSpec(name="a", decoder=Says(None), api=2),
        VinDecoderSpec(name="a", decoder=object()),  # type: ignore[arg-type]
        VinDecoderSpec(name="a", decoder=Says(None), time_limit=timedelta()),
    ],
)
def test_a_decoder_that_cannot_be_asked_is_refused_at_once(sqlite_url: str, bad: Any) -> None:
    """A wrong registration is an error when the Core is opened, not at the first VIN."""
    with pytest.raises((TypeError, ValueError), match="decoder"):
        fleetcore.open(sqlite_url, plugins=[Decoders(bad)], installed_plugins=False)


def test_two_decoders_need_two_names(sqlite_url: str) -> None:
    """A name stands for one decoder, also across plugins."""
    with pytest.raises(ValueError, match="a name of its own"):
        fleetcore.open(
            sqlite_url, plugins=[Decoders(spec("a", None)), Decoders(spec("a", None))], installed_plugins=False
        )


def test_makes_and_models_can_be_picked(sqlite_core: Core, sqlite_owner: Actor) -> None:
    """Makes and models are found by the beginning of any word, however accents and capitals are typed."""
    makes = sqlite_core.read(sqlite_owner, list_makes, ListMakes(prefix="sko"))
    models = sqlite_core.read(sqlite_owner, list_models, ListModels(make="SKODA", prefix="o"))

    assert ["Škoda"] == [make.name for make in makes]
    assert [("Octavia", ("hatchback", "wagon"))] == [(model.name, model.bodies) for model in models]
    assert "Land Rover" in {m.name for m in sqlite_core.read(sqlite_owner, list_makes, ListMakes(prefix="rov"))}
    assert () == sqlite_core.read(sqlite_owner, list_models, ListModels(make="Nobody"))
    everything = sqlite_core.read(sqlite_owner, list_makes, ListMakes())
    assert len(everything) > 80
    assert sorted(make.name.casefold() for make in everything)[0] == everything[0].name.casefold()
