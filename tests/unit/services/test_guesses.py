"""Guessed numbers and codes: misses and other people's orders count, and the limit tells nobody anything."""

from __future__ import annotations

import pytest

from peyk.domain.conversations import Caller
from peyk.domain.identity import Level
from peyk.domain.orders import Order, ShipmentRef
from peyk.errors import NotYet
from peyk.services.tracking import TrackOutcome
from tests.unit.services.fakes import CALLER, NOW, OTHER_MOBILE, order, tracking
from tests.unit.services.world import World, with_order

CODE = "TRK-88392011"


def guess(world: World, caller: Caller, times: int) -> list[TrackOutcome]:
    return [world.tracking.by_number(caller, f"TS-9999{turn:02d}").outcome for turn in range(times)]


def test_after_the_limit_existing_and_missing_numbers_answer_alike(world: World) -> None:
    with_order(world)
    assert set(guess(world, CALLER, 8)) == {TrackOutcome.NOT_FOUND}
    calls = world.orders.calls
    missing = world.tracking.by_number(CALLER, "TS-999999")
    existing = world.tracking.by_number(CALLER, "TS-104233")
    by_code = world.tracking.by_code(CALLER, CODE)
    assert missing == existing == by_code
    assert missing.outcome is TrackOutcome.TOO_MANY
    assert missing.scope == "order_guess.conversation"
    assert 0 < missing.retry_after_s <= 600
    assert world.orders.calls == calls, "the shop is not even asked: no difference in time"


def test_the_limit_ends_with_its_window(world: World) -> None:
    with_order(world)
    guess(world, CALLER, 8)
    world.clock.advance(seconds=601)
    assert world.tracking.by_number(CALLER, "TS-104233").outcome is TrackOutcome.FOUND


