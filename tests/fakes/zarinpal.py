"""Zarinpal's inquiry on a real socket, in its documented shape, with the empty lists some versions answer."""

from __future__ import annotations

from tests.fakes.vendor_http import Answer, Call, FakeVendor, Json

MERCHANT = "7c2f9a4e-51d3-4b8a-9e60-3d1f8b7a2c55"


class FakeZarinpal(FakeVendor):
    """`states` are authorities with their state; `inside_200` says errors in a good answer."""

    essential = frozenset({"data", "status"})
    error_body: Json = {"data": [], "errors": {"code": -9, "message": "validation", "validations": []}}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__(MERCHANT)
        self.states: dict[str, str] = {}
        self.inside_200 = False

    def refusal(self, call: Call) -> Answer | None:
        return None

    def handle(self, call: Call) -> Answer:
        if call.path != "/inquiry.json" or call.method != "POST":
            return Answer(404, {"data": [], "errors": {"code": -1, "message": "no such page"}})
        if call.body["merchant_id"] != MERCHANT:
            return self._error(-10)
        state = self.states.get(call.body["authority"])
        if state is None:
            return self._error(-54)
        return Answer(200, {"data": {"status": state, "code": 100, "message": "Success"}, "errors": []})

    def _error(self, code: int) -> Answer:
        body = {"data": [], "errors": {"code": code, "message": f"{MERCHANT} is not right", "validations": []}}
        return Answer(200 if self.inside_200 else 422, body)
