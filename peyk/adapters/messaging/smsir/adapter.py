"""One-time codes by sms.ir (the port `CodeSender`)."""

from __future__ import annotations

from collections.abc import Mapping

from peyk.adapters.messaging.smsir.client import SYSTEM, SmsIrApi
from peyk.domain.code_sends import SendState
from peyk.errors import BadAnswer
from peyk.ports.messenger import Handed

# `data.deliveryState` [K]: 1 on the phone, 2 not delivered, 6 failed, 7 in the blacklist; others are under way.
DELIVERED = 1
FAILED = frozenset({2, 6, 7})


class SmsIrSender:
    """Sends the template of the customer's language."""

    system = SYSTEM

    def __init__(self, api: SmsIrApi, templates: Mapping[str, int], parameter: str, cost_rial: int | None) -> None:
        self.cost_rial = cost_rial
        self._api = api
        self._templates = templates
        self._parameter = parameter

    def send(self, mobile: str, code: str, language: str) -> Handed:
        """Hand a code over."""
        template = self._templates.get(language, self._templates["fa"])
        data = self._api.verify(mobile, template, {self._parameter: code})
        message_id = data.get("messageId") if isinstance(data, dict) else None
        if not isinstance(message_id, int | str) or isinstance(message_id, bool):
            raise BadAnswer(SYSTEM, "no messageId")
        # Its `cost` counts messages, not money [K].
        return Handed(str(message_id))

    def delivery(self, message_id: str) -> SendState:
        """Return how far a message has come."""
        data = self._api.message(message_id)
        state = data.get("deliveryState") if isinstance(data, dict) else None
        if state is not None and not isinstance(state, int):
            raise BadAnswer(SYSTEM, "deliveryState is no number")
        if state == DELIVERED:
            return SendState.DELIVERED
        return SendState.FAILED if state in FAILED else SendState.HANDED_OVER
