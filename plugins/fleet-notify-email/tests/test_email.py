"""E-mails as a real server gets them, and what its answers come to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

import fleetcore
from fleet_notify_email import SPEC, EmailSettings
from fleet_notify_email.channel import EmailChannel
from fleetcore.notifications.channels import Delivered, Message, Outcome, Rejected, Retry, Target, Unsubscribing
from fleetcore.notifications.host import ChannelHost, ChannelState, Envelope
from fleetcore.testing.builders import new_vehicle
from fleetcore.testing.clock import FixedClock
from fleetcore.testing.contracts import ChannelContract, a_message
from fleetcore.worker.loop import Worker

from .server import MailServer

ADA = Target(address="ada@example.org", name="Ada Łovelace")
# A TLS handshake that fails leaves its socket to the garbage collector, in CPython's start_tls.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
PASSWORD = {"username": "garage", "password": "s3cret"}


class TestContract(ChannelContract):
    """The suite that every channel keeps."""

    @pytest.fixture
    def spec(self) -> Any:
        """The channel, quicker than people want their mail."""
        from attrs import evolve

        return evolve(SPEC, limits=evolve(SPEC.limits, per_target=1000, per_second=1000))

    @pytest.fixture
    def settings(self, server: MailServer) -> dict[str, Any]:
        """A server that takes everything, with a password that nobody may see."""
        return server.settings()

    @pytest.fixture
    def target(self) -> Target:
        """Somebody with an address."""
        return ADA

    @pytest.fixture
    def bad_targets(self) -> Sequence[Target]:
        """What is no address, and whom the server does not know."""
        texts = [
            *("", "ada", "ada@", "@example.org", "a b@example.org", "ada@example.org\nBcc: eve@example.org"),
            *("<ada@example.org>, eve@example.org", "nobody@example.org"),
        ]
        return [Target(address=text, name="x") for text in texts] + [Target(address=None)]


def send(server: MailServer, *messages: Message, to: Target = ADA, **settings: Any) -> list[Outcome]:
    """Send messages through the host."""
    host = ChannelHost([("email", SPEC)], {"email": server.settings(**settings)}, {})
    assert ChannelState.OK is host.reports[0].state, host.reports[0].reason
    return host.send([Envelope("email", message, to) for message in messages])


def part(mail: EmailMessage, kind: str) -> str:
    """Return the text of one part of a mail."""
    found = mail.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def test_a_mail_as_it_arrives(server: MailServer) -> None:
    """Text and HTML, addresses, date, an id of its own, and the link that unsubscribes in one click."""
    token = "A" * 300
    link = Unsubscribing(token=token, url=f"https://fleet.example/unsubscribe/{token}")
    message = a_message(title="Käfer: Öl ist fällig", body="Fällig.\n.\nEnde", unsubscribe=link, urgency="overdue")
    (outcome,) = send(server, message, sender_name="Garage, Home", reply_to="ada@home.example")
    (mail,), (envelope,) = server.mails, server.envelopes

    assert isinstance(outcome, Delivered)
    assert "queued as 42" in outcome.ref
    assert (mail["Subject"], mail.get_content_type()) == ("Käfer: Öl ist fällig", "multipart/alternative")
    assert part(mail, "plain").replace("\r\n", "\n").strip() == "Fällig.\n.\nEnde"
    assert message.html == part(mail, "html").strip()
    assert (mail["From"], mail["To"]) == ('"Garage, Home" <garage@example.org>', "Ada Łovelace <ada@example.org>")
    assert (envelope.mail_from, envelope.rcpt_tos) == ("garage@example.org", ["ada@example.org"])
    assert f"<{message.id}@example.org>" == mail["Message-ID"]
    assert datetime(2026, 6, 1, 12, tzinfo=UTC) == mail["Date"].datetime
    assert f"<{link.url}>" == mail["List-Unsubscribe"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (
        mail["Reply-To"],
        mail["Auto-Submitted"],
        mail["Content-Language"],
        mail["Importance"],
    ) == ("ada@home.example", "auto-generated", "en", "high")
    assert envelope.content is not None
    assert f"List-Unsubscribe: <{link.url}>\r\n".encode() in envelope.content  # in one piece, as servers want it


def test_domains_of_any_script(server: MailServer) -> None:
    """A domain beyond ASCII is written as the domain name system knows it; names before the @ are not."""
    fine, strange = (Target(address=text, name="Jürgen") for text in ("j@bücher.example", "jürgen@books.example"))

    assert isinstance(send(server, a_message(), to=fine)[0], Delivered)
    assert isinstance(send(server, a_message(), to=strange)[0], Rejected)
    assert [["j@xn--bcher-kva.example"]] == [envelope.rcpt_tos for envelope in server.envelopes]


def test_one_click_needs_https(server: MailServer) -> None:
    """Over plain HTTP there is a link, but no promise of one click; without a server there is neither."""
    plain = Unsubscribing(token="x", url="http://fleet.example/unsubscribe/x")  # noqa: S106 - no secret
    send(server, a_message(unsubscribe=plain), a_message(unsubscribe=None))
    with_link, without = server.mails

    assert (
        with_link["List-Unsubscribe"],
        with_link["List-Unsubscribe-Post"],
    ) == ("<http://fleet.example/unsubscribe/x>", None)
    assert without["List-Unsubscribe"] is None


def test_nothing_gets_into_the_headers(server: MailServer) -> None:
    """Line breaks in titles, names and addresses make no header of their own."""
    evil = "x\r\nBcc: eve@example.org\r\n\r\nbody"
    send(server, a_message(title=evil), to=Target(address="ada@example.org", name=evil))
    (mail,) = server.mails

    assert mail["Bcc"] is None
    assert server.envelopes[0].rcpt_tos == ["ada@example.org"]
    assert mail["Subject"] == "x Bcc: eve@example.org body"


@pytest.mark.parametrize(
    ("step", "answer", "kind"),
    [
        ("RCPT", "450 4.2.1 busy", Retry),
        ("RCPT", "550 5.1.1 gone", Rejected),
        ("DATA", "451 4.3.0 later", Retry),
        ("DATA", "554 5.7.1 spam", Rejected),
        ("MAIL", "451 4.3.0 later", Retry),
        ("MAIL", "553 5.7.1 not your sender", Retry),
        ("DATA", "421 4.3.2 going down", Retry),
    ],
)
def test_answers_of_the_server(server: MailServer, step: str, answer: str, kind: type) -> None:
    """4xx is tried again, 5xx is not, but where the settings are to blame; the next message arrives."""
    server.refusals[step] = [answer]
    first, second = send(server, a_message(), a_message())

    assert [kind, Delivered] == [type(first), type(second)]
    assert not isinstance(first, Delivered)
    assert " ".join(answer.split()[:1]) in first.why


def test_one_connection_for_all(server: MailServer) -> None:
    """The messages of a run share a connection."""
    outcomes = send(server, *(a_message() for _ in range(8)))

    assert ([Delivered] * 8, 1, 8) == ([type(each) for each in outcomes], server.connections, len(server.mails))


def test_a_connection_that_breaks(server: MailServer) -> None:
    """When the server closes the connection in the middle, that message is tried again and the next one arrives."""
    broken = []

    async def once(smtp: Any) -> None:
        if not broken:
            broken.append(1)
            smtp.transport.abort()
            await asyncio.sleep(0.05)

    server.on_data = once
    first, second = send(server, a_message(), a_message())

    assert [Retry, Delivered] == [type(first), type(second)]
    assert server.connections == 2


def test_a_server_that_is_away() -> None:
    """Nobody listening is Retry, for every message."""
    settings = {"host": "127.0.0.1", "port": 1, "sender": "garage@example.org", "security": "none"}
    host = ChannelHost([("email", SPEC)], {"email": settings}, {})
    outcomes = host.send([Envelope("email", a_message(), ADA)] * 2)

    assert [Retry, Retry] == [type(each) for each in outcomes]


def test_encrypted_with_a_password(encrypted: MailServer, certificate: Path) -> None:
    """STARTTLS and TLS from the first byte, with a certificate that is trusted, and a password."""
    (outcome,) = send(encrypted, a_message(), ca_file=certificate, **PASSWORD)

    assert isinstance(outcome, Delivered)


def test_a_wrong_password_is_a_retry(encrypted: MailServer, certificate: Path) -> None:
    """The settings can be mended, and the reason does not tell the password."""
    (outcome,) = send(encrypted, a_message(), ca_file=certificate, **PASSWORD | {"password": "wr0ng"})

    assert isinstance(outcome, Retry)
    assert "535" in outcome.why
    assert "wr0ng" not in outcome.why


def test_a_certificate_that_is_not_trusted(encrypted: MailServer) -> None:
    """Nothing is sent to a server that cannot prove who it is."""
    (outcome,) = send(encrypted, a_message(), **PASSWORD)

    assert isinstance(outcome, Retry)
    assert "certificate" in outcome.why.lower()
    assert encrypted.mails == []


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"sender": "garage"}, "sender"),
        ({"sender": "a@b\r\nBcc: c@d"}, "sender"),
        ({"reply_to": "x"}, "reply_to"),
        ({"sender_name": "a\nb"}, "sender_name"),
        ({"port": 0}, "port"),
        ({"security": "rot13"}, "rot13"),
        ({"username": "garage"}, "go together"),
        ({"host": "smtp.example.org", **PASSWORD}, "in the clear"),
        ({"pasword": "x"}, "pasword"),
    ],
)
def test_settings_that_do_not_fit(settings: dict[str, Any], word: str) -> None:
    """What cannot work is said at once, without telling the password."""
    usual = {"host": "localhost", "sender": "garage@example.org", "security": "none"}
    (report,) = ChannelHost([("email", SPEC)], {"email": usual | settings}, {}).reports

    assert ChannelState.FAILED is report.state
    assert word in report.reason
    assert "s3cret" not in report.reason


def test_settings_show_no_password() -> None:
    """Neither the settings nor the report do."""
    environment = {
        "FLEET_EMAIL_HOST": "smtp.example.org",
        "FLEET_EMAIL_SENDER": "garage@example.org",
        "FLEET_EMAIL_USERNAME": "garage",
        "FLEET_EMAIL_PASSWORD": "s3cret",
    }
    host = ChannelHost([("email", SPEC)], {}, environment)

    assert (host.reports[0].state, host.reports[0].settings["password"]) == (ChannelState.OK, "***")
    assert "s3cret" not in repr(host.reports)
    assert EmailSettings(host="x", sender="a@b.example").chosen_port == 587


def test_sending_unopened_is_a_retry() -> None:
    """A channel that nobody opened sends nothing."""
    channel = EmailChannel(EmailSettings(host="localhost", sender="garage@example.org"))

    assert isinstance(asyncio.run(channel.send(a_message(), ADA)), Retry)


def test_from_a_reminder_to_a_mail(server: MailServer) -> None:
    """Installed, the plugin is found by itself: what becomes due arrives by e-mail, and is in the log."""
    import fleet_notify_email

    with fleetcore.open(
        "sqlite://",
        plugins=[fleet_notify_email],
        installed_plugins=False,
        clock=FixedClock(),
        plugin_settings={"email": server.settings(), "notifications": {"base_url": "https://fleet.example/"}},
    ) as core:
        owner = core.create_fleet("Home", owner_name="Ada", owner_email="ada@example.org", timezone="UTC")
        car = new_vehicle(core, owner)
        due = date(2026, 6, 4).isoformat()
        core.perform(owner, "reminders.add", {"vehicle_id": str(car.id), "title": "Oil", "on": due})
        Worker(core).drain()
        rows = core.perform(owner, "notifications.list_deliveries", {}).items

    subjects = [mail["Subject"] for mail in server.mails]
    assert {"Welcome to Home", "Polo: Oil is due very soon"} == set(subjects)
    assert server.mails[0]["List-Unsubscribe"].startswith("<https://fleet.example/unsubscribe/")
    assert [row.state for row in rows if row.channel == "email"] == ["delivered"] * 2


def test_the_distribution_declares_the_plugin() -> None:
    """The entry point names this package, so that installing is enough."""
    import tomllib

    declared = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]

    assert declared["entry-points"]["fleetcore.plugins"] == {"notify-email": "fleet_notify_email"}
    assert (fleetcore.__version__, "Apache-2.0") == (declared["version"], declared["license"])
