"""Which queue and what comes first."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from peyk.domain.queues import Priority, Queue
from peyk.domain.tickets import TicketReason
from peyk.domain.triage import QUEUES, order_of_work, place
from tests.unit.services.fakes import NOW


def test_every_reason_has_a_queue() -> None:
    assert set(QUEUES) == set(TicketReason)


@pytest.mark.parametrize(
    ("reason", "vip", "queue", "priority"),
    [
        (TicketReason.GENERAL, False, Queue.L1, Priority.NORMAL),
        (TicketReason.LATE, False, Queue.L1, Priority.NORMAL),
        (TicketReason.CANCEL, False, Queue.L1, Priority.TOPIC),
        (TicketReason.LOST, False, Queue.L2, Priority.TOPIC),
        (TicketReason.HELD, False, Queue.L2, Priority.NORMAL),
        (TicketReason.CUSTOMS, False, Queue.L2, Priority.NORMAL),
        (TicketReason.PAYMENT, False, Queue.SECURITY, Priority.TOPIC),
        (TicketReason.LATE, True, Queue.VIP, Priority.VIP),
        (TicketReason.LOST, True, Queue.VIP, Priority.VIP),
        (TicketReason.PAYMENT, True, Queue.SECURITY, Priority.VIP),
    ],
)
def test_where_it_goes(reason: TicketReason, vip: bool, queue: Queue, priority: Priority) -> None:
    assert place(reason, vip=vip) == (queue, priority)


HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
IN_ORDER = [
    (Priority.CRITICAL, NOW),
    (Priority.VIP, NOW - HOUR),
    (Priority.VIP, NOW),
    (Priority.NORMAL, NOW - 5 * HOUR),
    (Priority.TOPIC, NOW - HOUR),
    # About as long as each other: the topic decides.
    (Priority.TOPIC, NOW + 5 * MINUTE),
    (Priority.NORMAL, NOW),
    (Priority.NORMAL, NOW + MINUTE),
]


def test_critical_then_vip_then_who_waits_longest_then_the_topic() -> None:
    for shuffled in list(permutations(IN_ORDER))[::997]:
        assert sorted(shuffled, key=lambda each: order_of_work(*each)) == IN_ORDER
