"""The shop's own word on a payment, checked with the gateway where the shop itself is not sure."""

from __future__ import annotations

from peyk.domain.payments import Payment, PaymentState
from peyk.errors import NotFound
from peyk.ports.payments import PaymentGateway, PaymentInquiry

# What a shop has verified or given back it knows better than anybody.
SURE = frozenset({PaymentState.VERIFIED, PaymentState.REVERSED})


class CheckedPayments:
    """Asks the shop, and then the gateway about what may be otherwise there (the port `PaymentGateway`)."""

    def __init__(self, shop: PaymentGateway, gateway: PaymentInquiry) -> None:
        self._shop = shop
        self._gateway = gateway

    def inquire(self, order_number: str) -> Payment:
        """Return the newest payment attempt of an order.

        A gateway that does not answer is raised: that an order is not paid would be a guess.
        """
        payment = self._shop.inquire(order_number)
        if payment.state in SURE or not payment.authority:
            return payment
        try:
            return self._gateway.inquire(payment)
        except NotFound:
            # An attempt the gateway has never seen: the shop's word stands.
            return payment
