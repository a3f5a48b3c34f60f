"""The state of a payment by Zarinpal's inquiry (the port `PaymentInquiry`)."""

from __future__ import annotations

from dataclasses import replace

from peyk.adapters.payments.zarinpal.client import SYSTEM, ZarinpalApi
from peyk.domain.payments import Payment, PaymentState
from peyk.errors import BadAnswer, NotFound

# The five states of inquiry.json [D]. IN_BANK is a customer at the bank's page: nothing has been paid yet.
STATES = {
    "VERIFIED": PaymentState.VERIFIED,
    "PAID": PaymentState.PAID_UNVERIFIED,
    "IN_BANK": PaymentState.UNPAID,
    "FAILED": PaymentState.FAILED,
    "REVERSED": PaymentState.REVERSED,
}


class ZarinpalInquiry:
    """Asks, never verifies."""

    def __init__(self, api: ZarinpalApi) -> None:
        self._api = api

    def inquire(self, payment: Payment) -> Payment:
        """Return the attempt with Zarinpal's state; why it failed is kept only while it still has failed."""
        if not payment.authority:
            raise NotFound(SYSTEM, "the shop keeps no authority of it")
        word = self._api.inquiry(payment.authority)
        state = STATES.get(word.strip().upper())
        if state is None:
            raise BadAnswer(SYSTEM, "a state that does not exist")
        return replace(payment, state=state, failure=payment.failure if state is PaymentState.FAILED else None)
