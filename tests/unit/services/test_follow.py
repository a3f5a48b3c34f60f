"""Has the order of a card moved? At the level the conversation has now, audited when shown, silent when unknown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from peyk.domain.conversations import Caller
from peyk.domain.shipments import DeliveryStatus
from peyk.errors import Unavailable
from peyk.i18n.payload import order_payload
from peyk.services.follow import FollowOrder
from tests.unit.services.fakes import CALLER, tracking
from tests.unit.services.world import World, with_order

NUMBER = "TS-104233"
LEVEL_1 = {"orderId", "status", "statusFa"}


@pytest.fixture
def world() -> World:
    return with_order(World())


def follow(world: World) -> FollowOrder:
    return FollowOrder(world.tracking, world.settings)


def card(world: World, caller: Caller = CALLER) -> dict[str, Any]:
    """The card as an answer of the bot shows it."""
    result = world.tracking.by_number(caller, NUMBER)
    return dict(order_payload(result, "en", world.settings.money_unit.value)["order"])


def move(world: World) -> None:
    world.post.answers["TRK-88392011"] = replace(tracking(), status=DeliveryStatus.OUT_FOR_DELIVERY)


def test_nothing_new_is_no_news_and_is_not_audited(world: World) -> None:
    world.prove()
    shown = card(world)
    rows = len(world.audit.rows)
    world.clock.advance(seconds=30)
    world.post.answers["TRK-88392011"] = replace(tracking(), as_of=world.clock.now())
    assert follow(world).news(CALLER, shown, "en") is None
    assert len(world.audit.rows) == rows


def test_an_order_that_moved_is_shown_and_audited_once(world: World) -> None:
    world.prove()
    shown = card(world)
    rows = len(world.audit.rows)
    move(world)
    news = follow(world).news(CALLER, shown, "en")
    assert news is not None
    assert news["status"] == "out_for_delivery"
    assert news["items"] == shown["items"]
    assert len(world.audit.rows) == rows + 1
    assert follow(world).news(CALLER, news, "en") is None


def test_nothing_beyond_level_1_is_told_to_who_has_proven_nothing(world: World) -> None:
    shown = card(world)
    assert set(shown) == LEVEL_1
    assert follow(world).news(CALLER, shown, "en") is None
    move(world)
    news = follow(world).news(CALLER, shown, "en")
    assert news is not None
    assert set(news) == LEVEL_1
    assert world.audit.rows == []


def test_a_proof_that_has_ended_opens_nothing_any_more(world: World) -> None:
    world.prove()
    shown = card(world)
    world.clock.advance(minutes=31)
    assert follow(world).news(CALLER, shown, "en") is None
    move(world)
    news = follow(world).news(CALLER, shown, "en")
    assert news is not None
    assert set(news) == LEVEL_1


def test_a_proof_that_came_meanwhile_is_no_news_of_the_order(world: World) -> None:
    shown = card(world)
    world.prove()
    assert follow(world).news(CALLER, shown, "en") is None
    assert world.audit.rows == []
    move(world)
    news = follow(world).news(CALLER, shown, "en")
    assert news is not None
    assert news["status"] == "out_for_delivery"
    assert news["items"]


def test_another_conversations_proof_opens_nothing(world: World) -> None:
    world.prove()
    shown = card(world)
    move(world)
    news = follow(world).news(Caller("w-other"), shown, "en")
    assert news is not None
    assert set(news) == LEVEL_1


@pytest.mark.parametrize("error", [Unavailable("shop"), Unavailable("post")])
def test_who_cannot_say_says_nothing(world: World, error: Unavailable) -> None:
    world.prove()
    shown = card(world)
    move(world)
    if error.system == "shop":
        world.orders.error = error
    else:
        world.post.answers["TRK-88392011"] = error
    assert follow(world).news(CALLER, shown, "en") is None


@pytest.mark.parametrize(
    ("status", "goes_on"), [("in_transit", True), ("late", True), ("refund_pending", True), ("delivered", False)]
)
def test_what_is_at_its_end_is_not_followed(world: World, status: str, goes_on: bool) -> None:
    assert follow(world).goes_on({"orderId": NUMBER, "status": status}) is goes_on


def test_it_says_what_is_proven_as_long_as_it_is(world: World) -> None:
    assert follow(world).proof(CALLER) is None
    world.prove()
    first = follow(world).proof(CALLER)
    assert first is not None
    assert follow(world).proof(CALLER) == first
    assert follow(world).proof(Caller("w-other")) is None
    world.clock.advance(minutes=31)
    assert follow(world).proof(CALLER) is None
    world.prove()
    assert follow(world).proof(CALLER) not in (None, first)
