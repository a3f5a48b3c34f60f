"""What stands behind the edge in its tests: the demo's phone and faults, orders that move, pauses."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from peyk.domain.conversations import Caller
from peyk.errors import NotFound
from peyk.ports import Clock
from peyk.ports.edge import OutboxMessage

Json = Any


class FakeOutbox:
    """The customer's phone."""

    def __init__(self, clock: Clock) -> None:
        self.sent = [
            OutboxMessage("09121234567", "کد شما 482913 است.", "482913", clock.now()),
            OutboxMessage("09121234567", "کد شما 111222 است.", "111222", clock.now() - timedelta(minutes=1)),
            OutboxMessage("+447700900123", "Your code is 333444.", "333444", clock.now()),
        ]

    def messages(self, to: str, limit: int = 20) -> list[OutboxMessage]:
        return [message for message in self.sent if message.to == to][:limit]


class FakeFaults:
    """Faults in memory, with one system and one kind that exist."""

    def __init__(self) -> None:
        self.on: dict[str, str] = {}

    def current(self) -> dict[str, str]:
        return dict(self.on)

    def switch_on(self, system: str, kind: str) -> None:
        if system not in {"post", "tipax"} or kind not in {"down", "slow"}:
            raise ValueError(f"no such system: {system}")
        self.on[system] = kind

    def switch_off(self, system: str | None = None) -> None:
        for name in [system] if system else list(self.on):
            self.on.pop(name, None)


class FakeProgress:
    """Moves one order on, once."""

    def __init__(self) -> None:
        self.stages: list[str | None] = ["shipped", None]

    def advance(self, number: str) -> str | None:
        if number != "TS-104233":
            raise NotFound("demo_shop")
        return self.stages.pop(0)


class FakeFollow:
    """What has become of orders, by number: the newest that is written here."""

    def __init__(self) -> None:
        self.orders: dict[str, Json] = {}
        self.asked: list[tuple[Caller, str]] = []
        self.failing: Exception | None = None
        # With None only the stage is told, as without a proof.
        self.proven: Json = "09121234567"

    def goes_on(self, order: Json) -> bool:
        return bool(order.get("status") != "delivered")

    def news(self, caller: Caller, shown: Json, language: str) -> Json | None:
        self.asked.append((caller, language))
        if self.failing is not None:
            raise self.failing
        now = self.orders.get(shown["orderId"])
        if now is not None and self.proven is None:
            now = {name: now[name] for name in ("orderId", "status", "statusFa")}
            return now if now["status"] != shown["status"] else None
        return now if now != shown else None

    def proof(self, caller: Caller) -> Json:
        return self.proven


class QuickTime:
    """The edge's own pauses, over at once."""

    def __init__(self) -> None:
        self.naps: list[float] = []
        self._now = 0.0

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self._now += seconds
        await asyncio.sleep(0)
