"""Brings what people say, and who has a conversation, to the shop's servers: put into the outbox, then sent.

What is in the outbox may be sent twice, when a process dies in between, but is never forgotten for a dead process.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog

from peyk.domain.conversations import Entry
from peyk.domain.webhooks import GIVE_UP_AFTER, Event, EventType, OffReason, Reply, next_try
from peyk.errors import ExternalError
from peyk.ports import Clock
from peyk.ports.journal import Journal, ToPush
from peyk.ports.rest import Delivery, WebhookOutbox
from peyk.services.webhooks import Webhooks

log = structlog.get_logger(__name__)

CHANNEL = "rest"
BATCH = 100
AT_ONCE = 20
# One slow address must not hold up the others.
AT_ONCE_EACH = 5
EVERY_S = 1.0

T = TypeVar("T")
Render = Callable[[Entry], dict[str, Any]]


@dataclass
class WebhookDelivery:
    """Fills the outbox and empties it; any number of processes may do so at once.

    `render` says how a message looks to programs. `tick()` does once what `run()` does until it is cancelled.
    """

    webhooks: Webhooks
    outbox: WebhookOutbox
    journal: Journal
    clock: Clock
    render: Render
    dead_after: timedelta
    _running: dict[asyncio.Task[None], str] = field(default_factory=dict)

    async def run(self) -> None:
        """Go on until cancelled; what is under way then comes to its end."""
        try:
            while True:
                try:
                    await self._put_all()
                    await self._begin()
                except ExternalError as exc:
                    log.warning("webhooks.unavailable", error=str(exc))
                except Exception:
                    # Whatever it is now, the next round may be better, and nothing is lost.
                    log.exception("webhooks.failed")
                await asyncio.sleep(EVERY_S)
        finally:
            await asyncio.gather(*self._running, return_exceptions=True)

    async def tick(self) -> int:
        """Put what is new, send what is due, wait until it is done; return how many were sent. Raises Unavailable."""
        await self._put_all()
        begun = 0
        while count := await self._begin():
            begun += count
            await asyncio.gather(*self._running, return_exceptions=True)
        return begun

    async def close(self) -> None:
        """Close the connections."""
        await self.webhooks.sender.close()

    async def _put_all(self) -> None:
        await asyncio.to_thread(self.put_new)

    def put_new(self) -> None:
        """Put what is new into the outbox. Raises Unavailable."""
        now = self.clock.now()
        events = [
            Event(EventType.OWNER_CHANGED, change.conversation_id, change.since, owner=change.owner.value)
            for change in self.outbox.changes(now - GIVE_UP_AFTER, limit=BATCH)
        ]
        events += _in_order(self._said())
        # A change that is said in the same moment comes before what is said of it.
        for event in sorted(events, key=lambda event: (event.at, event.seq or 0)):
            self.outbox.put(event, now)
            if event.seq is not None:
                self.journal.pushed(event.conversation_id, event.seq)

    def _said(self) -> list[ToPush]:
        """Return all that was not pushed: in a part of it something could be missing that another clock dated later."""
        limit = BATCH
        while len(said := self.journal.to_push(CHANNEL, now=self.clock.now(), limit=limit)) == limit:
            limit *= 4
        return said

    async def _begin(self) -> int:
        """Begin to send what is due and may be sent now; return how much that is."""
        free = AT_ONCE - len(self._running)
        if free <= 0:
            return 0
        busy = Counter(self._running.values())
        claimed = await asyncio.to_thread(
            lambda: self.outbox.claim(self.clock.now(), limit=free, busy=busy, each=AT_ONCE_EACH)
        )
        for delivery in claimed:
            task = asyncio.create_task(self._send(delivery))
            self._running[task] = delivery.subscription.id
            task.add_done_callback(lambda done: self._running.pop(done, None))
        return len(claimed)

    async def _send(self, delivery: Delivery) -> None:
        try:
            content = await asyncio.to_thread(self._content, delivery)
            event = delivery.event
            reply = await self.webhooks.send(delivery.subscription, event.type, event.id, content)
            await asyncio.to_thread(self._settle, delivery, reply)
        except ExternalError as exc:
            # Claimed for a while longer, then it is tried again.
            log.warning("webhooks.unavailable", event=delivery.event.id, error=str(exc))
        except Exception:
            log.exception("webhooks.failed", event_id=delivery.event.id)

    def _content(self, delivery: Delivery) -> dict[str, Any]:
        event = delivery.event
        data: dict[str, Any] = {"sender": delivery.sender}
        if event.facts is not None:
            data |= event.facts
        elif event.seq is None:
            data |= {"owner": event.owner, "since": event.at.isoformat()}
        else:
            data |= self._message(event.conversation_id, event.seq)
        return {"id": event.id, "type": event.type.value, "created_at": event.at.isoformat(), "data": data}

    def _message(self, conversation_id: str, seq: int) -> dict[str, Any]:
        """Return what was said as it may be shown now: what a proof opened is not told after its end."""
        found = self.journal.entries(conversation_id, after_seq=seq - 1, now=self.clock.now(), limit=1)
        if not found or found[0].seq != seq or found[0].hidden:
            return {"seq": seq, "hidden": True}
        return self.render(found[0])

    def _settle(self, delivery: Delivery, reply: Reply) -> None:
        now, subscription = self.clock.now(), delivery.subscription
        facts = {"subscription": subscription.id, "event_id": delivery.event.id, "reply": str(reply)}
        if reply.good:
            self.outbox.delivered(delivery, now)
            log.info("webhooks.delivered", **facts)
            return
        again_at = next_try(now, delivery.put_at, delivery.failures + 1, reply.retry_after_s)
        since = self.outbox.failed(delivery, now, again_at, str(reply))
        log.warning("webhooks.not_delivered" if again_at else "webhooks.given_up", **facts)
        reason = OffReason.GONE if reply.gone else OffReason.DEAD if now - since >= self.dead_after else None
        if reason is not None and self.outbox.switch_off(subscription.id, reason, now):
            log.warning("webhooks.switched_off", subscription=subscription.id, reason=reason.value)


def _in_order(said: list[ToPush]) -> list[Event]:
    """Return the events of what was said, in each conversation dated in the order it was said in."""
    newest: dict[str, datetime] = {}
    events = []
    for each in sorted(said, key=lambda each: each.entry.seq):
        at = max(each.entry.at, newest.get(each.conversation_id, each.entry.at))
        newest[each.conversation_id] = at
        events.append(Event(EventType.MESSAGE_CREATED, each.conversation_id, at, seq=each.entry.seq))
    return events
