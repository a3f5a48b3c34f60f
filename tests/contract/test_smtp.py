"""Codes by mail on a real server: sent or not, nobody learns whose address is known, every fault a named error."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from peyk.adapters.messaging.smtp import PLUGIN
from peyk.adapters.plugin import Parts, read_settings
from peyk.bootstrap_words import code_mail
from peyk.domain.code_sends import SendState
from peyk.domain.systems import Health
from peyk.errors import AccessRefused, BadAnswer, ExternalError, SettingsError, Unavailable
from peyk.ports.messenger import CodeSender, Handed
from peyk.settings import Settings
from tests.contract.parts import parts_for_tests
from tests.fakes.mail import PASSWORD, USER, FakeMailServer, certificate

MOBILE, STRANGER, CODE = "09121234567", "09350000000", "483920"
ADDRESS = "sara@customer.example"
SENDER = "codes@peyk.example"
BOOK = {MOBILE: ADDRESS}

# The fake's own, where it takes logins without TLS.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")


def parts_with(book: dict[str, str]) -> Parts:
    words = code_mail(Settings(shop_name_en="Two\r\nLines: Shop"))
    return replace(parts_for_tests(), email_of=book.get, code_mail=words)


class Subject:
    """A server, and settings that fit it."""

    def __init__(self, server: FakeMailServer, setenv: Callable[[str, str], None]) -> None:
        self.server = server
        self.set = setenv
        values = {"HOST": "127.0.0.1", "PORT": str(server.port), "SENDER": SENDER, "CA_FILE": str(certificate()[0])}
        for name, value in {**values, "USER": USER, "PASSWORD": PASSWORD}.items():
            setenv(f"PEYK_SMTP_{name}", value)

    def sender(self, book: dict[str, str] = BOOK) -> CodeSender:
        made: CodeSender = PLUGIN.make(read_settings(PLUGIN), parts_with(book))
        return made

    def send(self, mobile: str = MOBILE, language: str = "en", book: dict[str, str] = BOOK) -> Handed:
        return self.sender(book).send(mobile, CODE, language)

    def check(self) -> Health:
        return PLUGIN.check(read_settings(PLUGIN), parts_with(BOOK))


@contextmanager
def _made(setenv: Callable[[str, str], None], security: str) -> Iterator[Subject]:
    with FakeMailServer(tls=security == "tls", starttls=security == "starttls") as server:
        setenv("PEYK_SMTP_SECURITY", security)
        yield Subject(server, setenv)


@pytest.fixture
def subject(monkeypatch: pytest.MonkeyPatch) -> Iterator[Subject]:
    with _made(monkeypatch.setenv, "starttls") as made:
        yield made


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
def test_a_code_arrives(monkeypatch: pytest.MonkeyPatch, security: str) -> None:
    with _made(monkeypatch.setenv, security) as subject:
        handed = subject.send()
        ((to, mail),) = subject.server.mails
        assert to == mail["To"] == ADDRESS
        assert mail["From"] == SENDER
        assert mail["Subject"] == "Your verification code at Two Lines: Shop"
        assert CODE in mail.get_content()
        assert CODE not in mail["Subject"]
        assert mail["Auto-Submitted"] == "auto-generated"
        assert handed.message_id == mail["Message-ID"]
        assert subject.sender().delivery(handed.message_id) is SendState.TAKEN
        assert subject.server.logins == 1


def test_in_the_customers_language(subject: Subject) -> None:
    subject.set("PEYK_SMTP_SENDER_NAME", "Peyk, \u067e\u06cc\u06a9")
    subject.send(language="fa")
    ((_, mail),) = subject.server.mails
    assert "\u06a9\u062f \u062a\u0623\u06cc\u06cc\u062f" in mail["Subject"]
    assert "\u06a9\u062f \u062a\u0623\u06cc\u06cc\u062f" in mail.get_content()
    assert mail["From"].addresses[0].display_name == "Peyk, \u067e\u06cc\u06a9"


def steps(subject: Subject) -> int:
    made = [each for each in subject.server.commands if each != "content"]
    subject.server.commands.clear()
    # DATA is two answers.
    return len(made) + ("DATA" in made and "DATA" not in subject.server.refuse)


REFUSALS = [
    {},
    {"RCPT": "550 no such user"},
    {"RCPT": "450 greylisted"},
    {"DATA": "554 no"},
    {"content": "554 spam"},
    {"content": "452 full"},
]


@pytest.mark.parametrize("refuse", REFUSALS, ids=str)
def test_from_outside_a_known_address_is_like_an_unknown_one(subject: Subject, refuse: dict[str, str]) -> None:
    subject.server.refuse = refuse
    known = subject.send(MOBILE)
    steps_known = steps(subject)
    unknown = subject.send(STRANGER)
    assert steps(subject) == steps_known == 5
    assert known.cost_rial == unknown.cost_rial == 0
    assert len(subject.server.mails) == (0 if refuse else 1)
    # What became of it is the shop's to see alone.
    assert subject.sender().delivery(unknown.message_id) is SendState.FAILED
    assert (subject.sender().delivery(known.message_id) is SendState.FAILED) == bool(refuse)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "sara",
        "sara@localhost",
        "sara@customer.example\r\nRCPT TO:<thief@else.example>",
        "sara@customer.example, thief@else.example",
        "sara@customer.example>",
        "<sara@customer.example>",
        "sara @customer.example",
        "sara@customer.example\n",
        "\u0633\u0627\u0631\u0627@customer.example",
        "a" * 250 + "@customer.example",
    ],
)
def test_an_address_that_is_none_is_like_an_unknown_one(subject: Subject, address: str) -> None:
    handed = subject.send(book={MOBILE: address})
    assert subject.server.mails == []
    assert steps(subject) == 5
    assert subject.sender().delivery(handed.message_id) is SendState.FAILED


Told = dict[str, str] | dict[str, dict[str, str]]
FAULTS: list[tuple[Told, type[ExternalError]]] = [
    ({"refuse": {"AUTH": "535 5.7.8 shop@peyk.example refused"}}, AccessRefused),
    ({"refuse": {"AUTH": "454 later"}}, Unavailable),
    ({"refuse": {"MAIL": "530 log in first"}}, AccessRefused),
    ({"refuse": {"MAIL": "553 not your address"}}, BadAnswer),
    ({"refuse": {"MAIL": "451 later"}}, Unavailable),
    ({"refuse": {"MAIL": "421 closing"}}, Unavailable),
    ({"refuse": {"EHLO": "500 what", "HELO": "500 what"}}, BadAnswer),
    ({"refuse": {"STARTTLS": "454 no TLS now"}}, Unavailable),
    *[({"reset": name}, Unavailable) for name in ("EHLO", "STARTTLS", "AUTH", "MAIL")],
    *[({"stall": name}, Unavailable) for name in ("EHLO", "STARTTLS", "AUTH", "MAIL")],
]


@pytest.mark.parametrize("mobile", [MOBILE, STRANGER])
@pytest.mark.parametrize(("fault", "error"), FAULTS, ids=str)
def test_every_fault_is_a_named_error_and_nothing_secret_stands_in_it(
    subject: Subject,
    fault: Told,
    error: type[ExternalError],
    mobile: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    for name, value in fault.items():
        setattr(subject.server, name, value)
    sender = subject.sender()
    with pytest.raises(error) as caught:
        sender.send(mobile, CODE, "en")
    assert caught.value.system == "smtp"
    told = str(caught.value) + caplog.text + repr(sender.__dict__)
    told += "".join(traceback.format_exception(caught.value))
    assert not [word for word in (PASSWORD, USER, MOBILE, STRANGER, ADDRESS, CODE) if word in told]
    assert subject.server.mails == []


@pytest.mark.parametrize("fault", ["reset", "stall"])
def test_a_line_that_breaks_while_it_is_sent_tells_nobody_that_the_address_is_known(
    subject: Subject, fault: str
) -> None:
    setattr(subject.server, fault, "RCPT")
    with pytest.raises(Unavailable):
        subject.send()
    setattr(subject.server, fault, "DATA")
    assert subject.sender().delivery(subject.send().message_id) is SendState.FAILED


def test_a_goodbye_that_fails_changes_nothing(subject: Subject) -> None:
    subject.server.reset = "QUIT"
    assert subject.sender().delivery(subject.send().message_id) is SendState.TAKEN
    assert len(subject.server.mails) == 1


def test_a_server_without_tls_gets_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with _made(monkeypatch.setenv, "none") as subject:
        monkeypatch.setenv("PEYK_SMTP_SECURITY", "starttls")
        with pytest.raises(BadAnswer, match="starttls"):
            subject.send()
        assert subject.server.logins == 0


def test_a_certificate_nobody_signed_gets_no_password(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PEYK_SMTP_CA_FILE")
    with pytest.raises(Unavailable, match="SSLCertVerificationError"):
        subject.send()
    assert subject.server.logins == 0


def test_a_server_that_is_not_there(subject: Subject) -> None:
    subject.set("PEYK_SMTP_PORT", "1")
    with pytest.raises(Unavailable, match="ConnectionRefusedError"):
        subject.send()


def test_doctor_logs_in_and_sends_nothing(subject: Subject) -> None:
    health = subject.check()
    assert health.well
    assert health.credentials
    assert health.sample == f"takes mails from {SENDER}"
    assert subject.server.mails == []
    subject.set("PEYK_SMTP_PASSWORD", "wrong")
    health = subject.check()
    assert (health.reachable, health.credentials) == (True, False)
    assert "wrong" not in health.advice


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"SENDER": "shop\r\nBcc: x@y.zz"}, "PEYK_SMTP_SENDER: must be an address"),
        ({"SENDER_NAME": "a\nb"}, "PEYK_SMTP_SENDER_NAME: must be one line"),
        ({"SECURITY": "none", "HOST": "mail.example"}, "PEYK_SMTP_SECURITY: must be starttls or tls"),
        ({"PASSWORD": ""}, "PEYK_SMTP_USER and PEYK_SMTP_PASSWORD belong together"),
        ({"CA_FILE": "/nothing/there"}, "PEYK_SMTP_CA_FILE: cannot be read"),
    ],
)
def test_a_wrong_setting_is_one_line(subject: Subject, values: dict[str, str], line: str) -> None:
    for name, value in values.items():
        subject.set(f"PEYK_SMTP_{name}", value)
    with pytest.raises(SettingsError, match=line):
        subject.sender()
