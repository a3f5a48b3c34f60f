"""Payments as the gateway knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from peyk.domain.money import Money


class PaymentState(StrEnum):
    """What the gateway says of the money (Zarinpal's inquiry has the same five)."""

    UNPAID = "unpaid"
    FAILED = "failed"
    PAID_UNVERIFIED = "paid_unverified"
    VERIFIED = "verified"
    REVERSED = "reversed"


class PaymentFailure(StrEnum):
    """Why a payment failed, where the gateway says so."""

    BANK_DECLINED = "bank_declined"
    CANCELLED_BY_CUSTOMER = "cancelled_by_customer"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class Payment:
    """The newest payment attempt of an order; `ref_id` is the number the bank gave.

    `authority` is the gateway's own id of the attempt, where the shop keeps it: nothing for customers.
    """

    order_number: str
    state: PaymentState
    amount: Money
    at: datetime
    ref_id: str | None = None
    failure: PaymentFailure | None = None
    authority: str | None = None
