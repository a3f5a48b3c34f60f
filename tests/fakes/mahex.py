"""Mahex's web service: the key as a user without a password, an envelope, and waybills of several parcels."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from tests.fakes.carrier_stories import Case, FakeCarrierVendor, Line, numbered, words
from tests.fakes.vendor_http import Answer, Call

KEY = "mahex-key-5512"
ENCODED = b64encode(f"{KEY}:".encode()).decode()
_STATES = {"delivery_failed": "RECIPIENT_ABSENT", "return_to_sender": "RETURNED", "unknown": "QX7"}


class FakeMahex(FakeCarrierVendor):
    essential = frozenset({"status", "current_state", "parcels"})
    codes = numbered(12)

    def __init__(self) -> None:
        super().__init__(KEY, ENCODED)
        self.error_body = envelope(500, f"{words('broken')} {KEY}")

    def refusal(self, call: Call) -> Answer | None:
        if call.headers.get("Authorization") == f"Basic {ENCODED}":
            return None
        return Answer(200, envelope(401, words("refused")))

    def handle(self, call: Call) -> Answer:
        code = call.path.rsplit("/", 1)[-1]
        case = self.case(code)
        if case is Case.NOT_FOUND or not call.path.startswith("/v2/track/"):
            return Answer(200, envelope(404, words("not_found")))
        if case is Case.NOT_YET:
            return Answer(200, envelope(200, data={"waybill_number": code, "events": [], "parcels": []}))
        return Answer(200, envelope(200, data=_waybill(case, code, self.parcel(code).lines)))


def envelope(code: int, message: str = "", data: Any = None) -> dict[str, Any]:
    state = "SUCCESS" if code == 200 else "FAILED"
    return {"status": {"code": code, "state": state, "message": message, "invalid_field": None}, "data": data}


def _waybill(case: Case, code: str, lines: list[Line]) -> dict[str, Any]:
    events = [
        {
            "state": _STATES.get(line.status, line.status.upper()),
            "description": line.words,
            "date": line.utc.isoformat(),
            "location": line.place,
        }
        for line in lines
    ]
    state, place = events[-1]["state"], lines[-1].place
    parcels = [{"id": f"{code}001", "current_state": state, "current_location": place}]
    if case is Case.PARTS:
        parcels.append({"id": f"{code}002", "current_state": "DELIVERED", "current_location": place})
    return {
        "waybill_number": code,
        "uuid": "2c1e2f0a-0000-4000-8000-000000000000",
        "reference": "TS-104180",
        "create_date": lines[0].utc.isoformat(),
        "update_date": lines[-1].utc.isoformat(),
        # Nothing is said of the third.
        "total_parts": 3 if case is Case.PARTS else 1,
        "current_state": state,
        "parcels": parcels,
        "events": events,
    }
