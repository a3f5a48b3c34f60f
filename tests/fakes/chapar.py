"""Chapar's web service: multipart with one field of JSON, a key in APP-AUTH, and `result: false` with HTTP 200."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

from tests.fakes.carrier_stories import Case, FakeCarrierVendor, Line, numbered, words
from tests.fakes.vendor_http import Answer, Call

USER, PASSWORD = "chapar-user-31", "chapar-pass-90"
ENCODED = b64encode(f"{USER}:{PASSWORD}".encode()).decode()


class FakeChapar(FakeCarrierVendor):
    essential = frozenset({"result", "objects", "date"})
    codes = numbered(14, Case.PARTS)

    def __init__(self) -> None:
        super().__init__(USER, PASSWORD, ENCODED)
        self.error_body = {"result": False, "message": f"{words('broken')} {PASSWORD}", "objects": None}

    def refusal(self, call: Call) -> Answer | None:
        if call.headers.get("APP-AUTH") == ENCODED:
            return None
        return Answer(200, {"result": False, "message": words("refused"), "objects": None})

    def handle(self, call: Call) -> Answer:
        asked = json.loads(call.form["input"])["order"]
        case = self.case(asked["reference"]) if call.path == "/v1/tracking" else Case.NOT_FOUND
        if case is Case.NOT_FOUND:
            return Answer(200, {"result": False, "message": words("not_found"), "objects": None})
        # The newest first.
        lines = self.parcel(asked["reference"]).lines
        history = [_event(number, line) for number, line in enumerate(lines)][::-1]
        return Answer(200, {"result": True, "message": "", "objects": {"order": {"history": history}}})


def _event(number: int, line: Line) -> dict[str, Any]:
    return {"status_id": 700 + number, "title": line.words, "date": f"{line.day} {line.time}:00", "city": line.place}
