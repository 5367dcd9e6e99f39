"""``fleet notifications preferences``: how one wants to be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from fleetcore.notifications.model import Digest, GetPreferences, Kind, PreferenceFields, Preferences, SetPreferences
from fleetcore.notifications.service import get_preferences, set_preferences
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.shared import choice_of, said

__all__ = ["preferences"]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@click.group("preferences", cls=FleetGroup)
def preferences() -> None:
    """How you want to be told in this fleet."""


def _lines(session: Session, found: Preferences) -> Iterator[str]:
    usual = session.core.channels.usual
    for kind in Kind:
        if kind.can_be_switched_off:
            off = found.switched_off.get(kind, ())
            channels = [each for each in found.channels.get(kind, usual) if each not in off]
            yield f"{kind.value:<12} {', '.join(['inbox', *channels])}"
    yield f"{'security':<12} {', '.join(['inbox', *usual])} (cannot be switched off)"
    quiet = f"{found.quiet_from} to {found.quiet_until}" if found.quiet_from else "none"
    yield f"{'quiet hours':<12} {quiet}"
    day = f", on {WEEKDAYS[found.digest_weekday].capitalize()}s" if found.digest is Digest.WEEKLY else ""
    yield f"{'digest':<12} {found.digest.value}{f' at {found.digest_hour}:00{day}' if found.digest.collects else ''}"
    for channel, address in found.addresses.items():
        yield f"{channel:<12} {address}"


@preferences.command("show")
@pass_session
def show(session: Session) -> None:
    """Show by which channels you are told of what, and when.

    fleet notifications preferences show
    """
    found = session.read(get_preferences, GetPreferences())
    session.show(found, lambda: _lines(session, found))


@preferences.command("set")
@click.option("--kind", "kinds", multiple=True, metavar="KIND=CHANNELS",
              help="Channels besides the inbox: due=email,console; jobs= for none. May be repeated.")  # fmt: skip
@click.option("--quiet", metavar="HH:MM-HH:MM", help="Send nothing between these hours; `none` for no quiet hours.")
@click.option("--digest", type=choice_of(Digest), help="Collect messages by day or week, or send each at once.")
@click.option("--hour", type=click.IntRange(0, 23), help="The hour of the digest.")
@click.option("--weekday", type=click.Choice(WEEKDAYS), help="The day of a weekly digest.")
@click.option("--address", "addresses", multiple=True, metavar="CHANNEL=ADDRESS",
              help="Where a channel finds you, if not by e-mail; empty to forget it. May be repeated.")  # fmt: skip
@pass_session
def set_(
    session: Session,
    *,
    kinds: Sequence[str],
    quiet: str | None,
    digest: str | None,
    hour: int | None,
    weekday: str | None,
    addresses: Sequence[str],
) -> None:
    """Say how you want to be told; what is not given stays.

    fleet notifications preferences set --quiet 22:00-07:00 --digest daily --hour 8 --kind jobs=
    """
    before = session.read(get_preferences, GetPreferences())
    fields: dict[str, Any] = said(before, PreferenceFields)
    chosen = {kind: _channels(session, text) for kind, text in _pairs("--kind", kinds).items()}
    fields["channels"] = {**before.channels, **chosen}
    fields["switched_off"] = {kind: off for kind, off in before.switched_off.items() if kind not in chosen}
    fields["addresses"] = {
        channel: text for channel, text in {**before.addresses, **_pairs("--address", addresses)}.items() if text
    }
    if quiet is not None:
        fields["quiet_from"], fields["quiet_until"] = _hours(quiet)
    if digest is not None:
        fields["digest"] = Digest(digest)
    if hour is not None:
        fields["digest_hour"] = hour
    if weekday is not None:
        fields["digest_weekday"] = WEEKDAYS.index(weekday)
    after = session.run(set_preferences, SetPreferences(version=before.version, **fields))
    session.show(after, lambda: _lines(session, after))


def _pairs(option: str, texts: Sequence[str]) -> Mapping[str, str]:
    pairs = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark:
            raise BadInput.because(option, f"{text!r} needs the form NAME=VALUE")
        pairs[name.strip()] = value.strip()
    return pairs


def _channels(session: Session, text: str) -> tuple[str, ...]:
    named = tuple(part.strip() for part in text.split(",") if part.strip() not in {"", "inbox"})
    known = {report.name for report in session.core.channels.reports}
    for name in named:
        if name not in known:
            raise BadInput.because("--kind", f"there is no channel {name!r}: `fleet plugins` lists them")
    return named


def _hours(text: str) -> tuple[str | None, str | None]:
    if text == "none":
        return None, None
    begins, _, ends = text.partition("-")
    return begins.strip(), ends.strip()
