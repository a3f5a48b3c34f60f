"""The one answer to "where is my order?": what shop, carrier and bank say, merged into one word."""

from __future__ import annotations

from enum import StrEnum


class Situation(StrEnum):
    """What is going on with an order; each has a sentence at level 1 and an answer at level 2."""

    AWAITING_PAYMENT = "awaiting_payment"
    PAYMENT_FAILED = "payment_failed"
    PAYMENT_UNVERIFIED = "payment_unverified"
    REGISTERED = "registered"
    PREPARING = "preparing"
    ADDRESS_INCOMPLETE = "address_incomplete"
    IN_TRANSIT = "in_transit"
    LATE = "late"
    STALLED = "stalled"
    LOST = "lost"
    CUSTOMS = "customs"
    HELD = "held"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERED = "delivered"
    RETURNED = "returned"
    SPLIT = "split"
    REFUND_PENDING = "refund_pending"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
