"""What the accounts area brings to a Core."""

from __future__ import annotations

from fleetcore.kernel.area import Area
from fleetcore.people.events import MemberEdited, MemberRemoved, RoleDeleted, RoleEdited, UserDisabled, UserEnabled
from fleetcore.people.ports import DIRECTORY, FLEETS, MEMBERS, USERS

from .events import EVENTS
from .housekeeping import TIDY
from .keys import add_key, list_keys, revoke_key
from .ports import ACCOUNTS, API_KEYS, FACTORS, KEY_FINDER, LIMITS, LINKS, SECURITY_LOG, SESSIONS, STAMPS
from .reactions import stamp_fleet, stamp_user
from .storage import SqlAccountStore, SqlFactorStore, SqlLinkStore
from .storage_keys import SqlApiKeyStore, SqlKeyFinder
from .storage_limits import SqlLimitStore, SqlSecurityLog, SqlStampStore
from .storage_sessions import SqlSessionStore

__all__ = ["AREA"]

AREA = Area(
    name="accounts",
    stores={
        ACCOUNTS: SqlAccountStore,
        SESSIONS: SqlSessionStore,
        LINKS: SqlLinkStore,
        FACTORS: SqlFactorStore,
        API_KEYS: SqlApiKeyStore,
        KEY_FINDER: SqlKeyFinder,
        STAMPS: SqlStampStore,
        LIMITS: SqlLimitStore,
        SECURITY_LOG: SqlSecurityLog,
    },
    operations=(add_key, revoke_key, list_keys),
    events=EVENTS,
    jobs=(TIDY,),
    needs=(DIRECTORY, FLEETS, MEMBERS, USERS),
    reactions={
        MemberEdited: stamp_user,
        MemberRemoved: stamp_user,
        UserDisabled: stamp_user,
        UserEnabled: stamp_user,
        RoleEdited: stamp_fleet,
        RoleDeleted: stamp_fleet,
    },
)
