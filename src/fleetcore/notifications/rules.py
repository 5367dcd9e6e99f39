"""What makes preferences acceptable, which channels they choose, and tokens that switch a kind off."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from attrs import frozen

from fleetcore.kernel.errors import Problem

from .model import INBOX, Digest, Kind, PreferenceFields
from .timing import parse_time

__all__ = [
    "Claim",
    "address_key",
    "channel_problems",
    "channels_for",
    "preference_problems",
    "read_token",
    "sign_token",
    "without_channel",
]

CHANNEL_SHAPE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
CHANNEL_LENGTH_MAX = 40
CHANNELS_MAX = 20
ADDRESS_LENGTH_MAX = 500
CHOSEN = tuple(kind for kind in Kind if kind.can_be_switched_off)


def channel_problems(field: str, channel: str) -> Iterator[Problem]:
    """Yield what is wrong with the name of a channel."""
    if len(channel) > CHANNEL_LENGTH_MAX or not CHANNEL_SHAPE.fullmatch(channel):
        yield Problem(field, f"{channel!r} is not the name of a channel: `fleet plugins` lists them", "channel.name")


def preference_problems(fields: PreferenceFields) -> Iterator[Problem]:
    """Yield every problem of what a member says of how to be told."""
    yield from _kind_problems("channels", fields.channels)
    yield from _kind_problems("switched_off", fields.switched_off)
    yield from _quiet_problems(fields)
    if not 0 <= fields.digest_hour <= 23:
        yield Problem("digest_hour", "must lie between 0 and 23")
    if not 0 <= fields.digest_weekday <= 6:
        yield Problem("digest_weekday", "must lie between 0 (Monday) and 6 (Sunday)")
    if fields.digest not in tuple(Digest):
        yield Problem("digest", f"must be one of {', '.join(Digest)}")
    if len(fields.addresses) > CHANNELS_MAX:
        yield Problem("addresses", f"must name at most {CHANNELS_MAX} channels")
    for channel, address in list(fields.addresses.items())[:CHANNELS_MAX]:
        yield from channel_problems(f"addresses.{channel}", channel)
        if not 1 <= len(address) <= ADDRESS_LENGTH_MAX or not address.isprintable():
            yield Problem(f"addresses.{channel}", f"must have 1 to {ADDRESS_LENGTH_MAX} printable characters")


def _kind_problems(field: str, by_kind: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    for kind, channels in by_kind.items():
        where = f"{field}.{kind}"
        if kind not in CHOSEN:
            yield Problem(where, f"is not one of the kinds {', '.join(CHOSEN)}", "kind.unknown")
        if len(channels) > CHANNELS_MAX:
            yield Problem(where, f"must name at most {CHANNELS_MAX} channels")
        for channel in channels[:CHANNELS_MAX]:
            yield from channel_problems(where, channel)


def _quiet_problems(fields: PreferenceFields) -> Iterator[Problem]:
    times = {"quiet_from": fields.quiet_from, "quiet_until": fields.quiet_until}
    for field, text in times.items():
        if text is not None and parse_time(text) is None:
            yield Problem(field, f"{text!r} is not a time of day such as 22:00", "time.shape")
    if (fields.quiet_from is None) is not (fields.quiet_until is None):
        yield Problem("quiet_until", "quiet hours need both their beginning and their end")
    elif fields.quiet_from is not None and fields.quiet_from == fields.quiet_until:
        yield Problem("quiet_until", "must differ from the beginning: a day that is all quiet would send nothing")


def channels_for(kind: Kind, fields: PreferenceFields | None, usual: Sequence[str]) -> tuple[str, ...]:
    """Return the channels besides the inbox by which *kind* is told: those chosen, else the *usual* ones.

    Those that were switched off are left out; nobody switches off what concerns the safety of their account.
    """
    if fields is None or not kind.can_be_switched_off:
        return tuple(usual)
    off = {INBOX, *fields.switched_off.get(kind, ())}
    return tuple(channel for channel in dict.fromkeys(fields.channels.get(kind, usual)) if channel not in off)


def without_channel(fields: PreferenceFields, kinds: Sequence[Kind], channel: str) -> dict[str, tuple[str, ...]]:
    """Return what is switched off by kind, with *channel* among it for *kinds*."""
    off = {str(kind): words for kind, words in fields.switched_off.items()}
    for kind in kinds:
        off[str(kind)] = tuple(dict.fromkeys((*off.get(str(kind), ()), channel)))
    return off


def address_key(address: str) -> str:
    """Return what stands for an address where the address itself need not be kept."""
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()


@frozen
class Claim:
    """What a token claims, before anybody has checked that it is signed."""

    fleet_id: UUID
    user_id: UUID
    kinds: tuple[Kind, ...]
    channel: str


def sign_token(claim: Claim, key: bytes) -> str:
    """Return the token of *claim*, signed by the reader's *key*: nobody else can make it."""
    words = f"{'+'.join(claim.kinds)}:{claim.channel}".encode()
    payload = claim.fleet_id.bytes + claim.user_id.bytes + words
    return f"{_encoded(payload)}.{_encoded(_signature(payload, key))}"


def read_token(token: str, key: bytes | None = None) -> Claim | None:
    """Return what *token* claims; with *key* only if it is signed by it. None for what is no token."""
    first, mark, last = token.strip().partition(".")
    try:
        payload, signature = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in (first, last))
        kinds, colon, channel = payload[32:].decode().partition(":")
        claim = Claim(UUID(bytes=payload[:16]), UUID(bytes=payload[16:32]), tuple(map(Kind, kinds.split("+"))), channel)
    except (binascii.Error, ValueError):
        return None
    if not (mark and colon) or (key is not None and not hmac.compare_digest(signature, _signature(payload, key))):
        return None
    return claim


def _signature(payload: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"fleetcore unsubscribe\0" + payload, "sha256")


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
