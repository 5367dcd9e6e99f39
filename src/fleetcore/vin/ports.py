"""Who decodes VINs beyond what their characters tell, and where such answers are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from attrs import frozen

from fleetcore.kernel.ports import StoreKey

from .model import KeptAnswer, VinAnswer

__all__ = ["ANSWERS", "API_VERSION", "AnswerStore", "VinDecoder", "VinDecoderSpec"]

API_VERSION = 1
TIME_LIMIT = timedelta(seconds=5)


class VinDecoder(Protocol):
    """What a plugin brings: something that knows more of a VIN than its characters tell."""

    def decode(self, vin: str) -> VinAnswer | None:
        """Return what is known of *vin*, 17 legal characters; None for nothing. May raise, and may take its time."""
        ...


@frozen(kw_only=True)
class VinDecoderSpec:
    """A decoder as a plugin registers it.

    Of several that know a field, the one of lowest *priority* counts, equal ones by *name*; what the number itself
    tells counts last. An answer that takes longer than *time_limit* is not waited for. *api* is the version of this
    contract that the plugin was written for.
    """

    name: str
    decoder: VinDecoder
    priority: int = 100
    time_limit: timedelta = TIME_LIMIT
    api: int = API_VERSION


class AnswerStore(Protocol):
    """The answers of decoders that one fleet got."""

    def of(self, vin: str, since: datetime) -> Sequence[KeptAnswer]:
        """Return what decoders answered for *vin* since *since*, by priority and source."""
        ...

    def keep(self, vin: str, answer: KeptAnswer) -> None:
        """Keep *answer*, in place of an older one of the same source."""
        ...

    def forget_before(self, instant: datetime) -> None:
        """Erase the answers that are older than *instant*."""
        ...


ANSWERS: StoreKey[AnswerStore] = StoreKey("vin.answers")
