"""Customers as the shop's CRM sees them: a mobile, and tags for what went wrong with an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Tag(StrEnum):
    """What a contact is tagged with; the words are in the catalogue (`contact_tag.…`)."""

    DELAY = "delay"
    LOST = "lost"
    RETURNED = "returned"
    BAD_ADDRESS = "bad_address"


@dataclass(frozen=True, slots=True)
class Tagged:
    """A tag of a contact: for which order and why (a situation), and when the customer was first told."""

    mobile: str
    order_number: str
    reason: str
    tag: Tag
    at: datetime
