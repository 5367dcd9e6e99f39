"""Inviting, lending, handing over and looking back by command."""

from __future__ import annotations

from .running import Command


def test_somebody_comes_in_by_a_link_and_leaves(command: Command) -> None:
    """Invite prints what to do; the invited look, accept and leave; the list says what became of it."""
    assert "Nobody is invited" in command("members", "invitations").stdout
    told = command("members", "invite", "--role", "driver", "--email", "bob@example.org", "--message", "Hi").stdout
    token = told.split("members accept ")[1].split()[0]
    shown = command("members", "preview", token).stdout
    accepted = command("members", "accept", token, "--name", "Bob").stdout

    assert "Hi" in shown
    assert "Family member or driver" in shown
    assert "welcome to Home" in accepted
    assert "accepted" in command("members", "invitations").stdout
    assert [] == command.json("members", "invitations", "--pending")["invitations"]
    assert "accepted already" in command("members", "accept", token, "--name", "Eve", code=1).stderr
    bob = ("--as", "bob@example.org")
    assert ["Home"] == [each["name"] for each in command.json(*bob, "fleets", "list")["fleets"]]
    command(*bob, "members", "leave")
    assert "belong to no fleet" in command(*bob, "fleets", "list").stdout
    command("members", "leave", code=1)


def test_a_user_of_two_fleets_switches_by_name(command: Command) -> None:
    """An existing user accepts with --as, has two fleets, and names the one to work in."""
    command("init", "--another", "--name", "Shop", "--owner", "Cleo", "--email", "cleo@example.org")
    token = command.json("--fleet", "Home", "members", "invite", "--role", "accountant")["token"]
    cleo = ("--as", "cleo@example.org")
    command(*cleo, "members", "accept", token)

    assert {"Home", "Shop"} == {each["name"] for each in command.json(*cleo, "fleets", "list")["fleets"]}
    assert "several fleets" in command(*cleo, "vehicles", "list", code=1).stderr
    command(*cleo, "--fleet", "Home", "vehicles", "list")
    command("--as", "nobody@example.org", "members", "accept", token, code=1)


def test_invitations_are_revoked_and_sent_again(command: Command) -> None:
    """A revoked link is dead, a resent one has a new token."""
    sent = command.json("members", "invite", "--role", "family")
    again = command.json("members", "resend-invitation", sent["invitation"]["id"][-8:], "--days", "3")
    assert sent["token"] != again["token"]
    command("members", "accept", sent["token"], "--name", "Bob", code=1)
    command("members", "revoke-invitation", sent["invitation"]["id"])
    command("members", "accept", again["token"], "--name", "Bob", code=1)
    command("members", "invite", code=1)
    command("members", "invite", "--role", "family", "--scope", "drive", code=2)
    command("members", "invite", "--role", "family", "--vehicle", "None", code=1)


def test_a_fleet_changes_hands(command: Command) -> None:
    """The owner hands the fleet to a member and takes a role."""
    command("members", "add", "--name", "Bob", "--role", "driver")
    told = command("members", "transfer-ownership", "Bob", "--role", "mechanic").stdout

    assert "Bob is owner now; you are mechanic" in told
    roles = {each["name"]: each["roles"] for each in command.json("members", "list")["members"]}
    assert {"Owner": ["mechanic"], "Bob": ["owner", "family"]} == roles


