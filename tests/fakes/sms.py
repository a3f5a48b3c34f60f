"""Kavenegar and sms.ir on real sockets, in the shapes of their documentation and of public clients."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.vendor_http import Answer, Call, FakeVendor, Json

KAVENEGAR_KEY = "4B6F7A2D3E5C7F8A9B1D2E3F"
SMSIR_KEY = "iR9xW4vB8nL37fK2mQ5tY6zC"
TEMPLATE, TEMPLATE_EN = "peyk-otp", "peyk-otp-en"
TEMPLATE_ID, TEMPLATE_ID_EN = 100200, 100201


@dataclass
class Sent:
    """A message a phone got."""

    to: str
    code: str
    template: str
    state: int


def _kept(_sent: Sent) -> None:
    return


class FakeKavenegar(FakeVendor):
    """`refuse` is the `return.status` of what fails; `http_too` says it as HTTP status, too."""

    essential = frozenset({"return", "entries", "messageid", "status"})
    error_body: Json = {"return": {"status": 409, "message": "busy"}, "entries": None}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__(KAVENEGAR_KEY)
        self.sent: dict[str, Sent] = {}
        self.refuse = 0
        # What a phone does with a message.
        self.arrives: Callable[[Sent], None] = _kept
        self.http_too = False
        self._ids = itertools.count(8792343)

    def refusal(self, call: Call) -> Answer | None:
        if call.path.startswith(f"/{KAVENEGAR_KEY}/"):
            return None
        return Answer(403, _told(403))

    def handle(self, call: Call) -> Answer:
        path, form = call.path.removeprefix(f"/{KAVENEGAR_KEY}"), call.form
        if self.refuse:
            return Answer(self.refuse if self.http_too else 200, _told(self.refuse))
        if path == "/account/info.json":
            return Answer(200, {**_told(200), "entries": {"remaincredit": 125000, "type": "master"}})
        if path == "/verify/lookup.json":
            return self._lookup(form)
        if path == "/sms/status.json":
            sent = self.sent.get(form["messageid"])
            entry = {"messageid": int(form["messageid"]), "status": sent.state if sent else 100, "statustext": ""}
            return Answer(200, {**_told(200), "entries": [entry]})
        return Answer(404, _told(404))

    def _lookup(self, form: dict[str, str]) -> Answer:
        if not re.fullmatch(r"09\d{9}|00\d{8,15}", form.get("receptor", "")):
            return Answer(200, _told(411))
        if form.get("template") not in {TEMPLATE, TEMPLATE_EN}:
            return Answer(200, _told(424))
        if not form.get("token") or " " in form["token"]:
            return Answer(200, _told(432))
        message_id = next(self._ids)
        self.sent[str(message_id)] = sent = Sent(form["receptor"], form["token"], form["template"], 5)
        self.arrives(sent)
        entry = {"messageid": message_id, "message": "…", "status": 5, "receptor": form["receptor"], "cost": 120}
        return Answer(200, {**_told(200), "entries": [entry]})


def _told(status: int) -> dict[str, Json]:
    return {"return": {"status": status, "message": "…"}, "entries": None}


class FakeSmsIr(FakeVendor):
    """`refuse` is the `status` of what fails."""

    essential = frozenset({"status", "data", "messageId", "deliveryState"})
    error_body: Json = {"status": 0, "message": "…", "data": None}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__(SMSIR_KEY)
        self.sent: dict[str, Sent] = {}
        self.refuse = 0
        # What a phone does with a message.
        self.arrives: Callable[[Sent], None] = _kept
        self._ids = itertools.count(89545112)

    def refusal(self, call: Call) -> Answer | None:
        if call.headers.get("X-API-KEY") == SMSIR_KEY:
            return None
        return Answer(401, {"status": 10, "message": "…", "data": None})

    def handle(self, call: Call) -> Answer:
        if self.refuse:
            return Answer(200, {"status": self.refuse, "message": "…", "data": None})
        if call.path == "/credit":
            return _good(812.5)
        if call.path == "/send/verify":
            return self._verify(call.body)
        found = self.sent.get(call.path.removeprefix("/send/"))
        if found is None:
            return Answer(404, {"status": 0, "message": "…", "data": None})
        return _good({"messageId": 1, "mobile": found.to, "deliveryState": found.state})

    def _verify(self, body: Json) -> Answer:
        parameters = {each["name"]: each["value"] for each in body["parameters"]}
        if body["templateId"] not in {TEMPLATE_ID, TEMPLATE_ID_EN} or set(parameters) != {"CODE"}:
            return Answer(400, {"status": 104, "message": "…", "data": None})
        message_id = next(self._ids)
        self.sent[str(message_id)] = sent = Sent(body["mobile"], parameters["CODE"], str(body["templateId"]), 5)
        self.arrives(sent)
        return _good({"messageId": message_id, "cost": 1.0})


def _good(data: Json) -> Answer:
    return Answer(200, {"status": 1, "message": "…", "data": data})
