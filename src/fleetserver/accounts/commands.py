"""``fleet users``: everybody who can sign in to this host, whatever their fleets. For whoever runs it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from fleetcore.kernel.errors import NotFound
from fleetserver.cli.failures import BadInput
from fleetserver.cli.groups import FleetGroup
from fleetserver.cli.picking import pick, short_id
from fleetserver.cli.session import Session, pass_session
from fleetserver.cli.tables import Column, details, table

from .offline import accounts_of

if TYPE_CHECKING:
    from datetime import datetime

    from fleetcore.accounts.model import Login
    from fleetserver.auth.service import Accounts

__all__ = ["users"]

USER_COLUMNS = (
    Column("Name", flexible=True),
    Column("E-mail", flexible=True),
    Column("Signs in with"),
    Column("State"),
    Column("Id", drop=1),
)
SESSION_COLUMNS = (Column("Last used"), Column("Device", flexible=True), Column("Address"), Column("Id"))
ERASED_COLUMNS = (Column("Where"), Column("Rows"))
LOG_COLUMNS = (Column("When"), Column("What"), Column("Address"), Column("Request", drop=1))


@click.group("users", cls=FleetGroup)
def users() -> None:
    """Who can sign in to this host: passwords, sessions, second factors.

    For whoever runs the host: it is about the accounts of all fleets in the database. Places in one fleet are
    `fleet members`.
    """


@users.command("list")
@pass_session
def list_(session: Session) -> None:
    """List everybody, with what they sign in with."""
    with accounts_of(session) as accounts:
        found = accounts.users()
    session.show({"users": [_plain(login) for login in found]}, lambda: table(USER_COLUMNS, map(_row, found)))


@users.command("show")
@click.argument("user", metavar="USER")
@pass_session
def show(session: Session, *, user: str) -> None:
    """Show USER (an e-mail, name or id): how they sign in, and their fleets with their roles.

    fleet users show ada@example.org
    """
    with accounts_of(session) as accounts:
        login = _find(accounts, user)
        places = session.core.fleets_of(login.user.id)
        devices = len(accounts.sessions_of(login.user.id))
    fleets = [{"id": str(each.fleet.id), "name": each.fleet.name, "roles": list(each.member.roles)} for each in places]
    name, email, ways, state, _ = _row(login)
    lines = [("Name", name), ("E-mail", email), ("Signs in with", ways), ("State", state)]
    lines += [("Fleet", f"{each.fleet.name} ({', '.join(each.member.roles)})") for each in places]
    lines += [("Devices", str(devices)), ("Id", str(login.user.id))]
    session.show({**_plain(login), "fleets": fleets, "sessions": devices}, lambda: details(lines))


def _plain(login: Login) -> dict[str, object]:
    user = login.user
    return {
        "id": str(user.id),
        "name": user.name,
        "email": user.email,
        "is_active": user.is_active,
        "is_email_verified": login.is_email_verified,
        "has_password": login.password_hash is not None,
        "has_second_factor": login.has_second_factor,
    }


def _row(login: Login) -> list[str]:
    ways = ["password"] if login.password_hash is not None else []
    ways += ["second factor"] if login.has_second_factor else []
    state = "active" if login.user.is_active else "disabled"
    return [login.user.name, login.user.email or "", ", ".join(ways) or "nothing yet", state, short_id(login.user.id)]


def _find(accounts: Accounts, text: str) -> Login:
    """Return the user who is meant by an e-mail, an id or its end, or a name that only one has."""
    if (login := accounts.find_user(email=text)) is not None:
        return login
    everybody = accounts.users()
    named = [login for login in everybody if login.user.name.casefold() == text.casefold()]
    if len(named) == 1:
        return named[0]
    if named:
        raise BadInput.because("", f"{len(named)} users are called {text!r}: name one by e-mail or id")
    by_id = {login.user.id: login for login in everybody}

    def get(user_id: UUID) -> Login:
        if user_id not in by_id:
            raise NotFound("user", user_id)
        return by_id[user_id]

    try:
        return by_id[pick(text, "user", lambda key: get(key).user, lambda: [login.user for login in everybody]).id]
    except (BadInput, NotFound):
        raise BadInput.because("", f"there is no user {text!r}: `fleet users list` shows all") from None


def _password(from_stdin: bool) -> str:
    """Ask for a new password twice, unseen; or take the first line of standard input."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("New password", hide_input=True, confirmation_prompt="The same again", err=True))


PASSWORD_STDIN = click.option(
    "--password-stdin", "from_stdin", is_flag=True, help="Take the password from standard input, for scripts."
)
USER = click.argument("user", metavar="USER")


@users.command("create")
@click.option("--email", metavar="EMAIL", required=True, help="The e-mail address they sign in with.")
@click.option("--name", required=True, help="Their name.")
@click.option("--fleet-name", default="Home", show_default=True, help="What their own first fleet is called.")
@PASSWORD_STDIN
@pass_session
def create(session: Session, *, email: str, name: str, fleet_name: str, from_stdin: bool) -> None:
    """Register a user with a password and a fleet of their own.

    fleet users create --email ada@example.org --name Ada
    """
    password = _password(from_stdin)
    session.open()
    with accounts_of(session) as accounts:
        accounts.create_user(email, password, name, fleet_name=fleet_name)
        login = _find(accounts, email)
    session.done(_plain(login), f"{name} can sign in as {email}.")


