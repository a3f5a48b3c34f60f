"""Invoices, warranty cards, return labels."""

from __future__ import annotations

from actions.exceptions import OrderRequest
from peyk.domain.situations import Situation
from peyk.domain.tickets import TicketReason


class ActionRequestDocument(OrderRequest):
    """Have a person send a document of an order."""

    action = "action_request_document"
    reason = TicketReason.DOCUMENT
    accepted = frozenset(Situation) - {Situation.AWAITING_PAYMENT, Situation.PAYMENT_FAILED}
    response = "utter_documents_requested"
    refused = dict.fromkeys(set(Situation) - accepted, "utter_documents_not_paid")
