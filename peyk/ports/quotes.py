"""What carriers ask for a parcel before it is bought."""

from __future__ import annotations

from typing import Protocol

from peyk.domain.shipping import ShippingQuote


class ShippingQuotes(Protocol):
    """One vendor that can be asked for prices; `system` names it."""

    system: str

    def quotes(self, city: str, weight_g: int, basket_rial: int | None = None) -> list[ShippingQuote]:
        """Return what one parcel to `city` (its English name in the gazetteer) costs by each way, cheapest first.

        Never empty. Raises NotFound where the vendor has no way there, or we no code of the city; else what a
        carrier raises.
        """
        ...
