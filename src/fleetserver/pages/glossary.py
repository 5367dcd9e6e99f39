"""The words of the trade and the abbreviations that stand on pages, with what they mean (WCAG 3.1.3, 3.1.4)."""

from __future__ import annotations

from attrs import frozen

__all__ = ["TERMS", "Term"]


@frozen(kw_only=True)
class Term:
    """A word of the trade or an abbreviation: what it means, and what it stands for where it is short."""

    word: str
    meaning: str
    long: str = ""


TERMS = (
    Term(
        word="API",
        long="Application Programming Interface",
        meaning="The way in which programs ask for and store records.",
    ),
    Term(word="Checklist", meaning="What is looked at in an inspection, point by point."),
    Term(word="Commute", meaning="A trip between home and work; tax offices treat it apart from business trips."),
    Term(word="CSV", long="Comma-Separated Values", meaning="A table as plain text, which every spreadsheet opens."),
    Term(
        word="DOT",
        long="Department of Transportation",
        meaning=("Here: the four figures on a tyre that say the week and the year in which it was made."),
    ),
    Term(word="Economy", meaning="How much fuel or energy a vehicle needs for a distance."),
    Term(
        word="Fleet",
        meaning=("Whose vehicles they are: a household, a company, a workshop. Every record belongs to exactly one."),
    ),
    Term(word="Grant", meaning="The use of one vehicle for one person, from when until when."),
    Term(word="Job", meaning="Work on a vehicle that is planned, and becomes a service when it is done."),
    Term(word="kWh", long="kilowatt-hour", meaning="The energy that a charging station counts."),
    Term(word="l/100 km", long="litres for 100 kilometres", meaning="Consumption: less is better."),
    Term(
        word="mpg",
        long="miles per gallon",
        meaning="Economy: more is better. A British gallon is a fifth larger than an American one.",
    ),
    Term(word="Odometer", meaning="The meter that shows how far a vehicle has gone in all."),
    Term(word="Passport", meaning="The history of a vehicle on paper, for whoever buys it."),
    Term(word="PDF", long="Portable Document Format", meaning="A document that looks the same everywhere."),
    Term(word="Permission", meaning="The right to one kind of act, such as writing fill-ups."),
    Term(word="Plan", meaning="What has to be done to a vehicle how often."),
    Term(word="Reminder", meaning="A rule that says when something is due, and tells you in time."),
    Term(word="Role", meaning=("A named set of permissions: owner, driver, mechanic, accountant, or one of your own.")),
    Term(word="Service", meaning="Work that was done on a vehicle: upkeep, repair, exchange of parts."),
    Term(word="Skip", meaning="To leave one due time out and go on with the next."),
    Term(word="Snooze", meaning="To make a reminder quiet for a while."),
    Term(word="Template", meaning="A plan for a kind of vehicle, to be taken over for your own."),
    Term(
        word="TOTP",
        long="Time-based One-Time Password",
        meaning="The six figures that an authenticator app shows for half a minute.",
    ),
    Term(word="Tread", meaning="The pattern of a tyre; its depth in millimetres says how far it is worn."),
    Term(word="URL", long="Uniform Resource Locator", meaning="The address of a page."),
    Term(
        word="VIN",
        long="Vehicle Identification Number",
        meaning=("The 17 characters that name one vehicle in the world; make, model and year can be read from it."),
    ),
)
