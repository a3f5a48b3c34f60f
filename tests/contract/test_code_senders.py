"""Vendors of one-time codes on servers of their documented shape: sent or not, and every fault a named error."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from peyk.adapters.plugin import read_settings
from peyk.adapters.registry import plugin
from peyk.domain.code_sends import SendState
from peyk.domain.systems import SystemKind
from peyk.errors import AccessRefused, BadAnswer, ExternalError, RateLimited, SettingsError, Unavailable
from peyk.ports.messenger import CodeSender
from tests.contract import parts
from tests.contract.parts import parts_for_tests
from tests.fakes.sms import KAVENEGAR_KEY, SMSIR_KEY, TEMPLATE, TEMPLATE_ID, FakeKavenegar, FakeSmsIr
from tests.fakes.vendor_http import Fault

MOBILE, CODE = "09121234567", "483920"
# The vendors have several ways of saying no inside a 200.
FAULTS: dict[Fault, type[ExternalError]] = {**parts.FAULTS, Fault.ERROR_BODY: ExternalError}


@dataclass
class Subject:
    """A vendor with its fake; `states` are its words for delivered, failed and under way."""

    name: str
    server: FakeKavenegar | FakeSmsIr
    sender: CodeSender
    states: dict[SendState, int]

    def make_again(self) -> CodeSender:
        return _made(self.name)


def _made(name: str) -> CodeSender:
    found = plugin(name, SystemKind.SMS)
    sender: CodeSender = found.make(read_settings(found), parts_for_tests())
    return sender


@contextmanager
def _kavenegar(setenv: Callable[[str, str], None]) -> Iterator[Subject]:
    with FakeKavenegar() as server:
        setenv("PEYK_KAVENEGAR_URL", server.url)
        setenv("PEYK_KAVENEGAR_KEY", KAVENEGAR_KEY)
        setenv("PEYK_KAVENEGAR_TEMPLATE", TEMPLATE)
        states = {SendState.DELIVERED: 10, SendState.FAILED: 11, SendState.HANDED_OVER: 4}
        yield Subject("kavenegar", server, _made("kavenegar"), states)


@contextmanager
def _smsir(setenv: Callable[[str, str], None]) -> Iterator[Subject]:
    with FakeSmsIr() as server:
        setenv("PEYK_SMSIR_URL", server.url)
        setenv("PEYK_SMSIR_KEY", SMSIR_KEY)
        setenv("PEYK_SMSIR_TEMPLATE", str(TEMPLATE_ID))
        states = {SendState.DELIVERED: 1, SendState.FAILED: 2, SendState.HANDED_OVER: 3}
        yield Subject("smsir", server, _made("smsir"), states)


@pytest.fixture(params=[_kavenegar, _smsir], ids=["kavenegar", "smsir"])
def subject(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Subject]:
    with request.param(monkeypatch.setenv) as made:
        yield made


def test_a_code_arrives(subject: Subject) -> None:
    handed = subject.sender.send(MOBILE, CODE, "fa")
    sent = subject.server.sent[handed.message_id]
    assert (sent.to, sent.code) == (MOBILE, CODE)


@pytest.mark.parametrize("state", [SendState.DELIVERED, SendState.FAILED, SendState.HANDED_OVER])
def test_what_became_of_it_can_be_asked(subject: Subject, state: SendState) -> None:
    handed = subject.sender.send(MOBILE, CODE, "fa")
    subject.server.sent[handed.message_id].state = subject.states[state]
    assert subject.sender.delivery(handed.message_id) is state


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_a_named_error_and_nothing_secret_stands_in_it(
    subject: Subject, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    handed = subject.sender.send(MOBILE, CODE, "fa")
    calls: tuple[Callable[[], object], ...] = (
        lambda: subject.sender.send(MOBILE, CODE, "fa"),
        lambda: subject.sender.delivery(handed.message_id),
    )
    secret_words = (*subject.server.secrets, MOBILE, CODE)
    for call in calls:
        subject.server.fail(fault, times=9)
        with pytest.raises(FAULTS[fault]) as caught:
            call()
        subject.server.mend()
        subject.server.let_go()
        assert caught.value.system == subject.name
        told = str(caught.value) + caplog.text + repr(subject.sender.__dict__)
        told += "".join(traceback.format_tb(caught.value.__traceback__))
        assert not [word for word in secret_words if word in told]


def test_a_code_is_never_sent_twice_by_ourselves(subject: Subject) -> None:
    subject.server.fail(Fault.SERVER_ERROR, done=True)
    with pytest.raises(Unavailable):
        subject.sender.send(MOBILE, CODE, "fa")
    assert len(subject.server.calls) == 1


def test_a_wrong_key_is_told(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"PEYK_{subject.name.upper()}_KEY", "wrong-key")
    with pytest.raises(AccessRefused):
        subject.make_again().send(MOBILE, CODE, "fa")


def test_an_unknown_template_is_told(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"PEYK_{subject.name.upper()}_TEMPLATE", "777")
    with pytest.raises(BadAnswer, match="4"):
        subject.make_again().send(MOBILE, CODE, "fa")


@pytest.mark.parametrize("name", ["URL", "KEY"])
def test_settings_that_cannot_be_are_refused_in_one_line(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(f"PEYK_{subject.name.upper()}_{name}", "http://sms.example with a space")
    with pytest.raises(SettingsError) as caught:
        subject.make_again()
    assert "\n" not in str(caught.value)


def test_a_look_says_what_is_left(subject: Subject) -> None:
    found = plugin(subject.name, SystemKind.SMS)
    health = found.check(read_settings(found), parts_for_tests())
    assert health.well
    assert "credit" in health.sample
    subject.server.fail(Fault.SERVER_ERROR, times=9)
    assert not found.check(read_settings(found), parts_for_tests()).reachable


@pytest.mark.parametrize("http_too", [False, True])
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (418, Unavailable),
        (409, Unavailable),
        (402, Unavailable),
        (403, AccessRefused),
        (411, BadAnswer),
        (424, BadAnswer),
    ],
)
def test_kavenegar_says_no_in_its_body(
    monkeypatch: pytest.MonkeyPatch, status: int, error: type[ExternalError], http_too: bool
) -> None:
    with _kavenegar(monkeypatch.setenv) as subject:
        assert isinstance(subject.server, FakeKavenegar)
        subject.server.refuse, subject.server.http_too = status, http_too
        with pytest.raises(error):
            subject.sender.send(MOBILE, CODE, "fa")


@pytest.mark.parametrize(
    ("status", "error"), [(10, AccessRefused), (20, RateLimited), (102, Unavailable), (104, BadAnswer)]
)
def test_smsir_says_no_in_its_body(monkeypatch: pytest.MonkeyPatch, status: int, error: type[ExternalError]) -> None:
    with _smsir(monkeypatch.setenv) as subject:
        assert isinstance(subject.server, FakeSmsIr)
        subject.server.refuse = status
        with pytest.raises(error):
            subject.sender.send(MOBILE, CODE, "fa")


def test_kavenegar_gets_foreign_mobiles_with_zeros(monkeypatch: pytest.MonkeyPatch) -> None:
    with _kavenegar(monkeypatch.setenv) as subject:
        handed = subject.sender.send("+447700900123", CODE, "en")
        assert subject.server.sent[handed.message_id].to == "00447700900123"
        assert handed.cost_rial == 120
