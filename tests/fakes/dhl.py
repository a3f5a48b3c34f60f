"""DHL's Unified Tracking: a key in a header, five codes, one number in several services, 404 for what is new."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.fakes.abroad import said, town
from tests.fakes.carrier_stories import ETA, Case, FakeCarrierVendor, Line, numbered
from tests.fakes.vendor_http import Answer, Call

KEY = "dhl-key-7741"
_CODES = {"delivered": "delivered", "delivery_failed": "failure", "unknown": "QX7"}


class FakeDhl(FakeCarrierVendor):
    essential = frozenset({"shipments"})
    codes = numbered(10, Case.NOT_YET, Case.PARTS)

    def __init__(self) -> None:
        super().__init__(KEY)
        self.error_body = {"status": 500, "title": "Internal error", "detail": f"key {KEY}"}
        # Further shipments of every number.
        self.others: list[dict[str, Any]] = []

    def refusal(self, call: Call) -> Answer | None:
        if call.headers.get("DHL-API-Key") == KEY:
            return None
        return Answer(401, {"status": 401, "title": "Unauthorized", "detail": "The API key is missing or invalid."})

    def handle(self, call: Call) -> Answer:
        code = call.query.get("trackingNumber", "")
        case = self.case(code)
        if case is Case.NOT_FOUND or call.path != "/track/shipments":
            detail = "No shipment with given tracking number found."
            return Answer(404, {"status": 404, "title": "No result found", "detail": detail})
        elsewhere = [f"/track/shipments?trackingNumber={code}&service=freight"]
        parcel = self.parcel(code)
        found = [shipment(code, parcel.lines, eta=parcel.eta), *self.others]
        return Answer(200, {"shipments": found, "possibleAdditionalShipmentsUrl": elsewhere})


def shipment(code: str, lines: list[Line], service: str = "express", eta: datetime | None = ETA) -> dict[str, Any]:
    """One shipment; its events run from the newest."""
    events = [
        {
            "timestamp": line.utc.isoformat(),
            "location": {"address": {"addressLocality": f"{town(line)} - IRAN"}},
            "statusCode": _CODES.get(line.status, "transit"),
            "status": said(line).upper(),
            "description": said(line),
        }
        for line in reversed(lines)
    ]
    return {
        "id": code,
        "service": service,
        "status": events[0],
        "estimatedTimeOfDelivery": eta and eta.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "details": {"proofOfDelivery": {"signed": {"name": "A NEIGHBOUR"}}},
        "events": events,
    }
