"""Tracking: levels, guessing, five honest failures, the audit."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import timedelta

import pytest

from peyk.domain.conversations import Caller
from peyk.domain.identity import Level
from peyk.domain.orders import OrderStatus, ShipmentRef
from peyk.domain.shipments import DeliveryStatus
from peyk.domain.situations import Situation
from peyk.errors import AccessRefused, BadAnswer, NotFound, NotYet, RateLimited, Unavailable
from peyk.services.tracking import TrackOutcome, TrackResult
from tests.unit.services.fakes import CALLER, MOBILE, NOW, OTHER_MOBILE, order, payment, tracking
from tests.unit.services.world import World, with_order

FAILURES = [(each, each.kind) for each in (Unavailable, BadAnswer, RateLimited, AccessRefused)]
CODE = "TRK-88392011"


def plain(result: TrackResult) -> TrackResult:
    """A result without the moment it was made."""
    return replace(result, asked_at=None)


def test_unproven_gets_the_stage_and_nothing_else(world: World) -> None:
    result = with_order(world).tracking.by_number(CALLER, "TS-104233")
    assert plain(result) == TrackResult(
        TrackOutcome.FOUND,
        Level.ANONYMOUS,
        order_number="TS-104233",
        situation=Situation.IN_TRANSIT,
        as_of=NOW,
    )


def test_nothing_personal_anywhere_in_a_level_one_result(world: World) -> None:
    shown = repr(dataclasses.asdict(with_order(world).tracking.by_number(CALLER, "TS-104233")))
    for secret in (MOBILE, "سارا", "پلاک", "هدفون", CODE, "12500000"):
        assert secret not in shown


def test_proven_mobile_gets_everything(world: World) -> None:
    with_order(world).payments.payments["TS-104233"] = payment("TS-104233")
    world.prove()
    result = world.tracking.by_number(CALLER, "TS-104233")
    assert result.level is Level.VERIFIED
    assert result.order == world.orders.orders[0]
    assert result.payment == payment("TS-104233")
    assert [parcel.tracking for parcel in result.parcels] == [tracking()]
    assert result.method == "otp"
    assert result.asked_at == NOW


def test_another_mobile_gets_the_stage_and_is_told_so(world: World) -> None:
    with_order(world).prove(OTHER_MOBILE)
    result = world.tracking.by_number(CALLER, "TS-104233")
    assert (result.level, result.order, result.parcels, result.payment) == (Level.ANONYMOUS, None, (), None)
    assert result.other_mobile


def test_a_proof_is_of_its_conversation_only(world: World) -> None:
    with_order(world).prove(caller=Caller("conversation-2"))
    result = world.tracking.by_number(CALLER, "TS-104233")
    assert (result.level, result.order, result.other_mobile) == (Level.ANONYMOUS, None, False)


def test_a_proof_ends(world: World) -> None:
    with_order(world).prove()
    world.clock.advance(minutes=31)
    assert world.tracking.by_number(CALLER, "TS-104233").level is Level.ANONYMOUS
    assert world.tracking.recent(CALLER) is None


@pytest.mark.parametrize("typed", ["TS-104233", "ts104233", "104233", "#104233", "۱۰۴۲۳۳", "Ts-۱۰۴۲۳۳", " 104 233 "])
def test_numbers_as_people_write_them(world: World, typed: str) -> None:
    assert with_order(world).tracking.by_number(CALLER, typed).order_number == "TS-104233"


@pytest.mark.parametrize(
    "typed", ["", "TS-", "10423", "1042331", "XX-104233", "TS-10423x", "²²²²²²", "TS-104233' OR 1=1"]
)
def test_what_is_no_number_is_not_found(world: World, typed: str) -> None:
    assert with_order(world).tracking.by_number(CALLER, typed).outcome is TrackOutcome.NOT_FOUND


class TestLongNumbers:
    """The shop's numbers have nine digits; people give the last six."""

    @pytest.fixture
    def world(self) -> World:
        made = World({"order_digits": 9})
        made.post.answers[CODE] = tracking()
        made.orders.orders.append(order("TS-555104233"))
        return made

    def test_one_match_is_the_order(self, world: World) -> None:
        assert world.tracking.by_number(CALLER, "104233").order_number == "TS-555104233"

    def test_several_matches_are_ambiguous(self, world: World) -> None:
        world.orders.orders.append(order("TS-666104233", mobile=OTHER_MOBILE))
        result = world.tracking.by_number(CALLER, "104233")
        assert plain(result) == TrackResult(TrackOutcome.AMBIGUOUS)

    def test_among_several_the_proven_customers_own(self, world: World) -> None:
        world.orders.orders.insert(0, order("TS-666104233", mobile=OTHER_MOBILE))
        world.prove()
        result = world.tracking.by_number(CALLER, "TS-104233")
        assert (result.order_number, result.level) == ("TS-555104233", Level.VERIFIED)

    def test_five_digits_are_too_few(self, world: World) -> None:
        assert world.tracking.by_number(CALLER, "04233").outcome is TrackOutcome.NOT_FOUND

    def test_ambiguous_counts_as_a_miss(self, world: World) -> None:
        world.orders.orders.append(order("TS-666104233", mobile=OTHER_MOBILE))
        outcomes = [world.tracking.by_number(CALLER, "104233").outcome for _ in range(9)]
        assert outcomes == [TrackOutcome.AMBIGUOUS] * 8 + [TrackOutcome.TOO_MANY]

    def test_ambiguous_is_no_way_round_the_limit(self, world: World) -> None:
        world.orders.orders.append(order("TS-666104233", mobile=OTHER_MOBILE))
        world.prove("09000000000")
        for _ in range(8):
            world.tracking.by_number(CALLER, "TS-999999999")
        assert world.tracking.by_number(CALLER, "104233").outcome is TrackOutcome.TOO_MANY


