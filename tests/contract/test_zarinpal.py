"""Zarinpal is asked for the state of a payment, and never told to do anything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from peyk.adapters.payments.checked import CheckedPayments
from peyk.adapters.plugin import read_settings
from peyk.adapters.registry import plugin
from peyk.domain.payments import PaymentFailure, PaymentState
from peyk.domain.systems import SystemKind
from peyk.errors import AccessRefused, BadAnswer, NotFound, Unavailable
from peyk.ports.payments import PaymentInquiry
from tests.contract.parts import FAULTS, parts_for_tests
from tests.fakes.vendor_http import Fault
from tests.fakes.zarinpal import MERCHANT, FakeZarinpal
from tests.unit.services.fakes import FakePayments, payment

AUTHORITY = "A00000000000000000000000000123456789"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeZarinpal]:
    with FakeZarinpal() as running:
        monkeypatch.setenv("PEYK_ZARINPAL_URL", running.url)
        monkeypatch.setenv("PEYK_ZARINPAL_MERCHANT", MERCHANT)
        yield running


def made() -> PaymentInquiry:
    found = plugin("zarinpal", SystemKind.PAYMENTS)
    inquiry: PaymentInquiry = found.make(read_settings(found), parts_for_tests())
    return inquiry


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("VERIFIED", PaymentState.VERIFIED),
        ("PAID", PaymentState.PAID_UNVERIFIED),
        ("IN_BANK", PaymentState.UNPAID),
        ("FAILED", PaymentState.FAILED),
        ("REVERSED", PaymentState.REVERSED),
    ],
)
def test_each_state_is_a_state_of_ours(server: FakeZarinpal, word: str, state: PaymentState) -> None:
    server.states[AUTHORITY] = word
    shops = payment(state=PaymentState.UNPAID, authority=AUTHORITY)
    found = made().inquire(shops)
    assert (found.state, found.amount, found.order_number) == (state, shops.amount, shops.order_number)
    assert [call.path for call in server.calls] == ["/inquiry.json"]


def test_why_it_failed_is_not_said_of_what_has_not_failed(server: FakeZarinpal) -> None:
    shops = payment(failure=PaymentFailure.BANK_DECLINED, authority=AUTHORITY)
    for word, failure in (("FAILED", PaymentFailure.BANK_DECLINED), ("PAID", None)):
        server.states[AUTHORITY] = word
        assert made().inquire(shops).failure is failure


def test_a_state_that_does_not_exist_is_not_guessed(server: FakeZarinpal) -> None:
    server.states[AUTHORITY] = "MAYBE"
    with pytest.raises(BadAnswer):
        made().inquire(payment(authority=AUTHORITY))


@pytest.mark.parametrize("inside_200", [False, True])
def test_refusals_are_told_apart(server: FakeZarinpal, monkeypatch: pytest.MonkeyPatch, inside_200: bool) -> None:
    server.inside_200 = inside_200
    with pytest.raises(NotFound):
        made().inquire(payment(authority=AUTHORITY))
    monkeypatch.setenv("PEYK_ZARINPAL_MERCHANT", "another")
    with pytest.raises(AccessRefused) as caught:
        made().inquire(payment(authority=AUTHORITY))
    assert MERCHANT not in str(caught.value)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_a_named_error(server: FakeZarinpal, fault: Fault) -> None:
    server.states[AUTHORITY] = "PAID"
    server.fail(fault, times=9)
    with pytest.raises(FAULTS[fault]) as caught:
        made().inquire(payment(authority=AUTHORITY))
    assert caught.value.system == "zarinpal"
    assert MERCHANT not in str(caught.value) + repr(made().__dict__)


def test_the_gateway_is_asked_where_the_shop_is_not_sure(server: FakeZarinpal) -> None:
    server.states[AUTHORITY] = "PAID"
    shop = FakePayments()
    checked = CheckedPayments(shop, made())
    shop.payments["TS-1"] = payment(state=PaymentState.UNPAID, authority=AUTHORITY)
    assert checked.inquire("TS-1").state is PaymentState.PAID_UNVERIFIED
    for sure in (payment(state=PaymentState.VERIFIED, authority=AUTHORITY), payment(state=PaymentState.UNPAID)):
        shop.payments["TS-1"] = sure
        assert checked.inquire("TS-1") == sure
    assert len(server.calls) == 1
    with pytest.raises(NotFound):
        checked.inquire("TS-2")


def test_a_gateway_that_is_away_is_told_and_one_that_knows_nothing_leaves_the_shops_word(server: FakeZarinpal) -> None:
    shop = FakePayments()
    checked = CheckedPayments(shop, made())
    shop.payments["TS-1"] = payment(state=PaymentState.UNPAID, authority=AUTHORITY)
    assert checked.inquire("TS-1").state is PaymentState.UNPAID
    server.fail(Fault.SERVER_ERROR, times=9)
    with pytest.raises(Unavailable):
        checked.inquire("TS-1")


def test_a_look_needs_no_payment(server: FakeZarinpal) -> None:
    found = plugin("zarinpal", SystemKind.PAYMENTS)
    assert found.check(read_settings(found), parts_for_tests()).well
