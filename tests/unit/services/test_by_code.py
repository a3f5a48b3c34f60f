"""A tracking code alone: one parcel, nothing personal, whoever asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from peyk import i18n
from peyk.domain.orders import ShipmentRef
from peyk.domain.shipments import DeliveryStatus, TrackingEvent
from peyk.domain.situations import Situation
from peyk.errors import BadAnswer, NotFound, NotYet, RateLimited, Unavailable
from peyk.i18n.parcels import event_text
from peyk.services.tracking import TrackOutcome
from tests.unit.services.fakes import CALLER, NOW, order, tracking
from tests.unit.services.world import World, with_order

CODE = "TRK-88392011"


class TestByCode:
    """A tracking code alone: one parcel, nothing personal, whoever asks."""

    def test_one_parcel_and_no_order(self, world: World) -> None:
        with_order(world).prove()
        result = world.tracking.by_code(CALLER, "trk-88392011")
        assert (result.outcome, result.level, result.order, result.order_number) == ("found", 1, None, None)
        assert result.situation is Situation.IN_TRANSIT
        assert [parcel.tracking for parcel in result.parcels] == [tracking()]
        assert result.parcels[0].shipped_at is None

    def test_no_names_in_it(self, world: World) -> None:
        door = TrackingEvent(NOW, DeliveryStatus.DELIVERED, "تحویل سارا نمونه", "Given to Sara")
        pickup: dict[str, Any] = {"pickup_place_fa": "نمایندگی ونک", "pickup_place_en": "Vanak"}
        world.post.answers[CODE] = tracking(
            DeliveryStatus.DELIVERED, events=(door,), signed_by_fa="سارا", signed_by_en="Sara", **pickup
        )
        shown = repr(world.tracking.by_code(CALLER, CODE))
        for personal in ("سارا", "Sara", "ونک", "Vanak"):
            assert personal not in shown

    @pytest.mark.parametrize("status", list(DeliveryStatus))
    def test_the_words_of_a_scan_are_shown_only_where_nobody_is_met(self, world: World, status: DeliveryStatus) -> None:
        scan = TrackingEvent(NOW, status, "سارا نمونه", "Sara")
        world.post.answers[CODE] = tracking(status, events=(scan,))
        (parcel,) = world.tracking.by_code(CALLER, CODE).parcels
        assert parcel.tracking is not None
        impersonal = status in {"pending", "picked_up", "in_transit", "delivery_delayed"}
        (shown,) = parcel.tracking.events
        assert (shown.text_fa, shown.text_en) == (("سارا نمونه", "Sara") if impersonal else ("", ""))
        assert (shown.at, shown.status) == (NOW, status)
        for language in ("fa", "en"):
            name = i18n.text(f"delivery_status.{status.value}", language)
            assert event_text(shown, language) == (scan.text(language) if impersonal else name)

    def test_it_is_late_by_the_shops_promise(self, world: World) -> None:
        with_order(world, promised_at=NOW - timedelta(days=5))
        assert world.tracking.by_code(CALLER, CODE).situation is Situation.LATE

    def test_the_shop_down_is_no_obstacle(self, world: World) -> None:
        with_order(world).orders.error = Unavailable("shop")
        assert world.tracking.by_code(CALLER, CODE).outcome is TrackOutcome.FOUND

    def test_a_code_no_carrier_knows_the_shape_of_is_asked_of_the_shop(self, world: World) -> None:
        world.orders.orders.append(order(shipments=(ShipmentRef("post", "ODD1", NOW),)))
        world.post.answers["ODD1"] = tracking(code="ODD1")
        assert world.tracking.by_code(CALLER, "ODD1").outcome is TrackOutcome.FOUND

    @pytest.mark.parametrize(
        ("answer", "outcome"),
        [
            (NotFound("post"), TrackOutcome.NOT_FOUND),
            (NotYet("post"), TrackOutcome.NOT_YET),
            (Unavailable("post"), TrackOutcome.UNAVAILABLE),
            (BadAnswer("post"), TrackOutcome.BAD_ANSWER),
            (RateLimited("post"), TrackOutcome.RATE_LIMITED),
        ],
    )
    def test_five_failures_are_five_outcomes(self, world: World, answer: Exception, outcome: TrackOutcome) -> None:
        world.post.answers[CODE] = answer
        assert world.tracking.by_code(CALLER, CODE).outcome is outcome

    def test_handed_over_but_not_known_to_the_carrier_is_not_yet(self, world: World) -> None:
        with_order(world).post.answers[CODE] = NotFound("post")
        assert world.tracking.by_code(CALLER, CODE).outcome is TrackOutcome.NOT_YET

    def test_the_last_good_answer_when_the_carrier_is_down(self, world: World) -> None:
        world.post.answers[CODE] = tracking()
        world.tracking.by_code(CALLER, CODE)
        world.post.answers[CODE] = Unavailable("post")
        world.clock.advance(hours=1)
        result = world.tracking.by_code(CALLER, CODE)
        assert (result.carrier_trouble, result.as_of) == (Unavailable.kind, NOW)

    def test_a_code_nobody_knows_and_the_shop_is_down(self, world: World) -> None:
        world.orders.error = Unavailable("shop")
        assert world.tracking.by_code(CALLER, "ODD1").outcome is TrackOutcome.UNAVAILABLE


def test_parcels_of_one_waybill_in_different_states_are_told_one_by_one(world: World) -> None:
    whole = tracking(
        DeliveryStatus.UNKNOWN,
        parts=(
            tracking(DeliveryStatus.DELIVERED, code=f"{CODE} (1/2)", signed_by_en="Sara"),
            tracking(code=f"{CODE} (2/2)"),
        ),
    )
    world.post.answers[CODE] = whole
    result = world.tracking.by_code(CALLER, CODE)
    assert result.situation is Situation.SPLIT
    assert [parcel.code for parcel in result.parcels] == [f"{CODE} (1/2)", f"{CODE} (2/2)"]
    assert [parcel.tracking.status.value for parcel in result.parcels if parcel.tracking] == ["delivered", "in_transit"]
    assert "Sara" not in repr(result)
    world.post.answers[CODE] = Unavailable("post")
    stale = world.tracking.by_code(CALLER, CODE)
    assert [parcel.tracking.stale for parcel in stale.parcels if parcel.tracking] == [True, True]


def test_a_carrier_that_does_not_answer_leaves_its_page(world: World) -> None:
    world.post.pages = "https://post.example/"
    for error in (BadAnswer, Unavailable, RateLimited, NotYet):
        world.post.answers[CODE] = error("post")
        result = world.tracking.by_code(CALLER, CODE)
        assert (result.outcome, result.page) == (error.kind, f"https://post.example/{CODE}")
    world.post.answers[CODE] = NotFound("post")
    assert world.tracking.by_code(CALLER, CODE).page == ""
    with_order(world).prove()
    world.post.answers[CODE] = BadAnswer("post")
    (parcel,) = world.tracking.by_number(CALLER, order().number).parcels
    assert (parcel.tracking, parcel.page) == (None, f"https://post.example/{CODE}")


def test_parcels_of_one_waybill_in_one_state_are_one_parcel(world: World) -> None:
    done = DeliveryStatus.DELIVERED
    parts = (tracking(done, code=f"{CODE} (1/2)"), tracking(done, code=f"{CODE} (2/2)"))
    world.post.answers[CODE] = tracking(done, parts=parts)
    result = world.tracking.by_code(CALLER, CODE)
    assert (result.situation, [parcel.code for parcel in result.parcels]) == (Situation.DELIVERED, [CODE])


def test_a_waybill_in_parts_makes_its_order_split(world: World) -> None:
    with_order(world).prove()
    parts = (tracking(DeliveryStatus.DELIVERED, code=f"{CODE} (1/2)"), tracking(code=f"{CODE} (2/2)"))
    world.post.answers[CODE] = tracking(DeliveryStatus.UNKNOWN, parts=parts)
    result = world.tracking.by_number(CALLER, order().number)
    assert result.situation is Situation.SPLIT
    assert [parcel.code for parcel in result.parcels] == [f"{CODE} (1/2)", f"{CODE} (2/2)"]


def test_a_code_two_carriers_know_is_told_of_both_unless_the_shop_says_whose_it_is(world: World) -> None:
    world.tipax.starts = "TRK-"
    world.tipax.answers[CODE] = tracking(DeliveryStatus.DELIVERED, carrier="tipax")
    world.post.answers[CODE] = tracking()
    both = world.tracking.by_code(CALLER, CODE)
    assert both.situation is Situation.SPLIT
    assert {parcel.carrier for parcel in both.parcels} == {"post", "tipax"}
    with_order(world)
    assert [parcel.carrier for parcel in world.tracking.by_code(CALLER, CODE).parcels] == ["post"]