@pytest.mark.parametrize(("error", "outcome"), FAILURES)
def test_the_shop_fails(world: World, error: type[Exception], outcome: str) -> None:
    with_order(world).prove()
    world.orders.error = error("shop")
    assert world.tracking.by_number(CALLER, "TS-104233").outcome.value == outcome
    recent = world.tracking.recent(CALLER)
    assert recent is not None
    assert [result.outcome.value for result in recent] == [outcome]


def test_a_shop_that_is_down_is_no_miss(world: World) -> None:
    with_order(world).orders.error = Unavailable("shop")
    for _ in range(10):
        world.tracking.by_number(CALLER, "TS-104233")
    world.orders.error = None
    assert world.tracking.by_number(CALLER, "TS-104233").outcome is TrackOutcome.FOUND


@pytest.mark.parametrize(("error", "kind"), FAILURES)
def test_the_carrier_fails_and_nothing_is_known(world: World, error: type[Exception], kind: str) -> None:
    with_order(world).prove()
    world.post.answers[CODE] = error("post")
    result = world.tracking.by_number(CALLER, "TS-104233")
    assert (result.outcome, result.situation) == (TrackOutcome.FOUND, Situation.IN_TRANSIT)
    assert (result.carrier_trouble, result.as_of) == (kind, None)
    assert (result.parcels[0].tracking, result.parcels[0].trouble) == (None, kind)


def test_the_carrier_fails_after_a_good_answer(world: World) -> None:
    with_order(world).prove()
    world.tracking.by_number(CALLER, "TS-104233")
    world.clock.advance(minutes=20)
    world.post.answers[CODE] = Unavailable("post")
    result = world.tracking.by_number(CALLER, "TS-104233")
    assert (result.carrier_trouble, result.as_of) == (Unavailable.kind, NOW)
    assert result.parcels[0].tracking == tracking(stale=True)


def test_the_stage_says_that_the_carrier_is_down_too(world: World) -> None:
    with_order(world).post.answers[CODE] = Unavailable("post")
    result = world.tracking.by_number(CALLER, "TS-104233")
    assert (result.level, result.carrier_trouble, result.parcels) == (Level.ANONYMOUS, Unavailable.kind, ())


