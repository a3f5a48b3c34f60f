"""Tipax's web service: a token for user, password and key in two flavours, one GET a code, one POST a price."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from tests.fakes.carrier_stories import Case, FakeCarrierVendor, Line, numbered, words
from tests.fakes.vendor_http import Answer, Call

USER, PASSWORD, KEY = "shop-user", "tipax-pass-77", "tipax-key-4411"
# Its numbers of cities: parcels leave the first; to the last nobody drives.
TEHRAN, SHIRAZ, NOWHERE = 1, 57, 999
_NAMES = {"delivery_failed": "9001", "ready_for_pickup": "9002", "return_to_sender": "RETURNED", "unknown": "QX7"}


class FakeTipax(FakeCarrierVendor):
    essential = frozenset({"accessToken", "access_token", "trackings", "date", "finalPrice"})
    codes = numbered(21, Case.PARTS, Case.NOT_YET)

    def __init__(self) -> None:
        super().__init__(USER, PASSWORD, KEY)
        self.error_body = {"isSuccess": False, "message": f"{words('broken')} {KEY} {PASSWORD}"}
        self.tokens: list[str] = []

    def revoke(self) -> None:
        """No token given so far is good any more."""
        self.tokens.append("nobody-has-this")

    def refusal(self, call: Call) -> Answer | None:
        if call.path.endswith(("/Account/token", "/Token")):
            return None
        good = self.tokens and call.headers.get("Authorization") == f"Bearer {self.tokens[-1]}"
        return None if good else Answer(401, {"message": f"token {call.headers.get('Authorization')} is expired"})

    def handle(self, call: Call) -> Answer:
        if call.path.endswith("/Account/token"):
            given = (call.body.get("username"), call.body.get("password"), call.body.get("apiKey"))
            return self._token(given, "accessToken")
        if call.path.endswith("/Token"):
            given = (call.form.get("username"), call.form.get("password"), call.headers.get("APIkey"))
            return self._token(given, "access_token")
        if call.path.endswith("/Pricing"):
            return self._priced(call.body)
        code = unquote(call.path.rsplit("/", 1)[-1])
        if self.case(code) is Case.NOT_FOUND:
            return Answer(404, {"message": words("not_found")})
        return Answer(200, {"trackings": [_event(line) for line in self.parcel(code).lines]})

    def _priced(self, asked: dict[str, Any]) -> Answer:
        (parcel,) = asked["packageInputs"]
        if parcel["origin"] != {"cityId": TEHRAN}:
            return Answer(400, {"message": words("broken")})
        if parcel["destination"] == {"cityId": NOWHERE}:
            return Answer(200, [])
        return Answer(200, [{"regularRate": {"finalPrice": 800_000 + round(100_000 * parcel["weight"])}}])

    def _token(self, given: tuple[Any, ...], name: str) -> Answer:
        if given != (USER, PASSWORD, KEY):
            return Answer(400, {"message": f"{words('refused')}: {given}"})
        self.tokens.append(f"tipax-token-{len(self.tokens)}")
        self.secrets = (USER, PASSWORD, KEY, *self.tokens)
        return Answer(200, {name: self.tokens[-1], "expires_in": 86400})


def _event(line: Line) -> dict[str, Any]:
    return {
        "statusId": _NAMES.get(line.status, line.status.upper()),
        "statusTitle": line.words,
        "date": line.day,
        "time": line.time,
        "city": line.place,
    }
