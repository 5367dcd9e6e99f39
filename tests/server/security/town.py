"""Two fleets over HTTP: in one, a member of every role with vehicles of their own, lent and out of reach.

After it is built nothing is kept any more: each commit becomes a rollback, so every request meets the same town, and
the answers are those of the real server, the real core and the real database.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
from aiohttp import web
from attrs import define, field, frozen
from tests.server.serving import HOST, Reply, serving

import fleetcore
from fleetcore import Core
from fleetcore.accounts.model import Limit
from fleetcore.kernel.actor import Actor
from fleetcore.kernel.work import QUEUE
from fleetcore.notifications.model import Kind
from fleetcore.notifications.service import notify_user
from fleetcore.notifications.texts import Text
from fleetcore.sharing.model import Invite, OfferedGrant
from fleetcore.sharing.service import invite
from fleetcore.testing.builders import new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.vehicles.model import GetVehicle, GrantScope, GrantVehicle
from fleetcore.vehicles.service import get_vehicle, grant_vehicle
from fleetserver.app import create_app
from fleetserver.auth.keys import load_keys
from fleetserver.auth.service import Accounts
from fleetserver.auth.settings import AuthSettings, HashCost, Limits
from fleetserver.settings import ServerSettings
from fleetserver.web.methods import ANY_METHOD

from .asking import Request
from .estates import Estate, almighty, furnished

PASSWORD = "seventeen quiet lanterns"
STREAM = "text/event-stream"  # goes on until somebody hangs up
PLENTY = Limit(burst=10_000_000, period=timedelta(minutes=1))
BUILT_IN = ("owner", "family", "mechanic", "technician", "rental_agent", "accountant", "fleet_manager", "admin")
CUSTOM, KEY, GUEST = "custom", "key", "guest"
ROLES = (*BUILT_IN, GUEST, CUSTOM, KEY)
EXPIRED = "guest whose loan is over"
OWN, GRANTED, FLEET, OTHER = "own", "granted", "same fleet", "other fleet"
PLACES = (OWN, GRANTED, FLEET, OTHER)


@define
class Visitor:
    """Asks the server at *port* with a bearer's *secret*, on one connection that stays open."""

    port: int
    secret: str | None = None
    _connection: HTTPConnection | None = field(default=None, init=False)

    def ask(self, method: str, address: str, body: bytes | None = None, headers: Mapping[str, str] = {}) -> Reply:
        """Send one request, to the whole *address*."""
        sent = {"Content-Type": "application/json"} if body is not None else {}
        if self.secret is not None:
            sent["Authorization"] = f"Bearer {self.secret}"
        for attempt in range(2):
            connection = self._connection = self._connection or HTTPConnection(HOST, self.port, timeout=300)
            try:
                connection.request(method, address, body=body, headers={**sent, **headers})
                reply = connection.getresponse()
                is_endless = reply.getheader("Content-Type", "").startswith(STREAM)
                data = b"" if is_endless else reply.read()
            except (HTTPException, ConnectionError):
                connection.close()
                self._connection = None
                if attempt:
                    raise
                continue
            if reply.will_close or is_endless:
                self.close()
            return Reply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, data)
        raise AssertionError("the loop returns or raises")

    def send(self, request: Request, headers: Mapping[str, str] = {}) -> Reply:
        """Send *request*, with more *headers*."""
        return self.ask(request.method, request.address, request.body, {**request.headers, **headers})

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def tell(self, method: str, path: str, said: Mapping[str, Any] | None = None) -> Any:
        """Send JSON below the API's root, and return the JSON of the answer; anything but success fails."""
        reply = self.ask(method, f"/api/v1{path}", None if said is None else json.dumps(said).encode())
        assert reply.status < 300, (method, path, reply)
        return reply.value if reply.body else None


@frozen
class Town:
    """The server's port, the secret of each role's member, and the estate that each finds in each place."""

    core: Core
    port: int
    secrets: Mapping[str, str]
    estates: Mapping[tuple[str, str], Estate]
    custom: Mapping[str, str]
    key_scopes: Mapping[str, str]
    owner: Actor
    neighbour: Actor
    accounts: Accounts
    addresses: tuple[tuple[str, str], ...]
    users: Mapping[str, UUID]

    def visitor(self, role: str | None) -> Visitor:
        """Return who asks as the member with *role*; None for nobody."""
        return Visitor(self.port, None if role is None else self.secrets[role])