def test_a_car_is_lent_and_given_back(golf: Command) -> None:
    """A guest drives the lent car and gives it back; the owner sees and ends grants."""
    assert "No vehicle is granted" in golf("grants", "list").stdout
    golf("vehicles", "add", "--name", "Van")
    token = golf.json("members", "invite", "--vehicle", "Golf", "--scope", "drive", "--until", "2199-12-31")["token"]
    assert "Golf (drive, until 2200-01-01" in golf("members", "preview", token).stdout
    golf("members", "accept", token, "--name", "Gus", "--email", "gus@example.org")
    gus = ("--as", "gus@example.org")

    assert ["Golf"] == [each["name"] for each in golf.json(*gus, "vehicles", "list")["vehicles"]]
    golf(*gus, "odometer", "add", "--vehicle", "Golf", "--km", "2700")
    assert "Gus" in golf("grants", "list", "--vehicle", "Golf").stdout
    assert "drive" in golf(*gus, "grants", "list").stdout
    golf(*gus, "grants", "give-back", "--vehicle", "Golf")
    assert "nothing lent to you" in golf(*gus, "vehicles", "list", code=1).stderr
    added = golf.json("grants", "add", "--vehicle", "Van", "--to", "Gus", "--from", "2026-01-01")
    golf(*gus, "grants", "give-back", "--vehicle", "Golf", code=1)
    golf("grants", "revoke", added["id"][-8:])
    golf("grants", "revoke", added["id"][-8:], code=1)
    assert 2 == len(golf.json("grants", "list", "--to", "Gus")["grants"])


def test_a_fine_finds_who_drove(golf: Command) -> None:
    """Drivers are assigned late, hand over, and are found by day and by minute."""
    golf("members", "add", "--name", "Bob", "--role", "driver")
    assert "Nobody was assigned a vehicle" in golf("drivers", "history").stdout
    golf("drivers", "assign", "--vehicle", "Golf", "--driver", "Bob", "--from", "2026-03-01")
    golf("drivers", "hand-over", "--vehicle", "Golf", "--name", "Neighbour", "--at", "2026-03-10 16:00")
    golf(
        "drivers",
        "assign",
        "--vehicle",
        "Golf",
        "--name",
        "Ann",
        "--from",
        "2026-03-10",
        "--along",
        "--notes",
        "Learner",
    )

    before = golf("drivers", "who", "--vehicle", "Golf", "--at", "2026-03-10 15:59").stdout
    assert "Bob" in before
    assert "Neighbour" not in before
    day = golf.json("drivers", "who", "--vehicle", "Golf", "--on", "2026-03-10")["assignments"]
    assert ["", "Neighbour", "Ann"] == [each["driver_name"] for each in day]
    when = ("--from", "2026-03-10 15:00", "--to", "2026-03-10 15:30")
    golf("trips", "add", "--vehicle", "Golf", "--driver", "Ann", *when, "--distance", "20")
    shown = golf("drivers", "who", "--vehicle", "Golf", "--at", "2026-03-10 15:20").stdout
    assert "Trip 2026-03-10 15:00 to 2026-03-10 15:30: Ann" in shown
    assert "Trip" not in golf("drivers", "who", "--vehicle", "Golf", "--at", "2026-03-10 15:30").stdout
    assert "Nobody was assigned Golf" in golf("drivers", "who", "--vehicle", "Golf", "--on", "2026-02-28").stdout
    assert 1 == len(golf.json("drivers", "history", "--driver", "Bob")["assignments"])
    assert "There are more" in golf("drivers", "history", "--limit", "1").stderr
    held = day[1]["id"][-8:]
    golf("drivers", "end", held, "--at", "2026-03-31")
    assert "2026-04-01" in golf("drivers", "history").stdout
    golf("drivers", "delete", held)
    golf("drivers", "who", "--vehicle", "Golf", code=2)
    golf("drivers", "assign", "--vehicle", "Golf", code=2)
    golf("drivers", "hand-over", "--vehicle", "Golf", "--to", "Nobody", code=1)


def test_the_platform_limits_a_fleet(golf: Command) -> None:
    """A fleet at its limit takes no vehicle; settings show the limit; without one it takes any."""
    golf("fleets", "limit", "--vehicles", "1", "--storage-bytes", "1000000")
    assert "may hold 1 vehicles and holds 1" in golf("vehicles", "add", "--name", "Van", code=1).stderr
    assert "at most 1,000,000 bytes" in golf("settings").stdout
    assert "as much as it likes" in golf("fleets", "limit").stdout
    golf("vehicles", "add", "--name", "Van")