def test_a_wrapper_that_answers_stale_counts_as_down(world: World) -> None:
    with_order(world).prove()
    world.post.answers[CODE] = tracking(stale=True)
    assert world.tracking.by_number(CALLER, "TS-104233").carrier_trouble
    assert not world.snapshots.kept, "an old answer is not kept as a new one"


@pytest.mark.parametrize("error", [NotYet, NotFound])
def test_a_carrier_that_has_no_record_yet_is_not_down(world: World, error: type[Exception]) -> None:
    with_order(world).prove()
    world.post.answers[CODE] = error("post")
    result = world.tracking.by_number(CALLER, "TS-104233")
    assert (result.carrier_trouble, result.situation, result.as_of) == (None, Situation.IN_TRANSIT, NOW)


def test_a_carrier_nobody_can_ask(world: World) -> None:
    with_order(world, shipments=(ShipmentRef("snapp", "S-1", NOW),)).prove()
    result = world.tracking.by_number(CALLER, "TS-104233")
    assert (result.carrier_trouble, result.situation) == (None, Situation.IN_TRANSIT)


def test_snapshots_that_fail_are_no_obstacle(world: World) -> None:
    with_order(world).snapshots.error = Unavailable("store")
    assert world.tracking.by_number(CALLER, "TS-104233").outcome is TrackOutcome.FOUND
    world.post.answers[CODE] = Unavailable("post")
    assert world.tracking.by_number(CALLER, "TS-104233").carrier_trouble


def test_a_carrier_that_hangs_costs_the_deadline_only() -> None:
    world = with_order(World({"deadline_s": 0.2}))
    world.post.answers[CODE] = world.hang
    try:
        result = world.tracking.by_number(CALLER, "TS-104233")
    finally:
        world.stuck.set()
    assert (result.outcome, result.carrier_trouble) == (TrackOutcome.FOUND, Unavailable.kind)


def test_one_carrier_that_hangs_does_not_silence_the_other() -> None:
    world = World({"deadline_s": 0.3})
    refs = (ShipmentRef("post", CODE, NOW - timedelta(days=2)), ShipmentRef("tipax", "TPX-1", NOW))
    with_order(world, shipments=refs).prove()
    world.post.answers[CODE] = world.hang
    world.tipax.answers["TPX-1"] = tracking(carrier="tipax", code="TPX-1")
    try:
        result = world.tracking.by_number(CALLER, "TS-104233")
    finally:
        world.stuck.set()
    assert [parcel.trouble for parcel in result.parcels] == ["unavailable", None]


def test_unpaid_and_the_bank_is_down_is_not_called_unpaid(world: World) -> None:
    with_order(world, status=OrderStatus.AWAITING_PAYMENT, shipments=()).payments.error = Unavailable("payments")
    for _ in ("level 1", "level 2"):
        result = world.tracking.by_number(CALLER, "TS-104233")
        assert (result.outcome, result.scope, result.situation) == (TrackOutcome.UNAVAILABLE, "payments", None)
        world.prove()


def test_elsewhere_a_bank_that_is_down_is_no_obstacle(world: World) -> None:
    with_order(world).payments.error = Unavailable("payments")
    world.prove()
    result = world.tracking.by_number(CALLER, "TS-104233")
    assert (result.outcome, result.payment) == (TrackOutcome.FOUND, None)


def test_the_stage_asks_the_bank_only_where_it_must(world: World) -> None:
    with_order(world).tracking.by_number(CALLER, "TS-104233")
    assert world.payments.calls == 0


def test_recent_needs_a_proof(world: World) -> None:
    assert with_order(world).tracking.recent(CALLER) is None
    assert world.orders.calls == 0


