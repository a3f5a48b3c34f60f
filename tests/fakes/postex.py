"""Postex's public tracking, and its prices; with a business key that has to be right.

A refusal comes with HTTP 200.
"""

from __future__ import annotations

from typing import Any

from tests.fakes.carrier_stories import Case, FakeCarrierVendor, Line, numbered, words
from tests.fakes.vendor_http import Answer, Call

KEY = "postex-key-2020"
PATH = "/api/app/v1/tracking/public/"
QUOTES = "/api/v1/shipping/quotes"
# Its codes of cities: parcels leave the first; to the last nobody drives.
TEHRAN, SHIRAZ, NOWHERE = 1, 409, 999


class FakePostex(FakeCarrierVendor):
    essential = frozenset({"events", "local_event_date", "friendly_event_date", "shipping_prices"})
    codes = numbered(22, Case.PARTS, Case.NOT_YET)

    def __init__(self) -> None:
        super().__init__(KEY)
        self.error_body = {"IsSuccess": False, "Message": f"{words('broken')} {KEY}"}

    def refusal(self, call: Call) -> Answer | None:
        key = call.headers.get("x-api-key")
        return (
            None
            if key == KEY or (key is None and call.path != QUOTES)
            else Answer(401, {"isSuccess": False, "message": words("refused")})
        )

    def handle(self, call: Call) -> Answer:
        if call.path == QUOTES:
            return self._quote(call.body)
        code = call.path.removeprefix(PATH)
        if self.case(code) is Case.NOT_FOUND:
            return Answer(200, {"isSuccess": False, "message": words("not_found")})
        return Answer(200, {"events": [_event(number, line) for number, line in enumerate(self.parcel(code).lines)]})

    def _quote(self, asked: dict[str, Any]) -> Answer:
        (parcel,) = asked["parcels"]
        sizes = parcel["parcel_properties"]
        whole = all(isinstance(sizes[name], int) for name in ("length", "width", "height", "box_type_id"))
        if asked["from_city_code"] != TEHRAN or not whole or sizes["total_value_currency"] != "IRR":
            return Answer(400, {"isSuccess": False, "message": words("broken")})
        prices = [
            _price("MAHEX", "EXPRESS", "\u0645\u0627\u0647\u06a9\u0633", 1_450_000.0, 2),
            _price(
                "IR_POST", "PISHTAZ", "\u067e\u06cc\u0634\u062a\u0627\u0632", 90 * sizes["total_weight"] + 500_000, 4
            ),
        ]
        found = [] if parcel["to_city_code"] == NOWHERE else prices
        return Answer(200, {"pickup_price": 0, "shipping_prices": [{"service_price": found}]})


def _price(courier: str, kind: str, name: str, rial: float, days: int) -> dict[str, Any]:
    return {"courierCode": courier, "serviceType": kind, "serviceName": name, "totalPrice": rial, "slaDays": days}


def _event(number: int, line: Line) -> dict[str, Any]:
    # The local day is not always one; the friendly one is.
    local = "" if number % 2 else line.day
    return {
        "friendly_event_date": line.day,
        "local_event_date": local,
        "event_time": line.time,
        "description": line.words,
        "location": line.place,
    }
