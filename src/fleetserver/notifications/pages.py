"""Pages of what one is told: the inbox, and how one wants to be told."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import attrs

from fleetcore.kernel.errors import Conflict, Rejected
from fleetcore.notifications.model import (
    INBOX,
    ArchiveNotifications,
    CountUnread,
    Digest,
    GetPreferences,
    Kind,
    ListNotifications,
    PreferenceFields,
    Preferences,
    ReadNotifications,
    SendTest,
    SetPreferences,
)
from fleetcore.notifications.service import (
    archive_notifications,
    count_unread,
    get_preferences,
    list_notifications,
    read_notifications,
    send_test,
    set_preferences,
)
from fleetserver.auth.desk import form_of
from fleetserver.pages.asking import ask_if_sure, is_sure
from fleetserver.pages.forms import Choice, Field, Form
from fleetserver.pages.forms import Kind as Typed
from fleetserver.pages.routing import Outcome, PageRoute, Redirect, View
from fleetserver.pages.undoing import undo_of_edit
from fleetserver.pages.visits import Visit
from fleetserver.pages.words import spoken

__all__ = ["PAGES"]

ROWS = 50
PREFERENCES = "/account/notifications"
CHOSEN = tuple(kind for kind in Kind if kind.can_be_switched_off)


def show_inbox(visit: Visit) -> Outcome:
    """List what one was told, newest first."""
    query = visit.sent.query
    archived, unread = query.get("show") == "archived", query.get("show") == "unread"
    page = visit.answer(
        list_notifications,
        ListNotifications(archived=archived, unread_only=unread, cursor=query.get("after") or None, limit=ROWS),
    )
    shown = "archived" if archived else "unread" if unread else ""
    values = {"page": page, "shown": shown, "unread": visit.answer(count_unread, CountUnread()).unread}
    return View(template="notifications/inbox.html", values=values)


def _named(visit: Visit) -> tuple[UUID, ...]:
    found = visit.id("id")
    return () if found is None else (found,)


def _ask(visit: Visit, asks: str, yes: str) -> Outcome:
    return ask_if_sure(visit, visit.language.text("Inbox"), "/notifications", asks=asks, yes=yes)


def read(visit: Visit) -> Outcome:
    """Mark one as read, or all, after asking once more."""
    ids = _named(visit)
    if not ids and not is_sure(visit):
        _ = visit.language.text
        return _ask(visit, _("Mark all as read?"), _("Yes, mark all as read"))
    visit.run(read_notifications, ReadNotifications(ids=ids, all=not ids))
    return Redirect(to="/notifications", message=visit.language.text("Marked as read."))


def archive(visit: Visit) -> Outcome:
    """Put one out of the inbox, or all that were read, after asking once more."""
    ids = _named(visit)
    if not ids and not is_sure(visit):
        _ = visit.language.text
        return _ask(visit, _("Put all that was read into the archive?"), _("Yes, put it into the archive"))
    visit.run(archive_notifications, ArchiveNotifications(ids=ids, all_read=not ids))
    return Redirect(to="/notifications", message=visit.language.text("Put into the archive."))


def _channels(visit: Visit) -> tuple[str, ...]:
    return tuple(name for name in visit.core.channels.names if name != INBOX)


def _channel(visit: Visit, name: str) -> str:
    """Return what people call a way of being told; one of a plugin by its name."""
    _ = visit.language.text
    return {"email": _("e-mail"), "console": _("the screen of the server"), "webhook": _("web hook")}.get(name, name)


def _weekdays(visit: Visit) -> tuple[Choice, ...]:
    _ = visit.language.text
    names = (
        *(_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday")),
        *(_("Friday"), _("Saturday"), _("Sunday")),
    )
    return tuple(Choice(str(number), name) for number, name in enumerate(names))


def _form(visit: Visit) -> Form:
    language = visit.language
    _ = language.text
    by_kind = [
        Field(
            name=f"{kind.value}.{channel}",
            label=_("{kind}: by {channel}", kind=spoken(language, kind), channel=_channel(visit, channel)),
            kind=Typed.CHECK,
        )
        for kind in CHOSEN
        for channel in _channels(visit)
    ]
    addresses = [
        Field(
            name=f"address.{name}", label=_("Your address for {channel}", channel=_channel(visit, name)),
            length_max=500, hint=_("Leave it empty to use your e-mail address."),
        )
        for name in _channels(visit)
    ]  # fmt: skip
    quiet, digest = _("Quiet hours"), _("Collected messages")
    hour = _("Such as 22:00; both empty for no quiet hours.")
    return form_of(
        visit,
        *by_kind,
        Field(name="quiet_from", label=_("Quiet from"), group=quiet, hint=hour, length_max=5),
        Field(name="quiet_until", label=_("Quiet until"), group=quiet, beside=True, length_max=5),
        Field(name="digest", label=_("How they come"), kind=Typed.CHOICE, is_required=True, group=digest,
              choices=tuple(Choice(each.value, spoken(language, each)) for each in Digest)),
        Field(name="digest_hour", label=_("At this hour"), kind=Typed.CHOICE, is_required=True, group=digest,
              choices=tuple(Choice(str(each), f"{each:02}:00") for each in range(24)), beside=True),
        Field(name="digest_weekday", label=_("On this day, if weekly"), kind=Typed.CHOICE,
              is_required=True, choices=_weekdays(visit), group=digest, beside=True),
        *(attrs.evolve(each, group=_("Addresses")) for each in addresses),
    )  # fmt: skip


def _texts(visit: Visit, found: Preferences) -> dict[str, str]:
    usual = visit.core.channels.usual
    texts = {
        f"{kind.value}.{channel}": "on"
        for kind in CHOSEN
        for channel in _channels(visit)
        if channel in found.channels.get(kind, usual) and channel not in found.switched_off.get(kind, ())
    }
    texts |= {f"address.{channel}": text for channel, text in found.addresses.items()}
    texts |= {"quiet_from": found.quiet_from or "", "quiet_until": found.quiet_until or ""}
    hour, day = str(found.digest_hour), str(found.digest_weekday)
    return texts | {"digest": found.digest.value, "digest_hour": hour, "digest_weekday": day}


def show_preferences(visit: Visit) -> Outcome:
    """Show how one wants to be told, to be changed."""
    found = visit.answer(get_preferences, GetPreferences())
    form = _form(visit)
    form.texts.update(_texts(visit, found))
    return _view(visit, form, found.version)


def _view(visit: Visit, form: Form, version: int, status: int = 200) -> View:
    values = {"form": form, "version": version, "channels": _channels(visit), "can_be_switched_off": CHOSEN}
    values["channel_name"] = partial(_channel, visit)
    return View(template="notifications/preferences.html", values=values, status=status)


def change_preferences(visit: Visit) -> Outcome:
    """Keep how one wants to be told."""
    before = visit.answer(get_preferences, GetPreferences())
    form = _form(visit)
    values = form.values(visit.typed())
    said = str(visit.sent.form.get("_version", ""))
    version = int(said) if said.isdigit() and len(said) < 18 else before.version
    if not form.has_errors:
        try:
            after = visit.run(set_preferences, SetPreferences(version=version, **_fields(visit, before, values)))
        except Rejected as rejected:
            form.refuse(rejected.problems)
        except Conflict:
            told = visit.language.text("Somebody changed this meanwhile. Check what stands below and save again.")
            form.general.append(told)
            return _view(visit, form, visit.answer(get_preferences, GetPreferences()).version, 409)
        else:
            undo = undo_of_edit(set_preferences, before, after)
            return Redirect(to=PREFERENCES, message=visit.language.text("Saved."), undo=undo)
    return _view(visit, form, version, 422)


def _fields(visit: Visit, before: Preferences, values: dict[str, Any]) -> dict[str, Any]:
    kept = {each.name: getattr(before, each.name) for each in attrs.fields(PreferenceFields)}
    named = _channels(visit)
    channels = {kind.value: tuple(name for name in named if values.get(f"{kind.value}.{name}")) for kind in CHOSEN}
    addresses = {name: values[f"address.{name}"] for name in named if values.get(f"address.{name}")}
    hidden = {name: text for name, text in before.addresses.items() if name not in named}
    return kept | {
        "channels": channels,
        "switched_off": {},
        "addresses": {**hidden, **addresses},
        "quiet_from": values.get("quiet_from"),
        "quiet_until": values.get("quiet_until"),
        "digest": Digest(values["digest"]),
        "digest_hour": int(values["digest_hour"]),
        "digest_weekday": int(values["digest_weekday"]),
    }


def send_one(visit: Visit) -> Outcome:
    """Send oneself a message, to see whether it arrives."""
    channel = str(visit.sent.form.get("channel", ""))
    visit.run(send_test, SendTest(channel=channel))
    told = visit.language.text("A test by {channel} is on its way.", channel=channel)
    return Redirect(to=PREFERENCES, message=told)


PAGES = (
    PageRoute(method="GET", path="/notifications", show=show_inbox),
    PageRoute(method="POST", path="/notifications/read", show=read),
    PageRoute(method="POST", path="/notifications/archive", show=archive),
    PageRoute(method="GET", path=PREFERENCES, show=show_preferences),
    PageRoute(method="POST", path=PREFERENCES, show=change_preferences),
    PageRoute(method="POST", path=f"{PREFERENCES}/test", show=send_one),
)