def test_recent_is_the_newest_three_of_the_mobile(world: World) -> None:
    world.prove()
    for day in range(5):
        world.orders.orders.append(order(f"TS-10000{day}", placed_at=NOW - timedelta(days=day), shipments=()))
    world.orders.orders.append(order("TS-104180", mobile=OTHER_MOBILE, placed_at=NOW))
    recent = world.tracking.recent(CALLER)
    assert recent is not None
    assert [result.order_number for result in recent] == ["TS-100000", "TS-100001", "TS-100002"]
    assert {result.level for result in recent} == {Level.VERIFIED}


def test_recent_of_a_mobile_without_orders_is_empty(world: World) -> None:
    world.prove("09120000000")
    assert with_order(world).tracking.recent(CALLER) == []


def test_recent_lists_an_unpaid_order_though_the_bank_is_down(world: World) -> None:
    with_order(world, status=OrderStatus.AWAITING_PAYMENT, shipments=()).payments.error = Unavailable("payments")
    world.prove()
    recent = world.tracking.recent(CALLER)
    assert recent is not None
    assert [result.situation for result in recent] == [Situation.AWAITING_PAYMENT]


def test_parcels_run_from_the_oldest_to_the_newest(world: World) -> None:
    refs = (ShipmentRef("tipax", "TPX-1", NOW), ShipmentRef("post", CODE, NOW - timedelta(days=2)))
    with_order(world, shipments=refs).prove()
    world.tipax.answers["TPX-1"] = tracking(DeliveryStatus.DELIVERED, carrier="tipax", as_of=NOW - timedelta(hours=1))
    result = world.tracking.by_number(CALLER, "TS-104233")
    assert [parcel.carrier for parcel in result.parcels] == ["post", "tipax"]
    assert result.situation is Situation.SPLIT
    assert result.as_of == NOW - timedelta(hours=1), "as old as the oldest news"


class TestAudit:
    """What was shown at level 2 is on record; level 1 shows nothing personal."""

    def test_full_details_are_on_record_without_the_mobile(self, world: World) -> None:
        with_order(world).prove()
        world.tracking.by_number(CALLER, "TS-104233")
        (row,) = world.audit.rows
        assert (row.event, row.subject, row.conversation_id) == ("order.shown", "TS-104233", "conversation-1")
        assert row.detail == {"mobile": "0912***67", "situation": "in_transit", "level": "2"}
        assert CODE not in repr(row)

    def test_every_listed_order_is_on_record(self, world: World) -> None:
        world.orders.orders += [order("TS-100001", shipments=()), order("TS-100002", shipments=())]
        world.prove()
        world.tracking.recent(CALLER)
        assert world.audit.events() == ["order.shown"] * 2

    def test_a_list_that_is_not_shown_is_not(self, world: World) -> None:
        with_order(world).prove()
        quiet, shown = world.tracking.recent(CALLER, shown=False), world.tracking.recent(CALLER)
        assert quiet == shown
        assert quiet
        assert world.audit.events() == ["order.shown"]

    def test_a_stage_is_not(self, world: World) -> None:
        with_order(world).tracking.by_number(CALLER, "TS-104233")
        assert world.audit.rows == []

    def test_nothing_is_shown_that_cannot_be_recorded(self, world: World) -> None:
        with_order(world).prove()
        world.audit.error = Unavailable("store")
        result = world.tracking.by_number(CALLER, "TS-104233")
        assert (result.outcome, result.order) == (TrackOutcome.UNAVAILABLE, None)


def test_a_store_that_is_away_is_an_outcome(world: World) -> None:
    with_order(world).verifications.error = Unavailable("store")
    assert world.tracking.by_number(CALLER, "TS-104233").outcome is TrackOutcome.UNAVAILABLE
    assert world.tracking.by_code(CALLER, CODE).scope == "store"


def test_an_answer_is_as_old_as_the_shops_last_word(world: World) -> None:
    world.orders.orders = [order(as_of=NOW - timedelta(hours=2), shipments=())]
    assert world.tracking.by_number(CALLER, "TS-104233").as_of == NOW - timedelta(hours=2)
    world.orders.orders = [order(shipments=())]
    assert world.tracking.by_number(CALLER, "TS-104233").as_of == NOW