@contextmanager
def served_also(town: Town, **settings: Any) -> Iterator[Town]:
    """Serve the town at another port, with other *settings*."""
    accounts = Accounts(town.core, town.accounts.settings, keys=town.accounts.keys)
    with serving(create_app(town.core, ServerSettings(**settings), accounts)) as port:
        yield attrs.evolve(town, port=port)


def takes_something(route: web.AbstractRoute) -> bool:
    """Say whether *route* is one of an address, and not what refuses all other methods there."""
    return route.resource is not None and route.method != ANY_METHOD


def keep_nothing(core: Core) -> None:
    """Turn every commit from now on into a rollback."""
    database = core.database
    with database.system():
        pass  # the engine is made at its first use
    for engine in (database._writes, database._reads, database._system):
        if engine is not None:
            engine.dialect.do_commit = engine.dialect.do_rollback  # type: ignore[method-assign]


@contextmanager
def town_at(
    url: str, folder: Path, custom: Mapping[str, str], key_scopes: Mapping[str, str], *, lasts: bool = False
) -> Iterator[Town]:
    """Build the town in the database at *url*; *custom* is what the custom role may do, *key_scopes* the key.

    What is done in it is undone at once, unless it *lasts*.
    """
    limits = Limits(**{each.name: PLENTY for each in attrs.fields(Limits)})
    settings = AuthSettings(data_dir=folder, hash_cost=HashCost(memory_kib=8, passes=1), limits=limits)
    clock = FixedClock()
    with fleetcore.open(url, installed_plugins=False, clock=clock, attachments=folder / "files") as core:
        accounts = Accounts(core, settings, keys=load_keys(settings, core.clock))
        builder = _Builder(core, accounts)
        builder.found()
        builder.settle(custom)
        clock.advance(days=1)
        app = create_app(core, ServerSettings(), accounts)
        addresses = tuple(
            (each.method, each.resource.canonical) for each in app.router.routes() if takes_something(each)
        )
        with serving(app) as port:
            secrets = builder.sign_in(port, key_scopes)
            if not lasts:
                keep_nothing(core)
            yield Town(
                core=core,
                port=port,
                secrets=secrets,
                estates=builder.estates,
                custom=custom,
                key_scopes=key_scopes,
                owner=builder.owner,
                neighbour=builder.neighbour,
                accounts=accounts,
                addresses=addresses,
                users=builder.users,
            )


