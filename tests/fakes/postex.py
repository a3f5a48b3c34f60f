"""Postex's public tracking; with a business key that has to be right. A refusal comes with HTTP 200."""

from __future__ import annotations

from typing import Any

from tests.fakes.carrier_stories import Case, FakeCarrierVendor, Line, numbered, words
from tests.fakes.vendor_http import Answer, Call

KEY = "postex-key-2020"
PATH = "/api/app/v1/tracking/public/"


class FakePostex(FakeCarrierVendor):
    essential = frozenset({"events", "local_event_date", "friendly_event_date"})
    codes = numbered(22, Case.PARTS, Case.NOT_YET)

    def __init__(self) -> None:
        super().__init__(KEY)
        self.error_body = {"IsSuccess": False, "Message": f"{words('broken')} {KEY}"}

    def refusal(self, call: Call) -> Answer | None:
        key = call.headers.get("x-api-key")
        return None if key in {None, KEY} else Answer(401, {"isSuccess": False, "message": words("refused")})

    def handle(self, call: Call) -> Answer:
        code = call.path.removeprefix(PATH)
        if self.case(code) is Case.NOT_FOUND:
            return Answer(200, {"isSuccess": False, "message": words("not_found")})
        return Answer(200, {"events": [_event(number, line) for number, line in enumerate(self.parcel(code).lines)]})


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
