"""The use cases, one module each; they decide what may be shown and speak to the world through ports."""

from __future__ import annotations

from dataclasses import dataclass

from peyk.services.feedback import RateOrder
from peyk.services.files import Files
from peyk.services.handoff import HandOff
from peyk.services.identity import VerifyCustomer
from peyk.services.shipping_info import AnswerShipping
from peyk.services.tickets import NotVerified, OpenTicket
from peyk.services.tracking import TrackOrder

__all__ = [
    "AnswerShipping",
    "Files",
    "HandOff",
    "NotVerified",
    "OpenTicket",
    "RateOrder",
    "Services",
    "TrackOrder",
    "VerifyCustomer",
]


@dataclass(frozen=True)
class Services:
    """Every use case, ready to be called."""

    tracking: TrackOrder
    identity: VerifyCustomer
    shipping: AnswerShipping
    tickets: OpenTicket
    feedback: RateOrder
    handoff: HandOff