@define(init=False)
class _Builder:
    core: Core
    accounts: Accounts
    owner: Actor
    neighbour: Actor
    estates: dict[tuple[str, str], Estate]
    friend_of_all: str
    users: dict[str, UUID]

    def __init__(self, core: Core, accounts: Accounts) -> None:
        self.core, self.accounts = core, accounts
        self.estates, self.users = {}, {}

    def found(self) -> None:
        """Found both fleets, and furnish the vehicles that belong to nobody in particular."""
        core = self.core
        self.owner = core.create_fleet("Ours", owner_name="Ada", owner_email="owner@ours.example")
        self.neighbour = core.create_fleet("Theirs", owner_name="Eve", owner_email="owner@theirs.example")
        friend = core.perform(
            self.owner, "people.add_member", {"name": "Fay", "email": "f@x.example", "roles": ["family"]}
        )
        self.friend_of_all = str(friend.user_id)
        partner = self.member("partner")  # who is tried made nothing of what is lent or out of reach
        lent, far = self.estate(partner, "Quagga"), self.estate(partner, "Okapi")
        theirs = self.estate(self.neighbour, "Zebu")
        for role in ROLES:
            self.estates |= {(role, GRANTED): lent, (role, FLEET): far, (role, OTHER): theirs}

    def estate(self, actor: Actor, mark: str) -> Estate:
        """Let *actor* add a vehicle and furnish it."""
        vehicle = new_vehicle(self.core, almighty(actor), name=f"{mark} car")
        made = furnished(self.core, actor, vehicle.id, mark)
        self.core.work(actor.fleet_id, "test", lambda uow: uow[QUEUE].enqueue("reminders.tick", now=uow.now))
        jobs = self.core.perform(almighty(actor), "worker.list_jobs", {}).items
        made.ids["work"] = str(jobs[0].id)
        made.versions["vehicle"] = self.core.read(almighty(actor), get_vehicle, GetVehicle(id=vehicle.id)).version
        made.versions["fleet"] = self.core.perform(actor, "people.get_fleet", {}).version
        made.ids["notification"] = str(self.told(actor, mark))
        made.ids["person"], made.versions["person"] = made.ids["friend"], 1
        made.ids["friend of all"] = (
            made.ids["friend"] if actor.fleet_id == self.neighbour.fleet_id else self.friend_of_all
        )
        return made

    def told(self, actor: Actor, mark: str) -> UUID:
        """Tell *actor* something, and return its id in their inbox."""
        text = Text(f"{mark} was told", mark)
        self.core.work(
            actor.fleet_id,
            "test",
            lambda uow: notify_user(uow, actor.user_id, Kind.SECURITY, lambda _language, _user, _fleet: text),
        )
        inbox = self.core.perform(actor, "notifications.list", {}).items
        return next(each.id for each in inbox if each.body == mark)

    def settle(self, custom: Mapping[str, str]) -> None:
        """Let a member of every role move in, with a vehicle of their own and the use of the one that is lent."""
        self.core.perform(almighty(self.owner), "people.define_role", {"name": "Odd job", "permissions": dict(custom)})
        for number, role in enumerate(ROLES):
            actor = self.owner if role == "owner" else self.member(role)
            own = self.estate(actor, MARKS[number])
            own.ids["person"] = str(actor.user_id)
            own.versions["person"] = self.core.perform(almighty(actor), "people.get_user", {}).version
            for vehicle_id in (own.vehicle, self.estates[role, GRANTED].vehicle):
                self.lend(actor, UUID(vehicle_id))
            self.estates[role, OWN] = own
            self.accounts.set_password(actor.user_id, PASSWORD)
            self.users[role] = actor.user_id
        over = self.guest(EXPIRED, "expired@ours.example", ends_at=self.core.clock.now() + timedelta(hours=1))
        self.users[EXPIRED] = over.user_id
        self.accounts.set_password(over.user_id, PASSWORD)
        self.accounts.set_password(self.neighbour.user_id, PASSWORD)

    def member(self, role: str) -> Actor:
        """Let somebody in."""
        email = f"{role}@ours.example"
        if role == GUEST:
            return self.guest("Gus", email)
        roles = [{CUSTOM: "Odd job", KEY: "owner", "partner": "owner"}.get(role, role)]
        said = {"name": role, "email": email, "roles": roles}
        member = self.core.perform(almighty(self.owner), "people.add_member", said)
        return self.core.actor(user_id=member.user_id, fleet_id=self.owner.fleet_id)

    def guest(self, name: str, email: str, ends_at: datetime | None = None) -> Actor:
        """Let a guest in, with the use of the vehicle that is lent, until then."""
        vehicle_id = UUID(self.estates[GUEST, GRANTED].vehicle)
        lent = OfferedGrant(vehicle_id=vehicle_id, scope=GrantScope.READ, ends_at=ends_at)
        sent = self.core.run(self.owner, invite, Invite(grants=(lent,), email=email))
        return self.core.accept_invitation(str(sent.token), name=name, email=email)

    def lend(self, actor: Actor, vehicle_id: UUID) -> None:
        """Grant the vehicle to *actor*, without a limit of its own."""
        self.core.run(almighty(self.owner), grant_vehicle, GrantVehicle(vehicle_id=vehicle_id, user_id=actor.user_id))

    def sign_in(self, port: int, key_scopes: Mapping[str, str]) -> dict[str, str]:
        """Sign everybody in, and make the key."""
        secrets = {}
        with closing(Visitor(port)) as nobody:
            for role in (*ROLES, OTHER, EXPIRED):
                elsewhere = {OTHER: "owner@theirs.example", EXPIRED: "expired@ours.example"}
                email = elsewhere.get(role, f"{role}@ours.example")
                answer = nobody.tell("POST", "/auth/login", {"email": email, "password": PASSWORD})
                secrets[role] = answer["access_token"]
        with closing(Visitor(port, secrets[KEY])) as keeper:
            made = keeper.tell("POST", "/auth/keys", {"name": "Phone", "permissions": dict(key_scopes)})
        return secrets | {KEY: made["secret"]}


MARKS = (
    "Aardvark", "Bongo", "Caracal", "Dugong", "Eland", "Fossa", "Gerenuk", "Hyrax", "Impala", "Jackal", "Kudu",
)  # fmt: skip
