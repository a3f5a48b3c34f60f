"""What the shop says before buying."""

from __future__ import annotations

from typing import Protocol

from peyk.domain.shipping import PaymentMethods, Product, ReturnPolicy, ShippingZone


class Storefront(Protocol):
    """The shop's tables for answers before buying. Every method may raise Unavailable or BadAnswer."""

    def zones(self) -> list[ShippingZone]:
        """Return the shipping zones with their methods."""
        ...

    def delivered_days(self, city: str, carrier: str | None = None) -> list[int]:
        """Return the days from hand-over to delivery of delivered parcels to `city`, one number a parcel."""
        ...

    def find_products(self, text: str, limit: int = 3) -> list[Product]:
        """Return the products whose title or words occur in `text`, best first; empty when none does."""
        ...

    def return_policy(self) -> ReturnPolicy:
        """Return the shop's rule for returns."""
        ...

    def payment_methods(self) -> PaymentMethods:
        """Return how one may pay."""
        ...
