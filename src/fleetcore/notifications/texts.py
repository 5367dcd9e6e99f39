"""What messages say: titles, texts and pages, in the reader's language; whatever people wrote is escaped in HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from attrs import frozen

from fleetcore.kernel.languages import Language
from fleetcore.reminders.model import Urgency

from .model import Kind, Notification

__all__ = [
    "Text",
    "due_text",
    "failure_text",
    "html_page",
    "invitation_text",
    "job_text",
    "letter",
    "paper_name",
    "plain_text",
    "renewal_text",
    "security_text",
    "test_text",
    "welcome_text",
    "with_way_in",
]


@frozen
class Text:
    """A title in one line, and paragraphs divided by empty lines."""

    title: str
    body: str


def due_text(language: Language, urgency: Urgency, vehicle: str, title: str, reason: str) -> Text:
    """Say that a reminder has become more urgent, and why."""
    names = {"vehicle": vehicle, "title": title}
    match urgency:
        case Urgency.OVERDUE:
            subject = language.text("{vehicle}: {title} is overdue", **names)
        case Urgency.DUE:
            subject = language.text("{vehicle}: {title} is due", **names)
        case Urgency.VERY_SOON:
            subject = language.text("{vehicle}: {title} is due very soon", **names)
        case _:
            subject = language.text("{vehicle}: {title} is due soon", **names)
    return Text(subject, f"{reason[:1].upper()}{reason[1:]}.")


def renewal_text(language: Language, *, whose: str, paper: str, day: str, is_over: bool, reason: str) -> Text:
    """Say that a paper ends, or has ended; *day* is empty where a distance ends it."""
    names = {"whose": whose, "paper": paper, "day": day}
    if day:
        over = language.text("{whose}: {paper} ended on {day}", **names)
        title = over if is_over else language.text("{whose}: {paper} ends on {day}", **names)
    else:
        over = language.text("{whose}: {paper} has ended", **names)
        title = over if is_over else language.text("{whose}: {paper} ends soon", **names)
    advice = language.text("File the new one when you have it; then this one is silent.")
    return Text(title, f"{reason[:1].upper()}{reason[1:]}.\n\n{advice}")


def paper_name(language: Language, kind: str, issuer: str) -> str:
    """Name a paper, with its issuer if that is known."""
    names = {
        "insurance": language.text("Insurance"),
        "registration": language.text("Registration"),
        "inspection": language.text("Roadworthiness inspection"),
        "warranty": language.text("Warranty"),
        "lease": language.text("Lease"),
        "licence": language.text("Driving licence"),
    }
    name = names.get(kind, kind)
    return f"{name} ({issuer})" if issuer else name


def invitation_text(language: Language, *, inviter: str, fleet: str, message: str, day: str) -> Text:
    """Invite somebody; how they accept is added when it is sent."""
    if inviter:
        title = language.text("{inviter} invites you to {fleet}", inviter=inviter, fleet=fleet)
    else:
        title = language.text("You are invited to {fleet}", fleet=fleet)
    ends = language.text("The invitation holds until {day}.", day=day)
    return Text(title, "\n\n".join(part for part in (message.strip(), ends) if part))


def with_way_in(language: Language, text: Text, way: str) -> Text:
    """Add to an invitation how it is accepted: by a link, or by a command."""
    return Text(text.title, f"{text.body}\n\n{language.text('Accept it here: {way}', way=way)}")


def failure_text(language: Language, what: str, name: str, command: str) -> Text:
    """Say that work in the background failed for good, and where it is looked at."""
    if what == "job":
        title = language.text("A background job failed for good: {name}", name=name)
    else:
        title = language.text("An event could not be processed: {name}", name=name)
    body = language.text(
        "It was tried several times. You see why, and can try it again, by: {command}", command=command
    )
    return Text(title, body)


def job_text(language: Language, what: str, vehicle: str, title: str, day: str) -> Text:
    """Say that work on a vehicle was planned or finished."""
    names = {"vehicle": vehicle, "title": title}
    if what == "completed":
        subject = language.text("{vehicle}: {title} is done", **names)
        return Text(subject, language.text("The work is finished and stands in the service book."))
    if what == "cancelled":
        subject = language.text("{vehicle}: {title} was cancelled", **names)
        return Text(subject, language.text("The work that was planned will not be done."))
    subject = language.text("{vehicle}: {title} was planned", **names)
    when = language.text("It is planned for {day}.", day=day) if day else language.text("The day is still open.")
    return Text(subject, when)


def welcome_text(language: Language, name: str, fleet: str) -> Text:
    """Greet a new member."""
    body = "\n\n".join(
        (
            language.text("Hello {name},", name=name),
            language.text("you are now a member of {fleet}.", fleet=fleet),
            language.text("You will be told here when something is due. How and when, you decide in your preferences."),
        )
    )
    return Text(language.text("Welcome to {fleet}", fleet=fleet), body)


def security_text(language: Language, fleet: str, roles: str) -> Text:
    """Say that somebody's rights were changed."""
    return Text(
        language.text("Your role in {fleet} was changed", fleet=fleet),
        language.text("You now have the roles: {roles}. If that is not right, ask an owner of the fleet.", roles=roles),
    )


