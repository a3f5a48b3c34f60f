"""What Tipax asks for a parcel.

`POST {url}/Pricing` with `packageInputs: [{origin: {cityId}, destination: {cityId}, weight}]` answers
`[{regularRate: {finalPrice}}]` in rial [C]: a public program divides by ten for toman. The weight counts as kilograms
[K]. Days are not told.
"""

from __future__ import annotations

from typing import Any

from peyk.adapters._check import looked
from peyk.adapters.carriers._quotes import VendorQuotes, number_or_text
from peyk.adapters.carriers.tipax.client import SYSTEM, TipaxClient, TipaxSettings, WeightUnit
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health

PACKAGE = "peyk.adapters.carriers.tipax"
GRAMS_PER_KG = 1000


class TipaxQuotes(VendorQuotes):
    """Asks for one parcel."""

    def __init__(self, settings: TipaxSettings, parts: Parts) -> None:
        """Read the tables and prepare the connection; nothing is sent. Raises SettingsError."""
        super().__init__(SYSTEM, PACKAGE, settings, parts)
        self.client = TipaxClient(settings, parts)
        self._path = settings.pricing_path
        self._grams = settings.weight_unit is WeightUnit.GRAM

    def ask(self, origin: str, to: str, weight_g: int, basket_rial: int | None) -> Any:
        """Return the answer for one parcel; its value makes no difference here."""
        parcel = {
            "origin": {"cityId": number_or_text(origin)},
            "destination": {"cityId": number_or_text(to)},
            "weight": weight_g if self._grams else weight_g / GRAMS_PER_KG,
        }
        return self.client.http.call("POST", self._path, {"packageInputs": [parcel]}, safe=True)


def make_quotes(settings: TipaxSettings, parts: Parts) -> TipaxQuotes:
    """Return what asks for prices. Raises SettingsError."""
    return TipaxQuotes(settings, parts)


def check_quotes(settings: TipaxSettings, parts: Parts) -> Health:
    """Ask for the price to a city."""
    quotes = make_quotes(settings, parts)
    return looked(quotes.client.http, quotes.sample, example=False)
