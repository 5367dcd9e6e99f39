"""Where things are on this machine: the database, the time zone, the currency, the units."""

from __future__ import annotations

import contextlib
import locale
import os
import sys
from pathlib import Path

from fleetcore.kernel.errors import Rejected, Unavailable
from fleetcore.kernel.money import currencies
from fleetcore.kernel.when import zone
from fleetcore.people.model import Units

from .failures import BadInput

__all__ = [
    "attachments_folder",
    "data_folder",
    "database_url",
    "local_currency",
    "local_timezone",
    "local_units",
    "make_folder_of",
    "remove_database",
    "sqlite_file",
]

FILE_NAME = "fleet.db"
SQLITE = "sqlite:///"
IMPERIAL_CURRENCIES = {"GBP"}
US_CURRENCIES = {"USD"}


def data_folder() -> Path:
    """Return the folder for the user's data: FLEET_DATA_DIR, else where the platform keeps such things."""
    if chosen := os.environ.get("FLEET_DATA_DIR"):
        return Path(chosen).expanduser()
    home = Path.home()
    match sys.platform:
        case "darwin":
            base = home / "Library" / "Application Support"
        case "win32":
            base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
        case _:
            base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "fleetcore"


def database_url(chosen: str | None) -> str:
    """Return the database's URL: *chosen* is one or the path of a file; without it, the user's own file."""
    if chosen and "://" in chosen:
        return chosen
    path = Path(chosen).expanduser() if chosen else data_folder() / FILE_NAME
    if "?" in str(path):
        raise BadInput.because("--database", f"{chosen!r}: a question mark cannot stand in the path of a database")
    return f"{SQLITE}{path.absolute()}"


def attachments_folder(url: str) -> Path | None:
    """Return where attached files are kept: FLEET_ATTACHMENTS; else None beside SQLite, which knows its own place.

    For another database it is a folder of the user's data.
    """
    if chosen := os.environ.get("FLEET_ATTACHMENTS"):
        return Path(chosen).expanduser()
    return None if url.startswith("sqlite") else data_folder() / "attachments"


def sqlite_file(url: str) -> Path | None:
    """Return the file that *url* names; None for another engine and for a database in memory."""
    if not url.startswith("sqlite"):
        return None
    name = url.partition("://")[2].removeprefix("/").partition("?")[0]
    return Path(name) if name and name != ":memory:" else None


def make_folder_of(file: Path) -> None:
    """Make the folder that *file* lies in; raises Unavailable when that is not possible."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            f"the folder {file.parent} cannot be made ({error.strerror}): name another place with "
            "fleet --database FILE or FLEET_DATA_DIR"
        ) from None


def remove_database(file: Path) -> None:
    """Remove a SQLite database with the files beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def local_timezone() -> str:
    """Return this machine's IANA time zone; UTC when it cannot be found."""
    candidates = [os.environ.get("TZ", "").removeprefix(":")]
    with contextlib.suppress(OSError, ValueError):
        candidates.append(Path("/etc/timezone").read_text("ascii").strip())
    candidates.append(os.path.realpath("/etc/localtime").partition("zoneinfo/")[2])
    for name in candidates:
        if name:
            try:
                return zone(name.removeprefix("Etc/")).key
            except Rejected:
                continue
    return "UTC"


def local_currency() -> str:
    """Return the currency of the user's locale; EUR when it names none."""
    try:
        locale.setlocale(locale.LC_MONETARY, "")
    except locale.Error:
        return "EUR"
    code = str(locale.localeconv()["int_curr_symbol"]).strip()
    return code if code in currencies() else "EUR"


def local_units(currency: str) -> Units:
    """Return the units that people who pay in *currency* use."""
    if currency in US_CURRENCIES:
        return Units.US
    return Units.IMPERIAL if currency in IMPERIAL_CURRENCIES else Units.METRIC