@users.command("set-password")
@USER
@click.option("--email", metavar="EMAIL", help="Give them this e-mail address to sign in with.")
@PASSWORD_STDIN
@pass_session
def set_password(session: Session, *, user: str, email: str | None, from_stdin: bool) -> None:
    """Give USER (an e-mail, name or id) a new password; their sessions end.

    fleet users set-password Owner --email ada@example.org
    """
    with accounts_of(session) as accounts:
        login = _find(accounts, user)
        if login.user.email is None and email is None:
            raise BadInput.because("--email", f"{login.user.name} has no e-mail address to sign in with: give one")
        password = _password(from_stdin)
        accounts.set_password(login.user.id, password)
        if email is not None:
            accounts.set_email(login.user.id, email)
        login = _find(accounts, str(login.user.id))
    session.done(_plain(login), f"{login.user.name} signs in as {login.user.email} with the new password.")


@users.command("disable")
@USER
@pass_session
def disable(session: Session, *, user: str) -> None:
    """Switch USER off in every fleet, at once; their sessions end and their API keys stop."""
    _enable(session, user, is_active=False)


@users.command("enable")
@USER
@pass_session
def enable(session: Session, *, user: str) -> None:
    """Switch USER on again."""
    _enable(session, user, is_active=True)


def _enable(session: Session, user: str, *, is_active: bool) -> None:
    with accounts_of(session) as accounts:
        found = _find(accounts, user)
        accounts.enable(found.user.id, is_active=is_active)
        after = _find(accounts, str(found.user.id))
    session.done(_plain(after), f"{after.user.name} is {'active' if is_active else 'disabled'} now.")


@users.command("sessions")
@USER
@pass_session
def sessions(session: Session, *, user: str) -> None:
    """List the devices on which USER is signed in."""
    with accounts_of(session) as accounts:
        found = accounts.sessions_of(_find(accounts, user).user.id)
    rows = [[_minute(each.last_used_at), each.device, each.address, short_id(each.id)] for each in found]
    session.show({"sessions": found}, lambda: table(SESSION_COLUMNS, rows) if rows else ["Nowhere signed in."])


@users.command("revoke")
@USER
@click.argument("session_id", metavar="[SESSION]", required=False)
@pass_session
def revoke(session: Session, *, user: str, session_id: str | None) -> None:
    """Sign USER out everywhere, or on the one device whose SESSION `fleet users sessions` shows."""
    with accounts_of(session) as accounts:
        found = _find(accounts, user).user
        if session_id is None:
            ended = accounts.revoke_sessions(found.id)
        else:
            living = {each.id: each for each in accounts.sessions_of(found.id)}
            one = pick(session_id, "session", lambda key: living[key], lambda: list(living.values()))
            accounts.end_session_of(found.id, one.id)
            ended = 1
    session.done({"ended": ended}, f"Ended {ended} session{'' if ended == 1 else 's'} of {found.name}.")


@users.command("drop-second-factor")
@USER
@pass_session
def drop_second_factor(session: Session, *, user: str) -> None:
    """Turn off the second factor of USER, who has lost their phone and their recovery codes."""
    with accounts_of(session) as accounts:
        found = _find(accounts, user)
        accounts.remove_totp(found.user.id)
        after = _find(accounts, str(found.user.id))
    session.done(_plain(after), f"{after.user.name} signs in by password alone now.")


@users.command("reset-link")
@USER
@pass_session
def reset_link(session: Session, *, user: str) -> None:
    """Show a link by which USER chooses a new password: for a host without mail. It works once, for half an hour.

    fleet users reset-link ada@example.org
    """
    with accounts_of(session) as accounts:
        found = _find(accounts, user).user
        link = accounts.reset_link(found.id)
    session.done({"link": link}, f"{found.name} can choose a password here: {link}")


@users.command("export")
@USER
@click.argument("target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@pass_session
def export(session: Session, *, user: str, target: Path) -> None:
    """Write everything that is held of USER, in every fleet, into FILE, a zip with JSON and CSV.

    fleet users export ada@example.org ada.zip
    """
    with accounts_of(session) as accounts:
        found = _find(accounts, user).user
        told = accounts.core.export_person(found.id, target)
    count = sum(told.rows.values())
    session.done({"rows": dict(told.rows), "files": told.files}, f"Wrote {count} rows of {found.name} to {target}.")


@users.command("erase")
@USER
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@click.option("--with-fleets", is_flag=True, help="Empty the fleets, too, that nobody else is in.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def erase(session: Session, *, user: str, dry_run: bool, with_fleets: bool, yes: bool) -> None:
    """Erase USER: their account, their name, and their words in every record. It cannot be undone.

    Numbers and days stay, and so do the books. The last owner of a fleet hands it over first. Backups made before
    still hold everything.

    fleet users erase ada@example.org --dry-run
    """
    with accounts_of(session) as accounts:
        found = _find(accounts, user).user
        if not (dry_run or yes):
            click.confirm(f"Erase {found.name} for good?", abort=True, err=True)
        done = accounts.erase_person(found.id, with_fleets=with_fleets, dry_run=dry_run)
    rows = [[name, str(count)] for name, count in done.rows.items()]
    heading = "Nothing was changed yet. It would be:" if dry_run else f"Erased {found.name}:"
    session.show(
        {"is_dry_run": done.is_dry_run, "rows": dict(done.rows), "emptied_fleets": done.emptied_fleets},
        lambda: [heading, *table(ERASED_COLUMNS, rows)],
    )


@users.command("log")
@USER
@pass_session
def log(session: Session, *, user: str) -> None:
    """Show who signed in as USER, or tried to, and what changed in their account; the newest first."""
    with accounts_of(session) as accounts:
        entries = accounts.security_log(_find(accounts, user).user.id)
    rows = [
        [_minute(each.at), each.event.value.replace("_", " "), each.address or "", each.correlation_id or ""]
        for each in entries
    ]
    session.show({"entries": entries}, lambda: table(LOG_COLUMNS, rows) if rows else ["Nothing has happened yet."])


def _minute(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}Z"
