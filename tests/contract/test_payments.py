"""PaymentGateway: the demo's bank and the fake answer alike."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, insert

from peyk.adapters.demo_shop import tables
from peyk.adapters.demo_shop.faults import FaultGate
from peyk.adapters.payments.demo import DemoPayments
from peyk.domain.payments import PaymentFailure, PaymentState
from peyk.errors import NotFound
from peyk.ports import PaymentGateway
from peyk.store.engine import writing
from tests.unit.services.fakes import NOW, FakePayments, payment


@pytest.fixture
def gateway(subject_shop: Engine | None) -> PaymentGateway:
    if subject_shop:
        return DemoPayments(subject_shop, FaultGate(subject_shop))
    fake = FakePayments()
    fake.payments["TS-104240"] = payment(failure=PaymentFailure.BANK_DECLINED)
    return fake


def test_a_failed_payment_says_why_and_has_its_number(gateway: PaymentGateway) -> None:
    found = gateway.inquire("TS-104240")
    assert (found.order_number, found.state, found.failure) == (
        "TS-104240",
        PaymentState.FAILED,
        PaymentFailure.BANK_DECLINED,
    )
    assert found.ref_id
    assert found.amount.amount > 0
    assert found.at.utcoffset() == timedelta(0)


def test_an_order_without_a_payment(gateway: PaymentGateway) -> None:
    with pytest.raises(NotFound):
        gateway.inquire("TS-999999")


def test_the_newest_attempt_counts(shop: Engine) -> None:
    older = {"order_number": "TS-X", "at": NOW - timedelta(hours=2), "state": "failed", "amount_rial": 1}
    newer = {"order_number": "TS-X", "at": NOW - timedelta(hours=1), "state": "verified", "amount_rial": 2}
    with writing(shop) as connection:
        connection.execute(delete(tables.payments).where(tables.payments.c.order_number == "TS-X"))
        connection.execute(insert(tables.payments), [newer, older])
    found = DemoPayments(shop, FaultGate(shop)).inquire("TS-X")
    assert (found.state, found.amount.amount, found.ref_id, found.failure) == (PaymentState.VERIFIED, 2, None, None)
