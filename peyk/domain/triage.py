"""Which queue a reason belongs to, and what comes first within it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from peyk.domain.queues import Priority, Queue
from peyk.domain.tickets import TicketReason

# Money and access are looked into by few, also a VIP's.
_SECURITY = (TicketReason.PAYMENT, TicketReason.REFUND)
# Something has gone wrong that the first line cannot mend.
_EXCEPTIONS = (
    TicketReason.STALLED,
    TicketReason.NOT_RECEIVED,
    TicketReason.LOST,
    TicketReason.RETURNED,
    TicketReason.DAMAGED,
    TicketReason.CUSTOMS,
    TicketReason.HELD,
)
QUEUES: Mapping[TicketReason, Queue] = MappingProxyType(
    {
        **dict.fromkeys(TicketReason, Queue.L1),
        **dict.fromkeys(_SECURITY, Queue.SECURITY),
        **dict.fromkeys(_EXCEPTIONS, Queue.L2),
    }
)
# The parcel is on its way, or the customer has paid and has nothing: an hour more makes it worse.
PRESSING = frozenset(
    {
        TicketReason.PAYMENT,
        TicketReason.FIX_ADDRESS,
        TicketReason.CANCEL,
        TicketReason.CHANGE_ORDER,
        TicketReason.NOT_RECEIVED,
        TicketReason.LOST,
        TicketReason.DAMAGED,
    }
)
# Who came within one of these waits as long as the others: then the topic decides.
STEP = timedelta(minutes=15)


def place(reason: TicketReason, *, vip: bool) -> tuple[Queue, Priority]:
    """Return the queue and the priority of a new ticket."""
    queue = QUEUES[reason]
    if vip:
        return (queue if queue is Queue.SECURITY else Queue.VIP), Priority.VIP
    return queue, Priority.TOPIC if reason in PRESSING else Priority.NORMAL


def order_of_work(priority: Priority, waiting_since: datetime) -> tuple[int, int, int, datetime]:
    """Return the sort key of work: critical first, then VIPs, then by waiting time, then by topic.

    The smallest comes first. Tickets and conversations that wait are sorted by it alike.
    """
    above = priority if priority >= Priority.VIP else Priority.NORMAL
    waiting = int(waiting_since.timestamp() // STEP.total_seconds())
    return -above, waiting, -priority, waiting_since
