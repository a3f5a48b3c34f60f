"""A carrier that tells prices before buying."""

from __future__ import annotations

from peyk.domain.shipping import ShippingQuote
from tests.unit.services.fakes import NOW


class FakeQuotes:
    """A carrier that tells prices; `told` is (carrier, rial, days), `error` is raised in their place."""

    def __init__(self, system: str, *told: tuple[str, int, int | None]) -> None:
        self.system = system
        self.told = list(told)
        self.error: Exception | None = None
        self.asked: list[tuple[str, int, int | None]] = []

    def quotes(self, city: str, weight_g: int, basket_rial: int | None = None) -> list[ShippingQuote]:
        self.asked.append((city, weight_g, basket_rial))
        if self.error:
            raise self.error
        return [ShippingQuote(carrier, rial, NOW, self.system, days) for carrier, rial, days in self.told]
