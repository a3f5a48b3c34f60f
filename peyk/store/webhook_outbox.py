"""What is still to be told by webhooks. Implements the port `WebhookOutbox`.

Of a conversation only the oldest waiting event is due for each subscription, so the order is kept whoever sends.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, delete, or_, select, update
from sqlalchemy.engine import Row

from peyk.domain.conversations import Owner
from peyk.domain.webhooks import Event, EventType, OffReason
from peyk.ports.rest import Delivery, OwnerChange
from peyk.store import webhooks as subscriptions
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import conversations, rest_senders, webhook_outbox, webhooks

CHANNEL = "rest"
# Much longer than one try may take: a process that died with it has lost it.
LEASE = timedelta(minutes=2)
# Among so many of the longest due those are sought that may be sent now.
CANDIDATES = 200
CLAIM_BYTES = 12
ERROR_CHARS = 200

OUTBOX_COLUMNS = [column.label(f"outbox_{column.name}") for column in webhook_outbox.c]
COLUMNS = [*OUTBOX_COLUMNS, *webhooks.c, rest_senders.c.sender]


class StoredWebhookOutbox:
    """Events on their way (the port `WebhookOutbox`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, event: Event, now: datetime) -> int:
        """Keep an event for everybody who wants it; return for how many. Again is as good as once."""
        row = {
            "conversation_id": event.conversation_id,
            "key": event.key,
            "type": event.type.value,
            "at": event.at,
            "seq": event.seq,
            "owner": event.owner,
            "facts": None if event.facts is None else json.dumps(dict(event.facts), ensure_ascii=False),
            "put_at": now,
            "next_at": now,
        }
        mine = rest_senders.c.conversation_id == event.conversation_id
        whose = select(webhooks).join(rest_senders, rest_senders.c.owner == webhooks.c.owner)
        count = 0
        with writing(self._engine) as connection:
            for subscription in connection.execute(
                whose.where(mine, webhooks.c.off_at.is_(None), subscriptions.may_be_told()).order_by(webhooks.c.id)
            ):
                if event.type.value in subscription.events.split():
                    statement = insert_into(connection, webhook_outbox)
                    once = statement.values(row | {"subscription_id": subscription.id}).on_conflict_do_nothing()
                    new = connection.execute(once.returning(webhook_outbox.c.id)).scalar_one_or_none()
                    count += new is not None
            if event.type is EventType.OWNER_CHANGED:
                connection.execute(update(rest_senders).where(mine).values(told_since=event.at))
        return count

    def changes(self, since: datetime, *, limit: int) -> list[OwnerChange]:
        """Return the changes of owner after `since` that are not put yet, oldest first."""
        untold = or_(rest_senders.c.told_since.is_(None), rest_senders.c.told_since != conversations.c.owned_since)
        query = (
            select(conversations.c.id, conversations.c.owner, conversations.c.owned_since)
            .join(rest_senders, rest_senders.c.conversation_id == conversations.c.id)
            .where(conversations.c.channel == CHANNEL, conversations.c.owned_since > since, untold)
            .order_by(conversations.c.owned_since, conversations.c.id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [OwnerChange(row.id, Owner(row.owner), row.owned_since) for row in connection.execute(query)]

    def claim(self, now: datetime, *, limit: int, busy: Mapping[str, int], each: int) -> list[Delivery]:
        """Take what is due, `limit` at most; no other process gets it for a while."""
        with reading(self._engine) as connection:
            # Nearly always there is nothing: then nobody has to wait for the one writer of SQLite.
            if connection.execute(_due(now).limit(1)).first() is None:
                return []
        taken: list[Row[Any]] = []
        running = Counter(busy)
        with writing(self._engine) as connection:
            query = _due(now).limit(CANDIDATES).with_for_update(skip_locked=True, of=webhook_outbox)
            for row in connection.execute(query).all():
                if len(taken) < limit and running[row.id] < each:
                    running[row.id] += 1
                    taken.append(row)
            return [_take(connection, row, now) for row in taken]

    def delivered(self, delivery: Delivery, now: datetime) -> None:
        """It arrived; what else waits for that subscription's recovery is due at once."""
        subscription = delivery.subscription.id
        waits = and_(
            webhook_outbox.c.subscription_id == subscription,
            webhook_outbox.c.done_at.is_(None),
            webhook_outbox.c.failures > 0,
            webhook_outbox.c.claim.is_(None),
        )
        well = {"failing_since": None, "last_success_at": now}
        done = {"done_at": now, "claim": None, "claimed_until": None, "last_error": None}
        with writing(self._engine) as connection:
            failing = _lock_subscription(connection, subscription)
            connection.execute(update(webhooks).where(webhooks.c.id == subscription).values(well))
            connection.execute(update(webhook_outbox).where(_mine(delivery)).values(done))
            if failing is not None:
                connection.execute(update(webhook_outbox).where(waits).values(next_at=now))

    def failed(self, delivery: Delivery, now: datetime, again_at: datetime | None, why: str) -> datetime:
        """It did not: try `again_at`, or never. Return since when the subscription fails."""
        change = {
            "failures": delivery.failures + 1,
            "last_error": why[:ERROR_CHARS],
            "claim": None,
            "claimed_until": None,
            "next_at": again_at or now,
            "done_at": None if again_at else now,
        }
        with writing(self._engine) as connection:
            since = _lock_subscription(connection, delivery.subscription.id) or now
            which = webhooks.c.id == delivery.subscription.id
            connection.execute(update(webhooks).where(which).values(failing_since=since))
            connection.execute(update(webhook_outbox).where(_mine(delivery)).values(change))
        return since

    def switch_off(self, subscription_id: str, reason: OffReason, now: datetime) -> bool:
        """Tell a subscription nothing any more; True when it was on until now."""
        on = (webhooks.c.id == subscription_id) & webhooks.c.off_at.is_(None)
        open_ = (webhook_outbox.c.subscription_id == subscription_id) & webhook_outbox.c.done_at.is_(None)
        with writing(self._engine) as connection:
            done = connection.execute(update(webhooks).where(on).values(off_at=now, off_reason=reason.value))
            connection.execute(delete(webhook_outbox).where(open_))
        return done.rowcount == 1


def _lock_subscription(connection: Connection, subscription_id: str) -> datetime | None:
    """Return since when it fails. Whoever changes both takes the subscription first, so nobody waits in a ring."""
    query = select(webhooks.c.failing_since).where(webhooks.c.id == subscription_id).with_for_update()
    return connection.execute(query).scalar_one_or_none()


def _due(now: datetime) -> Select[Any]:
    earlier = webhook_outbox.alias("earlier")
    older = select(earlier.c.id).where(
        earlier.c.subscription_id == webhook_outbox.c.subscription_id,
        earlier.c.conversation_id == webhook_outbox.c.conversation_id,
        earlier.c.done_at.is_(None),
        earlier.c.id < webhook_outbox.c.id,
    )
    free = or_(webhook_outbox.c.claimed_until.is_(None), webhook_outbox.c.claimed_until <= now)
    return (
        select(*COLUMNS)
        .select_from(webhook_outbox)
        .join(webhooks, webhooks.c.id == webhook_outbox.c.subscription_id)
        .join(rest_senders, rest_senders.c.conversation_id == webhook_outbox.c.conversation_id)
        .where(webhook_outbox.c.done_at.is_(None), webhook_outbox.c.next_at <= now, free)
        .where(webhooks.c.off_at.is_(None), subscriptions.may_be_told(), ~older.exists())
        .order_by(webhook_outbox.c.next_at, webhook_outbox.c.id)
    )


def _take(connection: Connection, row: Row[Any], now: datetime) -> Delivery:
    claim = secrets.token_hex(CLAIM_BYTES)
    mine = webhook_outbox.c.id == row.outbox_id
    connection.execute(update(webhook_outbox).where(mine).values(claim=claim, claimed_until=now + LEASE))
    event = Event(
        type=EventType(row.outbox_type),
        conversation_id=row.outbox_conversation_id,
        at=row.outbox_at,
        seq=row.outbox_seq,
        owner=row.outbox_owner,
        facts=json.loads(row.outbox_facts) if row.outbox_facts else None,
    )
    return Delivery(
        number=row.outbox_id,
        claim=claim,
        subscription=subscriptions.read(row),
        event=event,
        sender=json.loads(row.sender),
        failures=row.outbox_failures,
        put_at=row.outbox_put_at,
    )


def _mine(delivery: Delivery) -> Any:
    # Who has lost it to another process changes nothing.
    return (webhook_outbox.c.id == delivery.number) & (webhook_outbox.c.claim == delivery.claim)
