"""Keeps the index of a shop's orders like the shop: a first fill, then regular looks at what has changed.

A pass is read page by page. Each page and where it ends are kept in one transaction, so that a process may die at any
moment: the next goes on from the last page that was kept. One process at a time does it, by a lease.
"""

from __future__ import annotations

import secrets
from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic

import structlog

from peyk.errors import AccessRefused, ExternalError, RateLimited
from peyk.ports.clock import Clock
from peyk.ports.shops import OrderFeed, OrdersPage, ShopIndex, SyncState

log = structlog.get_logger(__name__)

# Longer than any page takes; a process that died is succeeded so soon.
LEASE = timedelta(seconds=60)
# A turn's share of time; the next one goes on.
BUDGET_S = 5.0
PAUSE = timedelta(seconds=30)
# Waiting does not mend credentials.
LONG_PAUSE = timedelta(minutes=5)
SHOWN_IDS = 5
# A customer waits: what has changed in a minute, and what has gone.
GLANCE_PAGES = 2


class Elsewhere(Exception):
    """Another process is filling the index."""


@dataclass(frozen=True, slots=True)
class SyncRules:
    """How long orders are kept, how often the shop is looked at, and how far back beyond the last look."""

    keep: timedelta
    every: timedelta
    overlap: timedelta


class ShopSync:
    """Reads a shop into its index."""

    def __init__(self, feed: OrderFeed, index: ShopIndex, clock: Clock, rules: SyncRules) -> None:
        self._feed = feed
        self._index = index
        self._clock = clock
        self._rules = rules
        self._holder = secrets.token_hex(8)

    def turn(self, now: datetime) -> None:
        """Do what is due, for a short time; what is left is left to the next turn."""
        if not self._is_due(self._index.state(), now):
            return
        until = monotonic() + BUDGET_S
        try:
            for state in self.steps():
                if state.began_at is None or monotonic() > until:
                    break
        except (Elsewhere, ExternalError) as exc:
            # The state has it, and when to try again.
            log.warning("shop.not_read", system=self._feed.system, error=type(exc).__name__, detail=str(exc))

    def steps(self) -> Generator[SyncState, None, None]:
        """Read page after page, of one pass and then of the next; yield how it stands after each.

        Raises Elsewhere, or what the shop or the store raised: everything before is kept, and the next call goes on.
        """
        try:
            while True:
                now = self._clock.now()
                state = self._index.hold(self._holder, now, now + LEASE)
                if state is None:
                    raise Elsewhere(self._feed.system)
                yield self._step(state, now)
        finally:
            self._index.release(self._holder)

    def glance(self) -> None:
        """Read what has changed since the last look, or the newest of it. Raises what the shop raises."""
        state, now = self._index.state(), self._clock.now()
        if state.filled_at is None:
            return
        cursor: str | None = None
        for _ in range(GLANCE_PAGES):
            page = self._feed.page(self._since(state, now), cursor)
            self._index.read(page.orders, page.gone, now, page.unreadable)
            cursor = page.cursor
            if cursor is None:
                self._looked(page, now)
                return

    def _looked(self, page: OrdersPage, now: datetime) -> None:
        """Note that a glance has seen all there was, unless somebody is reading page by page."""
        held = self._index.hold(self._holder, now, now + LEASE)
        if held is None:
            return
        try:
            if held.began_at is None:
                self._index.advance(self._holder, None, now, self._ended(held, page, now, now))
        finally:
            self._index.release(self._holder)

    def _step(self, state: SyncState, now: datetime) -> SyncState:
        if state.began_at is None:
            state = replace(state, began_at=now, since=self._since(state, now), cursor=None, done=0, total=None)
        try:
            page = self._feed.page(state.since, state.cursor)
        except ExternalError as exc:
            failed = replace(state, error=f"{exc.kind}: {exc}", error_at=now, next_at=now + _pause(exc))
            self._index.advance(self._holder, None, now, failed)
            raise
        if page.unreadable:
            ids = page.unreadable[:SHOWN_IDS]
            log.warning("shop.unreadable", system=self._feed.system, orders=len(page.unreadable), ids=ids)
        state = self._moved(state, page, now)
        if not self._index.advance(self._holder, page, now, state):
            raise Elsewhere(self._feed.system)
        return state

    def _moved(self, state: SyncState, page: OrdersPage, now: datetime) -> SyncState:
        read = len(page.orders) + len(page.unreadable) + len(page.gone)
        moved = replace(
            state,
            cursor=page.cursor,
            done=state.done + read,
            total=page.total if page.total is not None else state.total,
            unreadable=state.unreadable + len(page.unreadable),
            error=None,
            error_at=None,
            next_at=None,
        )
        if page.cursor is not None or state.began_at is None:
            return moved
        return self._ended(moved, page, state.began_at, now)

    def _ended(self, state: SyncState, page: OrdersPage, began_at: datetime, now: datetime) -> SyncState:
        # The shop's clock dates its changes; ours may be another.
        ahead = page.at - self._clock.now() if page.at is not None else timedelta(0)
        return replace(
            state,
            began_at=None,
            cursor=None,
            mark=began_at + ahead,
            looked_at=began_at,
            filled_at=state.filled_at or now,
            error=None,
            error_at=None,
            next_at=None,
        )

    def _since(self, state: SyncState, now: datetime) -> datetime:
        return state.mark - self._rules.overlap if state.mark is not None else now - self._rules.keep

    def _is_due(self, state: SyncState, now: datetime) -> bool:
        if state.next_at is not None and now < state.next_at:
            return False
        under_way = state.began_at is not None or state.looked_at is None
        return under_way or (state.looked_at is not None and now - state.looked_at >= self._rules.every)


def _pause(exc: ExternalError) -> timedelta:
    if isinstance(exc, RateLimited) and exc.retry_after_s is not None:
        return max(PAUSE, timedelta(seconds=exc.retry_after_s))
    return LONG_PAUSE if isinstance(exc, AccessRefused) else PAUSE
