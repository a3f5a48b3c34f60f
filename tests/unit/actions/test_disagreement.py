"""What customers read when shop, carrier and bank disagree, or the shop is down (docs/who-wins.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from peyk.domain.handoff import HandoffReason
from peyk.domain.money import Money
from peyk.domain.orders import OrderStatus, Refund, ShipmentRef
from peyk.domain.payments import PaymentState
from peyk.domain.queues import Priority, Queue
from peyk.domain.shipments import DeliveryStatus
from peyk.domain.tickets import TicketReason
from tests.unit.actions.fakes import TALK, Chat, Line
from tests.unit.actions.stories import CODE, NUMBER
from tests.unit.services.fakes import MOBILE, NOW, OTHER_MOBILE, order, payment, tracking
from tests.unit.services.world import World

DAY = timedelta(days=1)
LATER = timedelta(hours=3)
TWO = (ShipmentRef("post", CODE, NOW - 3 * DAY), ShipmentRef("tipax", "TPX-1", NOW - 2 * DAY))
LANGUAGES = ("fa", "en")


def shop_and_carrier(status: OrderStatus, carrier: DeliveryStatus | None, **changes: Any) -> Callable[[World], None]:
    def tell(world: World) -> None:
        world.orders.orders.append(order(NUMBER, status=status, **changes))
        if carrier is not None:
            world.post.answers[CODE] = tracking(carrier)

    return tell


def shop_and_bank(status: OrderStatus, bank: PaymentState) -> Callable[[World], None]:
    def tell(world: World) -> None:
        world.orders.orders.append(order(NUMBER, status=status, shipments=()))
        world.payments.payments[NUMBER] = payment(NUMBER, bank)

    return tell


def split(world: World) -> None:
    world.orders.orders.append(order(NUMBER, shipments=TWO))
    world.post.answers[CODE] = tracking(DeliveryStatus.DELIVERED)
    world.tipax.answers["TPX-1"] = tracking(carrier="tipax", code="TPX-1")


# What they disagree on → the status, and what every answer must say and must not say, at level 1 and 2.
STORIES: dict[str, tuple[Callable[[World], None], str, dict[str, str], dict[str, str]]] = {
    "the carrier delivered, the shop shipped": (
        shop_and_carrier(OrderStatus.SHIPPED, DeliveryStatus.DELIVERED),
        "delivered",
        {"fa": "تحویل داده شد", "en": "delivered"},
        {"fa": "در راه", "en": "on its way"},
    ),
    "the shop cancelled, the carrier has it in transit": (
        shop_and_carrier(OrderStatus.CANCELLED, DeliveryStatus.IN_TRANSIT),
        "cancelled",
        {"fa": "لغو شده", "en": "cancelled"},
        {"fa": "در راه", "en": "on its way"},
    ),
    "the bank sent the money back, the shop prepares": (
        shop_and_bank(OrderStatus.PREPARING, PaymentState.REVERSED),
        "preparing",
        {"fa": "آماده‌سازی", "en": "prepared"},
        {"fa": "ناموفق", "en": "failed"},
    ),
    "the bank has the money, the shop waits for it": (
        shop_and_bank(OrderStatus.AWAITING_PAYMENT, PaymentState.VERIFIED),
        "payment_unverified",
        {"fa": "تأیید", "en": "confirmed"},
        {"fa": "هنوز پرداخت نشده", "en": "not paid yet"},
    ),
    "one parcel of two delivered": (
        split,
        "split",
        {"fa": "چند بسته", "en": "several parcels"},
        {"fa": "سفارش TS-104233 تحویل داده شده", "en": "has been delivered"},
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("proven", [False, True])
@pytest.mark.parametrize("story", STORIES)
def test_what_is_told(chat: Chat, story: str, language: str, *, proven: bool) -> None:
    tell, status, said, unsaid = STORIES[story]
    tell(chat.world)
    if proven:
        chat.world.prove()
    chat.slots["language"] = language
    answer = chat.ask("action_track_order", NUMBER, "track_order", order_id=NUMBER)
    facts = next(line.custom["order"] for line in answer.said if "order" in line.custom)
    assert facts["status"] == status
    assert said[language] in answer.text
    assert unsaid[language] not in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_two_parcels_each_is_told(chat: Chat, language: str) -> None:
    split(chat.world)
    chat.world.prove()
    chat.slots["language"] = language
    text = chat.ask("action_track_order", NUMBER, "track_order", order_id=NUMBER).text
    assert CODE in text
    assert "TPX-1" in text
    for told in {"fa": ("تحویل", "در راه"), "en": ("delivered", "in transit")}[language]:
        assert told in text.lower()


class TestRefundOfAPart:
    """Money goes back for a part, and the order itself goes on."""

    @pytest.mark.parametrize("done", [False, True])
    @pytest.mark.parametrize("status", [OrderStatus.PREPARING, OrderStatus.DELIVERED])
    def test_who_asks_is_told_of_it(self, chat: Chat, status: OrderStatus, *, done: bool) -> None:
        refund = Refund(Money.rial(2_500_000), NOW - DAY, NOW + 3 * DAY, NOW if done else None)
        chat.world.orders.orders.append(order(NUMBER, status=status, refund=refund, shipments=()))
        chat.world.prove()
        chat.slots["language"] = "en"
        answer = chat.ask("action_tell_refund", "where is my refund", "ask_refund_status", order_id=NUMBER)
        assert "250,000 toman" in answer.text
        assert ("has been refunded" in answer.text) is done
        assert "No refund is recorded" not in answer.text
        assert answer.said[-1].custom["order"]["status"] == status.value


class TestNotReceived:
    """Shop or carrier say delivered, the customer does not."""

    DELIVERED: tuple[Callable[[World], None], ...] = (
        shop_and_carrier(OrderStatus.SHIPPED, DeliveryStatus.DELIVERED),
        shop_and_carrier(OrderStatus.DELIVERED, DeliveryStatus.DELIVERED),
        shop_and_carrier(OrderStatus.DELIVERED, DeliveryStatus.UNKNOWN),
        shop_and_carrier(OrderStatus.DELIVERED, None),
        shop_and_carrier(OrderStatus.DELIVERED, None, shipments=()),
        split,
    )
    WORDS = {"fa": "نوشته تحویل شده ولی به دستم نرسیده", "en": "it says delivered but I never received it"}  # noqa: RUF012

    @pytest.fixture
    def there(self, chat: Chat) -> Chat:
        """A conversation at a shop with people."""
        chat.world.people.there = True
        return chat

    def opened(self, chat: Chat, note: str) -> None:
        (ticket,) = chat.world.helpdesk.tickets
        assert (ticket.reason, ticket.order_number, ticket.mobile) == (TicketReason.NOT_RECEIVED, NUMBER, MOBILE)
        assert (ticket.queue, ticket.priority, ticket.note) == (Queue.L2, Priority.TOPIC, note)
        assert chat.world.people.reasons == [HandoffReason.URGENT]

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("tell", DELIVERED)
    def test_it_opens_the_case_and_goes_to_a_person(
        self, there: Chat, tell: Callable[[World], None], language: str
    ) -> None:
        tell(there.world)
        there.world.prove()
        there.slots["language"] = language
        answer = there.say(self.WORDS[language], "report_not_received", order_id=NUMBER)
        assert answer.responses[-2:] == ["utter_tickets_opened", "utter_handoff_request"]
        assert "PK-1001" in answer.text
        self.opened(there, self.WORDS[language])

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("told_before", [False, True])
    def test_by_the_parcels_code_alone_with_a_proof(self, there: Chat, language: str, *, told_before: bool) -> None:
        self.DELIVERED[0](there.world)
        there.slots["language"] = language
        words = self.WORDS[language]
        if told_before:
            there.say(CODE, "track_order", tracking_code=CODE)
            asked = there.say(words, "report_not_received")
        else:
            asked = there.say(words, "report_not_received", tracking_code=CODE)
        assert asked.responses == ["utter_identity_needed_for_request", "utter_identity_ask_mobile"]
        assert there.world.helpdesk.tickets == []
        there.world.orders.orders.append(order("TS-104999", shipments=()))
        there.say(MOBILE, "track_order", phone_number=MOBILE)
        done = there.say("کد", "track_order", bare=there.world.messenger.last_code)
        assert done.responses[-2:] == ["utter_tickets_opened", "utter_handoff_request"]
        self.opened(there, words)

    def test_by_the_code_of_anothers_parcel_nothing_is_opened(self, there: Chat) -> None:
        there.world.orders.orders.append(order("TS-104999", mobile=MOBILE, status=OrderStatus.DELIVERED, shipments=()))
        there.world.orders.orders.append(order(NUMBER, mobile=OTHER_MOBILE))
        there.world.post.answers[CODE] = tracking(DeliveryStatus.DELIVERED)
        there.world.prove()
        answer = there.say(self.WORDS["fa"], "report_not_received", tracking_code=CODE)
        assert answer.responses == ["utter_tracking_code_events"]
        assert there.world.helpdesk.tickets == []

    def test_an_order_talked_about_since_is_the_one_that_is_meant(self, there: Chat) -> None:
        self.DELIVERED[0](there.world)
        there.world.orders.orders.append(order("TS-104999", status=OrderStatus.DELIVERED, shipments=()))
        there.world.prove()
        there.say(CODE, "track_order", tracking_code=CODE)
        there.say("TS-104999", "track_order", order_id="TS-104999")
        there.slots["tracking_code"] = CODE
        there.say(self.WORDS["fa"], "report_not_received")
        assert [each.order_number for each in there.world.helpdesk.tickets] == ["TS-104999"]


class TestShopIsDown:
    """An order as old as the shop's last word says how old it is."""

    @pytest.mark.parametrize(("language", "when"), [("fa", "ساعت ۰۹:۰۰"), ("en", "09:00")])
    @pytest.mark.parametrize("proven", [False, True])
    def test_the_age_is_said(self, chat: Chat, language: str, when: str, *, proven: bool) -> None:
        old = order(NUMBER, status=OrderStatus.PREPARING, shipments=(), as_of=NOW - LATER)
        chat.world.orders.orders.append(old)
        if proven:
            chat.world.prove()
        chat.slots["language"] = language
        answer = chat.ask("action_track_order", NUMBER, "track_order", order_id=NUMBER)
        assert answer.responses[-1] == "utter_tracking_shop_down"
        assert when in answer.text

    def test_the_age_is_the_shops_whatever_the_carrier_has_just_said(self, chat: Chat) -> None:
        chat.world.orders.orders.append(order(NUMBER, as_of=NOW - LATER))
        chat.world.post.answers[CODE] = tracking()
        chat.slots["language"] = "en"
        answer = chat.ask("action_track_order", NUMBER, "track_order", order_id=NUMBER)
        assert answer.responses == ["utter_tracking_stage_in_transit", "utter_tracking_shop_down"]

    def test_a_list_says_it_once(self, chat: Chat) -> None:
        for number in (NUMBER, "TS-104999"):
            chat.world.orders.orders.append(order(number, shipments=(), as_of=NOW - LATER))
        chat.world.prove()
        answer = chat.ask("action_list_orders", "my orders", "press_my_orders")
        assert answer.responses == ["utter_tracking_shop_down", "utter_tracking_choose_order"]

    def test_a_shop_that_answers_has_no_age(self, chat: Chat) -> None:
        chat.world.orders.orders.append(replace(order(NUMBER), shipments=(), status=OrderStatus.PREPARING))
        answer = chat.ask("action_track_order", NUMBER, "track_order", order_id=NUMBER)
        assert answer.responses == ["utter_tracking_stage_preparing"]
        assert Line("utter_tracking_shop_down", (TALK,)) not in answer.said
