"""What is said must be true of the facts, not only of the situation's usual story."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from peyk.domain.money import Money
from peyk.domain.orders import HoldReason, OrderStatus, Refund
from peyk.domain.payments import PaymentState
from peyk.domain.shipments import DeliveryStatus, ExceptionReason
from peyk.domain.situations import Situation
from tests.unit.actions.fakes import Chat
from tests.unit.actions.stories import CODE, NUMBER, TELL, TELL_LITTLE
from tests.unit.services.fakes import NOW, order, payment, tracking

TRACK = "action_track_order"
DAY = timedelta(days=1)


def say(chat: Chat, action: str = TRACK, intent: str = "track_order") -> str:
    """Return what the customer reads in English."""
    chat.slots["language"] = "en"
    return chat.ask(action, NUMBER, intent, order_id=NUMBER).text


class TestTracking:
    @pytest.mark.parametrize("status", [OrderStatus.PAID, OrderStatus.PREPARING])
    def test_a_plan_that_has_passed_is_no_plan(self, chat: Chat, status: OrderStatus) -> None:
        due = NOW - 2 * DAY
        chat.world.orders.orders.append(order(NUMBER, status=status, shipments=(), preparation_due_at=due))
        chat.world.prove()
        assert "2 days ago" not in say(chat)

    def test_a_paid_order_that_was_cancelled_has_a_payment(self, chat: Chat) -> None:
        chat.world.orders.orders.append(order(NUMBER, status=OrderStatus.CANCELLED, shipments=()))
        chat.world.payments.payments[NUMBER] = payment(NUMBER, PaymentState.VERIFIED)
        chat.world.prove()
        assert "no payment on record" not in say(chat)

    def test_reported_lost_is_not_inferred_from_silence(self, chat: Chat) -> None:
        chat.world.orders.orders.append(order(NUMBER))
        chat.world.post.answers[CODE] = tracking(DeliveryStatus.ON_HOLD, reason=ExceptionReason.CARRIER_PARCEL_LOST)
        chat.world.prove()
        assert "presumed" not in say(chat)

    def test_late_and_not_shipped_is_not_on_its_way(self, chat: Chat) -> None:
        TELL_LITTLE["late, not shipped"](chat.world)
        assert "on its way" not in say(chat)

    def test_split_is_not_always_half_delivered(self, chat: Chat) -> None:
        TELL[Situation.SPLIT](chat.world)
        chat.world.post.answers[CODE] = tracking(scan_age_h=80)
        assert "delivered" not in say(chat)

    def test_a_long_silence_for_the_weather_is_still_presumed_lost(self, chat: Chat) -> None:
        """A reason the carrier once gave is not the news that the parcel is lost."""
        chat.world.orders.orders.append(order(NUMBER))
        silent = tracking(DeliveryStatus.DELIVERY_DELAYED, reason=ExceptionReason.WEATHER_DELAY, scan_age_h=12 * 24)
        chat.world.post.answers[CODE] = silent
        chat.world.prove()
        assert "presumed lost" in say(chat)

    @pytest.mark.parametrize("state", [PaymentState.VERIFIED, PaymentState.PAID_UNVERIFIED])
    def test_a_cancelled_order_whose_money_the_bank_has_was_paid(self, chat: Chat, state: PaymentState) -> None:
        chat.world.orders.orders.append(order(NUMBER, status=OrderStatus.CANCELLED, paid_at=None, shipments=()))
        chat.world.payments.payments[NUMBER] = payment(NUMBER, state)
        chat.world.prove()
        assert "no payment" not in say(chat)

    def test_a_pickup_time_that_is_over_is_no_invitation(self, chat: Chat) -> None:
        chat.world.orders.orders.append(order(NUMBER))
        over = tracking(DeliveryStatus.READY_FOR_PICKUP, pickup_until=NOW - 2 * DAY)
        chat.world.post.answers[CODE] = replace(over, pickup_place_fa="نمایندگی ونک", pickup_place_en="Vanak")
        chat.world.prove()
        assert "You can pick it up until" not in say(chat)

    def test_a_refund_that_is_overdue_is_not_planned_for_the_past(self, chat: Chat) -> None:
        refund = Refund(Money.rial(12_500_000), NOW - 9 * DAY, NOW - 2 * DAY, None)
        chat.world.orders.orders.append(order(NUMBER, status=OrderStatus.CANCELLED, refund=refund, shipments=()))
        chat.world.prove()
        assert "plans to have it in your account" not in say(chat)

    def test_a_time_that_was_given_and_has_passed_was_given(self, chat: Chat) -> None:
        chat.world.orders.orders.append(order(NUMBER))
        chat.world.post.answers[CODE] = tracking(eta=NOW - DAY)
        chat.world.prove()
        assert "No delivery time has been given" not in say(chat)

    def test_a_refund_of_a_returned_order_is_of_no_cancelled_one(self, chat: Chat) -> None:
        refund = Refund(Money.rial(12_500_000), NOW - DAY, NOW + 2 * DAY, None)
        chat.world.orders.orders.append(order(NUMBER, status=OrderStatus.RETURNED, refund=refund))
        chat.world.prove()
        assert "cancelled" not in say(chat)

    def test_returned_by_the_shops_word_names_no_carrier_it_does_not_know(self, chat: Chat) -> None:
        held = {"hold_reason": HoldReason.ADDRESS_INCOMPLETE, "shipments": ()}
        chat.world.orders.orders.append(order(NUMBER, status=OrderStatus.RETURNED, **held))
        chat.world.prove()
        assert "gone back to the sender" in say(chat)

    def test_a_void_label_sends_nothing(self, chat: Chat) -> None:
        chat.world.orders.orders.append(order(NUMBER, promised_at=NOW - 2 * DAY))
        chat.world.post.answers[CODE] = tracking(DeliveryStatus.CANCELLED)
        chat.world.prove()
        assert "was sent with" not in say(chat)


class TestRequests:
    """The sentence before the order's own answer."""

    @pytest.mark.parametrize(
        ("action", "intent"), [("action_cancel_order", "cancel_order"), ("action_change_order", "change_order")]
    )
    def test_late_and_not_shipped_may_still_be_cancelled_or_changed(self, chat: Chat, action: str, intent: str) -> None:
        TELL_LITTLE["late, not shipped"](chat.world)
        chat.world.prove()
        text = say(chat, action, intent)
        assert "with the carrier" not in text
        assert "no longer" not in text
        assert len(chat.world.helpdesk.tickets) == 1

    def test_a_parcel_of_several_that_went_back_is_recorded(self, chat: Chat) -> None:
        TELL[Situation.SPLIT](chat.world)
        chat.world.post.answers[CODE] = tracking(DeliveryStatus.RETURN_TO_SENDER)
        chat.world.prove()
        assert "No return is recorded" not in say(chat, "action_report_returned", "report_returned")

    def test_a_returned_order_that_is_being_refunded_was_returned(self, chat: Chat) -> None:
        refund = Refund(Money.rial(12_500_000), NOW - DAY, NOW + 2 * DAY, None)
        chat.world.orders.orders.append(order(NUMBER, status=OrderStatus.RETURNED, refund=refund))
        chat.world.prove()
        assert "No return is recorded" not in say(chat, "action_report_returned", "report_returned")
        assert "cancelled" not in say(chat, "action_cancel_order", "cancel_order")