def test_text(language: Language, fleet: str) -> Text:
    """Say that messages arrive."""
    return Text(
        language.text("A test from {fleet}", fleet=fleet), language.text("You asked for this message, and it arrived.")
    )


def letter(notifications: Sequence[Notification], fleet: str, language: Language) -> Text:
    """Return the text of one notification, or of a digest of several, newest last."""
    if len(notifications) == 1:
        return Text(notifications[0].title, notifications[0].body)
    title = language.count(
        "{number} message from {fleet}", "{number} messages from {fleet}", len(notifications), fleet=fleet
    )
    return Text(title, "\n\n".join(f"{each.title}\n{each.body}" for each in notifications))


def footer(fleet: str, language: Language, unsubscribe: str | None, *, is_member: bool) -> list[str]:
    """Return why the reader gets the message and how that ends."""
    if not is_member:
        return [language.text("You get this once, because somebody of {fleet} asked for it.", fleet=fleet)]
    why = language.text("You get this because you belong to {fleet}.", fleet=fleet)
    return [why, language.text("No more messages of this kind: {how}", how=unsubscribe)] if unsubscribe else [why]


def plain_text(text: Text, ending: Sequence[str]) -> str:
    """Return *text* as it is sent to channels that take no HTML."""
    return "\n".join((text.body, "", "-- ", *ending))


def html_page(text: Text, ending: Sequence[str], language: Language, *urls: str | None) -> str:
    """Return *text* as an HTML page without scripts, pictures or anything from elsewhere; *urls* become links."""

    def marked(line: str) -> str:
        safe = escape(line)
        for url in filter(None, urls):
            safe = safe.replace(escape(url), f'<a href="{escape(url)}">{escape(url)}</a>')
        return safe

    paragraphs = "".join(f"<p>{marked(part).replace(chr(10), '<br>')}</p>" for part in text.body.split("\n\n"))
    last = [marked(line) for line in ending]
    return (
        f'<!DOCTYPE html><html lang="{escape(language.code)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(text.title)}</title></head>"
        '<body style="font-family:sans-serif;color:#1a1a1a;background:#ffffff;max-width:40em;margin:1em">'
        f'<h1 style="font-size:1.25em">{escape(text.title)}</h1>{paragraphs}'
        f'<p style="color:#4a4a4a;font-size:0.875em">{"<br>".join(last)}</p></body></html>'
    )


def data_of(notifications: Sequence[Notification]) -> dict[str, Any]:
    """Return what programs read of a message."""
    first = notifications[0]
    if len(notifications) == 1:
        return dict(first.data)
    return {"notifications": [{"kind": each.kind.value, "title": each.title, **each.data} for each in notifications]}


def type_of(notifications: Sequence[Notification]) -> str:
    """Return the type of a message: the kind, or ``digest``."""
    kinds = {each.kind for each in notifications}
    return kinds.pop().value if len(notifications) == 1 else "digest"


def kinds_of(notifications: Sequence[Notification]) -> tuple[Kind, ...]:
    """Return the kinds in a message that its reader can switch off."""
    return tuple(sorted({each.kind for each in notifications if each.kind.can_be_switched_off}))