class TestOrdersOfOthers:
    """Existing numbers count too: nobody reads the stages of all orders one after the other."""

    @pytest.fixture
    def world(self) -> World:
        world = World({"guess_hits_per_conversation": 3, "guess_hits_per_address": 5})
        with_order(world).orders.orders += [
            order(f"TS-20000{turn}", mobile=OTHER_MOBILE, shipments=()) for turn in range(7)
        ]
        return world

    def ask(self, world: World, caller: Caller, *turns: int) -> list[TrackOutcome]:
        return [world.tracking.by_number(caller, f"TS-20000{turn}").outcome for turn in turns]

    def test_after_the_limit_existing_and_missing_numbers_answer_alike(self, world: World) -> None:
        assert self.ask(world, CALLER, 0, 1, 2) == [TrackOutcome.FOUND] * 3
        calls = world.orders.calls
        existing, missing = (world.tracking.by_number(CALLER, f"TS-{digits}") for digits in ("200003", "999999"))
        assert existing == missing == world.tracking.by_code(CALLER, CODE)
        assert (existing.outcome, existing.scope) == (TrackOutcome.TOO_MANY, "order_guess.hit_conversation")
        assert 0 < existing.retry_after_s <= 600
        assert world.orders.calls == calls, "the shop is not even asked: no difference in time"
        world.clock.advance(seconds=601)
        assert self.ask(world, CALLER, 3) == [TrackOutcome.FOUND]

    def test_the_same_number_again_costs_nothing(self, world: World) -> None:
        for typed in ["TS-104233", "104233", "ts104233"] * 5:
            assert world.tracking.by_number(CALLER, typed).outcome is TrackOutcome.FOUND
        assert self.ask(world, CALLER, 0, 1) == [TrackOutcome.FOUND] * 2

    def test_codes_count_like_numbers(self, world: World) -> None:
        for code in (CODE, CODE.lower(), f" {CODE}"):
            assert world.tracking.by_code(CALLER, code).outcome is TrackOutcome.FOUND
        assert self.ask(world, CALLER, 0, 1, 2) == [TrackOutcome.FOUND] * 2 + [TrackOutcome.TOO_MANY]

    def test_a_code_that_is_not_on_its_way_yet_counts(self, world: World) -> None:
        world.post.answers = {f"TRK-{turn}": NotYet("post") for turn in range(4)}
        outcomes = [world.tracking.by_code(CALLER, f"TRK-{turn}").outcome for turn in range(4)]
        assert outcomes == [TrackOutcome.NOT_YET] * 3 + [TrackOutcome.TOO_MANY]

    def test_they_count_per_address_over_conversations(self, world: World) -> None:
        assert self.ask(world, Caller("a", "one-address"), 0, 1, 2) == [TrackOutcome.FOUND] * 3
        assert self.ask(world, Caller("b", "one-address"), 0, 1, 2) == [TrackOutcome.FOUND] * 3, "known there already"
        assert self.ask(world, Caller("c", "one-address"), 3, 4) == [TrackOutcome.FOUND] * 2
        assert self.ask(world, Caller("d", "one-address"), 5) == [TrackOutcome.TOO_MANY]
        assert self.ask(world, Caller("d", "elsewhere"), 5) == [TrackOutcome.FOUND]

    def test_they_do_not_count_in_all(self) -> None:
        world = with_order(World({"guess_total": 1}))
        world.orders.orders.append(order("TS-200000", mobile=OTHER_MOBILE, shipments=()))
        for turn in range(20):
            assert self.ask(world, Caller(f"c{turn}", f"a{turn}"), 0) == [TrackOutcome.FOUND]

    def test_another_proven_mobile_is_no_way_round_it(self, world: World) -> None:
        world.prove()
        assert self.ask(world, CALLER, 0, 1, 2, 3) == [TrackOutcome.FOUND] * 3 + [TrackOutcome.TOO_MANY]
        other, missing = world.tracking.by_number(CALLER, "TS-200003"), world.tracking.by_number(CALLER, "TS-999999")
        assert other == missing
        own = world.tracking.by_number(CALLER, "TS-104233")
        assert (own.outcome, own.level) == (TrackOutcome.FOUND, Level.VERIFIED)
        assert world.tracking.by_code(CALLER, CODE).outcome is TrackOutcome.FOUND
        world.post.answers[CODE] = NotYet("post")
        assert world.tracking.by_code(CALLER, CODE).outcome is TrackOutcome.NOT_YET

    def test_the_customers_own_orders_cost_nothing(self, world: World) -> None:
        world.prove(OTHER_MOBILE)
        assert self.ask(world, CALLER, *range(7)) == [TrackOutcome.FOUND] * 7

    def test_what_is_asked_for_a_decision_of_ours_counts_too(self, world: World) -> None:
        outcomes = [world.tracking.stage(CALLER, f"TS-20000{turn}").outcome for turn in range(4)]
        assert outcomes == [TrackOutcome.FOUND] * 3 + [TrackOutcome.TOO_MANY]

    def test_the_one_that_comes_too_late_learns_nothing(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ask(world, CALLER, 0, 1)
        find = world.orders.by_number

        def slowly(number: str) -> Order:
            # Another message of the conversation is answered while the shop thinks.
            monkeypatch.setattr(world.orders, "by_number", find)
            self.ask(world, CALLER, 2)
            return find(number)

        monkeypatch.setattr(world.orders, "by_number", slowly)
        assert self.ask(world, CALLER, 3) == [TrackOutcome.TOO_MANY]

    def test_what_is_kept_of_them_names_no_number(self, world: World) -> None:
        self.ask(world, CALLER, 0)
        assert "200000" not in repr(world.limiter.events)


def test_misses_count_per_address_over_conversations() -> None:
    world = with_order(World({"guess_per_address": 5}))
    for turn in range(5):
        guess(world, Caller(f"c{turn}", "one-address"), 1)
    assert world.tracking.by_number(Caller("fresh", "one-address"), "TS-104233").outcome is TrackOutcome.TOO_MANY
    assert world.tracking.by_number(Caller("fresh", "elsewhere"), "TS-104233").outcome is TrackOutcome.FOUND


def test_misses_count_in_all() -> None:
    world = with_order(World({"guess_total": 5}))
    for turn in range(5):
        guess(world, Caller(f"c{turn}", f"a{turn}"), 1)
    assert world.tracking.by_number(Caller("fresh", "elsewhere"), "TS-104233").outcome is TrackOutcome.TOO_MANY


def test_missed_codes_count_like_missed_numbers(world: World) -> None:
    with_order(world)
    for turn in range(8):
        assert world.tracking.by_code(CALLER, f"TRK-0000{turn}").outcome is TrackOutcome.NOT_FOUND
    assert world.tracking.by_number(CALLER, "TS-104233").outcome is TrackOutcome.TOO_MANY


def test_a_proven_customer_still_reaches_own_orders_and_nothing_else(world: World) -> None:
    with_order(world)
    world.orders.orders.append(order("TS-104180", mobile=OTHER_MOBILE, shipments=(ShipmentRef("post", "TRK-9", NOW),)))
    world.post.answers["TRK-9"] = tracking(code="TRK-9")
    guess(world, CALLER, 8)
    world.prove()
    assert world.tracking.by_number(CALLER, "TS-104233").level is Level.VERIFIED
    assert world.tracking.by_code(CALLER, CODE).outcome is TrackOutcome.FOUND
    assert world.tracking.recent(CALLER) is not None
    other, missing = world.tracking.by_number(CALLER, "TS-104180"), world.tracking.by_number(CALLER, "TS-999999")
    assert other == missing == world.tracking.by_code(CALLER, "TRK-9")
    assert other.outcome is TrackOutcome.TOO_MANY
