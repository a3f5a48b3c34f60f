"""Where people's work waits, and what comes first."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Queue(StrEnum):
    """Who works on it: the first line, the second line, those who look after VIPs, payments and security."""

    L1 = "l1"
    L2 = "l2"
    VIP = "vip"
    SECURITY = "security"


class Priority(IntEnum):
    """What comes first, the highest number before all others; TOPIC is a topic that should not wait long."""

    NORMAL = 0
    TOPIC = 1
    VIP = 2
    CRITICAL = 3
