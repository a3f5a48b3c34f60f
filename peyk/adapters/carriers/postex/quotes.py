"""What Postex asks for a parcel.

`POST /api/v1/shipping/quotes` with the business key; what is asked is documented (collection_type, from_city_code,
parcels with to_city_code, payment_type and parcel_properties: cm, grams, rial, box_type_id) [D], the answer is not:
`shipping_prices[].service_price[]` with `courierCode, serviceType, serviceName, totalPrice, slaDays`, and
`pickup_price`, were seen in public programs [C]. Every amount Postex documents is in rial, so its prices count as such.
"""

from __future__ import annotations

from typing import Any

from peyk.adapters._check import looked
from peyk.adapters.carriers._quotes import VendorQuotes, number_or_text
from peyk.adapters.carriers.postex.client import SYSTEM, PostexClient, PostexSettings
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health
from peyk.errors import SettingsError

PACKAGE = "peyk.adapters.carriers.postex"


class PostexQuotes(VendorQuotes):
    """Asks for one parcel of the shop's usual box."""

    def __init__(self, settings: PostexSettings, parts: Parts) -> None:
        """Read the tables and prepare the connection; nothing is sent. Raises SettingsError."""
        super().__init__(SYSTEM, PACKAGE, settings, parts)
        self.client = PostexClient(settings, parts, SYSTEM)
        if not settings.api_key.get_secret_value():
            raise SettingsError("PEYK_POSTEX_API_KEY must be set for prices")
        self._settings = settings

    def ask(self, origin: str, to: str, weight_g: int, basket_rial: int | None) -> Any:
        """Return the answer for one parcel."""
        own = self._settings
        length, width, height = (int(part) for part in own.box_cm.split("x"))
        properties = {
            "length": length,
            "width": width,
            "height": height,
            "total_weight": weight_g,
            "total_value": own.value_rial if basket_rial is None else basket_rial,
            "total_value_currency": "IRR",
            "box_type_id": own.box,
            "is_fragile": False,
            "is_liquid": False,
        }
        parcel = {"to_city_code": number_or_text(to), "payment_type": "SENDER", "parcel_properties": properties}
        asked = {
            "collection_type": own.collection.value,
            "from_city_code": number_or_text(origin),
            "parcels": [parcel],
        }
        return self.client.http.call("POST", own.quotes_path, asked, safe=True)


def make_quotes(settings: PostexSettings, parts: Parts) -> PostexQuotes:
    """Return what asks for prices. Raises SettingsError."""
    return PostexQuotes(settings, parts)


def check_quotes(settings: PostexSettings, parts: Parts) -> Health:
    """Ask for the price to a city."""
    quotes = make_quotes(settings, parts)
    return looked(quotes.client.http, quotes.sample, example=False)
