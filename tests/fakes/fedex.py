"""FedEx's Track API: a token for key and secret, errors of a number inside a 200, and numbers that are used again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.fakes.abroad import promised, said, town
from tests.fakes.carrier_stories import ETA, Case, FakeCarrierVendor, Line, numbered
from tests.fakes.vendor_http import Answer, Call

ID, SECRET = "fedex-client-81", "fedex-secret-6620"
_CODES = {
    "picked_up": "PU",
    "in_transit": "AR",
    "out_for_delivery": "OD",
    "ready_for_pickup": "HL",
    "delivered": "DL",
    "delivery_failed": "DE",
    "return_to_sender": "RS",
    "on_hold": "CD",
    "unknown": "QX7",
}
NOT_FOUND = {
    "code": "TRACKING.TRACKINGNUMBER.NOTFOUND",
    "message": "Tracking number cannot be found. Please correct the tracking number and try again.",
}


class FakeFedex(FakeCarrierVendor):
    essential = frozenset({"access_token", "completeTrackResults"})
    codes = numbered(12, Case.NOT_YET, Case.PARTS)

    def __init__(self) -> None:
        super().__init__(ID, SECRET)
        self.error_body = {"errors": [{"code": "INTERNAL.SERVER.ERROR", "message": f"failed for {ID} {SECRET}"}]}
        self.tokens: list[str] = []
        # Earlier parcels of every number.
        self.others: list[dict[str, Any]] = []

    def revoke(self) -> None:
        """No token given so far is good any more."""
        self.tokens.append("nobody-has-this")

    def refusal(self, call: Call) -> Answer | None:
        if call.path == "/oauth/token":
            return None
        if self.tokens and call.headers.get("Authorization") == f"Bearer {self.tokens[-1]}":
            return None
        message = f"Access token expired: {call.headers.get('Authorization')}"
        return Answer(401, {"errors": [{"code": "NOT.AUTHORIZED.ERROR", "message": message}]})

    def handle(self, call: Call) -> Answer:
        if call.path == "/oauth/token":
            return self._token(call.form)
        if call.path != "/track/v1/trackingnumbers":
            return Answer(404, {"errors": [{"code": "NOT.FOUND.ERROR", "message": "The resource is not available"}]})
        asked = [each["trackingNumberInfo"]["trackingNumber"] for each in call.body["trackingInfo"]]
        return Answer(200, {"output": {"completeTrackResults": [self._complete(code) for code in asked]}})

    def _token(self, form: dict[str, str]) -> Answer:
        given = tuple(form.get(name) for name in ("grant_type", "client_id", "client_secret"))
        if given != ("client_credentials", ID, SECRET):
            return Answer(401, {"errors": [{"code": "NOT.AUTHORIZED.ERROR", "message": f"bad credentials {given}"}]})
        self.tokens.append(f"fedex-token-{len(self.tokens)}")
        self.secrets = (ID, SECRET, *self.tokens)
        return Answer(200, {"access_token": self.tokens[-1], "token_type": "bearer", "expires_in": 3599})

    def _complete(self, code: str) -> dict[str, Any]:
        case = self.case(code)
        if case is Case.NOT_FOUND:
            return {"trackingNumber": code, "trackResults": [{"error": NOT_FOUND}]}
        parcel = self.parcel(code)
        return {"trackingNumber": code, "trackResults": [*self.others, result(parcel.lines, parcel.eta)]}


def result(lines: list[Line], eta: datetime | None = ETA) -> dict[str, Any]:
    """What is told of one parcel; its scans run from the newest."""
    scans = [_scan(line) for line in reversed(lines)]
    return {
        "latestStatusDetail": {
            "code": scans[0]["eventType"],
            "derivedCode": scans[0].get("derivedStatusCode", ""),
            "statusByLocale": scans[0]["eventDescription"],
            "ancillaryDetails": [{"reasonDescription": scans[0]["exceptionDescription"]}],
        },
        "dateAndTimes": [
            {"type": "ACTUAL_PICKUP", "dateTime": lines[0].utc.isoformat()},
            {"type": "ESTIMATED_DELIVERY", "dateTime": promised(eta)},
        ],
        "scanEvents": scans,
    }


def _scan(line: Line) -> dict[str, Any]:
    code = _CODES[line.status]
    failed = code == "DE"
    return {
        "date": line.utc.isoformat(),
        "eventType": code,
        "eventDescription": "Delivery exception" if failed else said(line),
        "exceptionDescription": "Customer not available or business closed" if failed else "",
        "scanLocation": {"city": town(line), "countryCode": "IR"},
    }
