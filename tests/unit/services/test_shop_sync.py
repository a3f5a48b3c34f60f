"""The index becomes like the shop and stays so, whatever dies, whoever else works, however wrong a clock is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from peyk.errors import AccessRefused, BadAnswer, ExternalError, NotFound, RateLimited, Unavailable
from peyk.ports.shops import OrdersPage, ShopOrder
from peyk.services import shop_sync
from peyk.services.shop_sync import Elsewhere, ShopSync, SyncRules
from peyk.store.shop_index import StoredShopIndex
from tests.unit.services.fakes import NOW, FakeClock, order

RULES = SyncRules(timedelta(days=400), timedelta(seconds=60), timedelta(minutes=10))
PAGE = 10


class Killed(BaseException):
    """The process dies."""


class FakeFeed:
    """A shop in a dictionary, newest first; its clock may be ahead. `before` is called before each page is answered."""

    system = "shop"

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.ahead = timedelta(0)
        self.tells_time = True
        self.orders: dict[int, ShopOrder] = {}
        self.gone: dict[int, datetime] = {}
        self.bad: set[int] = set()
        self.asked: list[tuple[datetime | None, str | None]] = []
        self.before: Callable[[], None] = lambda: None
        self.error: ExternalError | None = None

    def now(self) -> datetime:
        return self.clock.now() + self.ahead

    def put(self, source_id: int, **changes: object) -> None:
        made = order(f"TS-{100000 + source_id}", **changes)
        self.orders[source_id] = ShopOrder(str(source_id), made, self.now())

    def remove(self, source_id: int) -> None:
        del self.orders[source_id]
        self.gone[source_id] = self.now()

    def page(self, changed_since: datetime | None, cursor: str | None) -> OrdersPage:
        self.asked.append((changed_since, cursor))
        self.before()
        if self.error:
            raise self.error
        rows = sorted(self.orders.items(), reverse=True)
        rows = [(i, each) for i, each in rows if changed_since is None or each.changed_at >= changed_since]
        start = int(cursor or 0)
        page = rows[start : start + PAGE]
        more = start + PAGE < len(rows)
        gone = () if more else tuple(str(i) for i, at in self.gone.items() if changed_since and at >= changed_since)
        return OrdersPage(
            tuple(each for i, each in page if i not in self.bad),
            str(start + PAGE - 2) if more else None,
            len(rows),
            tuple(str(i) for i, _ in page if i in self.bad),
            gone,
            self.now() if self.tells_time else None,
        )

    def one(self, source_id: str) -> ShopOrder:
        if self.error:
            raise self.error
        if int(source_id) not in self.orders:
            raise NotFound("shop")
        if int(source_id) in self.bad:
            raise BadAnswer("shop")
        return self.orders[int(source_id)]


@dataclass
class World:
    clock: FakeClock
    feed: FakeFeed
    index: StoredShopIndex

    def process(self) -> ShopSync:
        return ShopSync(self.feed, self.index, self.clock, RULES)

    def turn(self, sync: ShopSync | None = None) -> None:
        (sync or self.process()).turn(self.clock.now())

    def kept(self) -> dict[str, ShopOrder]:
        found = self.index.by_suffix("", 999) or [
            each for n in range(10) for each in self.index.by_suffix(str(n), 9999)
        ]
        return {each.shop_order.source_id: each.shop_order for each in found}

    def is_like_the_shop(self) -> bool:
        return self.kept() == {str(i): each for i, each in self.feed.orders.items()}


@pytest.fixture
def world(engine: Engine, clock: FakeClock) -> World:
    return World(clock, FakeFeed(clock), StoredShopIndex(engine, "shop", SecretStr("k" * 40)))


@pytest.fixture
def quick(engine_of: Callable[[str], Engine], clock: FakeClock) -> World:
    return World(clock, FakeFeed(clock), StoredShopIndex(engine_of("sqlite"), "shop", SecretStr("k" * 40)))


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    # On a slow machine, too, a turn's share is enough for these few orders.
    monkeypatch.setattr(shop_sync, "BUDGET_S", 60.0)


def test_a_first_fill_then_looks(world: World) -> None:
    for number in range(1, 35):
        world.feed.put(number)
    world.clock.advance(hours=1)
    filled = world.clock.now()
    world.turn()
    assert world.is_like_the_shop()
    state = world.index.state()
    assert (state.filled_at, state.looked_at, state.began_at, state.cursor) == (filled, filled, None, None)
    assert (state.total, state.error) == (34, None)
    asked = len(world.feed.asked)
    world.turn()
    assert len(world.feed.asked) == asked
    world.clock.advance(seconds=60)
    world.feed.put(7, customer_name="changed")
    world.feed.put(35)
    world.feed.remove(3)
    world.turn()
    assert world.is_like_the_shop()
    assert world.feed.asked[asked:] == [(filled - RULES.overlap, None)]


def test_what_died_at_any_page_is_resumed_there(quick: World) -> None:
    for number in range(1, 60):
        quick.feed.put(number)
    for _ in range(30):
        dies_at = len(quick.feed.asked) + 2

        def die(at: int = dies_at) -> None:
            if len(quick.feed.asked) == at:
                raise Killed

        quick.feed.before = die
        try:
            process = quick.process()
            steps = process.steps()
            # A process that is killed gives nothing back.
            process._index.release = lambda holder: None  # type: ignore[method-assign]
            for state in steps:
                if state.began_at is None:
                    break
            break
        except Killed:
            del process._index.release
            quick.clock.advance(seconds=61)
    cursors = [int(cursor or 0) for _, cursor in quick.feed.asked]
    # Never back to the beginning, and each page read again once at most.
    assert cursors == sorted(cursors)
    assert max(cursors.count(each) for each in cursors) <= 2
    assert quick.is_like_the_shop()


def test_one_process_at_a_time(quick: World) -> None:
    for number in range(1, 35):
        quick.feed.put(number)
    first, second = quick.process().steps(), quick.process()
    next(first)
    with pytest.raises(Elsewhere):
        next(second.steps())
    quick.turn(second)
    assert len(quick.feed.asked) == 1
    first.close()
    quick.turn(second)
    assert quick.is_like_the_shop()


def test_who_was_thought_dead_keeps_nothing(quick: World) -> None:
    for number in range(1, 35):
        quick.feed.put(number)
    slow, other = quick.process().steps(), quick.process()
    next(slow)

    def taken_over() -> None:
        quick.feed.before = lambda: None
        quick.clock.advance(seconds=61)
        quick.turn(other)

    quick.feed.before = taken_over
    with pytest.raises(Elsewhere):
        next(slow)
    assert quick.is_like_the_shop()
    assert quick.index.state().began_at is None


def test_what_changes_during_a_long_pass_is_read_after_it(quick: World) -> None:
    for number in range(1, 60):
        quick.feed.put(number)
    steps = quick.process().steps()
    next(steps)
    # Read already, then changed, long before the pass is over.
    quick.clock.advance(minutes=1)
    quick.feed.put(59, customer_name="changed")
    quick.clock.advance(hours=3)
    for state in steps:
        if state.began_at is None:
            break
    steps.close()
    assert not quick.is_like_the_shop()
    quick.clock.advance(minutes=1)
    quick.turn()
    assert quick.is_like_the_shop()


@pytest.mark.parametrize("ahead", [timedelta(hours=5), timedelta(0), timedelta(hours=-5)])
@pytest.mark.parametrize("minutes", [1, 30])
def test_a_wrong_clock_loses_nothing(quick: World, ahead: timedelta, minutes: int) -> None:
    quick.feed.ahead = ahead
    quick.feed.put(1)
    quick.turn()
    for number in range(2, 6):
        quick.clock.advance(minutes=minutes)
        quick.feed.put(number)
        quick.feed.put(1, customer_name=f"changed {number}")
        quick.clock.advance(minutes=minutes)
        quick.turn()
        assert quick.is_like_the_shop()


def test_orders_older_than_are_kept_are_not_even_asked_for(quick: World) -> None:
    quick.turn()
    assert quick.feed.asked[0] == (NOW - RULES.keep, None)


def test_unreadable_orders_are_counted_and_told(quick: World, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(1, 15):
        quick.feed.put(number)
    quick.feed.bad = {3, 9}
    quick.turn()
    assert len(quick.kept()) == 12
    assert quick.index.state().unreadable >= 2


@pytest.mark.parametrize(
    ("error", "pause_s"), [(Unavailable("shop", "away"), 30), (AccessRefused("shop"), 300), (RateLimited("shop"), 30)]
)
def test_a_failure_is_told_and_tried_again_later(quick: World, error: ExternalError, pause_s: int) -> None:
    quick.feed.put(1)
    quick.feed.error = error
    quick.turn()
    state = quick.index.state()
    assert state.error == f"{error.kind}: {error}"
    assert state.next_at == NOW + timedelta(seconds=pause_s)
    quick.turn()
    assert len(quick.feed.asked) == 1
    quick.feed.error = None
    quick.clock.advance(seconds=pause_s)
    quick.turn()
    assert quick.is_like_the_shop()
    assert quick.index.state().error is None


def test_the_pause_the_shop_asks_for_is_kept(quick: World) -> None:
    error = RateLimited("shop")
    error.retry_after_s = 120
    quick.feed.error = error
    quick.turn()
    assert quick.index.state().next_at == NOW + timedelta(seconds=120)


def test_a_glance_brings_the_newest(quick: World) -> None:
    sync = quick.process()
    sync.glance()
    assert quick.feed.asked == []
    quick.feed.put(1)
    quick.turn(sync)
    quick.clock.advance(seconds=20)
    quick.feed.put(2)
    sync.glance()
    assert quick.is_like_the_shop()
    assert quick.index.state().looked_at == quick.clock.now()


def test_a_glance_into_much_news_does_not_call_itself_whole(quick: World) -> None:
    quick.turn()
    quick.clock.advance(minutes=20)
    for number in range(1, 30):
        quick.feed.put(number)
    quick.process().glance()
    assert "29" in quick.kept()
    assert quick.index.state().looked_at == NOW
    quick.turn()
    assert quick.is_like_the_shop()


def test_a_turn_takes_its_share_and_the_next_goes_on(quick: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop_sync, "BUDGET_S", 0.0)
    for number in range(1, 35):
        quick.feed.put(number)
    turns = 0
    while quick.index.state().filled_at is None:
        quick.turn()
        turns += 1
    assert turns > 2
    assert quick.is_like_the_shop()
