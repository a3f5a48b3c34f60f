"""The payment gateway, read only."""

from __future__ import annotations

from typing import Protocol

from peyk.domain.payments import Payment


class PaymentInquiry(Protocol):
    """A gateway that can be asked for an attempt the shop knows."""

    def inquire(self, payment: Payment) -> Payment:
        """Return the attempt with the state the gateway gives it. Raises any ExternalError; NotFound: unknown to it."""
        ...


class PaymentGateway(Protocol):
    """Asks, never verifies: verifying is the shop's own act (Zarinpal's documentation says so too)."""

    def inquire(self, order_number: str) -> Payment:
        """Return the newest payment attempt of an order. Raises NotFound, Unavailable, BadAnswer, RateLimited."""
        ...
