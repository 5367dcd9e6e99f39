"""The journal as text for hledger, ledger-cli and beancount: other people's tools check ours.

Accounts are declared, currencies are commodities by their ISO code with a decimal point, and every entry
names its source. Text that one of the formats would read as syntax is replaced by look-alikes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import chain

from fleetcore.kernel.money import Money, exponent_of

from .model import Account, AccountType, JournalEntry, JournalFormat

__all__ = ["account_from_beancount", "account_in_beancount", "render"]

HLEDGER_TYPES = {
    AccountType.ASSET: "A",
    AccountType.LIABILITY: "L",
    AccountType.EQUITY: "E",
    AccountType.INCOME: "R",
    AccountType.EXPENSE: "X",
}
LOOK_ALIKES = str.maketrans({";": "\N{FULLWIDTH SEMICOLON}", "|": "\N{FULLWIDTH VERTICAL LINE}"})
TAGS = ("entry", "source", "source-id", "source-version", "reverses", "vehicle")
NOT_FIRST = "X-0-"  # stands before a part that does not begin with A to Z

Chunks = Iterator[str]
Names = dict[str, str]


def render(
    journal_format: JournalFormat,
    accounts: Sequence[Account],
    currencies: Sequence[str],
    entries: Iterable[JournalEntry],
) -> Chunks:
    """Yield the text of the journal; *entries* come by date and are read one by one."""
    return _RENDERERS[journal_format](accounts, currencies, iter(entries))


def _hledger(accounts: Sequence[Account], currencies: Sequence[str], entries: Iterator[JournalEntry]) -> Chunks:
    yield "; journal exported by fleetcore for hledger\ndecimal-mark .\n"
    for currency in currencies:
        yield f"commodity {_sample(currency)}\n"
    for account in accounts:
        yield f"account {account.name}  ; type: {HLEDGER_TYPES[account.type]}\n"
    names = {account.code: account.name for account in accounts}
    for entry in entries:
        yield _plain_entry(entry, names)


def _ledger(accounts: Sequence[Account], currencies: Sequence[str], entries: Iterator[JournalEntry]) -> Chunks:
    yield "; journal exported by fleetcore for ledger-cli\n"
    for currency in currencies:
        yield f"commodity {currency}\n    format {_amount(Money.of(1000, currency))}\n"
    for account in accounts:
        yield f"account {account.name}\n"
    for tag in TAGS:
        yield f"tag {tag}\n"
    names = {account.code: account.name for account in accounts}
    for entry in entries:
        yield _plain_entry(entry, names)


def _plain_entry(entry: JournalEntry, names: Names) -> str:
    # The mark and the code come first always, so no description can be taken for one of them.
    rows = [f"\n{entry.entry_date} * ({entry.source}) {_plain(entry.description)}".rstrip() + "\n"]
    rows += (f"    ; {tag}: {value}\n" for tag, value in _tags(entry))
    for line in entry.lines:
        rows.append(f"    {names[line.account_code]}  {_amount(line.amount)}\n")
        if line.vehicle_id is not None:
            rows.append(f"    ; vehicle: {line.vehicle_id}\n")
    return "".join(rows)


def _beancount(accounts: Sequence[Account], currencies: Sequence[str], entries: Iterator[JournalEntry]) -> Chunks:
    yield ";; journal exported by fleetcore for beancount\n"
    yield from (f'option "operating_currency" "{currency}"\n' for currency in currencies)
    first = next(entries, None)
    opened = first.entry_date if first is not None else date(1970, 1, 1)
    names = {account.code: account_in_beancount(account.name) for account in accounts}
    for account in accounts:
        yield f'{opened} open {names[account.code]}\n  code: "{account.code}"\n  name: "{_quoted(account.name)}"\n'
    if first is not None:
        for entry in chain([first], entries):
            yield _beancount_entry(entry, names)


def _beancount_entry(entry: JournalEntry, names: Names) -> str:
    rows = [f'\n{entry.entry_date} * "{_quoted(entry.description)}"\n']
    rows += (f'  {tag}: "{_quoted(value)}"\n' for tag, value in _tags(entry))
    for line in entry.lines:
        rows.append(f"  {names[line.account_code]}  {_amount(line.amount)}\n")
        if line.vehicle_id is not None:
            rows.append(f'    vehicle: "{line.vehicle_id}"\n')
    return "".join(rows)


def _tags(entry: JournalEntry) -> Iterator[tuple[str, str]]:
    yield "entry", str(entry.id)
    yield "source", entry.source
    yield "source-id", str(entry.source_id)
    yield "source-version", str(entry.source_version)
    if entry.reverses_id is not None:
        yield "reverses", str(entry.reverses_id)


def _amount(amount: Money) -> str:
    return f"{amount.amount:f} {amount.currency}"


def _sample(currency: str) -> str:
    """Show how amounts of *currency* are written; hledger wants a decimal mark even where there are no decimals."""
    return f"1000.{'0' * exponent_of(currency)} {currency}"


def _on_one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _plain(text: str) -> str:
    return _on_one_line(text).translate(LOOK_ALIKES)


def _quoted(text: str) -> str:
    return _on_one_line(text).replace("\\", "\\\\").replace('"', '\\"')


def account_in_beancount(name: str) -> str:
    """Return an account's name in beancount's alphabet, from which :func:`account_from_beancount` gets it back.

    A space becomes ``--``, any other character outside A to Z, a to z and 0 to 9 its code point as ``-e4-``.
    """
    return ":".join(map(_encoded, name.split(":")))


def account_from_beancount(name: str) -> str:
    """Return the account's name that :func:`account_in_beancount` was given."""
    return ":".join(re.sub("-([0-9a-f]*)-", _decoded, part.removeprefix(NOT_FIRST)) for part in name.split(":"))


def _encoded(part: str) -> str:
    written = re.sub("[^A-Za-z0-9]", lambda found: "--" if found[0] == " " else f"-{ord(found[0]):x}-", part)
    return written if re.match("[A-Z]", written) else NOT_FIRST + written


def _decoded(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else " "


_RENDERERS: dict[JournalFormat, Callable[[Sequence[Account], Sequence[str], Iterator[JournalEntry]], Chunks]] = {
    JournalFormat.HLEDGER: _hledger,
    JournalFormat.LEDGER: _ledger,
    JournalFormat.BEANCOUNT: _beancount,
}
