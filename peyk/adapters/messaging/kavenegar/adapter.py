"""One-time codes by Kavenegar (the port `CodeSender`)."""

from __future__ import annotations

from collections.abc import Mapping

from peyk.adapters.messaging.kavenegar.client import SYSTEM, KavenegarApi
from peyk.domain.code_sends import SendState
from peyk.errors import BadAnswer
from peyk.ports.messenger import Handed

# `entries[].status` [K]: 10 delivered, 6 failed, 11 not delivered, 13 cancelled, 14 blocked, 100 no such message.
DELIVERED = 10
FAILED = frozenset({6, 11, 13, 14, 100})


class KavenegarSender:
    """Sends the template of the customer's language."""

    system = SYSTEM

    def __init__(self, api: KavenegarApi, templates: Mapping[str, str], cost_rial: int | None) -> None:
        self.cost_rial = cost_rial
        self._api = api
        self._templates = templates

    def send(self, mobile: str, code: str, language: str) -> Handed:
        """Hand a code over."""
        entry = self._api.lookup(_receptor(mobile), code, self._templates.get(language, self._templates["fa"]))
        message_id, cost = entry.get("messageid"), entry.get("cost")
        if not isinstance(message_id, int | str) or isinstance(message_id, bool):
            raise BadAnswer(SYSTEM, "no messageid")
        return Handed(str(message_id), cost if isinstance(cost, int) and not isinstance(cost, bool) else None)

    def delivery(self, message_id: str) -> SendState:
        """Return how far a message has come."""
        status = self._api.status(message_id).get("status")
        if not isinstance(status, int):
            raise BadAnswer(SYSTEM, "no status")
        if status == DELIVERED:
            return SendState.DELIVERED
        return SendState.FAILED if status in FAILED else SendState.HANDED_OVER


def _receptor(mobile: str) -> str:
    """Return a mobile as Kavenegar has it: 09…, others with 00 before the country [K]."""
    return f"00{mobile[1:]}" if mobile.startswith("+") else mobile
