"""Who is told by webhooks. Implements the port `Subscriptions`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, delete, func, insert, literal, or_, select, update
from sqlalchemy.engine import Row

from peyk.domain.api_keys import Scope, owner_of
from peyk.domain.webhooks import EventType, OffReason, Subscription
from peyk.store.engine import lock, reading, writing
from peyk.store.tables import api_keys, webhooks


class StoredSubscriptions:
    """Addresses that want to be told (the port `Subscriptions`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, subscription: Subscription, *, at_most: int) -> bool:
        """Keep a new one; False, and nothing is kept, when its owner has `at_most` already."""
        count = select(func.count()).select_from(webhooks).where(webhooks.c.owner == subscription.owner)
        row = {
            "id": subscription.id,
            "owner": subscription.owner,
            "url": subscription.url,
            "events": " ".join(sorted(subscription.events)),
            "salt": subscription.salt,
            "created_at": subscription.created_at,
        }
        with writing(self._engine) as connection:
            lock(connection, f"webhooks:{subscription.owner}")
            if connection.execute(count).scalar_one() >= at_most:
                return False
            connection.execute(insert(webhooks).values(row))
        return True

    def get(self, subscription_id: str) -> Subscription | None:
        """Return one, None when there is none."""
        with reading(self._engine) as connection:
            row = connection.execute(_all().where(webhooks.c.id == subscription_id)).one_or_none()
        return read(row, muted=not row.told) if row else None

    def list(self, owner: str | None = None) -> list[Subscription]:
        """Return those of an owner, or all, oldest first."""
        query = _all().order_by(webhooks.c.created_at, webhooks.c.id)
        if owner is not None:
            query = query.where(webhooks.c.owner == owner)
        with reading(self._engine) as connection:
            return [read(row, muted=not row.told) for row in connection.execute(query)]

    def may_read(self, owner: str) -> bool:
        """Tell whether an owner may read its conversations: the demo may, and a key in force that has the scope."""
        with reading(self._engine) as connection:
            return bool(connection.execute(select(_may_read(literal(owner)))).scalar_one())

    def remove(self, subscription_id: str) -> bool:
        """Forget one and what it was still to be told; False when there was none."""
        with writing(self._engine) as connection:
            return connection.execute(delete(webhooks).where(webhooks.c.id == subscription_id)).rowcount == 1

    def rotate(self, subscription_id: str, salt: str, *, old_until: datetime) -> bool:
        """Give a new salt; the one before stays good until `old_until`. False when there is no such one."""
        change = {"old_salt": webhooks.c.salt, "old_salt_until": old_until, "salt": salt}
        with writing(self._engine) as connection:
            return (
                connection.execute(update(webhooks).where(webhooks.c.id == subscription_id).values(change)).rowcount
                == 1
            )

    def switch_on(self, subscription_id: str) -> bool:
        """Tell it again what comes from now on; False when it was on, or is none."""
        off = (webhooks.c.id == subscription_id) & webhooks.c.off_at.is_not(None)
        with writing(self._engine) as connection:
            done = connection.execute(
                update(webhooks).where(off).values(off_at=None, off_reason=None, failing_since=None)
            )
            return done.rowcount == 1


def may_be_told() -> ColumnElement[bool]:
    """Match webhooks whose owner may read now what they tell: what a key may do is asked each time."""
    return _may_read(webhooks.c.owner)


def _may_read(owner: ColumnElement[str]) -> ColumnElement[bool]:
    words = literal(" ") + api_keys.c.scopes + literal(" ")
    reads = select(api_keys.c.id).where(
        literal(owner_of("")) + api_keys.c.id == owner,
        api_keys.c.revoked_at.is_(None),
        words.contains(f" {Scope.READ_CONVERSATIONS.value} "),
    )
    return or_(owner.not_like(f"{owner_of('')}%"), reads.exists())


def _all() -> Select[Any]:
    return select(*webhooks.c, may_be_told().label("told"))


def read(row: Row[Any], *, muted: bool = False) -> Subscription:
    """Return a row of the table as what it is."""
    return Subscription(
        id=row.id,
        owner=row.owner,
        url=row.url,
        events=frozenset(EventType(word) for word in row.events.split()),
        salt=row.salt,
        created_at=row.created_at,
        old_salt=row.old_salt,
        old_salt_until=row.old_salt_until,
        failing_since=row.failing_since,
        last_success_at=row.last_success_at,
        off_at=row.off_at,
        off_reason=OffReason(row.off_reason) if row.off_reason else None,
        muted=muted,
    )
