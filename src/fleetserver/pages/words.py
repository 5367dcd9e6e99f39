"""Words for what the library names by codes: roles, events of accounts, kinds of messages, scopes of grants.

Every English word here is a message of the catalogue; see :mod:`fleetserver.pages.messages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from fleetcore.accounts.model import SecurityEvent
from fleetcore.kernel.languages import Language
from fleetcore.notifications.model import Digest, Kind
from fleetcore.people.roles import matrix
from fleetcore.sharing.model import InvitationState
from fleetcore.vehicles.carriers import Carrier
from fleetcore.vehicles.model import GrantScope, VehicleState

__all__ = ["SPOKEN", "WORDS", "device_name", "format_name", "permission_name", "role_name", "spoken"]

SPOKEN: Mapping[Enum, str] = {
    SecurityEvent.REGISTERED: "registered",
    SecurityEvent.SIGNED_IN: "signed in",
    SecurityEvent.SIGN_IN_FAILED: "a sign-in failed",
    SecurityEvent.SECOND_FACTOR_FAILED: "a wrong code of the second factor",
    SecurityEvent.SIGNED_OUT: "signed out",
    SecurityEvent.FLEET_SWITCHED: "went to another fleet",
    SecurityEvent.REFRESH_REUSED: "a copied token was used: the device is signed out",
    SecurityEvent.SESSION_REVOKED: "a device was signed out from elsewhere",
    SecurityEvent.RESET_REQUESTED: "asked for a link to choose a password",
    SecurityEvent.PASSWORD_CHANGED: "the password was changed",
    SecurityEvent.PASSWORD_UPGRADED: "the password is kept more safely now",
    SecurityEvent.EMAIL_VERIFIED: "the e-mail address was confirmed",
    SecurityEvent.TOTP_ENABLED: "the second factor was turned on",
    SecurityEvent.TOTP_DISABLED: "the second factor was turned off",
    SecurityEvent.RECOVERY_CODE_USED: "a recovery code was used",
    SecurityEvent.KEY_MADE: "an API key was made",
    SecurityEvent.USER_DISABLED: "the account was switched off",
    SecurityEvent.USER_ENABLED: "the account was switched on",
    SecurityEvent.DATA_EXPORTED: "the data were downloaded",
    Kind.DUE: "What is due",
    Kind.RENEWALS: "Papers that end",
    Kind.INVITATIONS: "Invitations",
    Kind.JOBS: "Work on vehicles",
    Kind.WELCOME: "Welcome",
    Kind.SECURITY: "The safety of your account",
    Kind.TEST: "Tests",
    Digest.NONE: "At once",
    Digest.DAILY: "Once a day",
    Digest.WEEKLY: "Once a week",
    GrantScope.READ: "see it",
    GrantScope.DRIVE: "drive it: fill-ups and trips",
    GrantScope.SERVICE: "work on it: services and jobs",
    InvitationState.PENDING: "waits for an answer",
    InvitationState.ACCEPTED: "accepted",
    InvitationState.REVOKED: "taken back",
    InvitationState.EXPIRED: "too old",
    VehicleState.ACTIVE: "active",
    VehicleState.RENTED: "rented out",
    VehicleState.UNDER_MAINTENANCE: "in the workshop",
    VehicleState.DECOMMISSIONED: "out of service",
}
APPS = {"acar": "aCar", "lubelogger": "LubeLogger", "gasbuddy": "GasBuddy"}  # those written in their own way
WORDS: tuple[type[Enum], ...] = (Carrier,)
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrom", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Macintosh", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


def spoken(language: Language, value: Enum) -> str:
    """Return what people call *value*; for what has no word here, its code with spaces."""
    return language.text(SPOKEN.get(value) or str(value.value).replace("_", " "))


def format_name(language: Language, name: str) -> str:
    """Return what people call a format of logs: the app that writes it."""
    _ = language.text
    ours = {"csv": _("A table as CSV"), "gpx": _("A track as GPX"), "fleetcore": _("A table of this program")}
    return ours.get(name) or APPS.get(name, name.capitalize())


def role_name(language: Language, name: str) -> str:
    """Return what people call a role: the title of a built-in one, the name of a fleet's own."""
    built_in = matrix().roles.get(name)
    return name if built_in is None else language.text(built_in.title)


def permission_name(language: Language, name: str) -> str:
    """Return what a permission is about, in words."""
    known = matrix().permissions.get(name)
    return name if known is None else language.text(known.about)


def device_name(language: Language, agent: str) -> str:
    """Return what browser on what system *agent* claims to be."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    if browser and system:
        return language.text("{browser} on {system}", browser=browser, system=system)
    return browser or system or agent[:40] or language.text("a device that does not say its name")
