"""Periods that people choose on a page: a named stretch of time, or days of their own."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode

from attrs import frozen

from fleetcore.kernel.when import add_months, local_date

from .forms import Choice
from .visits import Visit

__all__ = ["Period"]

ALL, OWN = "all", "days"


@frozen(kw_only=True)
class Period:
    """What was chosen; both days are included, None is without an end. *wrong* says what is wrong with own days."""

    name: str
    since: date | None
    until: date | None
    choices: tuple[Choice, ...]
    since_text: str = ""
    until_text: str = ""
    wrong: str = ""

    @classmethod
    def of(cls, visit: Visit, usual: str = "12-months") -> Period:
        """Read the period from the address of *visit*; *usual* holds where nothing is chosen."""
        _ = visit.language.text
        today = local_date(visit.core.clock.now(), visit.display.timezone)
        asked = visit.sent.query
        spans: dict[str, tuple[date | None, date | None]] = {
            "12-months": (add_months(today.replace(day=1), -11), today),
            "36-months": (add_months(today.replace(day=1), -35), today),
            "this-year": (today.replace(month=1, day=1), today),
            "last-year": (date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
            ALL: (None, None),
        }
        labels = (_("The last 12 months"), _("The last 3 years"), _("This year"), _("Last year"), _("All"))
        choices = (*(Choice(*pair) for pair in zip(spans, labels, strict=True)), Choice(OWN, _("From and to")))
        texts = {name: asked.get(name, "").strip()[:20] for name in ("since", "until")}
        name = asked.get("period") or (OWN if any(texts.values()) else usual)
        if name == asked.get("was") and any(texts.values()):  # days were typed, and the choice left as it stood
            name = OWN
        if name != OWN or not any(texts.values()):
            name = name if name in spans else usual
            return cls(name=name, since=spans[name][0], until=spans[name][1], choices=choices)
        days, wrong = {}, ""
        for key, text in texts.items():
            try:
                days[key] = date.fromisoformat(text) if text else None
            except ValueError:
                days[key], wrong = None, _("{text} is not a day such as 2026-03-31.", text=text)
        since, until = days["since"], days["until"]
        if since is not None and until is not None and since > until:
            since, until, wrong = until, since, _("The first day lay after the last: they were exchanged.")
        return cls(
            name=OWN, since=since, until=until, choices=choices, since_text=texts["since"], until_text=texts["until"],
            wrong=wrong,
        )  # fmt: skip

    @property
    def query(self) -> str:
        """The chosen period as it stands in an address."""
        if self.name == OWN:
            return urlencode({"period": OWN, "since": self.since_text, "until": self.until_text})
        return urlencode({"period": self.name})

    def before(self) -> tuple[date, date] | None:
        """Return the days of the same length before the period; None for one without a beginning or an end."""
        if self.since is None or self.until is None:
            return None
        length = self.until - self.since
        if length >= self.since - date.min:  # no calendar knows such days
            return None
        return self.since - length - timedelta(days=1), self.since - timedelta(days=1)
